/** A fixture with its compiled requests, and a user who plays them. */
import { fromBytes, toBytes } from '../core/byte-string.ts'
import { StampReader } from '../core/deliveries/stamp.ts'
import { digest } from '../core/digest.ts'
import { compileTemplate, type Scope } from '../core/dynvars/template.ts'
import { VariableNames } from '../core/dynvars/variables.ts'
import { findBuiltin } from '../core/erlang/builtins.ts'
import type { AnyPlugin, CounterDeclaration, DecodeSink, Json, Progress } from './api.ts'
import { counterOf } from './conformance-counters.ts'
import { frozen, isSame, roundTrip } from './conformance-data.ts'
import type { ConformanceFixture, ConformanceRequest } from './conformance-fixture.ts'
import { ConformanceUser, conformanceToken } from './conformance-user.ts'
import { readFixture, substOf } from './conformance-xml.ts'

/** What a user and the statistics see of an answer. */
export interface Outcome {
  progress: string
  counters: { [name: string]: number }
  content: string
  replies: string
  /** Counter of the request that failed; empty: none did. */
  failure: string
  goesOn: boolean
  /** When the connection's alarm goes off, ms; Infinity: it has none. */
  alarmMs: number
  /** Bytes of the next request: shows what the user kept of the answer. */
  next: string
}

/** One fixture, shared by every user that plays it. */
export class Trial {
  readonly plugin: AnyPlugin
  readonly fixture: ConformanceFixture
  readonly options: Json
  readonly names: VariableNames
  readonly request: unknown
  readonly answer: Uint8Array
  readonly #scope: Scope

  constructor(plugin: AnyPlugin, fixture: ConformanceFixture) {
    this.plugin = plugin
    this.fixture = fixture
    this.names = new VariableNames()
    this.#scope = { names: this.names, findFunction: findBuiltin }
    const options = fixture.options ?? this.#read(fixture).options
    this.options = frozen(roundTrip(options))
    this.request = this.compile(fixture)
    this.answer = toBytes(fixture.answer)
  }

  compile(asked: ConformanceRequest): unknown {
    const data = asked.data === undefined ? this.#read(asked).data : asked.data
    if (!isSame(roundTrip(data), data)) this.fail('its data does not survive JSON')
    return this.plugin.compile(frozen(roundTrip(data)), {
      options: this.options,
      subst: asked.subst ?? substOf(this.fixture.variables),
      template: (text) => compileTemplate(text, this.#scope),
      rsaSha1Signer: (pem) => (text) => digest('sha1', pem + text),
    })
  }

  fail(what: string): never {
    throw new Error(`conformance: ${this.plugin.declaration.type}, "${this.fixture.name}": ${what}`)
  }

  #read(asked: ConformanceRequest): { readonly data: Json; readonly options: Json } {
    if (asked.xml === undefined) {
      if (asked.data === undefined) this.fail('it has neither xml nor data')
      return { data: asked.data, options: null }
    }
    try {
      return readFixture(this.plugin, this.fixture, asked)
    } catch (error) {
      this.fail(`${asked.xml} cannot be read: ${(error as Error).message}`)
    }
  }
}

/** A user with a connection that plays a trial's requests. */
export class Player {
  readonly #trial: Trial
  readonly #view: ConformanceUser
  readonly #user: unknown
  #connection: unknown
  #outcome: Outcome = emptyOutcome()
  readonly #sink: DecodeSink

