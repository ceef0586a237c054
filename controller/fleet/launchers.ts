/** The launchers of a run: what they say, what they are told, who follows whom. */
import type { ClockReading } from '../../core/deliveries/model.ts'
import type { Arrivals } from '../../core/plan/cursor.ts'
import type { LauncherPlan } from '../../core/plan/model.ts'
import type { Interval } from '../../core/stats/model.ts'
import {
  type LauncherCommand,
  type LauncherMessage,
  protocolVersion,
  type Setup,
} from '../../core/wire/messages.ts'
import type { Numbered } from '../../core/wire/outbox.ts'
import type { Cause, HeardMessage, Journal, Told } from '../journal.ts'
import type { RunEvent, SteeringChange } from '../model.ts'
import { type Agents, otherVersion } from './agents.ts'
import type { Change } from './change.ts'
import { FleetSteering } from './fleet-steering.ts'
import { LauncherHandle } from './launcher-handle.ts'
import { isPassing, LauncherLinks, nameOf } from './launcher-links.ts'
import { lossOf, type Seat, seatFor } from './loss.ts'
import type { Assignment, FleetDeadlines, FleetListener, LossPolicy } from './model.ts'
import { RunClock } from './run-clock.ts'
import { setupOf, withoutSetup } from './setup.ts'
import { type Crew, type Resume, Succession } from './succession.ts'
import type { Switchboard } from './switchboard.ts'

export interface LaunchersHooks {
  /** A launcher wants the whole run to end. */
  onAbort(launcher: number, reason: string): void
  /** One was lost, and the policy is to end the whole run. */
  endRun(reason: string, launcher: number): void
}

export class Launchers implements Crew {
  readonly #agents: Agents
  readonly #listener: FleetListener
  readonly #deadlines: FleetDeadlines
  readonly #assignment: Assignment
  readonly #change: Change
  readonly #byNumber = new Map<number, LauncherHandle>()
  readonly #clock = new RunClock()
  readonly #hooks: LaunchersHooks
  readonly #succession: Succession
  readonly #journal: Journal
  readonly #steering: FleetSteering
  readonly links: LauncherLinks
  #switchboard: Switchboard | null = null
  #lastNumber: number
  #lost = false

  constructor(
    agents: Agents,
    assignment: Assignment,
    listener: FleetListener,
    change: Change,
    options: {
      readonly deadlines: FleetDeadlines
      readonly policy: LossPolicy
      readonly journal: Journal
    },
    hooks: LaunchersHooks,
  ) {
    this.#journal = options.journal
    const clocks = (nowMs: number): readonly ClockReading[] => this.#clock.readings(nowMs)
    this.links = new LauncherLinks(this, agents, listener, options, clocks)
    this.#hooks = hooks
    this.#succession = new Succession(this, options.policy)
    this.#agents = agents
    this.#assignment = assignment
    this.#listener = listener
    this.#change = change
    this.#deadlines = options.deadlines
    this.#steering = new FleetSteering(({ number }, steering) =>
      this.send(number, { type: 'steer', steering }),
    )
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

  anyAliveOn(agent: number): boolean {
    return this.all.some((launcher) => launcher.agent === agent && launcher.alive)
  }

