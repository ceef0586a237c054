/**
 * A virtual user: plays one program, one operation after the other.
 *
 * | state    | waits for                                     | leaves to                          |
 * | -------- | --------------------------------------------- | ---------------------------------- |
 * | running  | nothing: `#play` goes through ops             | any                                |
 * | asking   | the end of a request (`exchange.ts`)          | running, thinking (a match), ended |
 * | thinking | its timer (`wait_bidi`: `pushed`)             | running                            |
 * | paced    | its `turn`                                    | running                            |
 * | held     | the end of a pause                            | running                            |
 * | barrier  | `released`                                    | running                            |
 * | leasing  | `lineReady`: a line of a data file            | running                            |
 * | ended    | nothing                                       |                                    |
 *
 * Times are ms on the launcher's clock. Source: reference tsung-core.md, 5.1; DESIGN.md section 8.
 */

import { renderTemplate, type Template } from '../core/dynvars/template.ts'
import { Variables } from '../core/dynvars/variables.ts'
import { unreachable } from '../core/json.ts'
import type { MatchCounts, Outcome } from '../core/program/checks.ts'
import type { FlowTrace, Player } from '../core/program/flow.ts'
import type { ChangeTypeOp, Op, RequestOp } from '../core/program/ops.ts'
import { opOfAction, type Program } from '../core/program/program.ts'
import { type CompiledThinkTime, thinkMs } from '../core/program/settings.ts'
import type { Rng } from '../core/random.ts'
import type { Endpoint } from '../core/scenario/model.ts'
import { epochMs } from './clock.ts'
import type { Engine } from './engine.ts'
import type { ExchangeOwner } from './exchange-owner.ts'
import type { LineWaiter } from './lines.ts'
import type { Paced, Turn } from './pacer.ts'
import { Timer, type TimerOwner } from './timer-wheel.ts'
import { Transactions } from './transactions.ts'
import { UserExchanges } from './user-exchanges.ts'
import { next, UserFlow } from './user-flow.ts'
import { applyOption, changedServer } from './user-settings.ts'
import { addSum, beginWith, setVariables } from './user-variables.ts'

type State = 'running' | 'asking' | 'thinking' | 'paced' | 'held' | 'barrier' | 'leasing' | 'ended'

/** Operations played in one go before other users get their turn. */
const opsPerTurn = 1000

export class User implements ExchangeOwner, Player, TimerOwner, LineWaiter, Paced {
  readonly id: number
  /** Among those that play. */
  place: number
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
  /** How long after it the user was free. */
  #busyMs: number
  #turn: Turn | null
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
    this.place = 0
    this.retriesLeft = engine.options.maxRetries
    this.#engine = engine
    this.#program = program
    this.#state = 'running'
    this.#isPlaying = false
    this.#pc = 0
    this.#bidi = program.bidi
    this.#startedMs = performance.now()
    this.#intendedMs = dueMs
    this.#busyMs = 0
    this.#turn = null
    this.#random = random
    this.#variables = null
    this.#matchCounts = null
    this.#transactions = null
    this.#flow = null
    this.#timer = new Timer(this)
    this.server = engine.chooseServer(this)
    if (variables !== null) beginWith(variables, this, program.names, engine.trace)
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

  stamp(stream: string): string {
    return this.#engine.deliveries.stamp(this.id, stream)
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
      // The time of a pause is no think time: `resumed` adds it.
      if (this.#engine.tempo.pausedAtMs === null) this.#goOn(this.#timer.dueMs)
    } else if (this.#state === 'running') this.#play()
  }

  turn(dueMs: number): void {
    this.#goOn(dueMs)
  }

  /** A pause of the run is over, which has lasted so long. */
  resumed(nowMs: number, pausedMs: number): void {
    if (this.#state === 'held') this.#goOn(nowMs)
    else if (this.#state === 'thinking' && this.#timer.dueMs !== Infinity) {
      this.#timer.dueMs += pausedMs
      this.#engine.wheel.arm(this.#timer)
    }
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

  pushed(nowMs: number): void {
    if (this.#state === 'thinking' && this.#timer.dueMs === Infinity) this.#goOn(nowMs)
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

  /** Where it stands; a request in flight stays in flight. */
  end(): void {
    if (this.#state === 'ended') return
    const { recorder, wheel, tempo, trace } = this.#engine
    const nowMs = performance.now()
    this.#state = 'ended'
    wheel.disarm(this.#timer)
    if (this.#turn !== null) tempo.pacer.leave(this.#turn)
    this.#exchanges.closeAll()
    this.#transactions?.endAll(nowMs, recorder)
    recorder.session.record(nowMs - this.#startedMs)
    recorder.userFinished()
    trace?.ended()
    this.#engine.ended(this)
  }

  #goOn(nowMs: number): void {
    this.#intendedMs = nowMs
    this.#busyMs = 0
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
      case 'pace':
        this.#pace()
        return
      case 'transaction-start':
        this.#transactions ??= new Transactions()
        this.#transactions.begin(op.metric, performance.now())
        return
      case 'transaction-end':
        this.#transactions?.end(op.metric, performance.now(), this.#engine.recorder)
        return
      case 'set-variables':
        if (!setVariables(op, this, this.#engine)) this.#playLater('leasing')
        return
      case 'change-type':
        this.#changeType(op)
        return
      case 'interaction':
        this.#engine.interaction(op.what, op.id)
        return
      case 'abort':
        this.#engine.aborted(this, op.what, op.line)
        this.end()
        return
      case 'count':
        this.#engine.recorder.count(op.counter)
        return
      case 'sum':
        addSum(op, this, this.#engine)
        return
      case 'set-option':
        if (!applyOption(op.option, this.#exchanges.current.link, this)) {
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

  /** The operation again, when what it waits for is there. */
  #playLater(state: State): void {
    this.#pc--
    this.#state = state
  }

  #ask(op: RequestOp): void {
    if (this.#engine.tempo.pausedAtMs !== null) {
      this.#playLater('held')
      return
    }
    this.#state = 'asking'
    // A branch went round the change_type before it.
    if (op.plugin !== this.#exchanges.type) this.#exchanges.change(op.plugin, false, false)
    this.#exchanges.current.ask(op, this.#intendedMs, this.#busyMs)
  }

  #think(thinkTime: CompiledThinkTime): void {
    if (thinkTime.type === 'wait_global') {
      this.#state = 'barrier'
      this.#engine.join(this)
      return
    }
    if (thinkTime.type === 'wait_bidi') {
      this.#state = 'thinking'
      this.#timer.dueMs = Infinity
      return
    }
    const ms = thinkMs(thinkTime, this)
    if (ms === null)
      this.#error('error_thinktime', 'thinktime', 'the value is no number of seconds')
    else this.#thinkFor(performance.now(), ms * this.#engine.tempo.thinkTimeFactor)
  }

  #pace(): void {
    const { pacer } = this.#engine.tempo
    if (!pacer.isOn) return
    this.#turn ??= pacer.join(this)
    const dueMs = pacer.take(this.#turn)
    if (dueMs === null) this.#state = 'paced'
    else {
      this.#busyMs = performance.now() - dueMs
      this.#intendedMs = dueMs
    }
  }

  #thinkFor(fromMs: number, ms: number): void {
    this.#state = 'thinking'
    this.#engine.trace?.thinks(ms)
    // Nobody thinks while the run is paused.
    this.#timer.dueMs = (this.#engine.tempo.pausedAtMs ?? fromMs) + ms
    this.#engine.wheel.arm(this.#timer)
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

  #error(name: string, what: string, detail: string): void {
    this.#engine.error(this, name, what, detail)
  }
}
