import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { PlanClock } from '../../core/plan/model.ts'
import { makePlan } from '../../core/plan/plan.ts'
import { planMsAt, turned, unsteered } from '../../core/plan/plan-clock.ts'
import { lastArrivalMs, progressAt } from '../../core/plan/progress.ts'
import { phase, scenarioWith } from './scenarios.ts'

/** Two phases of 20 s; nobody cuts it. */
const phases = [1, 2].map(() => phase({ durationMs: 20_000, intensityPerMs: 0.01 }))
const options = { seed: '1', facts: { cores: [] }, arrivals: 'conditioned' } as const
const plan = makePlan(scenarioWith({ phases }), options)

/** @param turns at these moments the clock goes on so many times as fast */
function clocksOf(...turns: readonly (readonly [atMs: number, factor: number])[]): PlanClock[] {
  const clocks = [unsteered]
  for (const [atMs, factor] of turns) clocks.push(turned(clocks.at(-1)!, atMs, factor))
  return clocks
}

const cases: readonly (readonly [
  title: string,
  clocks: readonly PlanClock[],
  atMs: number,
  planMs: number,
  endMs: number | null,
])[] = [
  ['nobody steers', clocksOf(), 10_000, 10_000, 40_000],
  ['twice as fast from 10 s on', clocksOf([10_000, 2]), 15_000, 20_000, 25_000],
  ['half as fast from 10 s on', clocksOf([10_000, 0.5]), 20_000, 15_000, 70_000],
  ['it stands', clocksOf([10_000, 0]), 30_000, 10_000, null],
  ['it stood for 20 s', clocksOf([10_000, 0], [30_000, 1]), 35_000, 15_000, 60_000],
  ['a second before it was told', clocksOf([10_000, 0]), 9000, 9000, null],
  ['it was over before it stood', clocksOf([50_000, 0]), 60_000, 40_000, 40_000],
]

describe('how far a plan has come', () => {
  for (const [title, clocks, atMs, planMs, endMs] of cases) {
    it(`${title}: ends ${endMs === null ? 'never' : `at ${endMs} ms`}`, () => {
      const progress = progressAt(plan, clocks, null, atMs)
      assert.deepEqual(progress, { planMs, planEndMs: 40_000, endMs, done: planMs / 40_000 })
    })
  }

  it('load/@duration cuts the run whatever the clock of the plan shows', () => {
    const cut = { ...plan, cutAfterMs: 30_000 }
    assert.equal(progressAt(cut, clocksOf(), null, 0).endMs, 30_000)
    assert.equal(progressAt(cut, clocksOf([0, 2]), null, 0).endMs, 20_000)
    const { endMs, done } = progressAt(cut, clocksOf([10_000, 0]), null, 15_000)
    assert.deepEqual([endMs, done], [30_000, 0.5])
  })

  it('a phase that is skipped takes its rest out of the plan', () => {
    const skip = { phase: 1, planMs: 5000 }
    const { planEndMs, endMs } = progressAt(plan, clocksOf([5000, 1]), skip, 6000)
    assert.deepEqual([planEndMs, endMs], [25_000, 25_000])
    const last = { phase: 2, planMs: 25_000 }
    assert.deepEqual(progressAt(plan, clocksOf([25_000, 1]), last, 26_000), {
      planMs: 25_000,
      planEndMs: 25_000,
      endMs: 25_000,
      done: 1,
    })
  })

  it('is as long as the plan says as long as nothing is skipped', () => {
    const users = [{ startMs: 50_000, session: 0 }]
    for (const parts of [{ phases }, { phases, users }, { phases: [], users }]) {
      const made = makePlan(scenarioWith(parts), options)
      assert.equal(lastArrivalMs(made), made.durationMs)
    }
  })

  it('when it ends, its clock shows its end, however it was steered', () => {
    const turn = fc.tuple(
      fc.integer({ min: 1, max: 100_000 }),
      fc.double({ min: 0.1, max: 5, noNaN: true }),
    )
    fc.assert(
      fc.property(fc.array(turn, { maxLength: 5 }), (turns) => {
        const clocks = clocksOf(...turns.sort((a, b) => a[0] - b[0]))
        const { endMs } = progressAt(plan, clocks, null, 0)
        assert.ok(endMs !== null)
        const clock = clocks.findLast(({ atMs }) => atMs <= endMs) ?? unsteered
        assert.ok(Math.abs(planMsAt(clock, endMs) - 40_000) < 1e-6)
      }),
      { seed: 1 },
    )
  })
})
