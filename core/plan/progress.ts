/** How far a plan has come, as it is steered. Times in ms; those of the plan are on its own clock (plan-clock.ts). */
import type { PhaseSkip, Plan, PlanClock } from './model.ts'
import { planMsAt, runMsAt, unsteered } from './plan-clock.ts'

export interface PlanProgress {
  /** What its clock shows, and what it shows when everybody has arrived. */
  readonly planMs: number
  readonly planEndMs: number
  /**
   * When that was or will be, or `load/@duration` cuts the run, since the run's start; null: the clock stands, and
   * nothing cuts the run.
   */
  readonly endMs: number | null
  /** 0..1 */
  readonly done: number
}

/** What arrivals are made of. */
type Arrivals = Pick<Plan, 'phases' | 'launchers'>

/**
 * @param clocks how the plan's clock went, the first from the run's start on, the last one now
 * @param atMs since the run's start
 */
export function progressAt(
  plan: Arrivals & Pick<Plan, 'cutAfterMs'>,
  clocks: readonly PlanClock[],
  skip: PhaseSkip | null,
  atMs: number,
): PlanProgress {
  const clock = clocks.findLast((each) => each.atMs <= atMs) ?? unsteered
  const planEndMs = lastArrivalMs(plan, skip)
  const planMs = Math.min(planEndMs, planMsAt(clock, atMs))
  const cutMs = plan.cutAfterMs ?? Infinity
  const endMs = Math.min(cutMs, whenShown(clocks, planEndMs))
  const ofPlan = planEndMs > 0 ? planMs / planEndMs : 1
  return {
    planMs,
    planEndMs,
    endMs: endMs === Infinity ? null : endMs,
    done: Math.min(1, Math.max(ofPlan, atMs / cutMs)),
  }
}

/** The first moment at which the clock shows so much. */
function whenShown(clocks: readonly PlanClock[], planMs: number): number {
  for (const [at, clock] of clocks.entries()) {
    const runMs = runMsAt(clock, planMs)
    if (runMs <= (clocks[at + 1]?.atMs ?? Infinity)) return runMs
  }
  return Infinity
}

/**
 * When the last user may arrive, if nothing cuts the run. Phases behind one that was skipped begin when it was; a phase
 * that waits for its users is taken not to.
 */
export function lastArrivalMs(
  { phases, launchers }: Arrivals,
  skip: PhaseSkip | null = null,
): number {
  const left = skip === null ? phases : phases.filter(({ number }) => number > skip.phase)
  const last = left.at(-1)
  const beginMs = left
    .slice(0, -1)
    .reduce((sum, { durationMs }) => sum + durationMs, skip?.planMs ?? 0)
  const spanMs = launchers[0]?.phases.at(-1)?.spanMs ?? last?.durationMs ?? 0
  const lengthMs = last === undefined ? 0 : last.maxActive === null ? spanMs : last.durationMs
  return launchers.reduce(
    (latest, { staticUsers }) => Math.max(latest, staticUsers.at(-1)?.startMs ?? 0),
    beginMs + lengthMs,
  )
}
