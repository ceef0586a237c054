/**
 * A virtual user: plays one program, one operation after the other, over at most one connection.
 *
 * | state      | waits for                         | leaves to                                            |
 * | ---------- | --------------------------------- | ---------------------------------------------------- |
 * | running    | nothing: `#step` goes through ops | any                                                  |
 * | thinking   | its timer (or `wait_bidi`: data)  | running                                              |
 * | barrier    | `released`                        | running                                              |
 * | resolving  | an address                        | connecting, retrying, ended                          |
 * | connecting | the connection, connect_timeout   | waiting, retrying, ended                             |
 * | retrying   | its timer (back-off)              | connecting, waiting                                  |
 * | waiting    | the answer, idle_timeout          | running (done, closed), retrying (send failed), ended |
 * | ended      | nothing                           |                                                      |
 *
 * Times are ms on the launcher's clock. Source: reference tsung-core.md, section 5; DESIGN.md section 8.
 */
import { unreachable } from '../core/json.ts'
import type { Program, RequestOp } from '../core/program/program.ts'
import type { Certificate, Endpoint, SetOption, ThinkTime } from '../core/scenario/model.ts'
import type { AnyPlugin, UserView } from '../plugins/api.ts'
import { Connection, type ConnectionOwner } from './connection.ts'
import type { Engine } from './engine.ts'
import type { Source } from './source-addresses.ts'
import { Timer, type TimerOwner } from './timer-wheel.ts'

type State =
  | 'running'
  | 'thinking'
  | 'barrier'
  | 'resolving'
  | 'connecting'
  | 'retrying'
  | 'waiting'
  | 'ended'

/** Operations played in one go before other users get their turn. */
const opsPerTurn = 1000
/** Ports tried in one connect before the failure counts. */
const portsPerConnect = 32

export class User implements UserView, TimerOwner, ConnectionOwner {
  readonly id: number
  server: Endpoint
  readonly #engine: Engine
  readonly #program: Program
  readonly #plugin: AnyPlugin
  readonly #pluginUser: unknown
  readonly #timer: Timer
  #state: State = 'running'
  #pc = 0
  #connection: Connection | null = null
  #request: RequestOp | null = null
  #answering = false
  #retriesLeft: number
  #attempt = 0
  #portTries = 0
  #pageOpen = false
  #startedMs: number
  #intendedMs: number
  #issuedMs = 0
  #writtenMs = 0
  #pageStartMs = 0
  #activityMs = 0
  #random: (() => number) | null = null
  #sourceAddress: string | null | undefined = undefined
  #connectTimeoutMs: number | null
  #certificate: Certificate | null = null
  #tlsSession: Buffer | null = null
  #loops: number[] | null
  #transactions: { readonly metric: string; readonly startMs: number }[] | null = null

  /** @param dueMs when the arrival was due: the intended start of the first request */
  constructor(
    engine: Engine,
    id: number,
    program: Program,
    plugin: AnyPlugin,
    dueMs: number,
    random: (() => number) | null,
  ) {
    this.id = id
    this.#engine = engine
    this.#program = program
    this.#plugin = plugin
    this.#random = random
    this.#timer = new Timer(this)
    this.#retriesLeft = engine.options.maxRetries
    this.#connectTimeoutMs = engine.options.connectTimeoutMs
    this.#startedMs = performance.now()
    this.#intendedMs = dueMs
    this.#loops = program.loops === 0 ? null : new Array<number>(program.loops).fill(0)
    this.server = engine.chooseServer(this)
    this.#pluginUser = plugin.newUser(this, engine.pluginOptions(program.plugin))
  }

  get session(): string {
    return this.#program.name
  }

  /** What is being asked, for people. */
  get requestLabel(): string {
    return this.#request?.label ?? ''
  }

  random(): number {
    this.#random ??= this.#engine.userStream(this.id)
    return this.#random()
  }

  start(): void {
    this.#step()
  }

  wake(nowMs: number): void {
    switch (this.#state) {
      case 'thinking':
        this.#intendedMs = this.#timer.dueMs
        this.#state = 'running'
        this.#step()
        return
      case 'retrying':
        this.#attemptRequest()
        return
      case 'connecting':
        this.#dropConnection()
        this.connectFailed(null, 'timeout', 'no connection within connect_timeout')
        return
      case 'waiting':
        this.#checkIdle(nowMs)
        return
      case 'running':
        this.#step()
        return
      default:
        return
    }
  }

