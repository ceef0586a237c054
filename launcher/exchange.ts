/**
 * What a user has going with its target: one request at a time, over at most one connection. Its states stand in
 * exchange-state.ts.
 *
 * Times are ms on the launcher's clock. Source: reference tsung-core.md, 5.2 to 5.9; DESIGN.md section 8.
 */
import { unreachable } from '../core/json.ts'
import type { Outcome } from '../core/program/checks.ts'
import type { RequestOp } from '../core/program/ops.ts'
import type { Ack } from '../core/scenario/model.ts'
import type { AnyPlugin } from '../plugins/api.ts'
import type { AnswerContent } from './answer-content.ts'
import { type Answered, goOn, type Then } from './answer-reader.ts'
import type { Connection } from './connection.ts'
import { sameEndpoint } from './endpoint.ts'
import type { Engine } from './engine.ts'
import type { ExchangeOwner } from './exchange-owner.ts'
import { type ExchangeState, isTimed } from './exchange-state.ts'
import { tellReceived, tellSent } from './exchange-traffic.ts'
import { Link, type LinkOwner } from './link.ts'
import { prepare } from './plugin-fault.ts'
import type { RequestMeter } from './request-meter.ts'
import { Timer, type TimerOwner } from './timer-wheel.ts'

export class Exchange implements LinkOwner, TimerOwner, Answered {
  readonly user: ExchangeOwner
  readonly plugin: AnyPlugin
  readonly pluginUser: unknown
  /** What came of the answer in earlier reads. */
  content: AnswerContent | null = null
  readonly #engine: Engine
  readonly link: Link
  readonly #timer: Timer
  /** While a request is asked, and between two requests of a page. */
  #meter: RequestMeter | null = null
  #state: ExchangeState = 'idle'
  #request: RequestOp | null = null
  #lastAck: Ack = 'parse'
  #attempt = 0

  constructor(engine: Engine, owner: ExchangeOwner, plugin: AnyPlugin, pluginUser: unknown) {
    this.user = owner
    this.#engine = engine
    this.plugin = plugin
    this.pluginUser = pluginUser
    this.link = new Link(engine, owner, this)
    this.#timer = new Timer(this)
  }

  /** @param intendedMs when the request should have been issued; @param busyMs so long after it the user was free */
  ask(op: RequestOp, intendedMs: number, busyMs: number): void {
    this.#meter ??= this.#engine.meters.take()
    this.#meter.begin(intendedMs, busyMs, op.tag, this.user.transaction)
    this.#request = op
    this.#lastAck = op.ack
    this.#attempt = 0
    this.#attemptRequest()
  }

  /** The user goes on with another exchange; this one keeps its connection and ignores what comes. */
  store(): void {
    this.#state = 'stored'
  }

  /** The user takes up the exchange again. */
  resume(): void {
    this.#state = 'idle'
  }

  /** The barrier was opened: the request is answered. */
  released(nowMs: number): void {
    this.#acknowledge(this.#request!, nowMs)
    this.#over(nowMs, goOn)
  }

  /** The user ends; a request in flight stays in flight. */
  close(): void {
    this.#state = 'idle'
    this.#engine.wheel.disarm(this.#timer)
    this.link.drop()
    this.#meter = this.#engine.meters.give(this.#meter)
  }

