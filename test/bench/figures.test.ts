import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  figure,
  isClose,
  median,
  medianInterval,
  quartiles,
  ratios,
  slopeOf,
} from '../../bench/support/figures.ts'
import { stream } from '../../core/random.ts'

describe('figures of repeated measurements', () => {
  for (const [values, want] of [
    [[3], { low: 3, median: 3, high: 3 }],
    [[4, 1, 3, 2], { low: 1.75, median: 2.5, high: 3.25 }],
    [[5, 1, 4, 2, 3], { low: 2, median: 3, high: 4 }],
  ] as const) {
    it(`the quartiles of ${values.join(', ')}`, () => assert.deepEqual(quartiles(values), want))
  }

  it('quartiles do not depend on the order', () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 1 }), (values) => {
        assert.deepEqual(quartiles(values), quartiles(values.toReversed()))
      }),
      { seed: 1 },
    )
  })

  for (const [value, want] of [
    [0, '0'],
    [0.8123, '0.812'],
    [12.34, '12.3'],
    [118_862.4, '118,862'],
  ] as const) {
    it(`${value} is written ${want}`, () => assert.equal(figure(value), want))
  }

  it('ratios are taken pair by pair, as far as the peer came', () => {
    assert.deepEqual(ratios([2, 9, 4], [1, 3]), [2, 3])
  })

  for (const [ratio, marks, want] of [
    [1.09, [1], true],
    [1.11, [1], false],
    [0.8, [1, 0.75], true],
    [0.6, [1, 0.75], false],
  ] as const) {
    it(`${ratio} is ${want ? '' : 'not '}close to ${marks.join(' or ')}`, () =>
      assert.equal(isClose(ratio, marks), want))
  }

  it('19 of 20 intervals hold the true median', () => {
    const random = stream('test', 'coverage')
    let held = 0
    for (let again = 0; again < 100; again++) {
      const { low, high } = medianInterval(Array.from({ length: 15 }, random))
      if (low <= 0.5 && high >= 0.5) held++
    }
    assert.ok(held >= 85 && held <= 100, `${held} of 100`)
  })

  it('an interval lies around the median', () => {
    const values = [0.8, 0.82, 0.79, 0.85, 0.81]
    const { low, high } = medianInterval(values)
    assert.ok(low <= median(values) && median(values) <= high)
    assert.ok(low >= 0.79 && high <= 0.85)
  })
})

describe('the slope of a series', () => {
  const line = (noise: (at: number) => number): (readonly [number, number])[] =>
    Array.from({ length: 300 }, (_, at) => [at, 7 + 0.5 * at + noise(at)] as const)

  it('of a straight line is exact, without an error', () => {
    const { slope, standardError } = slopeOf(line(() => 0))
    assert.ok(Math.abs(slope - 0.5) < 1e-9 && standardError < 1e-9)
  })

  it('is found through noise, within three standard errors', () => {
    const random = stream('test', 'noise')
    const { slope, standardError } = slopeOf(line(() => 40 * (random() - 0.5)))
    assert.ok(standardError > 0)
    assert.ok(Math.abs(slope - 0.5) < 3 * standardError, `${slope} ± ${standardError}`)
  })

  it('wants 40 values', () => {
    assert.throws(() => slopeOf(line(() => 0).slice(0, 39)), RangeError)
  })
})