  get all(): readonly LauncherHandle[] {
    return [...this.#byNumber.values()]
  }

  /** Before the start: nobody will play a share of the plan. */
  get gaveUp(): boolean {
    return this.#succession.gaveUp
  }

  get begun(): boolean {
    return this.#clock.begun
  }

  get stopping(): boolean {
    return this.#clock.stopping
  }

  /** Those of the plan that play, or will, and those that were launched in their place. */
  get allReady(): boolean {
    return this.all.every(({ state, gone }) => gone || state === 'ready')
  }

  /** Starts the process of a launcher of the plan; or of one that shall go on with the users of `predecessor`. */
  launch(
    plan: LauncherPlan,
    agent: number,
    predecessor: LauncherHandle | null,
    attempt: number,
  ): LauncherHandle {
    const number = predecessor === null ? plan.launcher : ++this.#lastNumber
    const send = (message: LauncherCommand): void =>
      this.#journal.afterwards(() => this.#agents.send(agent, { launcher: number, message }))
    const onPost = (message: Numbered<LauncherCommand>): void =>
      this.#journal.note({ type: 'told', launcher: number, message: withoutSetup(message) })
    const place = { plan, agent, clock: this.#clock.ofHost(agent) }
    const nowMs = performance.now()
    const launcher = new LauncherHandle(number, place, predecessor, attempt, nowMs, send, onPost)
    this.#byNumber.set(number, launcher)
    this.links.tellAgent(agent, { type: 'launch', launchers: [number] })
    return launcher
  }

  /** All that are ready start together, then on our host's monotonic clock. */
  begin(startMs: number): void {
    this.#clock.begin(startMs)
    for (const launcher of this.all) if (launcher.state === 'ready') this.#start(launcher, null)
  }

  goOn(launcher: LauncherHandle, resume: Resume): void {
    this.#start(launcher, resume)
  }

  #start(launcher: LauncherHandle, resume: Resume | null): void {
    const { number, plan, pid } = launcher
    const predecessor = launcher.predecessor?.number ?? null
    launcher.state = 'running'
    if (resume !== null) launcher.goesOnFrom(resume, this.arrivals(plan))
    this.#listener.launcherStarted({ launcher: number, host: plan.host, pid, plan, predecessor })
    const leases = this.#switchboard?.leases(number, predecessor) ?? []
    const untilStartMs = this.#clock.untilStartMs(launcher)
    const delayMs = resume === null ? Math.max(0, untilStartMs) : untilStartMs
    const { cursor = null, skipBefore = null } = resume ?? {}
    this.#steering.begin(launcher, this.all)
    this.links.tellClocks(launcher, performance.now())
    this.send(number, { type: 'start', delayMs, cursor, skipBefore, leases })
  }

  get steering(): FleetSteering {
    return this.#steering
  }

  /** @param atMs now, on our host's monotonic clock */
  steer(change: SteeringChange, atMs: number, phase: number): void {
    this.#steering.change(change, this.#clock.sinceStartMs(atMs), phase)
    this.#steering.tellAll(this.all)
  }

  /** @param atMs now, on our host's monotonic clock */
  stop(graceMs: number, atMs: number): void {
    this.#clock.stop(atMs)
    for (const launcher of this.#byNumber.values()) {
      if (launcher.state === 'running') this.send(launcher.number, { type: 'stop', graceMs })
      else if (launcher.alive) this.dismiss(launcher)
    }
    this.#change.notify()
  }

  send(number: number, message: LauncherCommand): void {
    const launcher = this.#byNumber.get(number)
    if (launcher?.alive && !this.#journal.replaying) launcher.outbox.post(message)
  }

  /** What another controller has told a launcher. */
  toldAgain({ launcher: number, message }: Told): void {
    const launcher = this.#byNumber.get(number)
    if (launcher === undefined) return
    const whole =
      message.type === 'setup' ? { ...message, setup: this.#setupOf(launcher) } : message
    launcher.outbox.restore(whole as Numbered<LauncherCommand>)
  }

  changed(): void {
    this.#change.notify()
  }

  agentGone(agent: number, reason: string): void {
    for (const launcher of this.#byNumber.values()) {
      if (launcher.agent === agent && launcher.alive) this.lose(launcher, `is gone: ${reason}`)
    }
  }

  onMessage(number: number, message: LauncherMessage): void {
    const launcher = this.#byNumber.get(number)
    if (launcher === undefined || launcher.state === 'unused') return
    this.links.heard(launcher)
    if (this.#journal.replaying) return
    if (isPassing(message)) this.links.onPassing(launcher, message)
    else if (launcher.inbox.takes(message)) {
      const cause: Cause = { type: 'heard', launcher: number, message }
      this.#journal.cause(cause, () => this.#hear(launcher, message))
    }
  }

  /** What another controller has heard. */
  hearAgain(number: number, message: HeardMessage): void {
    const launcher = this.#byNumber.get(number)
    if (launcher === undefined || launcher.state === 'unused') return
    if (launcher.inbox.takes(message)) this.#hear(launcher, message)
  }

  #hear(launcher: LauncherHandle, message: HeardMessage): void {
    const { number } = launcher
    switch (message.type) {
      case 'hello':
        this.#greet(launcher, message.version, message.pid)
        return
      case 'ready':
        this.#onReady(launcher)
        return
      case 'started':
        launcher.originMs = message.originMs
        return
      case 'failed':
        this.lose(launcher, `failed: ${message.text} [${message.code}]`)
        return
      case 'interval':
        this.#onInterval(launcher, message.interval)
        return
      case 'lines':
        this.#listener.lines(number, message.stream, message.lines)
        return
      case 'lease':
      case 'unused':
      case 'waiting':
        this.#switchboard?.asked(number, message)
        return
      case 'interaction':
        this.#switchboard?.interacted(
          number,
          message,
          this.#journal.decided(() => this.#clock.momentOf(launcher, message.atMs)),
        )
        return
      case 'abort':
        this.#hooks.onAbort(number, message.reason)
        return
      case 'nearly-full':
        this.#succession.prepare(launcher)
        return
      case 'full':
        this.#succession.handOver(launcher, message.cursor)
        return
      case 'done':
        this.#onDone(launcher)
        return
      default:
        this.#listener.event('warning', `${nameOf(launcher)} ${unknownText(message)}`, number)
    }
  }

  /** It is no part of the run any more; what it said remains. */
  lose(launcher: LauncherHandle, how: string): void {
    if (!launcher.alive) return
    const { number } = launcher
    const cause = { type: 'did', deed: { name: 'lose', launcher: number, how } } as const
    this.#journal.cause(cause, () => this.#lose(launcher, how))
  }

  loseAgain(number: number, how: string): void {
    this.#lose(this.#byNumber.get(number)!, how)
  }

  #lose(launcher: LauncherHandle, how: string): void {
    const { state, number, plan } = launcher
    const text = `${nameOf(launcher)} ${how}`
    launcher.state = 'lost'
    this.#lost = true
    this.links.kill(launcher)
    if (state === 'running') {
      const untilMs = this.#journal.decided(() => this.#clock.lostAtMs(launcher))
      const untilPlanMs = this.#steering.latestPlanMs(launcher.cursor, untilMs)
      const until = { untilMs, untilPlanMs }
      const loss = lossOf(launcher, this.arrivals(plan), until, this.#steering.skip)
      this.#tellEnd(launcher, 'lost', text, loss.maybeStarted)
      this.#tellLostLines(launcher)
      this.#succession.lostPlaying(launcher, loss)
    } else {
      this.#listener.event('launcher-lost', text, number)
      this.#tellLostLines(launcher)
      this.#succession.lostUnstarted(launcher)
    }
    this.#change.notify()
  }

  #tellEnd(
    launcher: LauncherHandle,
    state: 'done' | 'stopped' | 'lost',
    why: string,
    maybeStarted: number,
  ): void {
    const reading = this.#journal.decided(() => this.#clock.reading(launcher))
    if (reading !== null) this.#listener.launcherClock(launcher.number, reading)
    this.#listener.launcherEnded(launcher.number, state, why, maybeStarted)
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
    this.send(launcher.number, { type: 'setup', setup: this.#setupOf(launcher) })
  }

  #setupOf({ plan, agent }: LauncherHandle): Setup {
    const { graceMs } = this.#deadlines
    return setupOf(this.#assignment, plan, agent, graceMs, (file) =>
      this.#agents.pathOf(agent, file),
    )
  }

  #onReady(launcher: LauncherHandle): void {
    if (launcher.state !== 'greeted') return
    launcher.state = 'ready'
    this.#succession.ready(launcher)
    this.#change.notify()
  }

  #onInterval(launcher: LauncherHandle, interval: Interval): void {
    // Of one that was given up, too: what it reports is true.
    launcher.reported(interval)
    this.#steering.balance(launcher, this.all)
    this.#listener.interval(launcher.number, interval)
  }

