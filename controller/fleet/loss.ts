/** What is done when a launcher is lost: what became of its share, and where another launcher may go on. */
import { type Arrivals, skipBefore, usersKept, usersLeft } from '../../core/plan/cursor.ts'
import type { Cursor, LauncherPlan, PhaseSkip } from '../../core/plan/model.ts'
import type { LauncherHandle } from './launcher-handle.ts'

/** How the arrivals of a launcher stood when it was lost. */
export interface Loss {
  /** At its last interval. */
  readonly cursor: Cursor
  /** The moment, ms since the run's start, after which it has certainly started nobody. */
  readonly untilMs: number
  /** What its plan's clock showed then, at most. */
  readonly untilPlanMs: number
  /** Users in between, none of which it has reported: each was started, or was not. */
  readonly maybeStarted: number
  /** Users that are due after it, and those that it kept playing. */
  readonly left: number
}

/** @param until see `Loss` */
export function lossOf(
  launcher: LauncherHandle,
  arrivals: Arrivals,
  until: Pick<Loss, 'untilMs' | 'untilPlanMs'>,
  skip: PhaseSkip | null = null,
): Loss {
  const { cursor, fullCursor, plan } = launcher
  if (fullCursor !== null) {
    const maybeStarted = Math.max(0, usersLeft(plan, cursor) - usersLeft(plan, fullCursor))
    return { cursor, ...until, maybeStarted, left: 0 }
  }
  const before = { atMs: until.untilMs, planMs: until.untilPlanMs }
  const skipped = skipBefore(arrivals, cursor, before, skip)
  return {
    cursor,
    ...until,
    maybeStarted: skipped.users,
    left: usersLeft(plan, skipped.cursor) + usersKept(plan, skipped.cursor),
  }
}

/** Where a launcher may play a share. */
export interface Seat {
  readonly agent: number
  /** The share, with the addresses and maxusers of that host. */
  readonly plan: LauncherPlan
}

/**
 * A place for the share of a launcher: its own host when that is there, else the one of those that are there with the
 * fewest living launchers.
 *
 * @param isThere whether an agent can be reached
 * @returns null when there is none
 */
export function seatFor(
  { plan, agent }: LauncherHandle,
  all: readonly LauncherHandle[],
  isThere: (agent: number) => boolean,
): Seat | null {
  if (isThere(agent)) return { agent, plan }
  const living = new Map<number, number>()
  for (const each of all) {
    if (isThere(each.agent)) {
      living.set(each.agent, (living.get(each.agent) ?? 0) + (each.alive ? 1 : 0))
    }
  }
  const [least] = [...living].sort((a, b) => a[1] - b[1] || a[0] - b[0])
  if (least === undefined) return null
  const there = all.find((each) => each.agent === least[0])!
  const { host, client, addresses, maxUsers } = there.plan
  return { agent: there.agent, plan: { ...plan, host, client, addresses, maxUsers } }
}

/** How many users are missing, for people. */
export function missingText({ left, maybeStarted }: Pick<Loss, 'left' | 'maybeStarted'>): string {
  const most = left + maybeStarted
  const users = most === 1 ? '1 user' : `${most} users`
  if (maybeStarted === 0) return `${users} of its share ${most === 1 ? 'is' : 'are'} not started`
  return `at least ${left} and at most ${users} of its share are not started`
}
