import assert from 'node:assert/strict'
import { bringUpOf, hasTurns, highestTurnRate } from '../../controller/capacity/bring-up.ts'
import type { Phase, Scenario } from '../../core/scenario/model.ts'
import { pacedScenario, scenarioOf } from './scenarios.ts'

/** With one phase of 10 s, 10 users a second, and no session that does anything before its turns. */
function withPhase(more: Partial<Phase>): Scenario {
  const { load, ...scenario } = pacedScenario()
  const phase = { ...load.phases[0]!, durationMs: 10_000, intensityPerMs: 0.01, ...more }
  const sessions = scenario.sessions.map((session) => ({ ...session, actions: [] }))
  return { ...scenario, sessions, load: { ...load, phases: [phase] } }
}

describe('bringing users up before a constant rate', () => {
  const phases: [name: string, phase: Partial<Phase>, users: number, ms: number][] = [
    ['as long as its users come', { maxNumber: 20 }, 20, 3000],
    ['as long as the phase, where they come all the time', { maxNumber: null }, 100, 11_000],
    ['until as many are there as are kept', { maxNumber: null, maxActive: 30 }, 30, 4000],
    ['no time where nobody comes', { maxNumber: 0 }, 0, 1000],
  ]
  for (const [name, phase, users, ms] of phases) {
    it(`takes ${name}, and a second`, () => {
      const found = bringUpOf(withPhase(phase))
      assert.deepEqual([found.users, found.ms], [users, ms])
      const sumMs = found.phases.reduce((sum, { durationMs }) => sum + durationMs, 0)
      assert.equal(sumMs, ms)
      assert.ok(found.phases.every(({ requestsPerMs }) => requestsPerMs === null))
    })
  }

  it('waits for what users do before their first turn, and not for what comes after', () => {
    // 1 s and 2 s of arrivals, 0.7 s to think, 1 s to spare.
    assert.equal(bringUpOf(pacedScenario()).ms, 5000)
  })

  it('waits for static users, and counts them', () => {
    const scenario = withPhase({ maxNumber: 20 })
    const statics = {
      ...scenario,
      load: { ...scenario.load, users: [{ startMs: 7400, session: 0 }] },
    }
    const { users, ms } = bringUpOf(statics)
    assert.deepEqual([users, ms], [21, 9000])
  })

  it('is for scenarios with a rate and turns', () => {
    assert.equal(hasTurns(pacedScenario()), true)
    assert.equal(highestTurnRate(pacedScenario()), 0.06)
    assert.equal(hasTurns(withPhase({})), false)
    assert.equal(hasTurns(scenarioOf()), false)
    assert.equal(highestTurnRate(scenarioOf()), null)
  })
})