  wake(nowMs: number): void {
    if (this.#state === 'retrying') this.#attemptRequest()
    else if (isTimed(this.#state)) this.#checkIdle(nowMs)
  }

  newConnectionState(): unknown {
    return this.plugin.newConnection(this.pluginUser)
  }

  connected(connection: Connection, tcpMs: number, readyMs: number): void {
    this.link.opened(connection, tcpMs, readyMs)
    this.#send(connection)
  }

  connectFailed(reason: string, detail: string): void {
    const why = this.link.failed(reason, detail, this.user.server)
    if (why === null) return
    this.error(`error_connect_${reason}`, why)
    if (this.#retries(this.#engine.options.retryTimeoutMs * ++this.#attempt)) return
    this.#giveUp('error_abort_max_conn_retries', detail)
  }

  tlsSession(session: Buffer): void {
    this.link.tlsSession = session
  }

  received(connection: Connection, bytes: Uint8Array): void {
    const isAwaited = this.#state === 'waiting' || this.#state === 'barrier'
    if (isAwaited && !this.link.passes(connection, bytes)) return
    this.passed(connection, bytes)
  }

  passed(connection: Connection, bytes: Uint8Array): void {
    const { reader } = this.#engine
    tellReceived(this.#engine, this.user.id, bytes)
    const nowMs = performance.now()
    if (this.#state === 'waiting') {
      this.#meter!.came(nowMs, bytes.length)
      reader.read(this, connection, this.#request!, bytes, nowMs)
    } else reader.readUnasked(this, connection, bytes, nowMs)
  }

  alarmed(connection: Connection, nowMs: number): void {
    const awaited = this.#state === 'waiting' ? this.#request : null
    this.#engine.reader.wake(this, connection, awaited, nowMs)
  }

  unexpected(): void {
    const isNotOurs = this.#state === 'idle' && !this.user.bidi && this.#lastAck === 'parse'
    if (isNotOurs || this.#state === 'waiting') {
      this.#giveUp('error_unknown_data', 'data came while none was awaited')
    }
  }

  closedUnasked(connection: Connection): void {
    this.link.drop()
    this.#closed(connection)
  }

  pushed(nowMs: number): void {
    if (this.#state === 'pushed') this.#over(nowMs, goOn)
    else if (this.#state !== 'stored') this.user.pushed(nowMs)
  }

  wakeAfter(ms: number): void {
    this.link.wakeAfter(ms)
  }

  /** Sends what the plugin wants sent while it decodes. */
  reply(bytes: string): void {
    this.link.connection?.write(bytes)
    this.#engine.recorder.sizeSent += bytes.length
    tellSent(this.#engine, this.user.id, bytes)
  }

  protocolBroken(code: string, detail: string): void {
    this.link.drop()
    this.answerFailed(code, detail)
  }

  answerFailed(code: string, detail: string): void {
    // What waits for the rate limit is of no answer any more.
    if (this.link.isHolding) this.link.drop()
    if (this.#state === 'waiting') this.requestFailed(code, detail)
    else this.error(code, detail)
  }

  drained(): void {
    if (this.#state === 'sending') this.#over(performance.now(), goOn)
  }

  peerClosed(connection: Connection): void {
    const held = this.link.lost()
    if (!this.#isAnsweredByHeld(connection, held)) this.#closed(connection)
  }

  #closed(connection: Connection): void {
    if (this.#state === 'waiting') this.#closedWhileWaiting(connection)
    else if (!this.user.persistent && this.#state !== 'stored') {
      this.#giveUp('error_closed', 'closed by the peer between two requests')
    } else if (this.#state === 'pushed') {
      this.error('error_closed_in_answer', 'closed before what was waited for came')
      this.#over(performance.now(), goOn)
    } else this.drained()
  }

  broke(reason: string): void {
    this.link.lost()
    if (this.#state === 'stored') return
    this.#giveUp(`error_inet_${reason}`, 'the connection broke')
  }

  sendFailed(connection: Connection, reason: string, detail: string): void {
    if (this.#state !== 'waiting') {
      this.peerClosed(connection)
      return
    }
    this.link.lost()
    if (reason === 'unprocessed') {
      this.#attemptRequest()
      return
    }
    this.error(`error_send_${reason}`, detail)
    if (this.user.persistent) {
      if (this.#retries(this.#engine.options.retryTimeoutMs)) return
      this.error('error_abort_max_send_retries', 'nothing could be sent')
    }
    this.#failAndEnd()
  }

  #attemptRequest(): void {
    const { request } = this.#request!
    const fault = prepare(this.plugin, request, this.pluginUser, this.user)
    if (fault !== null) {
      this.requestFailed(fault.code, fault.message)
      return
    }
    const target = this.plugin.target(request, this.pluginUser, this.user)
    if (target !== null && !sameEndpoint(target, this.user.server)) {
      this.user.server = target
      this.link.drop()
    }
    this.#meter!.issue()
    if (this.link.connection !== null) this.#send(this.link.connection)
    else {
      this.#state = 'opening'
      this.link.open(this.user.server)
    }
  }

  #send(connection: Connection): void {
    const op = this.#request!
    const { sink } = this.#engine
    sink.open(this, false)
    const bytes = this.plugin.encode(op.request, this.pluginUser, connection.state, this.user, sink)
    tellSent(this.#engine, this.user.id, bytes)
    const nowMs = performance.now()
    this.content = null
    this.#meter!.sent(nowMs, bytes.length)
    const isFlowing = bytes === '' || connection.write(bytes)
    this.#await(op, nowMs, isFlowing)
  }

  #await(op: RequestOp, nowMs: number, isFlowing: boolean): void {
    switch (op.ack) {
      case 'parse':
      case 'local':
        this.#state = 'waiting'
        this.#watchIdle(nowMs)
        return
      case 'global':
        this.#state = 'barrier'
        this.#engine.join(this.user)
        return
      case 'bidi_ack':
        this.#meter!.notAcknowledged(op, nowMs)
        this.#request = null
        this.#state = 'pushed'
        this.#watchIdle(nowMs)
        return
      case 'no_ack':
        this.#meter!.notAcknowledged(op, nowMs)
        this.#request = null
        if (isFlowing) this.#over(nowMs, goOn)
        else {
          this.#state = 'sending'
          this.#watchIdle(nowMs)
        }
        return
      default:
        unreachable(op.ack)
    }
  }

  #watchIdle(nowMs: number): void {
    // The timer of an earlier request may still run: when it fires it finds out that it is early.
    if (this.#timer.next !== null) return
    this.#timer.dueMs = nowMs + this.#engine.options.idleTimeoutMs
    this.#engine.wheel.arm(this.#timer)
  }

  answered(connection: Connection, nowMs: number, then: Then): void {
    const op = this.#request!
    const ms = this.#acknowledge(op, nowMs)
    const outcome = this.#engine.reader.finish(this, connection, op, this.#meter!.answerBytes, ms)
    if (then === 'close') this.link.drop()
    if (then !== 'upgrade') this.#over(nowMs, outcome)
    else {
      this.#request = null
      this.#state = 'upgrading'
      this.#watchIdle(nowMs)
      this.link.upgrade(connection, outcome)
    }
  }

  upgraded(): void {
    this.#over(performance.now(), this.link.upgraded())
  }

  upgradeFailed(reason: string, detail: string): void {
    this.link.lost()
    this.#giveUp(`error_connect_${reason}`, detail)
  }

  #acknowledge(op: RequestOp, nowMs: number): number {
    const ms = this.#meter!.acknowledged(op, nowMs)
    this.#engine.trace?.answered(ms)
    return ms
  }

  #over(nowMs: number, outcome: Outcome): void {
    this.#request = null
    this.#state = 'idle'
    this.user.requestOver(nowMs, outcome)
    this.link.connection?.keep()
    if (this.#state === 'idle' && this.#meter?.isPageOpen === false) {
      this.#meter = this.#engine.meters.give(this.#meter)
    }
  }

  #checkIdle(nowMs: number): void {
    // Bytes that wait for the rate limit have come.
    if (this.link.isHolding) this.#meter!.activityMs = nowMs
    const dueMs = this.#meter!.activityMs + this.#engine.options.idleTimeoutMs
    if (nowMs < dueMs) {
      this.#timer.dueMs = dueMs
      this.#engine.wheel.arm(this.#timer)
      return
    }
    this.#giveUp('error_timeout', 'nothing came within idle_timeout')
  }

  /** The peer closed while bytes of it wait for the rate limit: they count at once. */
  #isAnsweredByHeld(connection: Connection, held: readonly Uint8Array[]): boolean {
    if (this.#state !== 'waiting') return false
    for (const bytes of held) {
      this.passed(connection, bytes)
      if (this.#state !== 'waiting') return true
    }
    return false
  }

  #closedWhileWaiting(connection: Connection): void {
    const op = this.#request!
    const isComplete = this.#engine.reader.end(this, connection, op)
    const nowMs = performance.now()
    if (!this.user.persistent) {
      this.error('error_closed', 'closed by the peer')
      if (isComplete) {
        this.#acknowledge(op, nowMs)
        this.#request = null
      }
      this.#failAndEnd()
    } else if (isComplete) this.answered(connection, nowMs, 'done')
    else this.requestFailed('error_closed_in_answer', 'closed before the answer was complete')
  }

  requestFailed(name: string, detail: string): void {
    this.error(name, detail)
    this.#countFailed()
    this.#over(performance.now(), goOn)
  }

  #giveUp(name: string, detail: string): void {
    this.error(name, detail)
    this.#failAndEnd()
  }

  #failAndEnd(): void {
    if (this.#request !== null) this.#countFailed()
    this.user.end()
  }

  #countFailed(): void {
    this.#meter!.failed()
    this.#request = null
  }

  /** @returns whether the request will be attempted again, after `ms` */
  #retries(ms: number): boolean {
    if (this.user.retriesLeft-- <= 0) return false
    this.#state = 'retrying'
    this.#timer.dueMs = performance.now() + ms
    this.#engine.wheel.arm(this.#timer)
    return true
  }

  error(name: string, detail: string): void {
    this.#engine.error(this.user, name, this.#request?.label ?? '', detail)
  }
}
