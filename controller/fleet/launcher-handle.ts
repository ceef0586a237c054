/** What the fleet knows of one launcher process. */
import type { LauncherPlan } from '../../core/plan/model.ts'
import type { Cursor, LauncherCommand } from '../../core/wire/messages.ts'
import { Inbox, Outbox } from '../../core/wire/outbox.ts'

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

/** The best of several probes of a clock; ms. */
export interface ClockProbe {
  readonly roundTripMs: number
  /** The launcher's clock minus ours. */
  readonly offsetMs: number
}

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
  probe: ClockProbe | null = null
  /** `t1` of the last ping it answered. */
  probedMs: number = -Infinity
  /** Made ready, or being made ready, to go on from here. */
  successor: LauncherHandle | null = null
  /** Where its predecessor stopped: it starts from there as soon as it is ready. */
  cursor: Cursor | null = null

  constructor(
    number: number,
    plan: LauncherPlan,
    agent: number,
    predecessor: LauncherHandle | null,
    nowMs: number,
    send: (command: LauncherCommand) => void,
  ) {
    this.outbox = new Outbox(send)
    this.number = number
    this.plan = plan
    this.agent = agent
    this.predecessor = predecessor
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
    const roundTripMs = nowMs - t1
    if (this.probe !== null && this.probe.roundTripMs <= roundTripMs) return
    this.probe = { roundTripMs, offsetMs: t2 - (t1 + roundTripMs / 2) }
  }
}
