import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  type Bins,
  binsUpTo,
  exponentialBins,
  exponentialOf,
} from '../../controller/exports/bins.ts'
import { prometheusBoundsMs } from '../../controller/exports/prometheus.ts'
import { TimeMeter } from '../../controller/exports/time-meter.ts'
import { MutableSample } from '../../core/stats/sample.ts'

/** What a bucket of a histogram may be off, as a part of the value. */
const precision = 0.001

function metered(bins: Bins, seconds: readonly (readonly number[])[]): TimeMeter {
  const meter = new TimeMeter(bins)
  for (const values of seconds) {
    const sample = new MutableSample('session')
    for (const ms of values) sample.record(ms)
    meter.add(sample)
  }
  return meter
}

const times = fc.array(
  fc.oneof(
    fc.double({ min: 0, max: 20, noNaN: true }),
    fc.double({ min: 0, max: 86_400_000, noNaN: true }),
    fc.constantFrom(...prometheusBoundsMs),
  ),
)
const seconds = fc.array(times, { maxLength: 5 })

describe('bins with upper ends', () => {
  const bins = binsUpTo(prometheusBoundsMs)

  it('hold every value once, those at a bound below it', () => {
    fc.assert(
      fc.property(seconds, (told) => {
        const meter = metered(bins, told)
        const all = told.flat()
        let upTo = 0
        for (const [bin, boundMs] of prometheusBoundsMs.entries()) {
          upTo += meter.counts[bin]!
          const least = all.filter((ms) => ms <= boundMs).length
          const most = all.filter((ms) => ms <= boundMs * (1 + precision) + 0.001).length
          assert.ok(upTo >= least && upTo <= most, `${upTo} up to ${boundMs} ms`)
        }
        assert.equal(upTo + meter.counts[bins.size - 1]!, all.length)
        assert.equal(meter.count, all.length)
      }),
      { seed: 1 },
    )
  })

  it('keep the sum, the least and the greatest', () => {
    const meter = metered(bins, [[5, 1], [], [10.5]])
    assert.deepEqual([meter.count, meter.minMs, meter.maxMs], [3, 1, 10.5])
    assert.ok(Math.abs(meter.sumMs - 16.5) < 1e-9)
    const empty = metered(bins, [])
    assert.deepEqual([empty.count, empty.minMs, empty.maxMs, empty.sumMs], [0, 0, 0, 0])
  })
})

describe('exponential bins', () => {
  const bins = exponentialBins()

  it('become at most 160 buckets that hold every value', () => {
    fc.assert(
      fc.property(seconds, (told) => {
        const { scale, zeroCount, offset, counts } = exponentialOf(metered(bins, told).counts)
        const all = told.flat()
        assert.ok(counts.length <= 160)
        let sum = zeroCount
        for (const [at, count] of counts.entries()) {
          sum += count
          const [from, to] = [offset + at, offset + at + 1].map((each) => 2 ** (each / 2 ** scale))
          // Whole µs are kept.
          const slack = to! * precision + 1e-6
          const there = all.filter((ms) => ms / 1000 > from! - slack && ms / 1000 <= to! + slack)
          assert.ok(count <= there.length, `${count} of ${there.length} in (${from}, ${to}] s`)
        }
        assert.equal(sum, all.length)
        assert.equal(zeroCount, all.filter((ms) => Math.round(ms * 1000) === 0).length)
        if (counts.length > 0) assert.ok(counts[0]! > 0 && counts.at(-1)! > 0)
      }),
      { seed: 1 },
    )
  })

  for (const [what, ms, scale] of [
    ['times that are alike are told finely', [10, 11, 12], 6],
    ['a µs and a day together coarsely', [0.001, 86_400_000], 2],
  ] as const) {
    it(what, () => assert.equal(exponentialOf(metered(bins, [ms]).counts).scale, scale))
  }

  it('of no value are none', () => {
    const { zeroCount, counts } = exponentialOf(metered(bins, []).counts)
    assert.deepEqual([zeroCount, counts], [0, []])
  })
})
