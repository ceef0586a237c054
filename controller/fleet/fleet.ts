/**
 * The fleet of a run: its agents and launchers, made ready, started together, watched, stopped.
 *
 * ```
 * connect -> prepare -> start -> (stop) -> ended -> close
 * ```
 */
import type { LauncherPlan } from '../../core/plan/model.ts'
import type { AgentFacts } from '../../core/wire/messages.ts'
import type { Transport } from '../transports/transport.ts'
import { Agents } from './agents.ts'
import { Change } from './change.ts'
import type { Compared } from './interactions.ts'
import type { LauncherHandle } from './launcher-handle.ts'
import { Launchers } from './launchers.ts'
import {
  type Assignment,
  type FleetDeadlines,
  type FleetListener,
  fleetDeadlines,
  type LossPolicy,
} from './model.ts'
import { Switchboard } from './switchboard.ts'

/** Probes of each launcher's clock before the start, and what one may take in ms. */
const probeRounds = 5
const probeRoundMs = 500
/** A heartbeat later than so many periods says that we did not listen ourselves. */
const deafAfterPings = 3

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
  #agentLost = false
  #aborted = false
  #stopping = false

  constructor(
    transports: readonly Transport[],
    listener: FleetListener,
    deadlines: FleetDeadlines = fleetDeadlines,
    policy: LossPolicy = 'continue',
  ) {
    this.#listener = listener
    this.#deadlines = deadlines
    this.#policy = policy
    this.#agents = new Agents(
      transports,
      {
        launcherMessage: (launcher, message) => this.#launchers?.onMessage(launcher, message),
        agentGone: (agent, reason) => this.#onAgentGone(agent, reason),
        agentBack: (agent, launchers) => this.#launchers?.agentBack(agent, launchers),
        warning: (text) => listener.event('warning', text),
      },
      deadlines,
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
    this.#beatMs = performance.now()
    this.#heartbeat = setInterval(() => this.#beat(performance.now()), this.#deadlines.pingMs)
    return this.#agents.connect()
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
    const launchers = new Launchers(
      this.#agents,
      assignment,
      this.#listener,
      this.#change,
      { deadlines: this.#deadlines, policy: this.#policy },
      {
        onAbort: (launcher, reason) => this.#onAbort(launcher, reason),
        endRun: (reason, launcher) => this.#endRun(reason, launcher),
      },
    )
    this.#launchers = launchers
    this.#switchboard = new Switchboard(assignment, (number, command) =>
      launchers.send(number, command),
    )
    launchers.switchboard = this.#switchboard
    const namedFiles = (assignment.namedFiles ?? []).map((path) => ({ path }))
    await this.#agents.sendFiles([...assignment.dataFiles, ...namedFiles])
    for (const each of plan.launchers) launchers.launch(each, agentOf(each), null, 0)
    while (!this.#failed && !launchers.allReady) {
      await this.#untilReady(launchers)
      for (let round = 0; round < probeRounds && !this.#failed; round++)
        await this.#probe(launchers)
    }
    return !this.#failed
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
    this.#launchers?.begin(delayMs)
  }

  /** Resolves when no launcher plays any more. */
  async ended(): Promise<void> {
    await this.#change.until(() => !this.#launchers?.anyAlive, Infinity)
  }

  /** No new users; those that play have `graceMs` to end. May be called again with less grace. */
  stop(graceMs: number): void {
    this.#stopping = true
    this.#launchers?.stop(graceMs)
    this.#change.notify()
    if (this.#stopTimer !== null) clearTimeout(this.#stopTimer)
    this.#stopTimer = setTimeout(() => {
      for (const launcher of this.#launchers?.all ?? []) {
        this.#launchers?.lose(launcher, 'did not end in time after it was told to stop')
      }
    }, graceMs + this.#deadlines.stopSlackMs)
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
    this.#abortTimer = setTimeout(() => this.stop(0), this.#deadlines.abortMs)
  }

  #beat(nowMs: number): void {
    const sinceMs = nowMs - this.#beatMs
    this.#beatMs = nowMs
    // We were stopped ourselves (Ctrl-Z, a suspended machine): what was said meanwhile has not been read yet.
    const deafMs = sinceMs > deafAfterPings * this.#deadlines.pingMs ? sinceMs : 0
    this.#agents.beat(nowMs, deafMs)
    this.#launchers?.beat(nowMs, deafMs)
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
    for (const launcher of all) if (launcher.alive) launchers.ping(launcher, nowMs)
    await this.#change.until(() => this.#failed || all.every(answered), probeRoundMs)
  }

  #onAgentGone(agent: number, reason: string): void {
    this.#agentLost = true
    this.#listener.event('launcher-lost', reason)
    this.#launchers?.agentGone(agent, reason)
    this.#change.notify()
  }
}
