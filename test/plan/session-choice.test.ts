import assert from 'node:assert/strict'
import fc from 'fast-check'
import { chooseIndex } from '../../core/plan/session-choice.ts'
import { stream } from '../../core/random.ts'

function neverDrawn(): number {
  assert.fail('a number was drawn')
}

describe('choice of a session', () => {
  for (const [shares, want] of [
    [[1], 0],
    [[0], 0],
    [[0, 5, 0], 1],
    [[0, 0, 0.001], 2],
  ] as const) {
    it(`of [${shares}] is ${want}, and nothing is drawn`, () => {
      assert.equal(chooseIndex(shares, neverDrawn), want)
    })
  }

  for (const [random, want] of [
    [0, 1],
    [0.2499, 1],
    [0.25, 2],
    [0.7499, 2],
    [0.75, 4],
    [1 - Number.EPSILON / 2, 4],
  ] as const) {
    it(`of [0,1,2,0,1,0] at ${random} is ${want}`, () => {
      assert.equal(
        chooseIndex([0, 1, 2, 0, 1, 0], () => random),
        want,
      )
    })
  }

  it('is always one that has a share', () => {
    const shares = fc
      .array(fc.oneof(fc.constant(0), fc.double({ min: 1e-9, max: 1e9, noNaN: true })), {
        minLength: 1,
      })
      .filter((each) => each.some((share) => share > 0))
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
    fc.assert(
      fc.property(shares, random, (each, drawn) => {
        assert.ok(each[chooseIndex(each, () => drawn)]! > 0, `${each} at ${drawn}`)
      }),
      { seed: 1, numRuns: 1000 },
    )
  })

  it('follows the shares, whatever their total', () => {
    for (const shares of [
      [50, 30, 20],
      [1, 0, 7, 0.5],
      [0.05, 99.95],
    ]) {
      const random = stream('choice', ...shares)
      const counts = shares.map(() => 0)
      const draws = 20_000
      for (let draw = 0; draw < draws; draw++) counts[chooseIndex(shares, random)]!++
      const total = shares.reduce((sum, share) => sum + share, 0)
      shares.forEach((share, at) => {
        const expected = (draws * share) / total
        const deviation = Math.sqrt(expected * (1 - share / total))
        assert.ok(Math.abs(counts[at]! - expected) <= 4 * deviation, `${counts} for ${shares}`)
      })
    }
  })
})
