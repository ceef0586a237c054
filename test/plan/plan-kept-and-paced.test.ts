import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { ArrivalProcess, Plan } from '../../core/plan/model.ts'
import { makePlan } from '../../core/plan/plan.ts'
import { client, type LoadParts, phase, scenarioWith } from './scenarios.ts'

function planOf(parts: LoadParts, arrivals: ArrivalProcess = 'conditioned'): Plan {
  return makePlan(scenarioWith(parts), { seed: '1', facts: { cores: [] }, arrivals })
}

const sum = (values: readonly number[]): number => values.reduce((total, each) => total + each, 0)
const processes = fc.constantFrom<ArrivalProcess>('conditioned', 'exponential', 'uniform')

describe('plans of loads of ours', () => {
  const three = [client({ weight: 1 }), client({ weight: 2 }), client({ weight: 1 })]

  it('shares of a rate add up to it, and stand where the phase has one', () => {
    const phases = [
      phase({ requestsPerMs: 30 }),
      phase({ phase: 2 }),
      phase({ phase: 3, requestsPerMs: 1 / 3 }),
    ]
    const { launchers, phases: planned } = planOf({ clients: three, phases })
    assert.deepEqual(
      launchers.map((each) => each.phases.map(({ requestsPerMs }) => requestsPerMs)),
      [
        [7.5, null, 1 / 12],
        [15, null, 1 / 6],
        [7.5, null, 1 / 12],
      ],
    )
    assert.deepEqual(
      planned.map(({ requestsPerMs }) => requestsPerMs),
      [30, null, 1 / 3],
    )
  })

  it('maxactive bounds the users of a phase, and of those that follow them only maxnumber does', () => {
    const count = fc.integer({ min: 1, max: 500 })
    fc.assert(
      fc.property(count, fc.option(count), processes, (maxActive, maxNumber, arrivals) => {
        const kept = phase({ intensityPerMs: 0.1, maxActive, maxNumber })
        const plan = planOf({ clients: three, phases: [kept] }, arrivals)
        const most = Math.min(maxActive, maxNumber ?? Infinity)
        if (arrivals === 'exponential') assert.ok(plan.users <= most)
        else assert.equal(plan.users, most)
        const restarts = plan.launchers.map(({ phases }) => phases[0]!.maxRestarts)
        if (maxNumber === null) assert.ok(restarts.every((each) => each === 'unlimited'))
        else if (arrivals !== 'exponential') {
          assert.equal(plan.users + sum(restarts as number[]), maxNumber)
        }
        assert.equal(plan.durationMs, kept.durationMs)
      }),
      { seed: 1 },
    )
  })

  it('a phase without maxactive is followed by nobody', () => {
    const plan = planOf({ clients: three, phases: [phase({ maxNumber: 9 })] })
    assert.ok(plan.launchers.every(({ phases }) => phases[0]!.maxRestarts === null))
  })
})
