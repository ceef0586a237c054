/**
 * A virtual user: plays one program, one operation after the other.
 *
 * | state    | waits for                                     | leaves to                          |
 * | -------- | --------------------------------------------- | ---------------------------------- |
 * | running  | nothing: `#play` goes through ops             | any                                |
 * | asking   | the end of a request (`exchange.ts`)          | running, thinking (a match), ended |
 * | thinking | its timer (`wait_bidi`: data)                 | running                            |
 * | barrier  | `released`                                    | running                            |
 * | leasing  | `lineReady`: a line of a data file            | running                            |
 * | ended    | nothing                                       |                                    |
 *
 * Times are ms on the launcher's clock. Source: reference tsung-core.md, 5.1; DESIGN.md section 8.
 */

import { numberOf } from '../core/dynvars/number.ts'
import { assign } from '../core/dynvars/sources.ts'
import { renderTemplate, type Template } from '../core/dynvars/template.ts'
import type { Value } from '../core/dynvars/value.ts'
import { Variables } from '../core/dynvars/variables.ts'
import { unreachable } from '../core/json.ts'
import type { MatchCounts, Outcome } from '../core/program/checks.ts'
import type { FlowTrace, Player } from '../core/program/flow.ts'
import type { ChangeTypeOp, Op, RequestOp, SetVariablesOp, SumOp } from '../core/program/ops.ts'
import { opOfAction, type Program } from '../core/program/program.ts'
import { type CompiledThinkTime, thinkMs } from '../core/program/settings.ts'
import { fieldsOf } from '../core/program/sources.ts'
import type { Rng } from '../core/random.ts'
import type { Endpoint } from '../core/scenario/model.ts'
import { epochMs } from './clock.ts'
import type { Engine } from './engine.ts'
import type { ExchangeOwner } from './exchange-owner.ts'
import type { LineWaiter } from './lines.ts'
import { Timer, type TimerOwner } from './timer-wheel.ts'
import { Transactions } from './transactions.ts'
import { UserExchanges } from './user-exchanges.ts'
import { next, UserFlow } from './user-flow.ts'
import { applyOption, changedServer } from './user-settings.ts'

type State = 'running' | 'asking' | 'thinking' | 'barrier' | 'leasing' | 'ended'

/** Operations played in one go before other users get their turn. */
const opsPerTurn = 1000

export class User implements ExchangeOwner, Player, TimerOwner, LineWaiter {
  readonly id: number
  server: Endpoint
  retriesLeft: number
  readonly #engine: Engine
  readonly #program: Program
  readonly #exchanges: UserExchanges
  readonly #timer: Timer
  #state: State
  /** `#play` is on the stack: what ends meanwhile only changes the state. */
  #isPlaying: boolean
  #pc: number
  #bidi: boolean
  readonly #startedMs: number
  /** When the next request should be issued. */
  #intendedMs: number
  #random: Rng | null
  #variables: Variables | null
  #matchCounts: MatchCounts | null
  #transactions: Transactions | null
  #flow: UserFlow | null

  /**
   * @param dueMs when the arrival was due: the intended start of the first request
   * @param random the user's stream, if something was drawn from it already
   * @param variables byte strings that variables hold at first, by name
   */
  constructor(
    engine: Engine,
    id: number,
    program: Program,
    dueMs: number,
    random: Rng | null,
    variables: { readonly [name: string]: string } | null,
  ) {
    this.id = id
    this.retriesLeft = engine.options.maxRetries
    this.#engine = engine
    this.#program = program
    this.#state = 'running'
    this.#isPlaying = false
    this.#pc = 0
    this.#bidi = program.bidi
    this.#startedMs = performance.now()
    this.#intendedMs = dueMs
    this.#random = random
    this.#variables = null
    this.#matchCounts = null
    this.#transactions = null
    this.#flow = null
    this.#timer = new Timer(this)
    this.server = engine.chooseServer(this)
    if (variables !== null) this.#begin(variables)
    this.#exchanges = new UserExchanges(engine, this, program.plugin)
  }

