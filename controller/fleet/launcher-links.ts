/** The links to the launchers of a run: whether each is there, what has arrived, what has to be said again. */
import type { ClockReading } from '../../core/deliveries/model.ts'
import type {
  AgentCommand,
  AgentLauncher,
  LauncherCommand,
  LauncherMessage,
  Ping,
  Pong,
  Rejoin,
} from '../../core/wire/messages.ts'
import type { Journal } from '../journal.ts'
import type { Agents } from './agents.ts'
import type { LauncherHandle } from './launcher-handle.ts'
import type { FleetDeadlines, FleetListener } from './model.ts'

/** Between two tables of clocks, for each host, ms. */
const clocksEveryMs = 100

/** What matters only now: it has no number, and is lost with the link. */
export type Passing = Ping | Pong | Rejoin

export function isPassing(message: LauncherMessage): message is Passing {
  return message.type === 'ping' || message.type === 'pong' || message.type === 'rejoin'
}

/** The launchers behind the links. */
export interface LinkedLaunchers {
  readonly all: readonly LauncherHandle[]
  /** It is no part of the run any more. */
  lose(launcher: LauncherHandle, how: string): void
  /** A launcher has answered. */
  changed(): void
}

export class LauncherLinks {
  readonly #launchers: LinkedLaunchers
  readonly #agents: Agents
  readonly #listener: FleetListener
  readonly #deadlines: FleetDeadlines
  readonly #journal: Journal
  readonly #clocks: (nowMs: number) => readonly ClockReading[]

  constructor(
    launchers: LinkedLaunchers,
    agents: Agents,
    listener: FleetListener,
    options: { readonly deadlines: FleetDeadlines; readonly journal: Journal },
    clocks: (nowMs: number) => readonly ClockReading[],
  ) {
    this.#clocks = clocks
    this.#launchers = launchers
    this.#agents = agents
    this.#listener = listener
    this.#deadlines = options.deadlines
    this.#journal = options.journal
  }

  /** To an agent itself; what another controller did is not told again. */
  tellAgent(agent: number, command: AgentCommand): void {
    if (this.#journal.replaying) return
    this.#journal.afterwards(() => this.#agents.send(agent, command))
  }

  /** It may only have been silent: what another one plays it must not play too. */
  kill({ agent, number }: LauncherHandle): void {
    if (this.#agents.isThere(agent)) this.tellAgent(agent, { type: 'kill', launchers: [number] })
  }

  /** An agent is there again after a cut: what did not arrive is said again, by both sides. */
  agentBack(agent: number, known: readonly AgentLauncher[]): void {
    // It forgets what it is told to have arrived.
    this.#journal.commit()
    for (const launcher of this.#launchers.all) {
      if (launcher.agent !== agent) continue
      const there = known.find((each) => each.launcher === launcher.number)
      if (launcher.state === 'lost' && there?.ended === null) this.kill(launcher)
      if (!launcher.alive) continue
      if (there === undefined) {
        this.tellAgent(agent, { type: 'launch', launchers: [launcher.number] })
      } else if (there.ended === null) {
        this.#say(launcher, { type: 'rejoin', received: launcher.inbox.last })
      } else {
        const how = there.ended === '' ? 'ended' : there.ended
        this.#launchers.lose(launcher, `is gone: it ${how} while the link was cut`)
      }
    }
  }

  /**
   * Pings all, tells of those that have been silent, gives up those that were silent for too long.
   *
   * @param deafMs how long we did not listen ourselves
   */
  beat(nowMs: number, deafMs: number): void {
    this.#journal.commit()
    for (const launcher of this.#launchers.all) {
      if (!launcher.alive) continue
      launcher.heardMs += deafMs
      if (this.#agents.pingable(launcher.agent)) this.ping(launcher, nowMs)
      this.acknowledge(launcher)
      if (launcher.needsClocks) this.tellClocks(launcher, nowMs)
      this.#judgeSilence(launcher, nowMs - launcher.heardMs)
    }
  }

  #judgeSilence(launcher: LauncherHandle, silentMs: number): void {
    const { lostMs, silentMs: toldMs, readyMs } = this.#deadlines
    const forSeconds = (silentMs / 1000).toFixed(1)
    if (launcher.state === 'launching') {
      // A process that starts has nothing to say.
      if (silentMs >= readyMs) this.#launchers.lose(launcher, 'was not ready in time')
    } else if (silentMs >= lostMs) {
      this.#launchers.lose(launcher, `has been silent for ${forSeconds} s and was given up`)
    } else if (silentMs >= toldMs && !launcher.silenceTold) {
      launcher.silenceTold = true
      const text = `${nameOf(launcher)} has been silent for ${forSeconds} s`
      this.#listener.event('warning', text, launcher.number)
    }
  }

  /** They hear that somebody is there. */
  keepAwake(nowMs: number): void {
    for (const launcher of this.#launchers.all) {
      if (launcher.alive && this.#agents.pingable(launcher.agent)) this.ping(launcher, nowMs)
    }
  }

  ping(launcher: LauncherHandle, nowMs: number): void {
    this.#say(launcher, { type: 'ping', t1: nowMs })
  }

  /**
   * How the hosts' clocks stand, for messages between their users; nothing as long as there is one host only. A table
   * has some 60 bytes for a host, and many hosts have many launchers: the more there are, the less often.
   */
  tellClocks(launcher: LauncherHandle, nowMs: number): void {
    if (this.#journal.replaying) return
    const clocks = this.#clocks(nowMs)
    if (clocks.length < 2) return
    if (nowMs - launcher.clocksToldMs < clocks.length * clocksEveryMs) return
    launcher.clocksToldMs = nowMs
    this.#say(launcher, { type: 'clocks', clocks })
  }

  /** What was heard of it is in the journal, and told to have arrived. */
  acknowledge(launcher: LauncherHandle): void {
    const { last } = launcher.inbox
    if (last === launcher.acknowledged) return
    launcher.acknowledged = last
    this.#journal.afterwards(() => this.#say(launcher, { type: 'received', upTo: last }))
  }

  /** A launcher was heard of. */
  heard(launcher: LauncherHandle): void {
    launcher.heardMs = performance.now()
    if (!launcher.silenceTold) return
    launcher.silenceTold = false
    this.#listener.event('warning', `${nameOf(launcher)} is heard of again`, launcher.number)
  }

  onPassing(launcher: LauncherHandle, message: Passing): void {
    switch (message.type) {
      case 'ping':
        this.#say(launcher, { type: 'pong', t1: message.t1, t2: performance.now() })
        return
      case 'pong':
        launcher.probed(message.t1, message.t2, launcher.heardMs)
        launcher.outbox.received(message.received ?? 0)
        this.#launchers.changed()
        return
      default:
        launcher.outbox.resend(message.received)
    }
  }

  #say({ number, agent }: LauncherHandle, message: LauncherCommand): void {
    this.#agents.send(agent, { launcher: number, message })
  }
}

export function nameOf({ number, plan, pid }: LauncherHandle): string {
  return `launcher ${number} on ${plan.host}${pid === 0 ? '' : ` (pid ${pid})`}`
}
