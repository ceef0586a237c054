/** What all users of a launcher share: clock, wheel, recorder, programs, servers, barrier. */
import type { StampSettings } from '../core/deliveries/model.ts'
import type { FindFunction } from '../core/dynvars/environment.ts'
import { compileTemplate, type Scope } from '../core/dynvars/template.ts'
import type { Value } from '../core/dynvars/value.ts'
import type { Json } from '../core/json.ts'
import type { Op } from '../core/program/ops.ts'
import { compileSession, type Program } from '../core/program/program.ts'
import { type Rng, stream } from '../core/random.ts'
import type {
  Endpoint,
  Options,
  RequestAction,
  Scenario,
  Transport,
} from '../core/scenario/model.ts'
import type { LineStream } from '../core/wire/messages.ts'
import type { AnyPlugin, Carriage, StreamKind } from '../plugins/api.ts'
import { AnswerObserver } from './answer-observer.ts'
import { AnswerReader } from './answer-reader.ts'
import { Deliveries } from './deliveries.ts'
import { isTls } from './endpoint.ts'
import { Http2Pool } from './http2-pool.ts'
import { LineBatch } from './line-batch.ts'
import type { Lines } from './lines.ts'
import { PlayingUsers } from './playing-users.ts'
import { Recorder } from './recorder.ts'
import { RequestMeters } from './request-meter.ts'
import { Resolver } from './resolver.ts'
import { rsaSha1Signer } from './rsa-sha1.ts'
import { Sink } from './sink.ts'
import type { SourceAddresses } from './source-addresses.ts'
import { streamKinds } from './stream-kinds.ts'
import { Tempo } from './tempo.ts'
import { TimerWheel } from './timer-wheel.ts'
import { TlsClient } from './tls-client.ts'
import { type TrafficDump, trafficDumpFor } from './traffic-dump.ts'
import { User } from './user.ts'

/** Told of everything the one user of `tsts try` does. */
export interface Trace {
  step(op: Op): void
  thinks(ms: number): void
  connected(endpoint: Endpoint, ms: number): void
  sent(bytes: string): void
  received(bytes: Uint8Array): void
  answered(ms: number): void
  variable(name: string, value: Value | undefined): void
  /** A branch taken or not, a loop left or gone round again. */
  branch(text: string): void
  /** @param value undefined: nothing was found, the variable stays as it was */
  extracted(line: number, name: string, value: Value | undefined): void
  matched(line: number, pattern: string, isMatch: boolean, what: string): void
  error(name: string, detail: string): void
  ended(): void
}

/** What the engine asks of who waits at the barrier or meets an error. */
export interface EngineUser {
  readonly id: number
  /** Name of its session. */
  readonly session: string
  released(): void
}

export interface EngineHooks {
  ended(user: User): void
  /** A user waits at the barrier. */
  joined(): void
  /** The first few errors of each name. */
  errorExample(user: EngineUser, name: string, request: string, detail: string): void
  /** The whole run has to end; told once. */
  abort(reason: string): void
  /** A receive is answered by `Engine.interacted`. */
  interaction(action: 'send' | 'receive', id: string): void
  /** Lines for the files of the run, those of one turn of the loop together. */
  lines(stream: LineStream, lines: readonly string[]): void
}

export interface EngineOptions {
  readonly scenario: Scenario
  readonly seed: string
  readonly sources: SourceAddresses
  readonly hooks: EngineHooks
  readonly trace: Trace | null
  /** By session type. */
  readonly plugins: { readonly [type: string]: AnyPlugin }
  /** Default: all there are. */
  readonly streams?: readonly StreamKind[]
  readonly findFunction: FindFunction
  readonly lines: Lines
  /** Paths of certificates begin here. */
  readonly folder: string
  /** Where some of them lie instead, by absolute path. */
  readonly files?: { readonly [path: string]: string }
  /** Left out: a run of this launcher alone. */
  readonly stamps?: StampSettings
}

/** Of a user that plays alone. */
const ownStamps: StampSettings = { token: 'alone', host: 0, comparedPerSecond: 20 }

