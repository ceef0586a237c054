/**
 * The fleet of a run: its agents and launchers, made ready, started together, watched, stopped.
 *
 * ```
 * connect -> prepare -> start -> (stop) -> ended -> close
 * ```
 */
import { unreachable } from '../../core/json.ts'
import type { LauncherPlan, Plan } from '../../core/plan/model.ts'
import { unsteered } from '../../core/plan/plan-clock.ts'
import { type PlanProgress, progressAt } from '../../core/plan/progress.ts'
import type { AgentFacts, AgentLauncher } from '../../core/wire/messages.ts'
import { type Cause, type Deed, Journal, type Told } from '../journal.ts'
import type { Steering, SteeringChange } from '../model.ts'
import type { Transport } from '../transports/transport.ts'
import { Agents, type KnownAgent } from './agents.ts'
import { Change } from './change.ts'
import { closingMs } from './deadlines.ts'
import { notSteered, phasePlayed, refuseImpossible } from './fleet-steering.ts'
import { hostNowMs } from './host-clock.ts'
import type { Compared } from './interactions.ts'
import type { LauncherHandle } from './launcher-handle.ts'
import { Launchers } from './launchers.ts'
import {
  type Assignment,
  type FleetDeadlines,
  type FleetListener,
  fleetDeadlines,
  type LossPolicy,
  type SentFile,
} from './model.ts'
import { Switchboard } from './switchboard.ts'

/** Probes of each launcher's clock before the start, and what one may take in ms. */
const probeRounds = 5
const probeRoundMs = 500
/** A heartbeat later than so many periods says that we did not listen ourselves. */
const deafAfterPings = 3

export interface FleetOptions {
  readonly deadlines?: FleetDeadlines
  readonly policy?: LossPolicy
  /** Default: nothing is kept. */
  readonly journal?: Journal
  /** Hosts that have a data file give it to the others. */
  readonly spread?: boolean
}

export class Fleet {
  readonly #listener: FleetListener
  readonly #deadlines: FleetDeadlines
  readonly #policy: LossPolicy
  readonly #agents: Agents
  readonly #change = new Change()
  #launchers: Launchers | null = null
  #switchboard: Switchboard | null = null
  #heartbeat: NodeJS.Timeout | null = null
  #beatMs = 0
  #stopTimer: NodeJS.Timeout | null = null
  #abortTimer: NodeJS.Timeout | null = null
  readonly #journal: Journal
  /** Agents that came, or went, while it was done again what another controller did. */
  readonly #backAgents = new Map<number, readonly AgentLauncher[]>()
  readonly #goneAgents = new Map<number, string>()
  #agentLost = false
  #aborted = false
  #stopping = false
  #stopGraceMs = 0
  #assignment: Assignment | null = null

  constructor(
    transports: readonly Transport[],
    listener: FleetListener,
    { deadlines = fleetDeadlines, policy = 'continue', journal, spread = false }: FleetOptions = {},
  ) {
    this.#journal = journal ?? new Journal(null, () => undefined)
    this.#listener = listener
    this.#deadlines = deadlines
    this.#policy = policy
    this.#agents = new Agents(
      transports,
      {
        launcherMessage: (launcher, message) => this.#launchers?.onMessage(launcher, message),
        agentGone: (agent, reason) => this.#onAgentGone(agent, reason),
        agentBack: (agent, launchers) => this.#onAgentBack(agent, launchers),
        hostHealth: (agent, health) => listener.hostHealth?.(this.#agents.host(agent), health),
        warning: (text) => listener.event('warning', text),
      },
      deadlines,
      spread,
    )
  }

  /** A host or launcher could not start, or was lost. */
  get lost(): boolean {
    return this.#agentLost || (this.#launchers?.lost ?? false)
  }

  /** Users of different hosts whose times were compared (`<interaction>`); null: there were none. */
  get compared(): Compared | null {
    return this.#switchboard?.compared ?? null
  }

  /** A user has ended the run (`abort_test`, `<abort type="all"/>`), or the loss of a launcher has. */
  get aborted(): boolean {
    return this.#aborted
  }

  /** @returns what each agent told of its host, in the order of the transports; null when it could not be reached */
  async connect(): Promise<readonly (AgentFacts | null)[]> {
    // From the first agent on: the last one may come much later.
    this.#startBeating()
    return this.#agents.connect()
  }

