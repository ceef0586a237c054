/**
 * What every plugin has to keep, checked on recorded answers: published for built-in and third-party plugins alike.
 *
 * | check       | holds when                                                                             |
 * | ----------- | -------------------------------------------------------------------------------------- |
 * | request     | its data survives JSON, is never written, and becomes the same bytes each time         |
 * | outcome     | the answer ends as the fixture says, with declared counters, on its last byte          |
 * | again       | the connection takes the same request and answer once more                             |
 * | cuts        | the outcome is the same however the answer is cut                                      |
 * | lent        | it is the same when the bytes are overwritten after `decode`, and `decode` writes none |
 * | hostile     | broken answers and noise give a `Progress` or a `ProtocolError` with a declared code   |
 * | variables   | other values give other bytes, and two users who ask in turns send what each sends alone |
 * | interleaved | two users whose answers arrive in turns see what each sees alone                       |
 */
import { fromBytes, toBytes } from '../core/byte-string.ts'
import { StampReader } from '../core/deliveries/stamp.ts'
import { digest } from '../core/digest.ts'
import { compileTemplate, type Scope } from '../core/dynvars/template.ts'
import { VariableNames } from '../core/dynvars/variables.ts'
import { findBuiltin } from '../core/erlang/builtins.ts'
import { stream } from '../core/random.ts'
import type { AnyPlugin, DecodeSink, Json, Progress } from './api.ts'
import { damaged, noise } from './conformance-bytes.ts'
import { isDeclared } from './conformance-counters.ts'
import { frozen, isSame, roundTrip } from './conformance-data.ts'
import { emptyOutcome, type Outcome, progresses } from './conformance-outcome.ts'
import { ConformanceUser, conformanceToken } from './conformance-user.ts'

/** A request and a recorded answer to it. */
export interface ConformanceFixture {
  /** Unique among the fixtures. */
  readonly name: string
  /** As `parseRequest` of the declaration made it. */
  readonly data: Json
  /** As `parseOptions` made them; default null. */
  readonly options?: Json
  /** Default `false`. */
  readonly subst?: 'true' | 'false' | 'all_except_body'
  /** What the markers of the request stand for, by name; every one has to show in what is sent. */
  readonly variables?: { readonly [name: string]: string }
  /** Byte string: what one read of an idle connection to the end of the answer brings. */
  readonly answer: string
  /** The answer when the same is asked once more on the connection, where ids count on; default `answer`. */
  readonly again?: string
  /** The peer closes behind the answer; default false. */
  readonly closes?: boolean
  readonly progress: Progress
  /** Exactly these, by name. */
  readonly counters: { readonly [name: string]: number }
}

/**
 * Checks a plugin; deterministic.
 *
 * @throws {Error} on the first violation, saying which fixture and what was wrong
 */
export function checkPlugin(plugin: AnyPlugin, fixtures: readonly ConformanceFixture[]): void {
  if (fixtures.length === 0) throw new Error('conformance: no fixture was given')
  for (const fixture of fixtures) {
    const trial = new Trial(plugin, fixture)
    checkRequest(trial)
    checkVariables(trial)
    checkOutcome(trial)
    checkAgain(trial)
    checkCuts(trial)
    checkHostile(trial)
  }
  for (let at = 0; at < fixtures.length; at++) {
    const first = new Trial(plugin, fixtures[at]!)
    checkInterleaved(first, new Trial(plugin, fixtures[(at + 1) % fixtures.length]!))
  }
}

/** One fixture with its compiled request, shared by every user that plays it. */
class Trial {
  readonly plugin: AnyPlugin
  readonly fixture: ConformanceFixture
  readonly options: Json
  readonly names: VariableNames
  readonly request: unknown
  readonly answer: Uint8Array

  constructor(plugin: AnyPlugin, fixture: ConformanceFixture) {
    this.plugin = plugin
    this.fixture = fixture
    if (!isSame(roundTrip(fixture.data), fixture.data)) this.fail('its data does not survive JSON')
    this.options = frozen(roundTrip(fixture.options ?? null))
    this.names = new VariableNames()
    const scope: Scope = { names: this.names, findFunction: findBuiltin }
    this.request = plugin.compile(frozen(roundTrip(fixture.data)), {
      options: this.options,
      subst: fixture.subst ?? 'false',
      template: (text) => compileTemplate(text, scope),
      rsaSha1Signer: (pem) => (text) => digest('sha1', pem + text),
    })
    this.answer = toBytes(fixture.answer)
  }

  fail(what: string): never {
    throw new Error(`conformance: ${this.plugin.declaration.type}, "${this.fixture.name}": ${what}`)
  }
}

