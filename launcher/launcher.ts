/**
 * One launcher: a process with one event loop that starts and plays its share of the users.
 *
 * ```
 * setup -> ready -> start -> (users, an interval a second) -> all ended or stopped -> done
 * ```
 */
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { hostname } from 'node:os'
import { findBuiltin } from '../core/erlang/builtins.ts'
import type { SourceAddress } from '../core/scenario/model.ts'
import {
  type LauncherCommand,
  type LauncherMessage,
  protocolVersion,
  type Setup,
} from '../core/wire/messages.ts'
import { Inbox, Outbox } from '../core/wire/outbox.ts'
import { Channel, standardStreams } from './channel.ts'
import { hostClockOffsetMs } from './clock.ts'
import { Engine, type EngineHooks, type EngineUser } from './engine.ts'
import { HealthMonitor } from './health.ts'
import { lostCounter } from './line-batch.ts'
import { Lines } from './lines.ts'
import { loadModules } from './modules.ts'
import { withSentPlugins } from './sent-plugins.ts'
import { SourceAddresses } from './source-addresses.ts'
import { Spawner } from './spawner.ts'
import { Steering } from './steering.ts'
import { startsFast, warmUp } from './warm-up.ts'

/** Single values are told this often (`backend="fullstats"`). */
const samplesEveryMs = 500
/** How long the last answers of the controller are waited for. */
const answersMs = 500
/** Messages that wait to be acknowledged beyond which an interval goes on, and beyond which lines are left out. */
const maxKeptIntervals = 600
const maxKeptLines = 5000
/** How much longer than its agent a launcher bears the silence of its controller. */
const graceSlackMs = 2000
const watchMs = 500
/** Users that end before the loop hears of anything else: a ping must not wait for thousands of sockets to be closed. */
const cutsATurn = 500
/** Bytes on their way to the controller beyond which lines for its files are left out, and counted. */
const maxPendingBytes = 32 * 1024 * 1024

class Launcher {
  readonly #channel: Channel
  readonly #outbox: Outbox<LauncherMessage>
  readonly #inbox = new Inbox()
  #heardMs = performance.now()
  readonly #health = new HealthMonitor()
  #setup: Setup | null = null
  #engine: Engine | null = null
  #spawner: Spawner | null = null
  #steering: Steering | null = null
  #originMs = 0
  #intervals: NodeJS.Timeout | null = null
  #samples: NodeJS.Timeout | null = null
  #startTimer: NodeJS.Timeout | null = null
  #graceTimer: NodeJS.Timeout | null = null
  #joins = 0
  /** Interactions received whose time is not known yet. */
  #receives = 0
  #answersTimer: NodeJS.Timeout | null = null
  #answersLate = false
  #done = false
  /** Told of each acknowledgement at the end. */
  #onAcknowledged: (() => void) | null = null

  constructor() {
    const { input, output } = standardStreams()
    this.#channel = new Channel(input, output, {
      message: (value) => {
        this.#heardMs = performance.now()
        const command = value as LauncherCommand
        if (this.#inbox.takes(command)) void this.#on(command)
      },
      stray: (text) => this.#log(`not a message: ${text}`),
      closed: () => this.#abandoned(),
    })
    this.#outbox = new Outbox((message) => void this.#channel.send(message))
    this.#send({ type: 'hello', version: protocolVersion, pid: process.pid })
    setInterval(() => this.#watch(), watchMs).unref()
  }