  get session(): string {
    return this.#program.name
  }

  get sessionNumber(): number {
    return this.#program.session + 1
  }

  get persistent(): boolean {
    return this.#program.persistent
  }

  get bidi(): boolean {
    return this.#bidi
  }

  get variables(): Variables {
    this.#variables ??= new Variables(this.#program.names, this.id)
    return this.#variables
  }

  get matchCounts(): MatchCounts {
    this.#matchCounts ??= { loops: 0, restarts: 0 }
    return this.#matchCounts
  }

  get transaction(): string | null {
    return this.#transactions === null ? null : this.#transactions.innermost
  }

  get flowTrace(): FlowTrace | null {
    return this.#engine.trace
  }

  random(): number {
    this.#random ??= this.#engine.userStream(this.id)
    return this.#random()
  }

  nowMs(): number {
    return epochMs()
  }

  render(template: Template): string {
    return renderTemplate(template, this)
  }

  count(name: string): void {
    this.#engine.recorder.count(name)
  }

  functionFailed(name: string, reason: string): void {
    this.#engine.error(this, 'error_function', name, `${name}: ${reason}`)
  }

  start(): void {
    this.#play()
  }

  wake(): void {
    if (this.#state === 'thinking') {
      this.#intendedMs = this.#timer.dueMs
      this.#state = 'running'
    }
    if (this.#state === 'running') this.#play()
  }

  /** The barrier this user waits at was opened. */
  released(): void {
    const nowMs = performance.now()
    if (this.#state === 'asking') this.#exchanges.current.released(nowMs)
    else if (this.#state === 'barrier') this.#goOn(nowMs)
  }

  lineReady(): void {
    if (this.#state !== 'leasing') return
    this.#state = 'running'
    this.#play()
  }

  requestOver(nowMs: number, outcome: Outcome): void {
    switch (outcome.type) {
      case 'continue':
        break
      case 'loop': {
        // The request was the operation before.
        const { action } = this.#program.ops[this.#pc - 1]!
        this.#pc = opOfAction(this.#program, action - outcome.back)
        this.#thinkFor(nowMs, outcome.ms)
        return
      }
      case 'restart':
        this.#pc = 0
        break
      case 'abort':
        this.end()
        return
      case 'abort_test':
        this.#engine.abortRun(`a match with do="abort_test" in session ${this.session}`)
        this.end()
        return
      default:
        unreachable(outcome)
    }
    this.#goOn(nowMs)
  }

  /** Ends the user where it stands; a request in flight stays in flight. */
  cut(): void {
    this.end()
  }

  end(): void {
    if (this.#state === 'ended') return
    const { recorder, wheel, trace } = this.#engine
    const nowMs = performance.now()
    this.#state = 'ended'
    wheel.disarm(this.#timer)
    this.#exchanges.closeAll()
    this.#transactions?.endAll(nowMs, recorder)
    recorder.session.record(nowMs - this.#startedMs)
    recorder.userFinished()
    trace?.ended()
    this.#engine.ended(this)
  }

  #begin(variables: { readonly [name: string]: string }): void {
    for (const [name, value] of Object.entries(variables)) {
      this.variables.set(this.#program.names.slot(name), value)
      this.#engine.trace?.variable(name, value)
    }
  }

  #goOn(nowMs: number): void {
    this.#intendedMs = nowMs
    this.#state = 'running'
    this.#play()
  }

  #play(): void {
    if (this.#isPlaying) return
    const { ops } = this.#program
    const { trace } = this.#engine
    this.#isPlaying = true
    for (let turn = 0; turn < opsPerTurn && this.#state === 'running'; turn++) {
      const op = ops[this.#pc]
      if (op === undefined) {
        this.end()
        break
      }
      this.#pc++
      trace?.step(op)
      this.#playOp(op)
    }
    this.#isPlaying = false
    if (this.#state !== 'running') return
    // A loop that waits for nothing must not keep the others from playing.
    this.#timer.dueMs = performance.now()
    this.#engine.wheel.arm(this.#timer)
  }

  #playOp(op: Op): void {
    switch (op.type) {
      case 'request':
        this.#ask(op)
        return
      case 'thinktime':
        this.#think(op.thinkTime)
        return
      case 'transaction-start':
        this.#transactions ??= new Transactions()
        this.#transactions.begin(op.metric, performance.now())
        return
      case 'transaction-end':
        this.#transactions?.end(op.metric, performance.now(), this.#engine.recorder)
        return
      case 'set-variables':
        this.#setVariables(op)
        return
      case 'change-type':
        this.#changeType(op)
        return
      case 'interaction':
        this.#engine.interaction(op.what, op.id)
        return
      case 'abort':
        this.#abort(op.what, op.line)
        return
      case 'count':
        this.#engine.recorder.count(op.counter)
        return
      case 'sum':
        this.#sum(op)
        return
      case 'set-option':
        if (!applyOption(op.option, this.#exchanges.current, this)) {
          this.#error('error_set_option', op.option.name, 'the value is no whole number')
        }
        return
      default: {
        this.#flow ??= new UserFlow(this, this.#program)
        const target = this.#flow.play(op)
        if (target !== next) this.#pc = target
      }
    }
  }

  #ask(op: RequestOp): void {
    this.#state = 'asking'
    // A branch went round the change_type before it.
    if (op.plugin !== this.#exchanges.type) this.#exchanges.change(op.plugin, false, false)
    this.#exchanges.current.ask(op, this.#intendedMs)
  }

  #think(thinkTime: CompiledThinkTime): void {
    if (thinkTime.type === 'wait_global') {
      this.#state = 'barrier'
      this.#engine.join(this)
      return
    }
    if (thinkTime.type === 'wait_bidi') {
      this.#state = 'thinking'
      return
    }
    const ms = thinkMs(thinkTime, this)
    if (ms === null)
      this.#error('error_thinktime', 'thinktime', 'the value is no number of seconds')
    else this.#thinkFor(performance.now(), ms)
  }

  #thinkFor(fromMs: number, ms: number): void {
    this.#state = 'thinking'
    this.#engine.trace?.thinks(ms)
    this.#timer.dueMs = fromMs + ms
    this.#engine.wheel.arm(this.#timer)
  }

  #setVariables({ source, names, slots }: SetVariablesOp): void {
    let value: Value | undefined
    if (source.type === 'computed') value = source.values(this, slots.length)
    else {
      const line = this.#line(source.file, source.order)
      if (line === null) {
        // Played again when there is a line.
        this.#pc--
        this.#state = 'leasing'
        return
      }
      value = fieldsOf(line, source.delimiter)
    }
    if (value === undefined) return
    assign(this.variables, slots, value)
    const { trace } = this.#engine
    if (trace === null) return
    for (let at = 0; at < names.length; at++) {
      trace.variable(names[at]!, this.variables.get(slots[at]!))
    }
  }

  #line(file: string, order: 'iter' | 'random'): string | null {
    const { lines } = this.#engine
    return order === 'random' ? lines.random(file, this.random()) : lines.next(file, this)
  }

  #changeType(op: ChangeTypeOp): void {
    const server = changedServer(op, this)
    if (server === null) {
      this.#error('error_change_type', `change_type ${op.newType}`, 'there is no such port')
      this.end()
      return
    }
    this.server = server
    this.#bidi = op.bidi
    this.#exchanges.change(op.newType, op.store, op.restore)
  }

  #abort(what: 'session' | 'all', line: number): void {
    if (what === 'session') this.count('abort_session')
    else this.#engine.abortRun(`<abort type="all"/> in line ${line}, session ${this.session}`)
    this.end()
  }

  #sum({ counter, value }: SumOp): void {
    const number = numberOf(renderTemplate(value, this))
    if (number === null) this.#error('error_sum', counter, 'the value is no number')
    else this.#engine.recorder.add(counter, number)
  }

  #error(name: string, what: string, detail: string): void {
    this.#engine.error(this, name, what, detail)
  }
}
