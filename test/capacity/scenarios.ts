import type { Scenario } from '../../core/scenario/model.ts'
import { scenarioOf as plain } from '../support/scenario.ts'

/** Two phases, the second busier and with other sessions; thinking for 2 s in a transaction, or for 7 s. */
export function scenarioOf(): Scenario {
  const think = (ms: number) =>
    ({ type: 'thinktime', thinkTime: { type: 'constant', ms }, line: 1 }) as const
  const scenario = plain(
    [
      { actions: [{ type: 'transaction', name: 'buy', actions: [think(2000)], line: 1 }] },
      { actions: [think(7000)] },
    ],
    { port: 80 },
  )
  const [phase] = scenario.load.phases
  const phases = [
    { ...phase!, phase: 1, shares: [1, 0], maxNumber: 3 },
    { ...phase!, phase: 2, intensityPerMs: 0.05, shares: [1, 3], waitAllSessionsEnd: true },
  ]
  return { ...scenario, load: { ...scenario.load, loop: 2, phases } }
}
