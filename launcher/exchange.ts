/**
 * What a user has going with its target: one request at a time, over at most one connection.
 *
 * | state    | waits for                        | leaves to                                                   |
 * | -------- | -------------------------------- | ----------------------------------------------------------- |
 * | idle     | nothing (unasked data, closes)   | opening, waiting                                            |
 * | opening  | the connection, connect_timeout  | waiting, retrying, idle (given up: the user ends)           |
 * | retrying | its timer (back-off)             | opening, waiting                                            |
 * | waiting  | the answer, idle_timeout         | idle (answered, closed, failed), retrying (could not send)  |
 * | barrier  | `released` (`ack="global"`)      | idle                                                        |
 * | stored   | `restore` (`change_type`)        | idle                                                        |
 *
 * Times are ms on the launcher's clock. Source: reference tsung-core.md, 5.2 to 5.9; DESIGN.md section 8.
 */
import { unreachable } from '../core/json.ts'
import type { Outcome } from '../core/program/checks.ts'
import type { RequestOp } from '../core/program/program.ts'
import type { Ack, Certificate, Endpoint } from '../core/scenario/model.ts'
import type { AnyPlugin, UserView } from '../plugins/api.ts'
import { AnswerReader, type AnswerReaderHooks, goOn, type ReadingUser } from './answer-reader.ts'
import type { Connection } from './connection.ts'
import { isTls, sameEndpoint } from './endpoint.ts'
import type { Engine, EngineUser } from './engine.ts'
import { Link, type LinkOwner } from './link.ts'
import { RateLimit, type RateLimited } from './rate-limit.ts'
import { RequestMeter } from './request-meter.ts'
import { Timer, type TimerOwner } from './timer-wheel.ts'

/** The user whose exchange it is. */
export interface ExchangeOwner extends UserView, EngineUser, ReadingUser {
  readonly id: number
  server: Endpoint
  readonly persistent: boolean
  /** Of the type that is being played. */
  readonly bidi: boolean
  /** What is left of `max_retries`: one budget for the whole life of the user. */
  retriesLeft: number
  /**
   * The request is over, whatever came of it: the program goes on.
   *
   * @param nowMs when that was; the outcome may have taken time to work out
   */
  requestOver(nowMs: number, outcome: Outcome): void
  /** Nothing more can be played. */
  end(): void
}

type State = 'idle' | 'opening' | 'retrying' | 'waiting' | 'barrier' | 'stored'

export class Exchange implements LinkOwner, TimerOwner, RateLimited, AnswerReaderHooks {
  readonly id: number
  connectTimeoutMs: number | null
  readonly #engine: Engine
  readonly #owner: ExchangeOwner
  readonly #plugin: AnyPlugin
  readonly #pluginUser: unknown
  readonly #link: Link
  readonly #timer: Timer
  readonly #meter: RequestMeter
  readonly #reader: AnswerReader
  #rateLimit: RateLimit | null
  #state: State = 'idle'
  #request: RequestOp | null = null
  #lastAck: Ack = 'parse'
  #attempt = 0

  constructor(engine: Engine, owner: ExchangeOwner, plugin: AnyPlugin, pluginUser: unknown) {
    const { rateLimit, connectTimeoutMs } = engine.options
    this.id = owner.id
    this.#engine = engine
    this.#owner = owner
    this.#plugin = plugin
    this.#pluginUser = pluginUser
    this.#link = new Link(engine, this)
    this.#timer = new Timer(this)
    this.#meter = new RequestMeter(engine.recorder)
    this.#reader = new AnswerReader(engine, owner, plugin, pluginUser, this)
    this.#rateLimit = null
    this.connectTimeoutMs = connectTimeoutMs
    if (rateLimit !== null) this.setRateLimit(rateLimit.bytesPerMs, rateLimit.burstBytes)
  }

  /** What is being asked, for people. */
  get label(): string {
    return this.#request?.label ?? ''
  }

