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
 *
 * Times are ms on the launcher's clock. Source: reference tsung-core.md, 5.2 to 5.7; DESIGN.md section 8.
 */
import { unreachable } from '../core/json.ts'
import type { RequestOp } from '../core/program/program.ts'
import type { Certificate, Endpoint } from '../core/scenario/model.ts'
import type { AnyPlugin, Progress, UserView } from '../plugins/api.ts'
import type { Connection } from './connection.ts'
import { isTls, sameEndpoint } from './endpoint.ts'
import type { Engine, EngineUser } from './engine.ts'
import { Link, type LinkOwner } from './link.ts'
import { Timer, type TimerOwner } from './timer-wheel.ts'

/** The user whose exchange it is. */
export interface ExchangeOwner extends UserView, EngineUser {
  readonly id: number
  server: Endpoint
  readonly persistent: boolean
  readonly bidi: boolean
  /** The request is over, whatever came of it: the program goes on. */
  requestOver(nowMs: number): void
  /** Nothing more can be played. */
  end(): void
}

type State = 'idle' | 'opening' | 'retrying' | 'waiting' | 'barrier'

export class Exchange implements LinkOwner, TimerOwner {
  readonly id: number
  connectTimeoutMs: number | null
  readonly #engine: Engine
  readonly #owner: ExchangeOwner
  readonly #plugin: AnyPlugin
  readonly #pluginUser: unknown
  readonly #link: Link
  readonly #timer: Timer
  #state: State = 'idle'
  #request: RequestOp | null = null
  #answering = false
  #pageOpen = false
  /** One budget for the whole life of the user. */
  #retriesLeft: number
  #attempt = 0
  #intendedMs = 0
  #issuedMs = 0
  #writtenMs = 0
  #pageStartMs = 0
  #activityMs = 0

  constructor(engine: Engine, owner: ExchangeOwner, plugin: AnyPlugin, pluginUser: unknown) {
    this.id = owner.id
    this.#engine = engine
    this.#owner = owner
    this.#plugin = plugin
    this.#pluginUser = pluginUser
    this.#link = new Link(engine, this)
    this.#timer = new Timer(this)
    this.#retriesLeft = engine.options.maxRetries
    this.connectTimeoutMs = engine.options.connectTimeoutMs
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
    const { recorder } = this.#engine
    recorder.issued++
    recorder.inFlight++
    recorder.late.record(performance.now() - intendedMs)
    this.#intendedMs = intendedMs
    this.#request = op
    this.#attempt = 0
    this.#attemptRequest()
  }

  /** From the next TLS connection on. */
  useCertificate(certificate: Certificate): void {
    this.#link.certificate = certificate
    this.#link.tlsSession = null
    this.#link.drop()
  }

  /** The barrier was opened: the request is answered. */
  released(nowMs: number): void {
    this.#answered(nowMs, false)
  }