  #startBeating(): void {
    this.#beatMs = performance.now()
    this.#heartbeat = setInterval(() => this.#beat(performance.now()), this.#deadlines.pingMs)
  }

  /**
   * Launches the plan's launchers, gives each its share and probes their clocks.
   *
   * @param agentOf index of the transport to a launcher's host
   * @returns whether all are ready; what went wrong was told as events
   */
  async prepare(
    assignment: Assignment,
    agentOf: (plan: LauncherPlan) => number = () => 0,
  ): Promise<boolean> {
    const { plan } = assignment
    const launchers = this.#assign(assignment)
    await this.#agents.sendFiles(filesOf(assignment))
    for (const each of plan.launchers) {
      const deed: Deed = { name: 'launch', launcher: each.launcher, agent: agentOf(each) }
      this.#journal.cause({ type: 'did', deed }, () => this.#do(deed))
    }
    while (!this.#failed && !launchers.allReady) {
      await this.#untilReady(launchers)
      for (let round = 0; round < probeRounds && !this.#failed; round++)
        await this.#probe(launchers)
    }
    return !this.#failed
  }

  #assign(assignment: Assignment): Launchers {
    const launchers = new Launchers(
      this.#agents,
      assignment,
      this.#listener,
      this.#change,
      { deadlines: this.#deadlines, policy: this.#policy, journal: this.#journal },
      {
        onAbort: (launcher, reason) => this.#onAbort(launcher, reason),
        endRun: (reason, launcher) => this.#endRun(reason, launcher),
      },
    )
    this.#assignment = assignment
    this.#launchers = launchers
    this.#switchboard = new Switchboard(assignment, this.#journal, (number, command) =>
      launchers.send(number, command),
    )
    launchers.switchboard = this.#switchboard
    return launchers
  }

  /** What another controller would have to know of the agents. */
  get known(): readonly KnownAgent[] {
    return this.#agents.known
  }

  /**
   * Takes the place of another controller's fleet, whose agents wait. What it did has to be done `again` then, and
   * `goOn` called.
   */
  async takeOver(assignment: Assignment, known: readonly KnownAgent[]): Promise<void> {
    this.#agents.rejoin(known)
    this.#assign(assignment)
    this.#startBeating()
    await this.#agents.recall(filesOf(assignment))
  }

  /** Does again what another controller did. */
  again(cause: Cause): void {
    if (cause.type === 'heard') this.#launchers!.hearAgain(cause.launcher, cause.message)
    else this.#do(cause.deed)
  }

  toldAgain(told: Told): void {
    this.#launchers!.toldAgain(told)
  }

  /** Everything was done again: from here on it is ours. */
  goOn(): void {
    const launchers = this.#launchers!
    for (const [agent, known] of this.#backAgents) launchers.links.agentBack(agent, known)
    for (const [agent, reason] of this.#goneAgents) this.#onAgentGone(agent, reason)
    this.#switchboard!.arm()
    if (this.#stopping) this.#armStop(this.#stopGraceMs)
    else if (this.#aborted) this.#armAbort()
    this.#change.notify()
  }

  /** What a clock, a link or a wish leads to. */
  #do(deed: Deed): void {
    switch (deed.name) {
      case 'launch': {
        const plan = this.#assignment!.plan.launchers.find(
          (each) => each.launcher === deed.launcher,
        )
        this.#launchers!.launch(plan!, deed.agent, null, 0)
        return
      }
      case 'begin':
        this.#launchers!.begin(deed.startMs)
        return
      case 'stop':
        this.#stopping = true
        this.#stopGraceMs = deed.graceMs
        this.#launchers?.stop(deed.graceMs, deed.atMs)
        return
      case 'steer':
        this.#launchers!.steer(deed.change, deed.atMs, deed.phase)
        return
      case 'lose':
        this.#launchers!.loseAgain(deed.launcher, deed.how)
        return
      case 'agent-lost':
        this.#agentLost = true
        return
      case 'barrier-timeout':
        this.#switchboard!.barrierTimeout()
        return
      case 'recall-timeout':
        this.#switchboard!.recallTimeout(deed.id)
        return
      case 'cut':
        return
      default:
        unreachable(deed)
    }
  }

  async #untilReady(launchers: Launchers): Promise<void> {
    const decided = (): boolean => this.#failed || launchers.allReady
    if (await this.#change.until(decided, this.#deadlines.readyMs)) return
    for (const each of launchers.all) {
      if (each.alive && each.state !== 'ready') launchers.lose(each, 'was not ready in time')
    }
  }

  /** All start together, `delayMs` from now. */
  start(delayMs: number): void {
    this.#did({ name: 'begin', startMs: hostNowMs() + delayMs })
  }

  /** Resolves when no launcher plays any more. */
  async ended(): Promise<void> {
    await this.#change.until(() => !this.#launchers?.anyAlive, Infinity)
  }

  /** No new users; those that play have `graceMs` to end. May be called again with less grace. */
  stop(graceMs: number): void {
    this.#did({ name: 'stop', graceMs, atMs: hostNowMs() })
    this.#change.notify()
    if (!this.#journal.replaying) this.#armStop(graceMs)
  }

  /** How the run is steered now. */
  get steering(): Steering {
    return this.#launchers?.steering.now ?? notSteered
  }

  /** How far the plan had come at a moment, ms since the run's start. */
  progress(plan: Plan, atMs: number): PlanProgress {
    const steering = this.#launchers?.steering
    return steering?.progress(plan, atMs) ?? progressAt(plan, [unsteered], null, atMs)
  }

  /** A phase was ended before its time: not all users of the plan are due. */
  get skipped(): boolean {
    return this.#launchers?.steering.skip != null
  }

  /**
   * Steers all launchers, and those that follow them.
   *
   * @returns how the run is steered from now on
   * @throws {RangeError} when a factor or rate is below 0, or no number
   */
  steer(change: SteeringChange): Steering {
    refuseImpossible(change)
    const launchers = this.#launchers
    if (launchers === null) return notSteered
    this.#did({ name: 'steer', change, atMs: hostNowMs(), phase: phasePlayed(launchers.all) })
    return this.steering
  }

  #did(deed: Deed): void {
    this.#journal.cause({ type: 'did', deed }, () => this.#do(deed))
  }

  #armStop(graceMs: number): void {
    if (this.#stopTimer !== null) clearTimeout(this.#stopTimer)
    this.#stopTimer = setTimeout(
      () => {
        for (const launcher of this.#launchers?.all ?? []) {
          this.#launchers?.lose(launcher, 'did not end in time after it was told to stop')
        }
      },
      graceMs + this.#deadlines.stopSlackMs + closingMs(this.#launchers?.all ?? []),
    )
  }

  /** Nothing of the fleet is left when it resolves. */
  async close(): Promise<void> {
    this.#switchboard?.close()
    if (this.#abortTimer !== null) clearTimeout(this.#abortTimer)
    if (this.#stopTimer !== null) clearTimeout(this.#stopTimer)
    if (this.#heartbeat !== null) clearInterval(this.#heartbeat)
    await this.#agents.close()
  }

  /** However many users ask for it, it is done once. */
  #onAbort(launcher: number, reason: string): void {
    if (this.#aborted) return
    this.#aborted = true
    this.#listener.event('aborted', `a user ended the whole run: ${reason}`, launcher)
    if (!this.#journal.replaying) this.#armAbort()
  }

  #armAbort(): void {
    this.#abortTimer = setTimeout(() => this.stop(0), this.#deadlines.abortMs)
  }

  #beat(nowMs: number): void {
    const sinceMs = nowMs - this.#beatMs
    this.#beatMs = nowMs
    // We were stopped ourselves (Ctrl-Z, a suspended machine): what was said meanwhile has not been read yet.
    const deafMs = sinceMs > deafAfterPings * this.#deadlines.pingMs ? sinceMs : 0
    this.#agents.beat(nowMs, deafMs)
    if (this.#journal.replaying) this.#launchers?.links.keepAwake(nowMs)
    else this.#launchers?.links.beat(nowMs, deafMs)
  }

  /** The loss of a launcher ends the run. */
  #endRun(reason: string, launcher: number): void {
    if (this.#aborted) return
    this.#aborted = true
    this.#listener.event('aborted', reason, launcher)
    this.stop(0)
  }

  /** Before the start: there will be none. */
  get #failed(): boolean {
    const isAlone = this.#agentLost && this.#policy !== 'respawn'
    return isAlone || this.#stopping || (this.#launchers?.gaveUp ?? false)
  }

  async #probe(launchers: Launchers): Promise<void> {
    const nowMs = performance.now()
    const answered = ({ alive, probedMs }: LauncherHandle): boolean => !alive || probedMs >= nowMs
    const all = launchers.all
    for (const launcher of all) if (launcher.alive) launchers.links.ping(launcher, nowMs)
    await this.#change.until(() => this.#failed || all.every(answered), probeRoundMs)
  }

  #onAgentBack(agent: number, launchers: readonly AgentLauncher[]): void {
    if (this.#journal.replaying) this.#backAgents.set(agent, launchers)
    else this.#launchers?.links.agentBack(agent, launchers)
  }

  #onAgentGone(agent: number, reason: string): void {
    if (this.#journal.replaying) {
      this.#goneAgents.set(agent, reason)
      return
    }
    // Nothing is lost with one that has nothing more to do.
    if (this.#launchers?.begun && !this.#launchers.anyAliveOn(agent)) return
    this.#did({ name: 'agent-lost' })
    this.#listener.event('launcher-lost', reason)
    this.#launchers?.agentGone(agent, reason)
    this.#change.notify()
  }
}

/** What other hosts need of ours. */
function filesOf({ dataFiles, namedFiles, plugins }: Assignment): readonly SentFile[] {
  const named = (namedFiles ?? []).map((path) => ({ path }))
  return [...dataFiles, ...named, ...(plugins ?? [])]
}