  /** The barrier this user waits at was opened. */
  released(): void {
    if (this.#state !== 'barrier') return
    const nowMs = performance.now()
    this.#state = 'running'
    if (this.#request === null) this.#intendedMs = nowMs
    else this.#acknowledge(nowMs)
    this.#step()
  }

  /** Ends the user where it stands; a request in flight stays in flight. */
  cut(): void {
    if (this.#state !== 'ended') this.#end()
  }

  // --- what the connection tells

  connected(connection: Connection, tcpMs: number): void {
    const nowMs = performance.now()
    const { recorder } = this.#engine
    recorder.connectionOpened()
    recorder.connect.record(nowMs - connection.openedMs)
    recorder.tcpConnect.record(tcpMs - connection.openedMs)
    if (tcpMs !== nowMs && isTls(connection.endpoint)) recorder.tls.record(nowMs - tcpMs)
    this.#engine.trace?.connected(this, connection.endpoint, nowMs - connection.openedMs)
    this.#engine.wheel.disarm(this.#timer)
    this.#portTries = 0
    this.#send()
  }

  connectFailed(_connection: Connection | null, reason: string, detail: string): void {
    const { recorder, wheel, options } = this.#engine
    wheel.disarm(this.#timer)
    this.#connection = null
    const portTaken = reason === 'eaddrinuse' || reason === 'eaddrnotavail'
    if (portTaken && this.#sourceAddress !== null && this.#portTries++ < portsPerConnect) {
      this.#connect()
      return
    }
    this.#portTries = 0
    this.#engine.error(this, `error_connect_${reason}`, detail)
    if (this.#retriesLeft-- > 0) {
      this.#attempt++
      this.#retryAfter(options.retryTimeoutMs * this.#attempt)
      return
    }
    recorder.failed++
    recorder.inFlight--
    this.#engine.error(this, 'error_abort_max_conn_retries', detail)
    this.#end()
  }

  received(connection: Connection, bytes: Uint8Array): void {
    const { recorder, sink } = this.#engine
    recorder.sizeReceived += bytes.length
    const nowMs = performance.now()
    this.#engine.trace?.received(this, bytes)
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
    sink.user = this
    let progress: 'more' | 'done' | 'close' | 'unexpected'
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

  peerClosed(connection: Connection): void {
    if (this.#state === 'ended') return
    this.#engine.recorder.connectionClosed()
    this.#connection = null
    if (this.#state === 'waiting') this.#closedWhileWaiting(connection)
    else if (!this.#program.persistent) {
      this.#engine.error(this, 'error_closed', 'closed by the peer between two requests')
      this.#end()
    }
  }

  broke(_connection: Connection, reason: string): void {
    if (this.#state === 'ended') return
    this.#engine.recorder.connectionClosed()
    this.#connection = null
    this.#failRequest()
    this.#engine.error(this, `error_inet_${reason}`, 'the connection broke')
    this.#end()
  }

  sendFailed(connection: Connection): void {
    if (this.#state !== 'waiting') {
      this.peerClosed(connection)
      return
    }
    const { recorder, options, wheel } = this.#engine
    recorder.connectionClosed()
    this.#connection = null
    wheel.disarm(this.#timer)
    this.#engine.error(this, 'error_send_connection_closed', 'the peer had closed the connection')
    if (this.#program.persistent && this.#retriesLeft-- > 0) {
      this.#retryAfter(options.retryTimeoutMs)
      return
    }
    this.#failRequest()
    if (this.#program.persistent) this.#engine.error(this, 'error_abort_max_send_retries', '')
    this.#end()
  }

  /** @internal bytes the plugin wants sent while it decodes */
  reply(bytes: string): void {
    this.#connection?.write(bytes)
    this.#engine.recorder.sizeSent += bytes.length
    this.#engine.trace?.sent(this, bytes)
  }

  // --- the program

  #step(): void {
    const { ops } = this.#program
    for (let turn = 0; turn < opsPerTurn; turn++) {
      const op = ops[this.#pc]
      if (op === undefined) {
        this.#end()
        return
      }
      this.#pc++
      this.#engine.trace?.step(this, op)
      switch (op.type) {
        case 'request':
          this.#issue(op)
          return
        case 'thinktime':
          this.#think(op.thinkTime)
          return
        case 'transaction-start':
          this.#transactions ??= []
          this.#transactions.push({ metric: op.metric, startMs: performance.now() })
          break
        case 'transaction-end':
          this.#endTransaction(op.metric)
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
    const nowMs = performance.now()
    if (thinkTime.type === 'wait_global') {
      this.#state = 'barrier'
      this.#engine.join(this)
      return
    }
    this.#state = 'thinking'
    if (thinkTime.type === 'wait_bidi') {
      this.#engine.wheel.disarm(this.#timer)
      return
    }
    let ms: number
    if (thinkTime.type === 'constant') ms = thinkTime.ms
    else if (thinkTime.type === 'exponential') ms = -Math.log(1 - this.random()) * thinkTime.meanMs
    else ms = thinkTime.minMs + this.random() * (thinkTime.maxMs - thinkTime.minMs)
    this.#engine.trace?.thinks(this, ms)
    this.#timer.dueMs = nowMs + ms
    this.#engine.wheel.arm(this.#timer)
  }

  #endTransaction(metric: string): void {
    const list = this.#transactions
    if (list === null) return
    for (let at = list.length - 1; at >= 0; at--) {
      if (list[at]!.metric !== metric) continue
      this.#engine.recorder.sample(metric).record(performance.now() - list[at]!.startMs)
      list.splice(at, 1)
      return
    }
  }

  #setOption(option: SetOption): void {
    switch (option.name) {
      case 'connect_timeout':
        this.#connectTimeoutMs = option.ms
        return
      case 'certificate':
        this.#certificate = option.certificate
        this.#tlsSession = null
        this.#dropConnection()
        return
      default:
        unreachable(option)
    }
  }

  // --- one request

  #issue(op: RequestOp): void {
    const nowMs = performance.now()
    const { recorder } = this.#engine
    recorder.issued++
    recorder.inFlight++
    recorder.late.record(nowMs - this.#intendedMs)
    this.#request = op
    this.#attempt = 0
    this.#attemptRequest()
  }

  #attemptRequest(): void {
    const op = this.#request!
    this.#issuedMs = performance.now()
    const target = this.#plugin.target(op.request, this.#pluginUser, this)
    if (target !== null && !sameEndpoint(target, this.server)) {
      this.server = target
      this.#dropConnection()
    }
    if (this.#connection === null) this.#connect()
    else this.#send()
  }

  #connect(): void {
    const { resolver } = this.#engine
    const family = isIpv6(this.server) ? 6 : 4
    const address = resolver.now(this.server.host, family)
    if (address !== null) {
      this.#open(address)
      return
    }
    this.#state = 'resolving'
    resolver.resolve(this.server.host, family, (resolved) => {
      if (this.#state !== 'resolving') return
      if ('address' in resolved) this.#open(resolved.address)
      else this.connectFailed(null, resolved.reason, `no address for ${this.server.host}`)
    })
  }

  #open(address: string): void {
    const { wheel, tlsClient } = this.#engine
    this.#state = 'connecting'
    this.#connection = new Connection(this, this.#plugin.newConnection(this.#pluginUser), {
      address,
      endpoint: this.server,
      source: this.#source(),
      tls: isTls(this.server)
        ? { certificate: this.#certificate, session: this.#tlsSession }
        : null,
      tlsClient,
    })
    wheel.disarm(this.#timer)
    if (this.#connectTimeoutMs !== null) {
      this.#timer.dueMs = performance.now() + this.#connectTimeoutMs
      wheel.arm(this.#timer)
    }
  }

  #source(): Source | null {
    const { sources } = this.#engine
    if (this.#sourceAddress === undefined) {
      this.#sourceAddress = sources.addressOf(this.id, () => this.random())
    }
    return this.#sourceAddress === null ? null : sources.next(this.#sourceAddress)
  }

  #send(): void {
    const op = this.#request!
    const connection = this.#connection!
    const { recorder, wheel, options } = this.#engine
    const bytes = this.#plugin.encode(op.request, this.#pluginUser, connection.state, this)
    this.#engine.trace?.sent(this, bytes)
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
    switch (op.ack) {
      case 'parse':
      case 'local':
        this.#state = 'waiting'
        // The idle timer of an earlier request may still run: when it fires it finds out that it is early.
        if (this.#timer.next !== null) return
        this.#timer.dueMs = nowMs + options.idleTimeoutMs
        wheel.arm(this.#timer)
        return
      case 'global':
        this.#state = 'barrier'
        this.#engine.join(this)
        return
      case 'no_ack':
        recorder.notAcknowledged++
        recorder.inFlight--
        this.#endPage(op, nowMs)
        this.#proceed(nowMs)
        return
      case 'bidi_ack':
        recorder.notAcknowledged++
        recorder.inFlight--
        this.#state = 'thinking'
        wheel.disarm(this.#timer)
        return
      default:
        unreachable(op.ack)
    }
  }

  #answered(nowMs: number, close: boolean): void {
    this.#acknowledge(nowMs)
    if (close) this.#dropConnection()
    this.#proceed(nowMs)
  }

  #acknowledge(nowMs: number): void {
    const op = this.#request!
    const { recorder } = this.#engine
    recorder.acknowledged++
    recorder.inFlight--
    recorder.request.record(nowMs - this.#issuedMs)
    recorder.response.record(nowMs - this.#intendedMs)
    this.#endPage(op, nowMs)
    this.#engine.trace?.answered(this, nowMs - this.#issuedMs)
    this.#request = null
  }

  #endPage(op: RequestOp, nowMs: number): void {
    if (!op.endsPage) return
    this.#engine.recorder.page.record(nowMs - this.#pageStartMs)
    this.#pageOpen = false
  }

  /** Goes on after a request: what comes next is intended now. */
  #proceed(nowMs: number): void {
    this.#request = null
    this.#intendedMs = nowMs
    this.#state = 'running'
    this.#step()
  }

  #checkIdle(nowMs: number): void {
    const dueMs = this.#activityMs + this.#engine.options.idleTimeoutMs
    if (nowMs < dueMs) {
      this.#timer.dueMs = dueMs
      this.#engine.wheel.arm(this.#timer)
      return
    }
    this.#failRequest()
    this.#engine.error(this, 'error_timeout', 'no answer within idle_timeout')
    this.#end()
  }

  #closedWhileWaiting(connection: Connection): void {
    const nowMs = performance.now()
    const { sink } = this.#engine
    sink.user = this
    let progress: string
    try {
      progress = this.#plugin.end(connection.state, this.#pluginUser, sink)
    } catch (error) {
      this.#protocolError(error)
      return
    }
    const complete = progress === 'done' || progress === 'close'
    if (complete) this.#acknowledge(nowMs)
    else this.#failRequest()
    if (!this.#program.persistent) {
      this.#engine.error(this, 'error_closed', 'closed by the peer')
      this.#end()
      return
    }
    if (!complete) {
      this.#engine.error(this, 'error_closed_in_answer', 'closed before the answer was complete')
    }
    this.#proceed(nowMs)
  }

  #protocolError(error: unknown): void {
    const code = (error as { code?: unknown }).code
    if (!(error instanceof Error) || typeof code !== 'string' || !code.startsWith('error_'))
      throw error
    this.#dropConnection()
    this.#engine.error(this, code, error.message)
    if (this.#state !== 'waiting') return
    this.#failRequest()
    this.#proceed(performance.now())
  }

  /** Data nobody waits for. Source: reference tsung-core.md, 5.5. */
  #unexpected(): void {
    if (this.#program.bidi) {
      this.#engine.recorder.count('async_unknown_data_rcv')
      return
    }
    this.#failRequest()
    this.#engine.error(this, 'error_unknown_data', 'data came while none was awaited')
    this.#end()
  }

  #failRequest(): void {
    if (this.#request === null) return
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

  #dropConnection(): void {
    const connection = this.#connection
    if (connection === null) return
    this.#connection = null
    if (connection.isOpen) this.#engine.recorder.connectionClosed()
    connection.close()
  }

  #end(): void {
    const { recorder, wheel } = this.#engine
    const nowMs = performance.now()
    this.#state = 'ended'
    wheel.disarm(this.#timer)
    this.#dropConnection()
    for (const { metric, startMs } of this.#transactions ?? []) {
      recorder.sample(metric).record(nowMs - startMs)
    }
    recorder.session.record(nowMs - this.#startedMs)
    recorder.userFinished()
    this.#engine.trace?.ended(this)
    this.#engine.ended(this)
  }
}

function isTls(endpoint: Endpoint): boolean {
  return endpoint.transport === 'ssl' || endpoint.transport === 'ssl6'
}

function isIpv6(endpoint: Endpoint): boolean {
  return endpoint.transport === 'tcp6' || endpoint.transport === 'ssl6'
}

function sameEndpoint(a: Endpoint, b: Endpoint): boolean {
  return a === b || (a.port === b.port && a.host === b.host && a.transport === b.transport)
}
