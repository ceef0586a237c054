/** Where a launcher stands in its arrivals, and what lies between there and a later moment. */
import { arrivalOffsets, phaseStream } from './arrivals.ts'
import type { ArrivalProcess, Cursor, LauncherPlan, PhaseSkip } from './model.ts'

/** Nothing was started. */
export const firstCursor: Cursor = {
  atMs: 0,
  planMs: 0,
  originMs: 0,
  staticStarted: 0,
  phase: 0,
  started: 0,
  phaseStartMs: 0,
  restarted: 0,
  handedOver: 0,
}

/** Of a phase that begins. */
const unbegun = { started: 0, restarted: 0, handedOver: 0 }

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
 * @param before the moment: ms since the run's start, and what the plan's clock shows then
 * @param skip phases that were ended by then
 */
export function skipBefore(
  arrivals: Arrivals,
  cursor: Cursor,
  before: Pick<Cursor, 'atMs' | 'planMs'>,
  skip: PhaseSkip | null = null,
): Skipped {
  const first = passBefore(arrivals, cursor, before)
  const ended = afterSkip(first.cursor, arrivals.plan, skip)
  if (ended === first.cursor) return first
  const second = passBefore(arrivals, ended, before)
  return { cursor: second.cursor, users: first.users + second.users }
}

/** The cursor itself if it stands behind the phases that were ended. */
export function afterSkip(
  cursor: Cursor,
  { phases }: LauncherPlan,
  skip: PhaseSkip | null,
): Cursor {
  if (skip === null) return cursor
  const phase = phases.findIndex(({ number }) => number > skip.phase)
  const behind = phase < 0 ? phases.length : phase
  if (cursor.phase >= behind) return cursor
  return { ...cursor, ...unbegun, phase: behind, phaseStartMs: skip.planMs }
}

/** Users that the launcher of a cursor keeps playing until its phase is over (`maxactive`). */
export function usersKept({ phases }: LauncherPlan, cursor: Cursor): number {
  const isKeeping = (phases[cursor.phase]?.maxRestarts ?? null) !== null
  return isKeeping ? cursor.started - cursor.handedOver : 0
}

function passBefore(
  arrivals: Arrivals,
  cursor: Cursor,
  before: Pick<Cursor, 'atMs' | 'planMs'>,
): Skipped {
  const { plan } = arrivals
  const beforeMs = before.planMs
  let users = 0
  let { staticStarted } = cursor
  while ((plan.staticUsers[staticStarted]?.startMs ?? Infinity) < beforeMs) {
    staticStarted++
    users++
  }
  let { phase, started, phaseStartMs } = cursor
  while (phase < plan.phases.length) {
    const { durationMs, waitAllSessionsEnd, maxRestarts } = plan.phases[phase]!
    const passed = startedBefore(arrivals, phase, started, beforeMs - phaseStartMs)
    users += passed.started - started
    started = passed.started
    const isLast = phase === plan.phases.length - 1
    if (!passed.all || (isLast && maxRestarts === null)) break
    const overMs = phaseStartMs + durationMs
    const endMs = waitAllSessionsEnd ? Math.max(overMs, cursor.planMs) : overMs
    if (endMs >= beforeMs) break
    phaseStartMs = endMs
    phase++
    started = 0
  }
  const atMs = Math.max(cursor.atMs, before.atMs)
  const planMs = Math.max(cursor.planMs, before.planMs)
  const begun = phase === cursor.phase ? cursor : { ...cursor, ...unbegun }
  const where = { atMs, planMs, staticStarted, phase, started, phaseStartMs }
  return { cursor: { ...begun, ...where }, users }
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
