import assert from 'node:assert/strict'
import fc from 'fast-check'
import { highestMs, lowestMs } from '../../core/stats/bucket-range.ts'
import { judgePairs } from '../../core/stats/compare.ts'
import { batchesOf } from '../../core/stats/compare-batches.ts'
import { percentileOf } from '../../core/stats/compare-estimate.ts'
import { studentLimit } from '../../core/stats/compare-student.ts'
import { bucketOf } from '../../core/stats/histogram.ts'
import { equalRuns, pairs, run, verdicts } from './made-up-runs.ts'

describe('Student’s t', () => {
  // Source: any printed table, two-sided.
  for (const [alpha, df, limit] of [
    [0.05, 1, 12.706],
    [0.05, 5, 2.571],
    [0.01, 10, 3.169],
    [0.05, 29, 2.045],
    [0.001, 29, 3.659],
    [0.05, 1e6, 1.96],
    [1, 7, 0],
  ] as const) {
    it(`is exceeded with probability ${alpha} at ${df} degrees of freedom beyond ${limit}`, () => {
      assert.ok(Math.abs(studentLimit(alpha, df) - limit) < 0.001, `${studentLimit(alpha, df)}`)
    })
  }
})

describe('buckets', () => {
  it('hold the times that are counted in them, and border on each other', () => {
    fc.assert(
      fc.property(fc.nat(86_400_000_000), (us) => {
        const bucket = bucketOf(us)
        assert.ok(lowestMs(bucket) * 1000 <= us + 1e-6 * us)
        assert.ok(highestMs(bucket) * 1000 >= us - 1e-6 * us)
        assert.ok(Math.abs(lowestMs(bucket + 1) - highestMs(bucket) - 0.001) < 1e-6 + us * 1e-12)
      }),
      { seed: 1 },
    )
  })
})

describe('batches of a run', () => {
  it('are about 10, each block in one of them', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.array(fc.nat(200), { maxLength: 4 }),
        (count, at) => {
          const borders = [...at].sort((a, b) => a - b).map((block) => block * 10_000)
          const blocks = run({ seed: 'a', blocks: count, perBlock: 5 })
          const found = batchesOf(blocks, borders)
          assert.ok(found.length <= 10 + 2 * (at.length + 1), `${found.length}`)
          assert.ok(found.length >= Math.min(count, 5), `${found.length} of ${count}`)
          assert.equal(
            found.reduce((sum, { seconds }) => sum + seconds, 0),
            count * 10,
          )
        },
      ),
      { seed: 1 },
    )
  })

  it('do not mix phases', () => {
    const found = batchesOf(run({ seed: 'a', blocks: 20, perBlock: 5 }), [0, 100_000, 200_000])
    assert.deepEqual(
      found.map(({ stratum }) => stratum),
      [0, 0, 0, 0, 0, 1, 1, 1, 1, 1],
    )
  })
})

describe('the verdict on two runs', function () {
  this.timeout(120_000)

  for (const [title, options, paired, borders] of equalRuns) {
    it(`tells a difference of equal runs, ${title}, in at most 5 of 100`, () => {
      let wrong = 0
      for (let seed = 0; seed < 200; seed++) {
        const told = verdicts(
          { seed: `a${seed}`, ...options },
          { seed: `b${seed}`, ...options },
          { borders, paired },
        )
        if (told.some((each) => each === 'better' || each === 'worse')) wrong++
      }
      assert.ok(wrong <= 10, `${wrong} of 200`)
    })
  }

  it('tells 5 % more time with enough data, and in which direction', () => {
    let told = 0
    for (let seed = 0; seed < 40; seed++) {
      const options = { blocks: 180, perBlock: 400, drift: 0.02 }
      const found = verdicts(
        { seed: `a${seed}`, ...options },
        { seed: `b${seed}`, ...options, medianMs: 21 },
        { least: 0.01 },
      )
      assert.ok(!found.slice(0, 4).includes('better'), found.join())
      if (found[0] === 'worse' && found[3] === 'worse') told++
    }
    assert.ok(told >= 38, `${told} of 40`)
    const back = verdicts(
      { seed: 'a', blocks: 180, perBlock: 400, drift: 0.02, medianMs: 21 },
      { seed: 'b', blocks: 180, perBlock: 400, drift: 0.02 },
    )
    assert.deepEqual(back.slice(0, 2), ['better', 'better'])
  })

  it('tells 5 % more time although both runs become slower in the middle', () => {
    const options = { blocks: 60, perBlock: 400, drift: 0.01, laterFactor: 2 }
    const before = { seed: 'a', ...options }
    const after = { seed: 'b', ...options, medianMs: 21 }
    assert.equal(verdicts(before, after)[3], 'worse')
    assert.equal(verdicts(before, after, { paired: false })[3], 'no-difference')
  })

  it('tells more load as more, more errors as worse', () => {
    const found = verdicts(
      { seed: 'a', perBlock: 300 },
      { seed: 'b', perBlock: 400, failedShare: 0.05 },
    )
    assert.deepEqual(found.slice(4), ['better', 'worse'])
  })

  it('tells nothing of what is too short, or too rare', () => {
    const short = verdicts({ seed: 'a', blocks: 3 }, { seed: 'b', blocks: 3, medianMs: 200 })
    assert.deepEqual([...new Set(short)], ['unknown'])
    const rare = verdicts(
      { seed: 'a', blocks: 10, perBlock: 30 },
      { seed: 'b', blocks: 10, perBlock: 30, medianMs: 40 },
    )
    assert.equal(rare[2], 'unknown', 'p99 of 300 values')
    assert.equal(rare[0], 'worse', 'the median of 300 values, twice as long')
  })

  it('leaves a change that is not worth telling alone', () => {
    const options = { blocks: 200, perBlock: 2000, drift: 0 }
    const before = { seed: 'a', ...options }
    const after = { seed: 'b', ...options, medianMs: 20.14 }
    assert.equal(verdicts(before, after, { least: 0 })[3], 'worse')
    assert.equal(verdicts(before, after, { least: 0.02 })[3], 'no-difference')
  })

  it('has bounds that leave 0 out exactly when they were told to differ', () => {
    let told = 0
    for (let seed = 0; seed < 20; seed++) {
      const before = batchesOf(run({ seed: `a${seed}`, blocks: 20 }), [])
      const after = batchesOf(run({ seed: `b${seed}`, blocks: 20, medianMs: 20.6 }), [])
      for (const { verdict, bounds, change } of judgePairs(pairs(before, after, true), {
        alpha: 0.05,
        least: 0,
      })) {
        assert.equal(bounds === null, verdict === 'unknown')
        if (bounds === null) continue
        told++
        assert.ok(bounds.low <= change! && change! <= bounds.high)
        assert.equal(bounds.low > 0 || bounds.high < 0, verdict !== 'no-difference')
      }
    }
    assert.ok(told > 60, `${told} of 120 have bounds`)
  })

  it('is sure of its bounds as often as it says', () => {
    // The true p95 of a log-normal: its median times e^(0.5 · 1.645), when the median does not drift.
    const truth = 20 * Math.exp(0.5 * 1.6448536)
    let inside = 0
    for (let seed = 0; seed < 200; seed++) {
      const batches = batchesOf(run({ seed: `c${seed}`, blocks: 12, drift: 0 }), [])
      const estimate = percentileOf(batches, 'request', 0.95)!
      const { low, high } = estimate.bounds(studentLimit(0.1, estimate.freedom))
      if (low <= truth && truth <= high) inside++
    }
    assert.ok(inside >= 170 && inside <= 199, `${inside} of 200 at 90 %`)
  })
})
