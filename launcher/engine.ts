/** What all users of a launcher share: clock, wheel, recorder, programs, servers, barrier. */
import type { Op, Program } from '../core/program/program.ts'
import { compileSession } from '../core/program/program.ts'
import { type Rng, stream } from '../core/random.ts'
import type { Endpoint, Options, RequestAction, Scenario } from '../core/scenario/model.ts'
import type { AnyPlugin, DecodeSink, Json } from '../plugins/api.ts'
import type { Exchange } from './exchange.ts'
import { Recorder } from './recorder.ts'
import { Resolver } from './resolver.ts'
import type { SourceAddresses } from './source-addresses.ts'
import { TimerWheel } from './timer-wheel.ts'
import { TlsClient } from './tls-client.ts'
import { User } from './user.ts'

/** Told of everything the one user of `tsts try` does. */
export interface Trace {
  step(op: Op): void
  thinks(ms: number): void
  connected(endpoint: Endpoint, ms: number): void
  sent(bytes: string): void
  received(bytes: Uint8Array): void
  answered(ms: number): void
  error(name: string, detail: string): void
  ended(): void
}

/** What the engine asks of who waits at the barrier or meets an error. */
export interface EngineUser {
  readonly id: number
  readonly session: string
  released(): void
}

export interface EngineHooks {
  ended(user: User): void
  /** A user waits at the barrier. */
  joined(): void
  /** The first few errors of each name. */
  errorExample(user: EngineUser, name: string, request: string, detail: string): void
}

/** Errors of one name that are told in full, per launcher. */
const examplesPerError = 5

export class Engine {
  readonly options: Options
  readonly wheel: TimerWheel
  readonly recorder: Recorder
  readonly resolver: Resolver
  readonly sources: SourceAddresses
  readonly tlsClient: TlsClient
  readonly sink: Sink
  readonly trace: Trace | null
  readonly programs: readonly Program[]
  readonly users: Set<User> = new Set()
  readonly #plugins: readonly AnyPlugin[]
  readonly #scenario: Scenario
  readonly #servers: readonly Endpoint[]
  readonly #cumulative: readonly number[]
  readonly #seed: string
  readonly #hooks: EngineHooks
  readonly #examples = new Map<string, number>()
  /** Users at the barrier, in the order in which they joined. */
  readonly #barrier: EngineUser[] = []

  /** @throws when the scenario uses a plugin that cannot be played, or TLS options that cannot be used */
  constructor(
    scenario: Scenario,
    seed: string,
    sources: SourceAddresses,
    hooks: EngineHooks,
    trace: Trace | null,
    plugins: { readonly [type: string]: AnyPlugin },
  ) {
    this.options = scenario.options
    this.wheel = new TimerWheel(() => performance.now())
    this.recorder = new Recorder()
    this.resolver = new Resolver()
    this.sources = sources
    this.tlsClient = new TlsClient(scenario.options.tls)
    this.sink = new Sink(this.recorder)
    this.trace = trace
    this.#scenario = scenario
    this.#seed = seed
    this.#hooks = hooks
    this.#servers = scenario.servers.map(({ host, port, transport }) => ({ host, port, transport }))
    let sum = 0
    this.#cumulative = scenario.servers.map(({ weight }) => (sum += weight))
    const pluginOf = (type: string): AnyPlugin => {
      const plugin = plugins[type]
      if (plugin === undefined) throw new Error(`no plugin plays ${type}`)
      return plugin
    }
    const compile = (action: RequestAction): unknown =>
      pluginOf(action.plugin).compile(action.data, this.pluginOptions(action.plugin))
    this.#plugins = scenario.sessions.map((session) => pluginOf(session.type))
    this.programs = scenario.sessions.map((session, index) =>
      compileSession(index, session, compile),
    )
  }

  pluginOptions(type: string): Json {
    return this.#scenario.options.plugins[type] ?? null
  }

  /** The stream of random numbers of a user: a function of seed and id alone. */
  userStream(id: number): Rng {
    return stream(this.#seed, 'user', id)
  }

  /** Drawn by weight; a single server draws nothing. */
  chooseServer(user: User): Endpoint {
    if (this.#servers.length === 1) return this.#servers[0]!
    const drawn = user.random() * this.#cumulative.at(-1)!
    return this.#servers[this.#cumulative.findIndex((sum) => drawn < sum)]!
  }

  /**
   * Starts a user.
   *
   * @param dueMs when it was due, on `performance.now()`'s clock
   * @param random its stream, if something was drawn from it already
   */
  startUser(id: number, session: number, dueMs: number, random: Rng | null): void {
    this.recorder.userStarted()
    const user = new User(this, id, this.programs[session]!, this.#plugins[session]!, dueMs, random)
    this.users.add(user)
    user.start()
  }

  ended(user: User): void {
    this.users.delete(user)
    this.#hooks.ended(user)
  }

  join(user: EngineUser): void {
    this.#barrier.push(user)
    this.#hooks.joined()
  }

  /** Opens the barrier for the `count` users that have waited longest. */
  release(count: number): void {
    for (const user of this.#barrier.splice(0, count)) user.released()
  }

  /** Counts an error under `name` and keeps the first few in full. */
  error(user: EngineUser, name: string, request: string, detail: string): void {
    this.recorder.count(name)
    this.trace?.error(name, detail)
    const kept = this.#examples.get(name) ?? 0
    if (kept >= examplesPerError || (kept === 0 && this.#examples.size >= 100)) return
    this.#examples.set(name, kept + 1)
    this.#hooks.errorExample(user, name, request, detail)
  }

  /** Ends every user where it stands. */
  cutAll(): void {
    for (const user of this.users) user.cut()
  }
}

/** What plugins may say while they decode; one for all users, `exchange` is set before each call. */
class Sink implements DecodeSink {
  exchange: Exchange | null = null
  readonly wantsContent: boolean = false
  readonly #recorder: Recorder
  constructor(recorder: Recorder) {
    this.#recorder = recorder
  }

  count(name: string): void {
    this.#recorder.count(name)
  }

  content(): void {
    throw new Error('content was not asked for')
  }

  reply(bytes: string): void {
    this.exchange!.reply(bytes)
  }
}
