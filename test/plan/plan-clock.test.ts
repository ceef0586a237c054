import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { PlanClock } from '../../core/plan/model.ts'
import { planMsAt, runMsAt, turned, unsteered } from '../../core/plan/plan-clock.ts'

const factors = fc.oneof(fc.constant(0), fc.double({ min: 0.1, max: 10, noNaN: true }))
const changes = fc
  .array(fc.record({ atMs: fc.integer({ min: 0, max: 100_000 }), factor: factors }), {
    maxLength: 6,
  })
  .map((list) => list.sort((a, b) => a.atMs - b.atMs))
const near = (a: number, b: number): void => assert.ok(Math.abs(a - b) < 1e-6, `${a} is not ${b}`)

function after(list: readonly { readonly atMs: number; readonly factor: number }[]): PlanClock {
  return list.reduce<PlanClock>((clock, { atMs, factor }) => turned(clock, atMs, factor), unsteered)
}

describe('the clock of a plan', () => {
  it('is that of the run when nobody steers', () => {
    assert.equal(planMsAt(unsteered, 1234.5), 1234.5)
    assert.equal(runMsAt(unsteered, 1234.5), 1234.5)
  })

  it('shows the sum of all times, each as fast as it went', () => {
    fc.assert(
      fc.property(changes, fc.integer({ min: 0, max: 50_000 }), (list, more) => {
        const endMs = (list.at(-1)?.atMs ?? 0) + more
        let sum = list[0]?.atMs ?? endMs
        for (const [at, { atMs, factor }] of list.entries()) {
          sum += ((list[at + 1]?.atMs ?? endMs) - atMs) * factor
        }
        near(planMsAt(after(list), endMs), sum)
      }),
      { seed: 1 },
    )
  })

  it('tells when it will show something; never, when it stands before that', () => {
    fc.assert(
      fc.property(changes, fc.integer({ min: 1, max: 50_000 }), (list, more) => {
        const clock = after(list)
        const planMs = clock.planMs + more
        if (clock.factor === 0) assert.equal(runMsAt(clock, planMs), Infinity)
        else near(planMsAt(clock, runMsAt(clock, planMs)), planMs)
        assert.ok(runMsAt(clock, clock.planMs - more) <= clock.atMs)
      }),
      { seed: 1 },
    )
  })
})
