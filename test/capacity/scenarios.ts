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

/** 20 users within a second, later 5 more in 2 s, then nobody; a login of 700 ms before turns at 40 to 60 a second. */
export function pacedScenario(): Scenario {
  const scenario = plain(
    [
      {
        actions: [
          { type: 'thinktime', thinkTime: { type: 'constant', ms: 700 }, line: 1 },
          { type: 'transaction', name: 'turn', actions: [{ type: 'pace', line: 2 }], line: 2 },
          { type: 'thinktime', thinkTime: { type: 'constant', ms: 60_000 }, line: 3 },
        ],
      },
    ],
    { port: 80 },
  )
  const [phase] = scenario.load.phases
  const usual = { ...phase!, maxActive: null, maxNumber: null, requestsPerMs: null }
  const first = { durationMs: 9000, intensityPerMs: 0.02, maxNumber: 20, requestsPerMs: 0.04 }
  const turns = { durationMs: 5000, intensityPerMs: 1, maxNumber: 0, requestsPerMs: 0.06 }
  const phases = [
    { ...usual, phase: 1, ...first },
    { ...usual, phase: 2, ...turns },
    { ...usual, phase: 3, durationMs: 2000, intensityPerMs: 0.0025 },
  ]
  return { ...scenario, load: { ...scenario.load, phases } }
}
