/**
 * The clock that a plan goes by: as fast as the run's own until somebody steers it, faster, slower or standing still
 * after that. Every launcher, and the controller, has the same one. Times in ms.
 */
import type { PlanClock } from './model.ts'

/** Nobody has steered. */
export const unsteered: PlanClock = { atMs: 0, planMs: 0, factor: 1 }

/** @param runMs since the run's start */
export function planMsAt({ atMs, planMs, factor }: PlanClock, runMs: number): number {
  return planMs + (runMs - atMs) * factor
}

/** When the plan's clock shows `planMs`, since the run's start; Infinity: it stands before that. */
export function runMsAt(clock: PlanClock, planMs: number): number {
  if (clock.factor > 0) return clock.atMs + (planMs - clock.planMs) / clock.factor
  return planMs <= clock.planMs ? clock.atMs : Infinity
}

/** From `runMs` on it goes `factor` times as fast as the run. */
export function turned(clock: PlanClock, runMs: number, factor: number): PlanClock {
  return { atMs: runMs, planMs: planMsAt(clock, runMs), factor }
}
