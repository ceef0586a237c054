/** What the fleet knows of one launcher process. */
import { type Arrivals, firstCursor, skipBefore } from '../../core/plan/cursor.ts'
import type { Cursor, LauncherPlan } from '../../core/plan/model.ts'
import type { Interval } from '../../core/stats/model.ts'
import type { LauncherCommand } from '../../core/wire/messages.ts'
import { Inbox, type Numbered, Outbox } from '../../core/wire/outbox.ts'
import type { HostClock } from './host-clock.ts'
import type { Loss } from './loss.ts'
import type { Resume } from './succession.ts'

/**
 * ```
 * launching -hello-> greeted -ready-> ready -start-> running -done-> done
 *                                                            -done after a stop-> stopped
 * any but the last three -failed, silence, agent gone-> lost
 * launching, greeted, ready -never needed-> unused
 * ```
 */
export type LauncherState =
  | 'launching'
  | 'greeted'
  | 'ready'
  | 'running'
  | 'done'
  | 'stopped'
  | 'lost'
  | 'unused'

export class LauncherHandle {
  readonly number: number
  readonly plan: LauncherPlan
  /** Index of the agent it runs under. */
  readonly agent: number
  /** Whose users it goes on with; null: it is one of the plan's own. */
  readonly predecessor: LauncherHandle | null
  /** What it is told. */
  readonly outbox: Outbox<LauncherCommand>
  /** What it says. */
  readonly inbox: Inbox = new Inbox()
  /** The last message of it whose reception was told. */
  acknowledged = 0
  state: LauncherState = 'launching'
  pid = 0
  /** Our clock when it was last heard of, ms. */
  heardMs: number
  silenceTold = false
  /** Of its host. */
  readonly clock: HostClock
  /** When its run began, on its host's clock, ms; null: it has not said. */
  originMs: number | null = null
  /** `t1` of the last ping it answered. */
  probedMs: number = -Infinity
  /** Made ready, or being made ready, to go on from here. */
  successor: LauncherHandle | null = null
  /** From where it goes on as soon as it is ready; null: from the beginning, or its predecessor still plays. */
  resume: Resume | null = null
  /** Launchers in a row that were tried for its share without a user started, itself included; 0: the plan's own. */
  readonly attempt: number
  /** Where its arrivals stood at its last interval. */
  cursor: Cursor = firstCursor
  /** Users that it is known to have started. */
  startedUsers = 0
  /** As of its last interval: users that play, and the number of the phase. */
  users = 0
  phase = 0
  /** Messages came to its users from other hosts. */
  needsClocks = false
  /** Our clock when it was told how the hosts' clocks stand, ms. */
  clocksToldMs: number = -Infinity
  /** Of the share that it plays with others, as it was told. */
  part = 1
  /** Where it was full: it starts nobody any more. */
  fullCursor: Cursor | null = null
  /** It was lost, and its share goes on elsewhere. */
  loss: Loss | null = null

  constructor(
    number: number,
    place: { readonly plan: LauncherPlan; readonly agent: number; readonly clock: HostClock },
    predecessor: LauncherHandle | null,
    attempt: number,
    nowMs: number,
    send: (command: LauncherCommand) => void,
    onPost?: (command: Numbered<LauncherCommand>) => void,
  ) {
    this.outbox = new Outbox(send, onPost)
    this.number = number
    this.plan = place.plan
    this.agent = place.agent
    this.clock = place.clock
    this.predecessor = predecessor
    this.attempt = attempt
    this.heardMs = nowMs
  }

  /** It may still say something that matters. */
  get alive(): boolean {
    return this.state !== 'done' && this.state !== 'stopped' && !this.gone
  }

  get gone(): boolean {
    return this.state === 'lost' || this.state === 'unused'
  }

  /** `t1` as pinged, `t2` the launcher's answer, now: ours. */
  probed(t1: number, t2: number, nowMs: number): void {
    this.probedMs = t1
    this.clock.probed(t1, t2, nowMs)
  }

  /** It is started. */
  goesOnFrom({ cursor, skipBefore: before }: Resume, arrivals: Arrivals): void {
    this.cursor = before === null ? cursor : skipBefore(arrivals, cursor, before).cursor
  }

  /** What an interval of it says of its arrivals. */
  reported({ cursor, counters, gauges, deliveries }: Interval): void {
    this.cursor = cursor
    this.users = gauges.users
    this.phase = gauges.phase
    this.originMs = cursor.originMs
    if ((deliveries?.clockErrorMs ?? null) !== null) this.needsClocks = true
    this.startedUsers += counters['users_count'] ?? 0
  }
}