  random(): number {
    return this.#owner.random()
  }

  /** @param intendedMs when the request should have been issued */
  ask(op: RequestOp, intendedMs: number): void {
    this.#meter.begin(intendedMs)
    this.#request = op
    this.#lastAck = op.ack
    this.#attempt = 0
    this.#attemptRequest()
  }

  /** From now on. @param bytesPerMs 0: not limited */
  setRateLimit(bytesPerMs: number, burstBytes: number): void {
    const { connection } = this.#link
    for (const bytes of this.#rateLimit?.release() ?? []) {
      if (connection !== null) this.passed(connection, bytes)
    }
    this.#rateLimit =
      bytesPerMs > 0 ? new RateLimit(this.#engine.wheel, this, bytesPerMs, burstBytes) : null
  }

  /** From the next TLS connection on. @param certificate with markers replaced */
  useCertificate(certificate: Certificate): void {
    this.#link.certificate = certificate
    this.#link.tlsSession = null
    this.#drop()
  }

  /** What `set_option` said to another exchange of this user holds here too. */
  adoptOptions(from: Exchange): void {
    this.connectTimeoutMs = from.connectTimeoutMs
    this.setRateLimit(from.#rateLimit?.bytesPerMs ?? 0, from.#rateLimit?.burstBytes ?? 0)
    this.#link.certificate = from.#link.certificate
  }

  /** The user goes on with another exchange; this one keeps its connection and ignores what comes. */
  store(): void {
    this.#state = 'stored'
  }

  /** The user takes up the exchange again. */
  restore(): void {
    this.#state = 'idle'
  }

  /** The barrier was opened: the request is answered. */
  released(nowMs: number): void {
    this.#acknowledge(this.#request!, nowMs)
    this.#over(nowMs, goOn)
  }

  /** The user ends; a request in flight stays in flight. */
  close(): void {
    this.#engine.wheel.disarm(this.#timer)
    this.#drop()
  }

  wake(nowMs: number): void {
    switch (this.#state) {
      case 'retrying':
        this.#attemptRequest()
        return
      case 'opening':
        this.#link.drop()
        this.connectFailed('timeout', 'no connection within connect_timeout')
        return
      case 'waiting':
        this.#checkIdle(nowMs)
        return
      default:
        return
    }
  }

  newConnectionState(): unknown {
    return this.#plugin.newConnection(this.#pluginUser)
  }

  opening(): void {
    const { wheel } = this.#engine
    wheel.disarm(this.#timer)
    if (this.connectTimeoutMs === null) return
    this.#timer.dueMs = performance.now() + this.connectTimeoutMs
    wheel.arm(this.#timer)
  }

  connected(connection: Connection, tcpMs: number): void {
    const nowMs = performance.now()
    const { recorder, wheel, trace } = this.#engine
    const { openedMs, endpoint } = connection
    recorder.connectionOpened()
    recorder.connect.record(nowMs - openedMs)
    recorder.tcpConnect.record(tcpMs - openedMs)
    if (isTls(endpoint)) recorder.tls.record(nowMs - tcpMs)
    trace?.connected(endpoint, nowMs - openedMs)
    wheel.disarm(this.#timer)
    this.#link.opened()
    this.#send(connection)
  }

  connectFailed(reason: string, detail: string): void {
    this.#engine.wheel.disarm(this.#timer)
    if (this.#link.failed(reason, this.#owner.server)) return
    this.#error(`error_connect_${reason}`, detail)
    if (this.#owner.retriesLeft-- > 0) {
      this.#attempt++
      this.#retryAfter(this.#engine.options.retryTimeoutMs * this.#attempt)
      return
    }
    this.#error('error_abort_max_conn_retries', detail)
    this.#failAndEnd()
  }

  tlsSession(session: Buffer): void {
    this.#link.tlsSession = session
  }

  received(connection: Connection, bytes: Uint8Array): void {
    const limit = this.#rateLimit
    if (limit !== null && (this.#state === 'waiting' || this.#state === 'barrier')) {
      if (!limit.passes(connection, bytes)) return
    }
    this.passed(connection, bytes)
  }

  passed(connection: Connection, bytes: Uint8Array): void {
    const { recorder, trace, dump } = this.#engine
    recorder.sizeReceived += bytes.length
    trace?.received(bytes)
    dump?.received(this.id, bytes)
    if (this.#state === 'waiting') this.#answer(connection, bytes)
    else if (this.#state === 'idle') this.#unasked(connection, bytes)
  }

  /** Sends what the plugin wants sent while it decodes. */
  reply(bytes: string): void {
    const { recorder, trace, dump } = this.#engine
    this.#link.connection?.write(bytes)
    recorder.sizeSent += bytes.length
    trace?.sent(bytes)
    dump?.sent(this.id, bytes)
  }

  protocolBroken(code: string, detail: string): void {
    this.#drop()
    this.#error(code, detail)
    if (this.#state !== 'waiting') return
    this.#countFailed()
    this.#over(performance.now(), goOn)
  }

  peerClosed(connection: Connection): void {
    this.#link.lost()
    if (this.#isAnsweredByHeld(connection)) return
    if (this.#state === 'waiting') this.#closedWhileWaiting(connection)
    else if (!this.#owner.persistent && this.#state !== 'stored') {
      this.#error('error_closed', 'closed by the peer between two requests')
      this.#failAndEnd()
    }
  }

  broke(reason: string): void {
    this.#link.lost()
    this.#rateLimit?.release()
    if (this.#state === 'stored') return
    this.#error(`error_inet_${reason}`, 'the connection broke')
    this.#failAndEnd()
  }

  sendFailed(connection: Connection, reason: string, detail: string): void {
    if (this.#state !== 'waiting') {
      this.peerClosed(connection)
      return
    }
    this.#link.lost()
    this.#rateLimit?.release()
    this.#error(`error_send_${reason}`, detail)
    if (this.#owner.persistent) {
      if (this.#owner.retriesLeft-- > 0) {
        this.#retryAfter(this.#engine.options.retryTimeoutMs)
        return
      }
      this.#error('error_abort_max_send_retries', 'nothing could be sent')
    }
    this.#failAndEnd()
  }

  #attemptRequest(): void {
    const { request } = this.#request!
    this.#plugin.prepare?.(request, this.#pluginUser, this.#owner)
    const target = this.#plugin.target(request, this.#pluginUser, this.#owner)
    if (target !== null && !sameEndpoint(target, this.#owner.server)) {
      this.#owner.server = target
      this.#drop()
    }
    this.#meter.issue()
    const { connection } = this.#link
    if (connection !== null) {
      this.#send(connection)
      return
    }
    this.#state = 'opening'
    this.#link.open(this.#owner.server)
  }

  #send(connection: Connection): void {
    const op = this.#request!
    const { trace, dump } = this.#engine
    const bytes = this.#plugin.encode(op.request, this.#pluginUser, connection.state, this.#owner)
    trace?.sent(bytes)
    dump?.sent(this.id, bytes)
    const nowMs = performance.now()
    this.#reader.begin()
    this.#meter.sent(nowMs, bytes.length)
    connection.write(bytes)
    this.#await(op, nowMs)
  }

  #await(op: RequestOp, nowMs: number): void {
    const { wheel, options } = this.#engine
    switch (op.ack) {
      case 'parse':
      case 'local':
        this.#state = 'waiting'
        // The timer of an earlier request may still run: when it fires it finds out that it is early.
        if (this.#timer.next !== null) return
        this.#timer.dueMs = nowMs + options.idleTimeoutMs
        wheel.arm(this.#timer)
        return
      case 'global':
        this.#state = 'barrier'
        this.#engine.join(this.#owner)
        return
      case 'no_ack':
      case 'bidi_ack':
        this.#meter.notAcknowledged(op, nowMs)
        this.#over(nowMs, goOn)
        return
      default:
        unreachable(op.ack)
    }
  }

  /** A part of the answer that is awaited. */
  #answer(connection: Connection, bytes: Uint8Array): void {
    const nowMs = performance.now()
    this.#meter.came(nowMs, bytes.length)
    switch (this.#reader.read(connection, this.#request!, bytes)) {
      case 'done':
        this.#answered(connection, nowMs, false)
        return
      case 'close':
        this.#answered(connection, nowMs, true)
        return
      case 'unexpected':
        this.#unknownData()
        return
      default:
        return
    }
  }

  /** Data nobody waits for. Source: reference tsung-core.md, 5.5. */
  #unasked(connection: Connection, bytes: Uint8Array): void {
    const { bidi } = this.#owner
    if (!bidi && this.#lastAck !== 'parse') return
    if (!this.#reader.readUnasked(connection, bytes, bidi)) this.#unknownData()
  }

  #answered(connection: Connection, nowMs: number, close: boolean): void {
    const op = this.#request!
    const ms = this.#acknowledge(op, nowMs)
    const outcome = this.#reader.finish(connection, op, this.#meter.answerBytes, ms)
    if (close) this.#drop()
    this.#over(nowMs, outcome)
  }

  #acknowledge(op: RequestOp, nowMs: number): number {
    const ms = this.#meter.acknowledged(op, nowMs)
    this.#engine.trace?.answered(ms)
    return ms
  }

  #over(nowMs: number, outcome: Outcome): void {
    this.#request = null
    this.#state = 'idle'
    this.#owner.requestOver(nowMs, outcome)
  }

  #checkIdle(nowMs: number): void {
    // Bytes that wait for the rate limit have come.
    if (this.#rateLimit?.isHolding === true) this.#meter.activityMs = nowMs
    const dueMs = this.#meter.activityMs + this.#engine.options.idleTimeoutMs
    if (nowMs < dueMs) {
      this.#timer.dueMs = dueMs
      this.#engine.wheel.arm(this.#timer)
      return
    }
    this.#error('error_timeout', 'no answer within idle_timeout')
    this.#failAndEnd()
  }

  /** The peer closed while bytes of it wait for the rate limit: they count at once. */
  #isAnsweredByHeld(connection: Connection): boolean {
    const held = this.#rateLimit?.release() ?? []
    if (this.#state !== 'waiting') return false
    for (const bytes of held) {
      this.passed(connection, bytes)
      if (this.#state !== 'waiting') return true
    }
    return false
  }

  #closedWhileWaiting(connection: Connection): void {
    const op = this.#request!
    const isComplete = this.#reader.end(connection, op)
    const { persistent } = this.#owner
    const nowMs = performance.now()
    if (!persistent) {
      this.#error('error_closed', 'closed by the peer')
      if (isComplete) {
        this.#acknowledge(op, nowMs)
        this.#request = null
      }
      this.#failAndEnd()
      return
    }
    if (isComplete) {
      this.#answered(connection, nowMs, false)
      return
    }
    this.#error('error_closed_in_answer', 'closed before the answer was complete')
    this.#countFailed()
    this.#over(nowMs, goOn)
  }

  #unknownData(): void {
    this.#error('error_unknown_data', 'data came while none was awaited')
    this.#failAndEnd()
  }

  #failAndEnd(): void {
    if (this.#request !== null) this.#countFailed()
    this.#owner.end()
  }

  #countFailed(): void {
    this.#meter.failed()
    this.#request = null
  }

  #drop(): void {
    this.#rateLimit?.release()
    this.#link.drop()
  }

  #retryAfter(ms: number): void {
    this.#state = 'retrying'
    this.#timer.dueMs = performance.now() + ms
    this.#engine.wheel.arm(this.#timer)
  }

  #error(name: string, detail: string): void {
    this.#engine.error(this.#owner, name, this.label, detail)
  }
}
