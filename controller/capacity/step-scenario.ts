/** The scenario of one step: its own, with one phase of an even rate in place of its phases. Pure. */
import { makePlan } from '../../core/plan/plan.ts'
import { assumedAnswerMs, predict } from '../../core/plan/predict.ts'
import type { Phase, Scenario } from '../../core/scenario/model.ts'

/**
 * Shares of sessions are those of the scenario's busiest phase; static users start as the scenario says. Everything is
 * cut when the time is over.
 *
 * @param ratePerSecond users per second; > 0
 */
export function stepScenario(
  scenario: Scenario,
  ratePerSecond: number,
  durationMs: number,
): Scenario {
  const { load } = scenario
  const phase: Phase = {
    ...busiestPhase(scenario)!,
    phase: 1,
    durationMs,
    intensityPerMs: ratePerSecond / 1000,
    maxNumber: null,
    waitAllSessionsEnd: false,
  }
  return { ...scenario, load: { ...load, durationMs, loop: 0, phases: [phase] } }
}

/** The phase with the highest intensity, the first of several; null: there is none. */
export function busiestPhase({ load }: Scenario): Phase | null {
  let busiest: Phase | null = null
  for (const phase of load.phases) {
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
  const { load, ...step } = stepScenario(scenario, users, durationMs)
  const alone = { ...step, load: { ...load, durationMs: null, users: [] } }
  const facts = { cores: scenario.clients.map(() => 1) }
  const plan = makePlan(alone, { seed: '1', facts, arrivals: 'uniform' })
  const { endMs, requests, openEnded } = predict(alone, plan, assumedAnswerMs)
  return { lengthMs: endMs - durationMs, requests: requests / users, openEnded }
}