  constructor(trial: Trial, id: number, wantsContent = true, changed: string | null = null) {
    this.#trial = trial
    const { variables = {} } = trial.fixture
    this.#view = new ConformanceUser(id, trial.names, variables, changed)
    this.#user = trial.plugin.newUser(this.#view, trial.options)
    this.#connection = trial.plugin.newConnection(this.#user)
    this.#sink = {
      wantsContent,
      count: (name) => this.#add('count', name, 1),
      add: (name, amount) => this.#add('sum', name, amount),
      sample: (name) => this.#add('sample', name, 1),
      wakeAfter: (ms) => {
        if (!(ms >= 0)) trial.fail(`sets an alarm in ${ms} ms`)
        if (trial.plugin.wake === undefined) trial.fail('sets an alarm and has no `wake`')
        this.#outcome.alarmMs = ms
      },
      closeAfter: () => undefined,
      goOn: () => {
        this.#outcome.goesOn = true
      },
      fail: (counter) => {
        if (!isError(trial.plugin, counter)) {
          trial.fail(`fails with "${counter}", which is no error that is declared`)
        }
        this.#outcome.failure = counter
        return 'failed'
      },
      delivered: (payload, metric) => {
        const isOurs = new StampReader(conformanceToken).read(payload) === 'ours'
        if (isOurs) this.#add('sample', metric, 1)
        return isOurs
      },
      joins: () => undefined,
      content: (bytes) => {
        if (!wantsContent) trial.fail('hands on content that nobody wants')
        this.#outcome.content += fromBytes(bytes)
      },
      reply: (bytes) => {
        checkBytes(trial, bytes, 'replies')
        this.#outcome.replies += bytes
      },
    }
  }

  /** @returns the bytes of the request */
  send(request: unknown = this.#trial.request): string {
    this.anew()
    this.prepare(request)
    return this.encode(request)
  }

  /** What follows has an outcome of its own; the alarm stays. */
  anew(): void {
    this.#outcome = { ...emptyOutcome(), alarmMs: this.#outcome.alarmMs }
  }

  prepare(request: unknown = this.#trial.request): void {
    const { plugin } = this.#trial
    plugin.prepare?.(request, this.#user, this.#view)
    this.#view.moveTo(plugin.target(request, this.#user, this.#view))
  }

  encode(request: unknown = this.#trial.request): string {
    const { plugin } = this.#trial
    return plugin.encode(request, this.#user, this.#connection, this.#view, this.#sink)
  }

  receive(bytes: Uint8Array): string {
    const { plugin } = this.#trial
    return this.#advance(() => plugin.decode(bytes, this.#connection, this.#user, this.#sink))
  }

  /** The alarm goes off; a plugin without `wake` has none. */
  wake(): string {
    const { plugin } = this.#trial
    this.#outcome.alarmMs = Infinity
    if (plugin.wake === undefined) return 'more'
    return this.#advance(() => plugin.wake!(this.#connection, this.#user, this.#sink))
  }

  /** The peer closes, if the fixture says so. */
  finish(): Outcome {
    const { plugin, fixture } = this.#trial
    if (fixture.closes === true && this.#outcome.progress === 'more') this.end()
    const outcome = this.#outcome
    this.#outcome = emptyOutcome()
    this.#connection = plugin.newConnection(this.#user)
    this.prepare()
    outcome.next = this.encode()
    return outcome
  }

  /** The outcome so far, the connection kept. */
  soFar(): Outcome {
    return this.#outcome
  }

  end(): string {
    const { plugin } = this.#trial
    return this.#advance(() => plugin.end(this.#connection, this.#user, this.#sink))
  }

  #add(kind: CounterDeclaration['kind'], name: string, amount: number): void {
    const trial: Trial = this.#trial
    const counter = counterOf(trial.plugin, name)
    if (counter === undefined) trial.fail(`counts "${name}", which is not declared`)
    if (counter.kind !== kind) {
      trial.fail(`"${name}" is declared as a ${counter.kind}, and used as a ${kind}`)
    }
    if (!Number.isFinite(amount)) trial.fail(`adds ${amount} to "${name}"`)
    const { counters } = this.#outcome
    counters[name] = (counters[name] ?? 0) + amount
  }

  #advance(step: () => Progress): string {
    const { plugin } = this.#trial
    try {
      this.#outcome.progress = step()
    } catch (error) {
      const code = (error as { readonly code?: unknown }).code
      if (typeof code !== 'string' || !isError(plugin, code)) throw error
      this.#outcome.progress = `ProtocolError ${code}`
    }
    return this.#outcome.progress
  }
}

/** @throws {Error} when it is no byte string */
export function checkBytes(trial: Trial, bytes: string, does: string): void {
  for (let at = 0; at < bytes.length; at++) {
    if (bytes.charCodeAt(at) > 255) trial.fail(`${does} a character above 255 at ${at}`)
  }
}

/** The whole answer in one read that stays as it is: what every other way is compared with. */
export function playWhole(trial: Trial, id: number, wantsContent = true): Outcome {
  const player = new Player(trial, id, wantsContent)
  player.send()
  player.receive(trial.answer.slice())
  return player.finish()
}

function isError(plugin: AnyPlugin, name: string): boolean {
  return counterOf(plugin, name)?.isError === true
}

function emptyOutcome(): Outcome {
  return {
    progress: 'more',
    counters: {},
    content: '',
    replies: '',
    failure: '',
    goesOn: false,
    alarmMs: Infinity,
    next: '',
  }
}