  #send(message: LauncherMessage): void {
    this.#outbox.post(message)
  }

  /** Its controller is gone: nobody could stop what it does. */
  #watch(): void {
    const graceMs = this.#setup?.graceMs ?? Infinity
    if (performance.now() - this.#heardMs > graceMs + graceSlackMs) this.#abandoned()
  }

  #log(text: string): void {
    this.#send({ type: 'lines', stream: 'log', lines: [text] })
  }

  async #on(command: LauncherCommand): Promise<void> {
    switch (command.type) {
      case 'setup':
        await this.#onSetup(command.setup)
        return
      case 'start': {
        const { cursor, delayMs, skipBefore, leases } = command
        for (const lease of leases) this.#engine?.lines.grant(lease)
        const nowMs = performance.now()
        const isOfHost = cursor !== null && skipBefore === null
        this.#originMs = isOfHost ? cursor.originMs - hostClockOffsetMs : nowMs + delayMs
        if (this.#steering !== null) this.#steering.originMs = this.#originMs
        this.#send({ type: 'started', originMs: this.#originMs + hostClockOffsetMs })
        this.#startTimer = setTimeout(() => this.#begin(command), this.#originMs - nowMs)
        return
      }
      case 'stop':
        this.#stop(command.graceMs)
        return
      case 'steer':
        this.#steering?.steer(command.steering)
        return
      case 'release':
        this.#engine?.release(command.count)
        return
      case 'lease':
        if (command.what === 'file') this.#engine?.lines.grant(command)
        else this.#spawner?.granted(command.from, command.count)
        if (this.#answersTimer !== null) this.#finishIfOver()
        return
      case 'recall':
        this.#giveBack(command.id, true)
        return
      case 'interaction':
        this.#receives--
        this.#engine?.interacted(command.id, command.ms)
        if (this.#answersTimer !== null) this.#finishIfOver()
        return
      case 'ping': {
        const t2 = performance.now() + hostClockOffsetMs
        this.#channel.send({ type: 'pong', t1: command.t1, t2, received: this.#inbox.last })
        return
      }
      case 'clocks':
        this.#engine?.deliveries.learn(command.clocks)
        return
      case 'received':
        this.#outbox.received(command.upTo)
        this.#onAcknowledged?.()
        return
      case 'rejoin':
        this.#channel.send({ type: 'rejoin', received: this.#inbox.last })
        this.#outbox.resend(command.received)
        return
      default:
        return
    }
  }

  async #onSetup(setup: Setup): Promise<void> {
    try {
      const { plan, scenario, seed } = setup
      this.#setup = setup
      const addresses = await literalAddresses(plan.addresses)
      const { portsRange } = scenario.options
      const sources = new SourceAddresses(addresses, portsRange, process.pid)
      this.#engine = new Engine({
        scenario,
        seed,
        sources,
        hooks: this.#engineHooks(),
        trace: null,
        plugins: await withSentPlugins(setup.plugins ?? []),
        findFunction: await loadModules(scenario.modules, findBuiltin),
        lines: this.#openLines(setup),
        folder: setup.folder,
        files: setup.files ?? {},
        stamps: setup.stamps,
      })
      const steering = new Steering(this.#engine, plan)
      this.#steering = steering
      this.#spawner = new Spawner(this.#engine, plan, setup.arrivals, seed, {
        phaseBegan: (at, fromMs) => steering.phaseBegan(at, fromMs),
        askIds: (count) => this.#send({ type: 'lease', what: 'user-ids', id: '', count }),
        waited: () => this.#engine!.recorder.count('tsts_lease_waits'),
        nearlyFull: () => this.#send({ type: 'nearly-full' }),
        full: (cursor) => {
          // The successor may need them before the users that still play here.
          for (const id of this.#engine!.lines.ids) this.#giveBack(id, false)
          this.#send({ type: 'full', cursor })
        },
        over: () => this.#finishIfOver(),
      })
      steering.spawner = this.#spawner
      if (startsFast(plan)) await warmUp(scenario, addresses.length > 0, this.#health)
      this.#send({ type: 'ready' })
    } catch (error) {
      this.#send({ type: 'failed', code: 'E_LAUNCHER_SETUP', text: (error as Error).message })
      await this.#exit()
    }
  }

  #engineHooks(): EngineHooks {
    return {
      ended: ({ id }) => this.#userEnded(id),
      joined: () => this.#joined(),
      errorExample: (user, name, request, detail) =>
        this.#errorExample(user, { name, request, detail }),
      abort: (reason) => this.#send({ type: 'abort', reason }),
      interaction: (action, id) => {
        const atMs = performance.now() - this.#originMs
        if (action === 'receive') this.#receives++
        this.#send({ type: 'interaction', action, id, atMs })
      },
      lines: (stream, lines) => {
        const hasRoom = this.#outbox.kept < maxKeptLines
        if (hasRoom && this.#channel.pendingBytes <= maxPendingBytes) {
          this.#send({ type: 'lines', stream, lines })
        } else this.#engine!.recorder.add(lostCounter(stream), lines.length)
      },
    }
  }

  #openLines({ dataFiles }: Setup): Lines {
    return new Lines(dataFiles, {
      ask: (id, count) => this.#send({ type: 'lease', what: 'file', id, count }),
      waited: () => this.#engine!.recorder.count('tsts_lease_waits'),
    })
  }

  /** Lines of a data file that nobody here has used. */
  #giveBack(id: string, recalled: boolean): void {
    const leases = this.#engine?.lines.takeBack(id) ?? []
    if (recalled || leases.length > 0) this.#send({ type: 'unused', id, leases, recalled })
  }

  #begin(command: LauncherCommand & { readonly type: 'start' }): void {
    const { intervalMs } = this.#setup!
    this.#health.take(0)
    this.#nextInterval(intervalMs)
    if (this.#engine!.recorder.raw !== null) {
      this.#samples = setInterval(() => this.#sendSamples(), samplesEveryMs)
    }
    this.#spawner!.start(this.#originMs, command.cursor, command.skipBefore)
  }

  /** At whole multiples of the interval from the start of the run, so that launchers report for the same seconds. */
  #nextInterval(intervalMs: number): void {
    const elapsedMs = performance.now() - this.#originMs
    // A timer may fire a fraction early: it must not find the same interval again.
    const delayMs = Math.ceil(intervalMs - (elapsedMs % intervalMs)) + 1
    const tell = (): void => {
      if (this.#done) return
      this.#sendInterval()
      this.#nextInterval(intervalMs)
    }
    // Behind all timers that are due: what measures the delay of the loop is one of them.
    this.#intervals = setTimeout(() => setImmediate(tell), delayMs)
  }

  #userEnded(id: number): void {
    this.#spawner!.userEnded(id)
    this.#finishIfOver()
  }

  /** Joins of one turn of the loop travel together. */
  #joined(): void {
    if (this.#joins++ > 0) return
    setImmediate(() => {
      this.#send({ type: 'waiting', barrier: 'global', count: this.#joins })
      this.#joins = 0
    })
  }

  #errorExample(
    { id, session }: EngineUser,
    what: { readonly name: string; readonly request: string; readonly detail: string },
  ): void {
    const atMs = performance.now() - this.#originMs
    const line = JSON.stringify({ ...what, atMs, user: id, session })
    this.#send({ type: 'lines', stream: 'error', lines: [line] })
  }

  #sendSamples(): void {
    const lines = this.#engine!.recorder.raw?.take() ?? []
    if (lines.length > 0) this.#send({ type: 'lines', stream: 'sample', lines })
  }

  #sendInterval(): void {
    // Cut off for long: what follows is told in one.
    if (this.#outbox.kept >= maxKeptIntervals && !this.#done) return
    const engine = this.#engine!
    const nowMs = performance.now()
    const spawner = this.#spawner!
    const measured = engine.recorder.take(
      nowMs - this.#originMs,
      { phase: spawner.phase, due: spawner.due(nowMs) },
      this.#health.take(engine.recorder.connected, engine.sources.takeFullest()),
    )
    const deliveries = engine.deliveries.take()
    const interval = { ...measured, cursor: spawner.cursor(nowMs) }
    const whole = deliveries === undefined ? interval : { ...interval, deliveries }
    this.#send({ type: 'interval', interval: whole })
  }

  #stop(graceMs: number): void {
    if (this.#engine === null || this.#done) {
      void this.#exit()
      return
    }
    if (this.#startTimer !== null) clearTimeout(this.#startTimer)
    this.#spawner!.stop()
    if (this.#graceTimer !== null) clearTimeout(this.#graceTimer)
    this.#graceTimer = setTimeout(() => this.#cut(), graceMs)
  }

  /** Users that still play end here; what they wait for counts as in flight. */
  #cut(): void {
    if (this.#engine!.cut(cutsATurn)) this.#finishIfOver()
    else setImmediate(() => this.#cut())
  }

  #finishIfOver(): void {
    if (this.#done || !this.#spawner!.over || this.#engine!.recorder.users > 0) return
    if (this.#isAsking && this.#awaitAnswers()) return
    this.#done = true
    for (const id of this.#engine!.lines.ids) this.#giveBack(id, false)
    this.#engine!.flushLines()
    this.#sendSamples()
    if (this.#intervals !== null) this.#sendInterval()
    this.#send({ type: 'done' })
    void this.#farewell().then(() => this.#exit())
  }

  /** @returns false when they have been waited for long enough */
  #awaitAnswers(): boolean {
    if (this.#answersTimer !== null) return !this.#answersLate
    this.#answersTimer = setTimeout(() => {
      this.#answersLate = true
      this.#finishIfOver()
    }, answersMs)
    return true
  }

  /** The controller owes an answer: times of interactions, or lines that another launcher may use. */
  get #isAsking(): boolean {
    return this.#receives > 0 || this.#engine!.lines.isAsking
  }

  /** The agent is gone: nobody hears us, nobody could stop us. */
  #abandoned(): void {
    process.exit(this.#done ? 0 : 1)
  }

  /** Resolves when the last words were acknowledged, or nobody will any more. */
  #farewell(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.#setup!.graceMs)
      const look = (): void => {
        if (this.#outbox.kept > 0) return
        clearTimeout(timer)
        resolve()
      }
      this.#onAcknowledged = look
      look()
    })
  }

  async #exit(): Promise<void> {
    this.#done = true
    if (this.#intervals !== null) clearTimeout(this.#intervals)
    if (this.#samples !== null) clearInterval(this.#samples)
    if (this.#graceTimer !== null) clearTimeout(this.#graceTimer)
    if (this.#answersTimer !== null) clearTimeout(this.#answersTimer)
    await this.#channel.end()
    process.exit(0)
  }
}

/** Starts this process as a launcher. */
export function runLauncher(): void {
  new Launcher()
}

/** Names among the source addresses to addresses; `resolve` is this host's own name. */
async function literalAddresses(
  addresses: readonly SourceAddress[],
): Promise<readonly SourceAddress[]> {
  return Promise.all(
    addresses.map(async (each) => {
      if (each.type !== 'ip' || isIP(each.value) !== 0) return each
      const name = each.value === 'resolve' ? hostname() : each.value
      return { type: 'ip' as const, value: (await lookup(name)).address }
    }),
  )
}