/** Errors of one name that are told in full, per launcher. */
const examplesPerError = 5
/** Names of errors of which examples are told. */
const namesWithExamples = 100

export class Engine {
  readonly options: Options
  readonly wheel: TimerWheel
  readonly recorder: Recorder
  readonly tempo: Tempo
  readonly resolver: Resolver
  readonly sources: SourceAddresses
  readonly tlsClient: TlsClient
  readonly lines: Lines
  readonly deliveries: Deliveries
  readonly sink: Sink
  readonly reader: AnswerReader
  readonly meters: RequestMeters
  readonly observer: AnswerObserver
  readonly #batches: readonly LineBatch[]
  /** Null without `dumptraffic`. */
  readonly dump: TrafficDump | null
  readonly trace: Trace | null
  readonly programs: readonly Program[]
  readonly users: PlayingUsers = new PlayingUsers()
  /** What stream adapters draw: no user's own. */
  readonly streamRandom: Rng
  readonly http2: Http2Pool
  /** Of the plugins whose bytes are not carried as they are. */
  readonly #carriages: ReadonlyMap<AnyPlugin, Carriage>
  readonly #streamKinds: ReadonlyMap<string, StreamKind>
  readonly #pluginsByType: { readonly [type: string]: AnyPlugin }
  readonly #scenario: Scenario
  readonly #servers: readonly Endpoint[]
  readonly #cumulative: readonly number[]
  readonly #seed: string
  readonly #hooks: EngineHooks
  readonly #examples = new Map<string, number>()
  /** Users at the barrier, in the order in which they joined. */
  readonly #barrier: EngineUser[] = []
  #isAborted = false

  /** @throws when the scenario uses a plugin that cannot be played, or TLS options that cannot be used */
  constructor(options: EngineOptions) {
    const { scenario, hooks, trace } = options
    this.options = scenario.options
    this.wheel = new TimerWheel(() => performance.now())
    this.recorder = new Recorder(scenario.backend === 'fullstats')
    this.tempo = new Tempo(this.wheel, this.recorder)
    this.resolver = new Resolver()
    this.sources = options.sources
    this.tlsClient = new TlsClient(scenario.options.tls, options.folder, options.files)
    this.lines = options.lines
    this.deliveries = new Deliveries(options.stamps ?? ownStamps, this.recorder)
    this.sink = new Sink(this.recorder, this.deliveries)
    this.reader = new AnswerReader(this)
    this.meters = new RequestMeters(this.recorder)
    const send = (stream: LineStream, lines: readonly string[]): void => hooks.lines(stream, lines)
    const matches = new LineBatch('match', this.recorder, send)
    const answers = new LineBatch('answer', this.recorder, send)
    const packets = new LineBatch('dump', this.recorder, send)
    this.#batches = [matches, answers, packets]
    this.observer = new AnswerObserver(this.recorder, trace, matches, answers)
    this.dump = trafficDumpFor(scenario.dumpTraffic, packets)
    this.trace = trace
    this.#scenario = scenario
    this.#seed = options.seed
    this.#hooks = hooks
    this.streamRandom = stream(options.seed, 'streams')
    this.#streamKinds = kindsByTransport(options.streams ?? streamKinds)
    this.#pluginsByType = options.plugins
    this.http2 = new Http2Pool(this.recorder, this.sources)
    this.#carriages = carriagesOf(options.plugins, scenario.options.plugins)
    this.#servers = scenario.servers.map(({ host, port, transport }) => ({ host, port, transport }))
    let sum = 0
    this.#cumulative = scenario.servers.map(({ weight }) => (sum += weight))
    for (const session of scenario.sessions) this.plugin(session.type)
    const compile = (action: RequestAction, scope: Scope): unknown => this.#compile(action, scope)
    this.programs = scenario.sessions.map((session, index) =>
      compileSession(index, session, compile, options.findFunction),
    )
  }

  /** @throws when nothing plays sessions of that type */
  plugin(type: string): AnyPlugin {
    const plugin = this.#pluginsByType[type]
    if (plugin === undefined) throw new Error(`no plugin plays ${type}`)
    return plugin
  }