  /** The user ends; a request in flight stays in flight. */
  close(): void {
    this.#engine.wheel.disarm(this.#timer)
    this.#link.drop()
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
    if (this.#retriesLeft-- > 0) {
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
    const { recorder, sink, trace } = this.#engine
    recorder.sizeReceived += bytes.length
    const nowMs = performance.now()
    trace?.received(bytes)
    if (this.#state === 'waiting') {
      if (!this.#answering) {
        this.#answering = true
        recorder.ttfb.record(nowMs - this.#writtenMs)
      }
      this.#activityMs = nowMs
      if (this.#request!.ack === 'local') {
        this.#answered(nowMs, false)
        return
      }
    }
    sink.exchange = this
    let progress: Progress
    try {
      progress = this.#plugin.decode(bytes, connection.state, this.#pluginUser, sink)
    } catch (error) {
      this.#protocolError(error)
      return
    }
    if (progress === 'more') return
    if (progress === 'unexpected') this.#unexpected()
    else if (this.#state === 'waiting') this.#answered(nowMs, progress === 'close')
  }

  /** Sends what the plugin wants sent while it decodes. */
  reply(bytes: string): void {
    this.#link.connection?.write(bytes)
    this.#engine.recorder.sizeSent += bytes.length
    this.#engine.trace?.sent(bytes)
  }

  peerClosed(connection: Connection): void {
    this.#link.lost()
    if (this.#state === 'waiting') this.#closedWhileWaiting(connection)
    else if (!this.#owner.persistent) {
      this.#error('error_closed', 'closed by the peer between two requests')
      this.#owner.end()
    }
  }

  broke(reason: string): void {
    this.#link.lost()
    this.#error(`error_inet_${reason}`, 'the connection broke')
    this.#failAndEnd()
  }

  sendFailed(connection: Connection): void {
    if (this.#state !== 'waiting') {
      this.peerClosed(connection)
      return
    }
    this.#link.lost()
    this.#error('error_send_connection_closed', 'the peer had closed the connection')
    if (this.#owner.persistent) {
      if (this.#retriesLeft-- > 0) {
        this.#retryAfter(this.#engine.options.retryTimeoutMs)
        return
      }
      this.#error('error_abort_max_send_retries', 'nothing could be sent')
    }
    this.#failAndEnd()
  }

  #attemptRequest(): void {
    const target = this.#plugin.target(this.#request!.request, this.#pluginUser, this.#owner)
    if (target !== null && !sameEndpoint(target, this.#owner.server)) {
      this.#owner.server = target
      this.#link.drop()
    }
    this.#issuedMs = performance.now()
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
    const { recorder, trace } = this.#engine
    const bytes = this.#plugin.encode(op.request, this.#pluginUser, connection.state, this.#owner)
    trace?.sent(bytes)
    const nowMs = performance.now()
    this.#writtenMs = nowMs
    this.#activityMs = nowMs
    this.#answering = false
    if (!this.#pageOpen) {
      this.#pageOpen = true
      this.#pageStartMs = this.#issuedMs
    }
    recorder.sizeSent += bytes.length
    connection.write(bytes)
    this.#await(op, nowMs)
  }

  #await(op: RequestOp, nowMs: number): void {
    const { recorder, wheel, options } = this.#engine
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
        recorder.notAcknowledged++
        recorder.inFlight--
        this.#endPage(op, nowMs)
        this.#over(nowMs)
        return
      default:
        unreachable(op.ack)
    }
  }

  #answered(nowMs: number, close: boolean): void {
    this.#acknowledge(nowMs)
    if (close) this.#link.drop()
    this.#over(nowMs)
  }

  #acknowledge(nowMs: number): void {
    const { recorder, trace } = this.#engine
    recorder.acknowledged++
    recorder.inFlight--
    recorder.request.record(nowMs - this.#issuedMs)
    recorder.response.record(nowMs - this.#intendedMs)
    this.#endPage(this.#request!, nowMs)
    trace?.answered(nowMs - this.#issuedMs)
  }

  #endPage(op: RequestOp, nowMs: number): void {
    if (!op.endsPage) return
    this.#engine.recorder.page.record(nowMs - this.#pageStartMs)
    this.#pageOpen = false
  }

  #over(nowMs: number): void {
    this.#request = null
    this.#state = 'idle'
    this.#owner.requestOver(nowMs)
  }

  #checkIdle(nowMs: number): void {
    const dueMs = this.#activityMs + this.#engine.options.idleTimeoutMs
    if (nowMs < dueMs) {
      this.#timer.dueMs = dueMs
      this.#engine.wheel.arm(this.#timer)
      return
    }
    this.#error('error_timeout', 'no answer within idle_timeout')
    this.#failAndEnd()
  }

  #closedWhileWaiting(connection: Connection): void {
    const { sink } = this.#engine
    sink.exchange = this
    const progress = this.#plugin.end(connection.state, this.#pluginUser, sink)
    const isComplete = progress === 'done' || progress === 'close'
    const { persistent } = this.#owner
    const nowMs = performance.now()
    if (!persistent) this.#error('error_closed', 'closed by the peer')
    else if (!isComplete) {
      this.#error('error_closed_in_answer', 'closed before the answer was complete')
    }
    if (isComplete) this.#acknowledge(nowMs)
    else this.#countFailed()
    if (persistent) this.#over(nowMs)
    else this.#owner.end()
  }

  #protocolError(error: unknown): void {
    const { code, message } = error as { readonly code?: unknown; readonly message: string }
    // Anything else is a defect of ours.
    if (typeof code !== 'string' || !code.startsWith('error_')) throw error
    this.#link.drop()
    this.#error(code, message)
    if (this.#state !== 'waiting') return
    this.#countFailed()
    this.#over(performance.now())
  }

  /** Data nobody waits for. Source: reference tsung-core.md, 5.5. */
  #unexpected(): void {
    if (this.#owner.bidi) {
      this.#engine.recorder.count('async_unknown_data_rcv')
      return
    }
    this.#error('error_unknown_data', 'data came while none was awaited')
    this.#failAndEnd()
  }

  #failAndEnd(): void {
    if (this.#request !== null) this.#countFailed()
    this.#owner.end()
  }

  #countFailed(): void {
    this.#engine.recorder.failed++
    this.#engine.recorder.inFlight--
    this.#request = null
    this.#pageOpen = false
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