/** A user with a connection that plays a trial's request. */
class Player {
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
    const add = (name: string, amount: number): void => {
      if (!isDeclared(trial.plugin, name)) trial.fail(`counts "${name}", which is not declared`)
      this.#outcome.counters[name] = (this.#outcome.counters[name] ?? 0) + amount
    }
    this.#sink = {
      wantsContent,
      count: (name) => add(name, 1),
      add,
      sample: (name) => add(name, 1),
      delivered: (payload, metric) => {
        const isOurs = new StampReader(conformanceToken).read(payload) === 'ours'
        if (isOurs) add(metric, 1)
        return isOurs
      },
      joins: () => undefined,
      wakeAfter: (ms) => {
        if (!(ms >= 0)) trial.fail(`sets an alarm in ${ms} ms`)
        if (trial.plugin.wake === undefined) trial.fail('sets an alarm and has no `wake`')
      },
      closeAfter: () => undefined,
      goOn: () => undefined,
      fail: (counter) => {
        if (!isDeclared(trial.plugin, counter)) trial.fail(`fails with "${counter}", undeclared`)
        this.#outcome.failure = counter
        return 'failed'
      },
      content: (bytes) => {
        if (!wantsContent) trial.fail('hands on content that nobody wants')
        this.#outcome.content += fromBytes(bytes)
      },
      reply: (bytes) => {
        this.#outcome.replies += bytes
      },
    }
  }

  /** @returns the bytes of the request */
  send(): string {
    this.#outcome = emptyOutcome()
    this.prepare()
    return this.encode()
  }

  prepare(): void {
    const { plugin, request } = this.#trial
    plugin.prepare?.(request, this.#user, this.#view)
    this.#view.moveTo(plugin.target(request, this.#user, this.#view))
  }

  encode(): string {
    const { plugin, request } = this.#trial
    return plugin.encode(request, this.#user, this.#connection, this.#view, this.#sink)
  }

  receive(bytes: Uint8Array): string {
    const { plugin } = this.#trial
    return this.#advance(() => plugin.decode(bytes, this.#connection, this.#user, this.#sink))
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

  #advance(step: () => Progress): string {
    const { plugin } = this.#trial
    try {
      this.#outcome.progress = step()
    } catch (error) {
      const code = (error as { readonly code?: unknown }).code
      if (typeof code !== 'string' || !isDeclared(plugin, code)) throw error
      this.#outcome.progress = `ProtocolError ${code}`
    }
    return this.#outcome.progress
  }
}

function checkRequest(trial: Trial): void {
  const { plugin, fixture } = trial
  const sent = new Player(trial, 1).send()
  for (let at = 0; at < sent.length; at++) {
    if (sent.charCodeAt(at) > 255) trial.fail(`sends a character above 255 at ${at}`)
  }
  const compiledAgain = new Player(new Trial(plugin, fixture), 1).send()
  if (compiledAgain !== sent) trial.fail('compiled again, its request has other bytes')
  if (new Player(trial, 1).send() !== sent) trial.fail('a second user changes a shared request')
}

function checkVariables(trial: Trial): void {
  const own = new Player(trial, 1).send()
  for (const name of Object.keys(trial.fixture.variables ?? {})) {
    const changed = new Player(trial, 1, true, name).send()
    if (changed === own) trial.fail(`with another value of ${name} it sends the same`)
    const players = [new Player(trial, 1), new Player(trial, 1, true, name)]
    for (const player of players) player.prepare()
    const sent = players.map((player) => player.encode())
    if (!isSame(sent, [own, changed])) trial.fail(`two users that differ in ${name} get mixed up`)
  }
}

function checkOutcome(trial: Trial): void {
  const { fixture } = trial
  const { progress, counters } = playWhole(trial, 1)
  if (progress !== fixture.progress) trial.fail(`ends with ${progress}, not ${fixture.progress}`)
  if (!isSame(counters, fixture.counters)) {
    trial.fail(`counts ${JSON.stringify(counters)}, not ${JSON.stringify(fixture.counters)}`)
  }
  const unread = playWhole(trial, 1, false)
  if (unread.progress !== progress || !isSame(unread.counters, counters)) {
    trial.fail('its outcome depends on whether the content is wanted')
  }
}

function checkAgain(trial: Trial): void {
  if (trial.fixture.progress !== 'done') return
  const player = new Player(trial, 1)
  const again = trial.fixture.again === undefined ? trial.answer : toBytes(trial.fixture.again)
  for (const [round, answer] of [
    ['first', trial.answer],
    ['second', again],
  ] as const) {
    player.send()
    player.receive(answer.slice())
    const { progress, counters } = player.soFar()
    if (progress !== 'done' || !isSame(counters, trial.fixture.counters)) {
      trial.fail(`the ${round} answer on a connection ends with ${progress}`)
    }
  }
}

/** Answers up to this long are cut at every byte. */
const everyCutUpTo = 2000
const randomCuts = 300

function checkCuts(trial: Trial): void {
  const { length } = trial.answer
  const whole = playWhole(trial, 1)
  const random = stream('conformance', 'cuts', trial.fixture.name)
  if (length <= everyCutUpTo) {
    for (let at = 1; at < length; at++) checkCut(trial, whole, [at])
    checkCut(
      trial,
      whole,
      Array.from({ length: Math.max(0, length - 1) }, (_, at) => at + 1),
    )
  }
  for (let count = 0; count < randomCuts; count++) {
    const cuts = Array.from({ length: 1 + (count % 6) }, () => Math.floor(random() * length))
    checkCut(
      trial,
      whole,
      [...new Set(cuts)].filter((at) => at > 0).sort((a, b) => a - b),
    )
  }
}

function checkCut(trial: Trial, whole: Outcome, cuts: readonly number[]): void {
  const lent = playCut(trial, cuts, true)
  if (isSame(lent, whole)) return
  const where = cuts.length > 10 ? 'byte by byte' : `at ${cuts.join(', ')}`
  if (isSame(playCut(trial, cuts, false), whole)) {
    trial.fail(`keeps bytes that were lent: cut ${where} they are overwritten after decode`)
  }
  const told = `${JSON.stringify(lent)}, not ${JSON.stringify(whole)}`
  trial.fail(`cut ${where} the outcome is ${told.slice(0, 1000)}`)
}

/** @param overwrites one buffer lends every part, as the engine does */
function playCut(trial: Trial, cuts: readonly number[], overwrites: boolean): Outcome {
  const { answer } = trial
  const player = new Player(trial, 1)
  const buffer = new Uint8Array(answer.length)
  player.send()
  let from = 0
  for (const to of [...cuts, answer.length]) {
    const part = answer.subarray(from, to)
    let given = part.slice()
    if (overwrites) {
      buffer.set(part)
      given = buffer.subarray(0, part.length)
    }
    const progress = player.receive(given)
    if (!part.every((byte, at) => given[at] === byte)) trial.fail('writes bytes that were lent')
    buffer.fill(0x58)
    if (progress !== 'more' && to < answer.length) {
      trial.fail(`ends with ${progress} after ${to} of ${answer.length} bytes`)
    }
    from = to
  }
  return player.finish()
}

const hostileRounds = 300

function checkHostile(trial: Trial): void {
  const random = stream('conformance', 'hostile', trial.fixture.name)
  for (let round = 0; round < hostileRounds; round++) {
    const bytes = round % 3 === 0 ? noise(random) : damaged(trial.answer, random)
    const cut = Math.floor(random() * bytes.length)
    try {
      playHostile(trial, bytes, cut)
    } catch (error) {
      const shown = JSON.stringify(fromBytes(bytes.subarray(0, 200)))
      const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
      trial.fail(`hostile bytes ${shown}, cut at ${cut}, give ${text}`)
    }
  }
}

function playHostile(trial: Trial, bytes: Uint8Array, cut: number): void {
  const player = new Player(trial, 1)
  player.send()
  for (const part of [bytes.slice(0, cut), bytes.slice(cut)]) {
    if (part.length === 0) continue
    const progress = player.receive(part)
    part.fill(0x58)
    if (progress.startsWith('ProtocolError ')) return
    if (!progresses.includes(progress)) throw new Error(`an unknown progress ${progress}`)
  }
  if (player.soFar().progress === 'more') player.end()
}

function checkInterleaved(first: Trial, second: Trial): void {
  const alone = [playWhole(first, 1), playWhole(second, 2)]
  const trials = [first, second]
  const players = [new Player(first, 1), new Player(second, 2)]
  for (const player of players) player.send()
  const longest = Math.max(first.answer.length, second.answer.length)
  for (let at = 0; at < longest; at++) {
    for (const [index, player] of players.entries()) {
      const { answer } = trials[index]!
      if (at < answer.length) player.receive(answer.slice(at, at + 1))
    }
  }
  for (const [index, player] of players.entries()) {
    if (isSame(player.finish(), alone[index])) continue
    trials[index]!.fail(`differs when another user plays "${trials[1 - index]!.fixture.name}"`)
  }
}

/** The whole answer in one read that stays as it is: what every other way is compared with. */
function playWhole(trial: Trial, id: number, wantsContent = true): Outcome {
  const player = new Player(trial, id, wantsContent)
  player.send()
  player.receive(trial.answer.slice())
  return player.finish()
}
