/** The launchers of a run: what they say, what they are told, who follows whom. */
import type { LauncherPlan } from '../../core/plan/model.ts'
import {
  type AgentLauncher,
  type Cursor,
  type LauncherCommand,
  type LauncherMessage,
  protocolVersion,
} from '../../core/wire/messages.ts'
import { type Agents, otherVersion } from './agents.ts'
import type { Change } from './change.ts'
import { LauncherHandle } from './launcher-handle.ts'
import type { Assignment, FleetDeadlines, FleetListener } from './model.ts'
import { setupOf } from './setup.ts'
import type { Switchboard } from './switchboard.ts'

/** Successors that may fail to start, one after the other, before their users are given up. */
const maxSuccessorFailures = 3

export class Launchers {
  readonly #agents: Agents
  readonly #listener: FleetListener
  readonly #deadlines: FleetDeadlines
  readonly #assignment: Assignment
  readonly #change: Change
  readonly #byNumber = new Map<number, LauncherHandle>()
  readonly #onAbort: (launcher: number, reason: string) => void
  #switchboard: Switchboard | null = null
  #lastNumber: number
  #successorFailures = 0
  #stopping = false
  #lost = false

  /** @param onAbort a launcher wants the whole run to end */
  constructor(
    agents: Agents,
    assignment: Assignment,
    listener: FleetListener,
    change: Change,
    deadlines: FleetDeadlines,
    onAbort: (launcher: number, reason: string) => void,
  ) {
    this.#onAbort = onAbort
    this.#agents = agents
    this.#assignment = assignment
    this.#listener = listener
    this.#change = change
    this.#deadlines = deadlines
    this.#lastNumber = Math.max(0, ...assignment.plan.launchers.map(({ launcher }) => launcher))
  }

  set switchboard(switchboard: Switchboard) {
    this.#switchboard = switchboard
  }

  /** One of them could not start, or was lost. */
  get lost(): boolean {
    return this.#lost
  }