  /** Null: it carries a plugin's bytes as they are. */
  streamKind(transport: Transport): StreamKind | null {
    return this.#streamKinds.get(transport) ?? null
  }

  /** Null: the plugin's bytes go there as they are. */
  carriageTo(endpoint: Endpoint, plugin: AnyPlugin): Carriage | null {
    if (this.#carriages.size === 0) return null
    const carriage = this.#carriages.get(plugin) ?? null
    if (carriage === null || isTls(endpoint)) return carriage
    return carriage.negotiated ? null : carriage
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
   * @param variables texts that variables hold at first, by name
   */
  startUser(
    id: number,
    session: number,
    dueMs: number,
    random: Rng | null,
    variables: { readonly [name: string]: string } | null = null,
  ): void {
    this.dump?.userStarted(String(session + 1))
    this.#start(id, session, dueMs, random, variables)
  }

  /** Starts a user of `<user>`. */
  startStaticUser(id: number, session: number, dueMs: number): void {
    this.dump?.userStarted('static')
    this.#start(id, session, dueMs, null, null)
  }

  ended(user: User): void {
    this.dump?.userEnded(user.id)
    this.users.delete(user)
    this.deliveries.userEnded(user.id)
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

  /** A user has come to `<abort/>`. */
  aborted({ session }: EngineUser, what: 'session' | 'all', line: number): void {
    if (what === 'session') this.recorder.count('abort_session')
    else this.abortRun(`<abort type="all"/> in line ${line}, session ${session}`)
  }

  /** The whole run ends, because of what a user met. */
  abortRun(reason: string): void {
    if (this.#isAborted) return
    this.#isAborted = true
    this.recorder.count('error_abort')
    this.#hooks.abort(reason)
  }

  interaction(action: 'send' | 'receive', id: string): void {
    this.#hooks.interaction(action, id)
  }

  /** The answer to a receive. @param ms since the last send under that id */
  interacted(id: string, ms: number): void {
    this.recorder.sample(`tr_${id}`).record(ms)
  }

  /** Counts an error under `name` and keeps the first few in full. */
  error(user: EngineUser, name: string, request: string, detail: string): void {
    this.recorder.count(name)
    this.trace?.error(name, detail)
    const kept = this.#examples.get(name) ?? 0
    if (kept >= examplesPerError) return
    if (kept === 0 && this.#examples.size >= namesWithExamples) return
    this.#examples.set(name, kept + 1)
    this.#hooks.errorExample(user, name, request, detail)
  }

  /** Lines that were to be sent at the end of this turn are sent now. */
  flushLines(): void {
    for (const batch of this.#batches) batch.flush()
  }

  /** Ends users where they stand, `most` at most. @returns whether nobody is left */
  cut(most: number = Infinity): boolean {
    for (const user of this.users.all(most)) user.end()
    return this.users.size === 0
  }

  #start(
    id: number,
    session: number,
    dueMs: number,
    random: Rng | null,
    variables: { readonly [name: string]: string } | null,
  ): void {
    this.recorder.userStarted()
    const program = this.programs[session]!
    const user = new User(this, id, program, dueMs, random, variables)
    this.users.add(user)
    user.start()
  }

  #compile(action: RequestAction, scope: Scope): unknown {
    return this.plugin(action.plugin).compile(action.data, {
      options: this.pluginOptions(action.plugin),
      subst: action.subst,
      template: (text) => compileTemplate(text, scope),
      rsaSha1Signer,
    })
  }
}

function kindsByTransport(kinds: readonly StreamKind[]): ReadonlyMap<string, StreamKind> {
  return new Map(
    kinds.flatMap((kind) => Object.keys(kind.transports).map((name) => [name, kind] as const)),
  )
}

function carriagesOf(
  plugins: { readonly [type: string]: AnyPlugin },
  options: Options['plugins'],
): ReadonlyMap<AnyPlugin, Carriage> {
  const carriages = new Map<AnyPlugin, Carriage>()
  for (const [type, plugin] of Object.entries(plugins)) {
    const carriage = plugin.carriage?.(options[type] ?? null) ?? null
    if (carriage !== null) carriages.set(plugin, carriage)
  }
  return carriages
}