  #onDone(launcher: LauncherHandle): void {
    if (launcher.state !== 'running') return
    // It waits for this before it ends.
    this.links.acknowledge(launcher)
    launcher.state = this.stopping ? 'stopped' : 'done'
    this.#tellEnd(launcher, launcher.state, '', 0)
    this.#switchboard?.gone(launcher.number)
    this.#succession.dismissUnneeded(launcher)
    this.#change.notify()
  }

  dismiss(launcher: LauncherHandle): void {
    this.send(launcher.number, { type: 'stop', graceMs: 0 })
    launcher.state = 'unused'
  }

  seat(launcher: LauncherHandle): Seat | null {
    const there = this.#journal.decided(() => this.#agents.there)
    return seatFor(launcher, this.all, (agent) => there.includes(agent))
  }

  arrivals(plan: LauncherPlan): Arrivals {
    const { arrivals, plan: whole } = this.#assignment
    return { plan, process: arrivals, seed: whole.seed }
  }

  event(type: RunEvent['type'], text: string, launcher: number): void {
    this.#listener.event(type, text, launcher)
  }

  endRun(reason: string, launcher: number): void {
    this.#hooks.endRun(reason, launcher)
  }
}

function unknownText(message: never): string {
  return `sent a message of no known type: ${JSON.stringify(message).slice(0, 200)}`
}
