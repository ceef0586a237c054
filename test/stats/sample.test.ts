import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { WireSample } from '../../core/stats/model.ts'
import { MutableSample } from '../../core/stats/sample.ts'

const list = [0, 1, 50, 90, 99, 99.9, 100]
const ms = fc.oneof(
  fc.double({ min: 0, max: 10, noNaN: true }),
  fc.double({ min: 0, max: 10_000_000, noNaN: true }),
)
const values = fc.array(ms, { maxLength: 60 })

function sampleOf(list: readonly number[]): MutableSample {
  const sample = new MutableSample('request')
  for (const value of list) sample.record(value)
  return sample
}

/** Through the wire, as the controller gets it. */
function mergedOf(parts: readonly (readonly number[])[]): MutableSample {
  const merged = new MutableSample('request')
  for (const part of parts) merged.merge(sampleOf(part).encode())
  return merged
}

/** Equal, but for the rounding of means and deviations. */
function assertSame(got: MutableSample, want: MutableSample): void {
  assert.equal(got.count, want.count)
  assert.equal(got.min, want.min)
  assert.equal(got.max, want.max)
  assert.equal(got.encode().histogram, want.encode().histogram)
  assert.deepEqual(got.percentiles(list), want.percentiles(list))
  const scale = 1e-9 * (want.max + 1)
  assert.ok(Math.abs(got.mean - want.mean) <= scale, `${got.mean} ${want.mean}`)
  assert.ok(Math.abs(got.stddev ** 2 - want.stddev ** 2) <= scale * (want.max + 1))
}

describe('sample', () => {
  it('has count, mean, deviation of the population, min and max', () => {
    const sample = sampleOf([2, 4, 4, 4, 5, 5, 7, 9])
    assert.equal(sample.count, 8)
    assert.equal(sample.mean, 5)
    assert.equal(sample.stddev, 2)
    assert.equal(sample.min, 2)
    assert.equal(sample.max, 9)
  })

  it('is all zero when nothing was recorded', () => {
    const { count, mean, stddev, min, max } = sampleOf([])
    assert.deepEqual(
      { count, mean, stddev, min, max },
      { count: 0, mean: 0, stddev: 0, min: 0, max: 0 },
    )
    assert.deepEqual(sampleOf([]).percentiles([0, 50, 100]), [0, 0, 0])
  })

  it('has the moments of its values', () => {
    fc.assert(
      fc.property(fc.array(ms, { minLength: 1 }), (list) => {
        const sample = sampleOf(list)
        const mean = list.reduce((sum, each) => sum + each, 0) / list.length
        const variance = list.reduce((sum, each) => sum + (each - mean) ** 2, 0) / list.length
        const scale = 1e-9 * (Math.max(...list) + 1)
        assert.ok(Math.abs(sample.mean - mean) <= scale)
        assert.ok(Math.abs(sample.stddev ** 2 - variance) <= scale * (Math.max(...list) + 1))
        assert.equal(sample.min, Math.min(...list))
        assert.equal(sample.max, Math.max(...list))
      }),
      { seed: 1 },
    )
  })

  it('no percentile is outside of min and max', () => {
    fc.assert(
      fc.property(fc.array(ms, { minLength: 1 }), (values) => {
        const sample = sampleOf(values)
        for (const value of sample.percentiles(list)) {
          assert.ok(value >= sample.min && value <= sample.max)
        }
      }),
      { seed: 1 },
    )
  })

  for (const strange of [-0.001, Number.NaN]) {
    it(`${strange} ms counts as 0`, () => {
      const { count, mean, min, max } = sampleOf([strange])
      assert.deepEqual({ count, mean, min, max }, { count: 1, mean: 0, min: 0, max: 0 })
    })
  }

  it('is new after reset', () => {
    const sample = sampleOf([1, 2, 3])
    sample.reset()
    sample.record(7)
    assert.deepEqual(sample.encode(), sampleOf([7]).encode())
  })
})

describe('merging samples', () => {
  it('one that was merged into none is the same', () => {
    fc.assert(
      fc.property(values, (list) => {
        assert.deepEqual(mergedOf([list]).encode(), sampleOf(list).encode())
      }),
      { seed: 1 },
    )
  })

  it('parts give the same as all values in one', () => {
    fc.assert(
      fc.property(fc.array(values, { maxLength: 8 }), (parts) => {
        assertSame(mergedOf(parts), sampleOf(parts.flat()))
      }),
      { seed: 1 },
    )
  })

  it('the order of the parts does not matter', () => {
    const shuffled = fc
      .array(values, { maxLength: 8 })
      .chain((parts) =>
        fc.tuple(
          fc.constant(parts),
          fc.shuffledSubarray(parts, { minLength: parts.length, maxLength: parts.length }),
        ),
      )
    fc.assert(
      fc.property(shuffled, ([parts, others]) => assertSame(mergedOf(others), mergedOf(parts))),
      { seed: 1 },
    )
  })

  it('how the parts are grouped does not matter, over the wire or not', () => {
    fc.assert(
      fc.property(values, values, values, (a, b, c) => {
        const left = sampleOf(a)
        left.mergeSample(sampleOf(b))
        left.mergeSample(sampleOf(c))
        const right = sampleOf(a)
        right.merge(mergedOf([b, c]).encode())
        assertSame(left, right)
      }),
      { seed: 1 },
    )
  })

  it('survives JSON', () => {
    const sample = sampleOf([0.1, 22.5, 3_000_000])
    const merged = new MutableSample('request')
    merged.merge(JSON.parse(JSON.stringify(sample.encode())) as WireSample)
    assert.deepEqual(merged.encode(), sample.encode())
  })

  const sound = sampleOf([1, 2, 3]).encode()
  for (const [what, wire] of [
    ['a histogram that holds another count', { ...sound, count: 4 }],
    ['no histogram', { ...sound, histogram: '' }],
    ['a mean that is no number', { ...sound, mean: Number.NaN }],
    ['a minimum that JSON made null', { ...sound, min: null as unknown as number }],
    ['a negative maximum', { ...sound, max: -1 }],
  ] as const) {
    it(`refuses ${what} and stays as it was`, () => {
      const sample = sampleOf([5])
      assert.throws(() => sample.merge(wire), RangeError)
      assert.deepEqual(sample.encode(), sampleOf([5]).encode())
    })
  }
})