  get anyAlive(): boolean {
    for (const launcher of this.#byNumber.values()) if (launcher.alive) return true
    return false
  }

  get all(): readonly LauncherHandle[] {
    return [...this.#byNumber.values()]
  }

  /** Starts the process of a launcher; `predecessor`: whose users it shall go on with. */
  launch(
    number: number,
    plan: LauncherPlan,
    agent: number,
    predecessor: LauncherHandle | null,
  ): LauncherHandle {
    const nowMs = performance.now()
    const send = (message: LauncherCommand): void =>
      this.#agents.send(agent, { launcher: number, message })
    const launcher = new LauncherHandle(number, plan, agent, predecessor, nowMs, send)
    this.#byNumber.set(number, launcher)
    this.#agents.send(agent, { type: 'launch', launchers: [number] })
    return launcher
  }

  /** @param cursor where its predecessor stopped, or null */
  start(launcher: LauncherHandle, delayMs: number, cursor: Cursor | null): void {
    const { number, plan, pid } = launcher
    const predecessor = launcher.predecessor?.number ?? null
    launcher.state = 'running'
    this.#listener.launcherStarted({ launcher: number, host: plan.host, pid, plan, predecessor })
    const leases = this.#switchboard?.leases(number, predecessor) ?? []
    this.send(number, { type: 'start', delayMs, cursor, leases })
  }

  stop(graceMs: number): void {
    this.#stopping = true
    for (const launcher of this.#byNumber.values()) {
      if (launcher.state === 'running') this.send(launcher.number, { type: 'stop', graceMs })
      else if (launcher.alive) this.#dismiss(launcher)
    }
    this.#change.notify()
  }

  send(number: number, message: LauncherCommand): void {
    const launcher = this.#byNumber.get(number)
    if (launcher?.alive) launcher.outbox.post(message)
  }

  /** What matters only now: not kept, and lost with the link. */
  #sayNow({ number, agent }: LauncherHandle, message: LauncherCommand): void {
    this.#agents.send(agent, { launcher: number, message })
  }

  /** An agent is there again after a cut: what did not arrive is said again, by both sides. */
  agentBack(agent: number, known: readonly AgentLauncher[]): void {
    for (const launcher of this.#byNumber.values()) {
      if (launcher.agent !== agent || !launcher.alive) continue
      const there = known.find((each) => each.launcher === launcher.number)
      if (there === undefined)
        this.#agents.send(agent, { type: 'launch', launchers: [launcher.number] })
      else if (there.ended === null) {
        this.#sayNow(launcher, { type: 'rejoin', received: launcher.inbox.last })
      } else {
        const how = there.ended === '' ? 'ended' : there.ended
        this.lose(launcher, `is gone: it ${how} while the link was cut`)
      }
    }
  }

  /**
   * Pings all, tells of those that have been silent, gives up those that were silent for too long.
   *
   * @param deafMs how long we did not listen ourselves
   */
  beat(nowMs: number, deafMs: number): void {
    for (const launcher of this.#byNumber.values()) {
      if (!launcher.alive) continue
      launcher.heardMs += deafMs
      if (this.#agents.pingable(launcher.agent)) this.ping(launcher, nowMs)
      this.#acknowledge(launcher)
      const silentMs = nowMs - launcher.heardMs
      const forSeconds = (silentMs / 1000).toFixed(1)
      if (silentMs >= this.#deadlines.lostMs) {
        this.lose(launcher, `has been silent for ${forSeconds} s and was given up`)
      } else if (silentMs >= this.#deadlines.silentMs && !launcher.silenceTold) {
        launcher.silenceTold = true
        const text = `${nameOf(launcher)} has been silent for ${forSeconds} s`
        this.#listener.event('warning', text, launcher.number)
      }
    }
  }

  ping(launcher: LauncherHandle, nowMs: number): void {
    this.#sayNow(launcher, { type: 'ping', t1: nowMs })
  }

  #acknowledge(launcher: LauncherHandle): void {
    const { last } = launcher.inbox
    if (last === launcher.acknowledged) return
    launcher.acknowledged = last
    this.#sayNow(launcher, { type: 'received', upTo: last })
  }

  agentGone(agent: number, reason: string): void {
    for (const launcher of this.#byNumber.values()) {
      if (launcher.agent === agent && launcher.alive) this.lose(launcher, `is gone: ${reason}`)
    }
  }

  onMessage(number: number, message: LauncherMessage): void {
    const launcher = this.#byNumber.get(number)
    if (launcher === undefined || launcher.state === 'unused') return
    launcher.heardMs = performance.now()
    if (!launcher.inbox.takes(message)) return
    if (launcher.silenceTold) {
      launcher.silenceTold = false
      this.#listener.event('warning', `${nameOf(launcher)} is heard of again`, number)
    }
    switch (message.type) {
      case 'hello':
        this.#greet(launcher, message.version, message.pid)
        return
      case 'ready':
        this.#onReady(launcher)
        return
      case 'failed':
        this.lose(launcher, `failed: ${message.text} [${message.code}]`)
        return
      case 'interval':
        // Of one that was given up, too: what it reports is true.
        this.#listener.interval(number, message.interval)
        return
      case 'lines':
        this.#listener.lines(number, message.stream, message.lines)
        return
      case 'lease':
        this.#switchboard?.leaseAsked(number, message)
        return
      case 'unused':
        this.#switchboard?.unused(number, message)
        return
      case 'waiting':
        this.#switchboard?.joined(number, message.count)
        return
      case 'interaction':
        this.#switchboard?.interacted(number, message)
        return
      case 'abort':
        this.#onAbort(number, message.reason)
        return
      case 'nearly-full':
        this.#prepareSuccessor(launcher)
        return
      case 'full':
        this.#handOver(launcher, message.cursor)
        return
      case 'done':
        this.#onDone(launcher)
        return
      case 'ping':
        this.#sayNow(launcher, { type: 'pong', t1: message.t1, t2: performance.now() })
        return
      case 'pong':
        launcher.probed(message.t1, message.t2, launcher.heardMs)
        launcher.outbox.received(message.received ?? 0)
        this.#change.notify()
        return
      case 'rejoin':
        launcher.outbox.resend(message.received)
        return
      default:
        this.#listener.event('warning', `${nameOf(launcher)} ${unknownText(message)}`, number)
    }
  }

  /** It is no part of the run any more; what it said remains. */
  lose(launcher: LauncherHandle, how: string): void {
    if (!launcher.alive) return
    const { state, number } = launcher
    launcher.state = 'lost'
    const text = `${nameOf(launcher)} ${how}`
    if (launcher.predecessor !== null && state !== 'running') {
      this.#successorLost(launcher, launcher.predecessor, text)
    } else {
      this.#lost = true
      if (state === 'running') this.#listener.launcherEnded(number, 'lost', text)
      else this.#listener.event('launcher-lost', text, number)
      this.#dismissUnneeded(launcher)
    }
    this.#tellLostLines(launcher)
    this.#change.notify()
  }

  #tellLostLines({ number }: LauncherHandle): void {
    for (const [id, count] of this.#switchboard?.gone(number) ?? []) {
      const lines = count === 1 ? '1 line' : `up to ${count} lines`
      const text = `launcher ${number} took ${lines} of data file ${id} with it: nobody reads them in this round`
      this.#listener.event('warning', text, number)
    }
  }

