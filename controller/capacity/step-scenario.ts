/** The scenario of one step: its own, with phases of the step's rate in place of its phases. Pure. */

import { unreachable } from '../../core/json.ts'
import { makePlan } from '../../core/plan/plan.ts'
import { assumedAnswerMs, predict } from '../../core/plan/predict.ts'
import type { Phase, Scenario } from '../../core/scenario/model.ts'
import { bringUpOf, highestTurnRate } from './bring-up.ts'
import type { Searched } from './model.ts'

/**
 * Arrivals: one phase of an even rate. A constant rate: all users of the scenario are brought up, then they have their
 * turns at the rate. Shares of sessions are those of the scenario's own phases; static users start as the scenario
 * says. Everything is cut when the time is over.
 *
 * @param ratePerSecond users, or turns, per second; > 0
 * @param durationMs how long that rate is played
 */
export function stepScenario(
  scenario: Scenario,
  of: Searched,
  ratePerSecond: number,
  durationMs: number,
): Scenario {
  switch (of) {
    case 'arrivals':
      return played(scenario, [arriving(scenario, ratePerSecond, durationMs)])
    case 'rate': {
      const turning: Phase = {
        ...scenario.load.phases[0]!,
        durationMs,
        maxNumber: 0,
        maxActive: null,
        requestsPerMs: ratePerSecond / 1000,
      }
      return played(scenario, [...bringUpOf(scenario).phases, turning])
    }
    default:
      return unreachable(of)
  }
}

function played(scenario: Scenario, phases: readonly Phase[]): Scenario {
  const load = {
    ...scenario.load,
    durationMs: phases.reduce((sum, { durationMs }) => sum + durationMs, 0),
    loop: 0,
    phases: phases.map((phase, at) => ({ ...phase, phase: at + 1, waitAllSessionsEnd: false })),
  }
  return { ...scenario, load }
}

function arriving(scenario: Scenario, ratePerSecond: number, durationMs: number): Phase {
  const busiest = busiestPhase(scenario)!
  const requestsPerMs = busiest.requestsPerMs ?? highestTurnRate(scenario)
  const intensityPerMs = ratePerSecond / 1000
  return { ...busiest, durationMs, intensityPerMs, maxNumber: null, requestsPerMs }
}

/** The phase with the highest intensity, the first of several; null: there is none in which users come. */
export function busiestPhase({ load }: Scenario): Phase | null {
  let busiest: Phase | null = null
  for (const phase of load.phases) {
    if (phase.maxNumber === 0) continue
    if (busiest === null || phase.intensityPerMs > busiest.intensityPerMs) busiest = phase
  }
  return busiest
}

export interface ExpectedSession {
  /** Of the longest, think times at their mean. */
  readonly lengthMs: number
  /** Of a user on average. */
  readonly requests: number
  /** Sessions that wait for others; that time is not in it. */
  readonly openEnded: readonly string[]
}

/** What users of a step will do, before any was played. */
export function expectedSession(scenario: Scenario): ExpectedSession {
  const durationMs = 1000
  const users = 1000
  const { load, ...step } = stepScenario(scenario, 'arrivals', users, durationMs)
  const alone = { ...step, load: { ...load, durationMs: null, users: [] } }
  const facts = { cores: scenario.clients.map(() => 1) }
  const plan = makePlan(alone, { seed: '1', facts, arrivals: 'uniform' })
  const { endMs, requests, openEnded } = predict(alone, plan, assumedAnswerMs)
  return { lengthMs: endMs - durationMs, requests: requests / users, openEnded }
}
