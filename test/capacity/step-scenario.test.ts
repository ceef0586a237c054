import assert from 'node:assert/strict'
import {
  busiestPhase,
  expectedSession,
  stepScenario,
} from '../../controller/capacity/step-scenario.ts'
import { makePlan } from '../../core/plan/plan.ts'
import { pacedScenario, scenarioOf } from './scenarios.ts'

describe('the scenario of a step', () => {
  const scenario = scenarioOf()

  it('has one phase of the rate, as long as the step, and is cut at its end', () => {
    const plan = makePlan(stepScenario(scenario, 'arrivals', 12.5, 40_000), {
      seed: '1',
      facts: { cores: [1] },
      arrivals: 'conditioned',
    })
    assert.equal(plan.users, 500)
    assert.equal(plan.cutAfterMs, 40_000)
    assert.equal(plan.phases.length, 1)
    assert.deepEqual(plan.launchers[0]!.phases[0]!.shares, [1, 3])
  })

  it('is otherwise the scenario itself', () => {
    const { load, ...rest } = stepScenario(scenario, 'arrivals', 1, 1000)
    const { load: own, ...wanted } = scenario
    assert.deepEqual(rest, wanted)
    assert.deepEqual(load.users, own.users)
  })

  it('of a constant rate brings all users up, and then has that rate', () => {
    const paced = pacedScenario()
    const plan = makePlan(stepScenario(paced, 'rate', 70, 40_000), {
      seed: '1',
      facts: { cores: [1] },
      arrivals: 'conditioned',
    })
    assert.deepEqual(
      plan.phases.map(({ startMs, users, requestsPerMs }) => ({ startMs, users, requestsPerMs })),
      [
        { startMs: 0, users: 20, requestsPerMs: null },
        { startMs: 1000, users: 5, requestsPerMs: null },
        { startMs: 3000, users: 0, requestsPerMs: null },
        { startMs: 5000, users: 0, requestsPerMs: 0.07 },
      ],
    )
    assert.equal(plan.cutAfterMs, 45_000)
  })

  it('takes its sessions from the busiest phase', () => {
    assert.equal(busiestPhase(scenario)!.phase, 2)
    // What has no users is no phase of arrivals, whatever stands for its intensity.
    assert.equal(busiestPhase(pacedScenario())!.phase, 1)
    assert.equal(busiestPhase({ ...scenario, load: { ...scenario.load, phases: [] } }), null)
  })

  it('is expected to last as long as its longest session', () => {
    const { lengthMs, openEnded } = expectedSession(scenario)
    assert.ok(Math.abs(lengthMs - 7000) < 1, `${lengthMs}`)
    assert.deepEqual(openEnded, [])
  })
})
