import assert from 'node:assert/strict'
import {
  busiestPhase,
  expectedSession,
  stepScenario,
} from '../../controller/capacity/step-scenario.ts'
import { makePlan } from '../../core/plan/plan.ts'
import { scenarioOf } from './scenarios.ts'

describe('the scenario of a step', () => {
  const scenario = scenarioOf()

  it('has one phase of the rate, as long as the step, and is cut at its end', () => {
    const plan = makePlan(stepScenario(scenario, 12.5, 40_000), {
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
    const { load, ...rest } = stepScenario(scenario, 1, 1000)
    const { load: own, ...wanted } = scenario
    assert.deepEqual(rest, wanted)
    assert.deepEqual(load.users, own.users)
  })

  it('takes its sessions from the busiest phase', () => {
    assert.equal(busiestPhase(scenario)!.phase, 2)
    assert.equal(busiestPhase({ ...scenario, load: { ...scenario.load, phases: [] } }), null)
  })

  it('is expected to last as long as its longest session', () => {
    const { lengthMs, openEnded } = expectedSession(scenario)
    assert.ok(Math.abs(lengthMs - 7000) < 1, `${lengthMs}`)
    assert.deepEqual(openEnded, [])
  })
})
