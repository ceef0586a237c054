/**
 * A virtual user: plays one program, one operation after the other.
 *
 * | state    | waits for                            | leaves to                 |
 * | -------- | ------------------------------------ | ------------------------- |
 * | running  | nothing: `#step` goes through ops    | any                       |
 * | asking   | the end of a request (`exchange.ts`) | running, ended            |
 * | thinking | its timer (`wait_bidi`: data)        | running                   |
 * | barrier  | `released`                           | running                   |
 * | ended    | nothing                              |                           |
 *
 * Times are ms on the launcher's clock. Source: reference tsung-core.md, 5.1; DESIGN.md section 8.
 */
import { unreachable } from '../core/json.ts'
import type { Program } from '../core/program/program.ts'
import type { Rng } from '../core/random.ts'
import type { Endpoint, SetOption, ThinkTime } from '../core/scenario/model.ts'
import type { AnyPlugin } from '../plugins/api.ts'
import type { Engine } from './engine.ts'
import { Exchange, type ExchangeOwner } from './exchange.ts'
import { Timer, type TimerOwner } from './timer-wheel.ts'
import { Transactions } from './transactions.ts'

type State = 'running' | 'asking' | 'thinking' | 'barrier' | 'ended'

/** Operations played in one go before other users get their turn. */
const opsPerTurn = 1000

export class User implements ExchangeOwner, TimerOwner {
  readonly id: number
  server: Endpoint
  readonly #engine: Engine
  readonly #program: Program
  readonly #exchange: Exchange
  readonly #timer: Timer
  #state: State = 'running'
  #pc = 0
  readonly #startedMs: number
  /** When the next request should be issued. */
  #intendedMs: number
  #random: Rng | null
  readonly #loops: number[] | null
  #transactions: Transactions | null = null

  /**
   * @param dueMs when the arrival was due: the intended start of the first request
   * @param random the user's stream, if something was drawn from it already
   */
  constructor(
    engine: Engine,
    id: number,
    program: Program,
    plugin: AnyPlugin,
    dueMs: number,
    random: Rng | null,
  ) {
    this.id = id
    this.#engine = engine
    this.#program = program
    this.#random = random
    this.#timer = new Timer(this)
    this.#startedMs = performance.now()
    this.#intendedMs = dueMs
    this.#loops = program.loops === 0 ? null : new Array<number>(program.loops).fill(0)
    this.server = engine.chooseServer(this)
    const pluginUser = plugin.newUser(this, engine.pluginOptions(program.plugin))
    this.#exchange = new Exchange(engine, this, plugin, pluginUser)
  }

  get session(): string {
    return this.#program.name
  }

  get persistent(): boolean {
    return this.#program.persistent
  }

  get bidi(): boolean {
    return this.#program.bidi
  }

  random(): number {
    this.#random ??= this.#engine.userStream(this.id)
    return this.#random()
  }

  start(): void {
    this.#step()
  }

  wake(): void {
    if (this.#state === 'thinking') {
      this.#intendedMs = this.#timer.dueMs
      this.#state = 'running'
    }
    if (this.#state === 'running') this.#step()
  }

  /** The barrier this user waits at was opened. */
  released(): void {
    const nowMs = performance.now()
    if (this.#state === 'asking') this.#exchange.released(nowMs)
    else if (this.#state === 'barrier') this.requestOver(nowMs)
  }

  requestOver(nowMs: number): void {
    this.#intendedMs = nowMs
    this.#state = 'running'
    this.#step()
  }

  /** Ends the user where it stands; a request in flight stays in flight. */
  cut(): void {
    if (this.#state !== 'ended') this.end()
  }

  end(): void {
    const { recorder, wheel, trace } = this.#engine
    const nowMs = performance.now()
    this.#state = 'ended'
    wheel.disarm(this.#timer)
    this.#exchange.close()
    this.#transactions?.endAll(nowMs, recorder)
    recorder.session.record(nowMs - this.#startedMs)
    recorder.userFinished()
    trace?.ended()
    this.#engine.ended(this)
  }

  #step(): void {
    const { ops } = this.#program
    const { recorder, trace } = this.#engine
    for (let turn = 0; turn < opsPerTurn; turn++) {
      const op = ops[this.#pc]
      if (op === undefined) {
        this.end()
        return
      }
      this.#pc++
      trace?.step(op)
      switch (op.type) {
        case 'request':
          this.#state = 'asking'
          this.#exchange.ask(op, this.#intendedMs)
          return
        case 'thinktime':
          this.#think(op.thinkTime)
          return
        case 'transaction-start':
          this.#transactions ??= new Transactions()
          this.#transactions.begin(op.metric, performance.now())
          break
        case 'transaction-end':
          this.#transactions?.end(op.metric, performance.now(), recorder)
          break
        case 'for-start':
          this.#loops![op.loop] = op.from
          break
        case 'for-end':
          if (this.#loops![op.loop]! < op.to) {
            this.#loops![op.loop]! += op.increment
            this.#pc = op.body
          }
          break
        case 'set-option':
          this.#setOption(op.option)
          break
        default:
          unreachable(op)
      }
    }
    // A loop that waits for nothing must not keep the others from playing.
    this.#timer.dueMs = performance.now()
    this.#engine.wheel.arm(this.#timer)
  }

  #think(thinkTime: ThinkTime): void {
    if (thinkTime.type === 'wait_global') {
      this.#state = 'barrier'
      this.#engine.join(this)
      return
    }
    this.#state = 'thinking'
    if (thinkTime.type === 'wait_bidi') return
    const ms = this.#thinkMs(thinkTime)
    this.#engine.trace?.thinks(ms)
    this.#timer.dueMs = performance.now() + ms
    this.#engine.wheel.arm(this.#timer)
  }

  #thinkMs(thinkTime: Exclude<ThinkTime, { type: 'wait_global' | 'wait_bidi' }>): number {
    switch (thinkTime.type) {
      case 'constant':
        return thinkTime.ms
      case 'exponential':
        return -Math.log(1 - this.random()) * thinkTime.meanMs
      case 'uniform':
        return thinkTime.minMs + this.random() * (thinkTime.maxMs - thinkTime.minMs)
      default:
        return unreachable(thinkTime)
    }
  }

  #setOption(option: SetOption): void {
    switch (option.name) {
      case 'connect_timeout':
        this.#exchange.connectTimeoutMs = option.ms
        return
      case 'certificate':
        this.#exchange.useCertificate(option.certificate)
        return
      default:
        unreachable(option)
    }
  }
}