  #greet(launcher: LauncherHandle, version: number, pid: number): void {
    if (launcher.state !== 'launching') return
    launcher.pid = pid
    if (version !== protocolVersion) {
      this.lose(launcher, otherVersion(version))
      return
    }
    launcher.state = 'greeted'
    const setup = setupOf(this.#assignment, launcher.plan, this.#deadlines.graceMs, (file) =>
      this.#agents.pathOf(launcher.agent, file),
    )
    this.send(launcher.number, { type: 'setup', setup })
  }

  #onReady(launcher: LauncherHandle): void {
    if (launcher.state !== 'greeted') return
    launcher.state = 'ready'
    if (launcher.cursor !== null) this.#takeOver(launcher, launcher.cursor)
    this.#change.notify()
  }

  #onDone(launcher: LauncherHandle): void {
    if (launcher.state !== 'running') return
    // It waits for this before it ends.
    this.#acknowledge(launcher)
    launcher.state = this.#stopping ? 'stopped' : 'done'
    this.#listener.launcherEnded(launcher.number, launcher.state, '')
    this.#switchboard?.gone(launcher.number)
    this.#dismissUnneeded(launcher)
    this.#change.notify()
  }

  #prepareSuccessor(launcher: LauncherHandle): LauncherHandle | null {
    if (this.#stopping || launcher.state !== 'running') return null
    launcher.successor ??= this.launch(++this.#lastNumber, launcher.plan, launcher.agent, launcher)
    return launcher.successor
  }

  #handOver(launcher: LauncherHandle, cursor: Cursor): void {
    const successor = this.#prepareSuccessor(launcher)
    if (successor === null) return
    successor.cursor = cursor
    if (successor.state === 'ready') this.#takeOver(successor, cursor)
  }

  #takeOver(successor: LauncherHandle, cursor: Cursor): void {
    const { number, plan, predecessor } = successor
    this.#successorFailures = 0
    const text =
      `launcher ${predecessor?.number} on ${plan.host} plays ${plan.maxUsers} users, its most: ` +
      `launcher ${number} (pid ${successor.pid}) goes on`
    this.#listener.event('launcher-handover', text, number)
    this.start(successor, 0, cursor)
  }

  /** A successor that did not get as far as playing: another is tried, if it is needed. */
  #successorLost(successor: LauncherHandle, predecessor: LauncherHandle, text: string): void {
    const { cursor, number } = successor
    this.#lost = true
    this.#listener.event('launcher-lost', text, number)
    if (predecessor.successor !== successor || this.#stopping) return
    predecessor.successor = null
    if (++this.#successorFailures >= maxSuccessorFailures) {
      if (cursor === null) return
      const why = `no launcher goes on from launcher ${predecessor.number}: its users are not started`
      this.#listener.event('warning', why, predecessor.number)
      return
    }
    const next = this.launch(++this.#lastNumber, predecessor.plan, predecessor.agent, predecessor)
    next.cursor = cursor
    predecessor.successor = next
  }

  /** A successor that waits for a launcher which has ended without being full will not be needed. */
  #dismissUnneeded(launcher: LauncherHandle): void {
    const { successor } = launcher
    if (successor?.alive && successor.state !== 'running' && successor.cursor === null) {
      this.#dismiss(successor)
    }
  }

  #dismiss(launcher: LauncherHandle): void {
    this.send(launcher.number, { type: 'stop', graceMs: 0 })
    launcher.state = 'unused'
  }
}

function unknownText(message: never): string {
  return `sent a message of no known type: ${JSON.stringify(message).slice(0, 200)}`
}

function nameOf({ number, plan, pid }: LauncherHandle): string {
  return `launcher ${number} on ${plan.host}${pid === 0 ? '' : ` (pid ${pid})`}`
}
