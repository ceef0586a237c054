import assert from 'node:assert/strict'
import { stream } from '../../core/random.ts'
import { exponentialCdf, ksProbability, uniformCdf } from './statistics.ts'

describe('Kolmogorov–Smirnov', () => {
  const random = stream('statistics')
  const uniform = (): number[] => Array.from({ length: 1000 }, random)

  it('knows the critical values of the tables', () => {
    // Distances at the middle of 100 values: 1.358/√n is the 5 % point, 1.628/√n the 1 % point.
    for (const [distance, want] of [
      [1.358, 0.05],
      [1.628, 0.01],
    ] as const) {
      const n = 100
      const shift = distance / (Math.sqrt(n) + 0.12 + 0.11 / Math.sqrt(n))
      const values = Array.from({ length: n }, (_, at) => (at + 1) / n - shift)
      assert.ok(Math.abs(ksProbability(values, (value) => value) - want) < 0.002)
    }
  })

  it('its result is uniform where the distribution is the right one', () => {
    const results = Array.from({ length: 300 }, () => ksProbability(uniform(), uniformCdf(1)))
    assert.ok(ksProbability(results, uniformCdf(1)) > 0.001)
  })

  for (const [what, values, cdf] of [
    ['a square of uniform values', uniform().map((value) => value * value), uniformCdf(1)],
    ['a range that is 8 % too wide', uniform(), uniformCdf(1.08)],
    [
      'a rate that is 15 % too high',
      uniform().map((value) => -Math.log(1 - value)),
      exponentialCdf(1.15),
    ],
  ] as const) {
    it(`finds ${what}`, () => assert.ok(ksProbability(values, cdf) < 0.01))
  }
})
