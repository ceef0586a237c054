import assert from 'node:assert/strict'
import fc from 'fast-check'
import { Int32Histogram } from 'hdr-histogram-js'
import { bucketOf, decodeHistogram, Histogram, highestUs } from '../../core/stats/histogram.ts'

const list = [0, 1, 25, 50, 75, 90, 95, 99, 99.9, 99.99, 100]
const dayUs = 24 * 3_600_000_000
const us = fc.oneof(
  fc.nat({ max: 5000 }),
  fc.nat({ max: 10_000_000 }),
  fc.integer({ min: 0, max: dayUs }),
)

function histogramOf(values: readonly number[], metric = 'session'): Histogram {
  const histogram = new Histogram(metric)
  for (const value of values) histogram.record(value / 1000)
  return histogram
}

/** What is left of a histogram after its way over the wire. */
function travelled(histogram: Histogram, metric = 'session'): Histogram {
  const arrived = new Histogram(metric)
  arrived.mergeDecoded(decodeHistogram(histogram.encode()))
  return arrived
}

describe('histogram', () => {
  it('has the buckets of hdr-histogram-js', () => {
    const library = new Int32Histogram(1, dayUs, 3)
    const edges = Array.from({ length: 27 }, (_, bits) => 2 ** (bits + 10))
    for (const edge of edges) {
      for (const value of [edge - 1, edge, edge + 1, edge * 1.5]) {
        if (value <= dayUs) assert.equal(bucketOf(value), library.countsArrayIndex(value))
      }
    }
    fc.assert(
      fc.property(us, (value) => assert.equal(bucketOf(value), library.countsArrayIndex(value))),
      { seed: 1, numRuns: 2000 },
    )
  })

  it('has the percentiles of hdr-histogram-js', () => {
    fc.assert(
      fc.property(fc.array(us, { minLength: 1 }), (values) => {
        const library = new Int32Histogram(1, dayUs, 3)
        for (const value of values) library.recordValue(value)
        assert.deepEqual(
          histogramOf(values).percentiles(list),
          list.map((p) => library.getValueAtPercentile(p) / 1000),
        )
      }),
      { seed: 1 },
    )
  })

  for (const [metric, hours] of [
    ['request', 1],
    ['session', 24],
    ['tr_login', 24],
  ] as const) {
    it(`${metric} reaches up to ${hours} h, and what is longer counts as that`, () => {
      const highestMs = highestUs(metric) / 1000
      assert.equal(highestMs, hours * 3_600_000)
      const histogram = histogramOf([], metric)
      for (const ms of [highestMs * 0.9, highestMs + 1, highestMs * 1000]) histogram.record(ms)
      const [near, , at] = histogram.percentiles([1, 50, 99]) as [number, number, number]
      assert.ok(Math.abs(near / (highestMs * 0.9) - 1) < 0.001)
      assert.ok(Math.abs(at / highestMs - 1) < 0.001)
    })
  }

  it('holds every value to 0.1 %', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: dayUs }), (value) => {
        const [ms] = histogramOf([value]).percentiles([50]) as [number]
        assert.ok(Math.abs((ms * 1000) / value - 1) < 0.001)
      }),
      { seed: 1, numRuns: 1000 },
    )
  })

  it('is the same after its way over the wire', () => {
    fc.assert(
      fc.property(fc.array(us), (values) => {
        const histogram = histogramOf(values)
        const arrived = travelled(histogram)
        assert.equal(arrived.encode(), histogram.encode())
        assert.deepEqual(arrived.percentiles(list), histogram.percentiles(list))
      }),
      { seed: 1 },
    )
  })

  it('a shorter one takes what a longer one sends, at its end', () => {
    const day = histogramOf([20 * 3_600_000_000])
    const hour = new Histogram('request')
    hour.mergeDecoded(decodeHistogram(day.encode()))
    assert.ok(Math.abs(hour.percentiles([50])[0]! / 3_600_000 - 1) < 0.001)
  })

  it('counts beyond 32 bits in one bucket', () => {
    const sum = histogramOf([1000])
    for (let doubling = 0; doubling < 34; doubling++) sum.merge(travelled(sum))
    sum.merge(histogramOf([2000]))
    assert.equal(decodeHistogram(sum.encode()).total, 2 ** 34 + 1)
    assert.deepEqual(sum.percentiles([50, 100]), [1, 2])
  })

  it('is empty after reset, and at first', () => {
    const histogram = histogramOf([5, 5000, 50_000_000])
    histogram.reset()
    for (const empty of [histogram, new Histogram('session')]) {
      assert.equal(empty.encode(), '')
      assert.deepEqual(empty.percentiles([0, 50, 100]), [0, 0, 0])
    }
    histogram.record(7)
    assert.equal(histogram.encode(), histogramOf([7000]).encode())
  })
})

describe('decodeHistogram', () => {
  const base64 = (...bytes: number[]): string => Buffer.from(bytes).toString('base64')

  for (const [what, text] of [
    ['no base64', '%%%'],
    ['an index without a count', base64(1)],
    ['a number that does not end', base64(1, 0x80)],
    ['a number without bound', base64(1, ...Array<number>(20).fill(0xff), 1)],
    ['the same bucket twice', base64(1, 1, 0, 1)],
    ['a bucket below the first', base64(0, 1)],
    ['a bucket beyond the last', base64(0xff, 0xff, 0x7f, 1)],
    ['a bucket without values', base64(1, 0)],
  ] as const) {
    it(`refuses ${what}`, () => {
      assert.throws(() => decodeHistogram(text), RangeError)
    })
  }

  it('throws nothing but RangeError, whatever it gets', () => {
    const text = fc.oneof(fc.string(), fc.base64String(), fc.string({ unit: 'binary' }))
    fc.assert(
      fc.property(text, (each) => {
        try {
          const { pairs, total } = decodeHistogram(each)
          const counts = pairs.filter((_, at) => at % 2 === 1)
          assert.equal(
            counts.reduce((sum, count) => sum + count, 0),
            total,
          )
        } catch (error) {
          assert.ok(error instanceof RangeError, String(error))
        }
      }),
      { seed: 1, numRuns: 1000 },
    )
  })
})
