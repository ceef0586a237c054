/** Where a launcher stands in its arrivals, and what lies between there and a later moment. */
import { arrivalOffsets, phaseStream } from './arrivals.ts'
import type { ArrivalProcess, Cursor, LauncherPlan } from './model.ts'

/** Nothing was started. */
export const firstCursor: Cursor = {
  atMs: 0,
  originMs: 0,
  staticStarted: 0,
  phase: 0,
  started: 0,
  phaseStartMs: 0,
}

/** A launcher's whole sequence of arrivals is a function of these. */
export interface Arrivals {
  readonly plan: LauncherPlan
  readonly process: ArrivalProcess
  readonly seed: string
}

export interface Skipped {
  readonly cursor: Cursor
  /** Users of the plan between the two cursors. */
  readonly users: number
}

/**
 * Goes on from a cursor over every user that is due before a moment.
 *
 * A phase with `wait_all_sessions_end` is taken to end as early as it could: when its time is over, but not before the
 * cursor's own moment.
 *
 * @param beforeMs ms since the run's start
 */
export function skipBefore(arrivals: Arrivals, cursor: Cursor, beforeMs: number): Skipped {
  const { plan } = arrivals
  let users = 0
  let { staticStarted } = cursor
  while ((plan.staticUsers[staticStarted]?.startMs ?? Infinity) < beforeMs) {
    staticStarted++
    users++
  }
  let { phase, started, phaseStartMs } = cursor
  while (phase < plan.phases.length) {
    const { durationMs, waitAllSessionsEnd } = plan.phases[phase]!
    const passed = startedBefore(arrivals, phase, started, beforeMs - phaseStartMs)
    users += passed.started - started
    started = passed.started
    if (!passed.all || phase === plan.phases.length - 1) break
    const overMs = phaseStartMs + durationMs
    const endMs = waitAllSessionsEnd ? Math.max(overMs, cursor.atMs) : overMs
    if (endMs >= beforeMs) break
    phaseStartMs = endMs
    phase++
    started = 0
  }
  const atMs = Math.max(cursor.atMs, beforeMs)
  return { cursor: { ...cursor, atMs, staticStarted, phase, started, phaseStartMs }, users }
}

/** Users of the plan behind a cursor. */
export function usersLeft({ staticUsers, phases }: LauncherPlan, cursor: Cursor): number {
  let left = staticUsers.length - cursor.staticStarted - cursor.started
  for (let at = cursor.phase; at < phases.length; at++) left += phases[at]!.users
  return left
}

/** How many users of a phase are started when all before an offset are, and whether these are all. */
function startedBefore(
  { plan, process, seed }: Arrivals,
  at: number,
  from: number,
  beforeMs: number,
): { readonly started: number; readonly all: boolean } {
  const phase = plan.phases[at]!
  const random = phaseStream(seed, plan.launcher, phase.number)
  let started = 0
  for (const offset of arrivalOffsets(phase, process, random)) {
    if (started >= from && offset >= beforeMs) return { started, all: false }
    started++
  }
  return { started, all: true }
}
