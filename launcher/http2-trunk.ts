/**
 * One connection that speaks HTTP/2, with the users that share it.
 *
 * ```
 * opening --TCP, TLS, ALPN--> open --GOAWAY--> leaving --the last user left--> over
 *    |                          '--the peer closes, breaks HTTP/2, the last user leaves--> over
 *    '--error--> over
 * ```
 * A request that finds no free stream (SETTINGS_MAX_CONCURRENT_STREAMS) waits for one, in order. Source: RFC 9113.
 */
import assert from 'node:assert/strict'
import { ErrorCode } from '../core/http2/frames.ts'
import type { Endpoint } from '../core/scenario/model.ts'
import { badRequest, http2Counter } from '../plugins/http/http2-errors.ts'
import {
  type Connection,
  type ConnectionOwner,
  type OpenOptions,
  SocketConnection,
} from './connection.ts'
import { Http2Connection } from './connection-http2.ts'
import { isTls } from './endpoint.ts'
import { Http2HeaderError, type Http2Requests } from './http2-request.ts'
import { Http2Session, type SessionOwner } from './http2-session.ts'
import type { Recorder } from './recorder.ts'
import { anySource, type SourceAddresses } from './source-addresses.ts'

/** What trunks are made by, and known to. */
export interface TrunkHolder {
  readonly recorder: Recorder
  readonly sources: SourceAddresses
  readonly requests: Http2Requests
  /** Nobody may join it any more. */
  closed(trunk: Http2Trunk): void
}

export interface TrunkOptions extends OpenOptions {
  /** The server chooses by ALPN; else it is HTTP/2 or nothing. */
  readonly negotiated: boolean
  readonly maxUsers: number
}

/** Before the server has said how many streams it takes. */
const firstStreams = 1

type Stage = 'opening' | 'open' | 'leaving' | 'over'

export class Http2Trunk implements ConnectionOwner, SessionOwner {
  readonly recorder: Recorder
  readonly endpoint: Endpoint
  readonly #holder: TrunkHolder
  readonly #options: TrunkOptions
  readonly #connection: SocketConnection
  readonly #users = new Set<Http2Connection>()
  /** Users whose request waits for a free stream, and the request. */
  readonly #waiting = new Map<Http2Connection, string>()
  #stage: Stage = 'opening'
  /** The server has chosen HTTP/1.1: there is one user, whose bytes pass as they are. */
  #isBare = false
  #session: Http2Session | null = null
  #streams = 0
  #maxStreams = firstStreams
  /** Of a GOAWAY: requests beyond were not taken up. */
  #lastStreamId = Infinity

  /** @throws {CertificateError} */
  constructor(holder: TrunkHolder, options: TrunkOptions) {
    this.recorder = holder.recorder
    this.endpoint = options.endpoint
    this.#holder = holder
    this.#options = options
    this.#connection = new SocketConnection(this, null, options)
  }

  get isOpen(): boolean {
    return this.#stage === 'open' || this.#stage === 'leaving'
  }

  /** One more user may join. What the server has not chosen yet may turn out to be for one. */
  get hasRoom(): boolean {
    const isKnown =
      this.#stage === 'open' || (this.#stage === 'opening' && !this.#options.negotiated)
    return isKnown && !this.#isBare && this.#users.size < this.#options.maxUsers
  }

  join(owner: ConnectionOwner, state: unknown): Http2Connection {
    const user = new Http2Connection(this, owner, state, this.endpoint)
    this.#users.add(user)
    return user
  }

  // What users do.

  /** @param request in the form of HTTP/1.1 */
  ask(user: Http2Connection, request: string): boolean {
    if (this.#isBare) return this.#connection.write(request)
    // What counts is what passes the wire.
    this.recorder.sizeSent -= request.length
    const isTaking = this.#stage === 'open'
    if (isTaking && this.#streams < this.#maxStreams) this.#begin(user, request)
    else this.#waiting.set(user, request)
    if (!isTaking) process.nextTick(unsent, this, user)
    return true
  }

  /** A user has closed what it had of the trunk. */
  left(user: Http2Connection): void {
    if (!this.#users.delete(user)) return
    this.#waiting.delete(user)
    if (this.#users.size === 0) this.#end()
  }

  /** The answer of a user is whole, or has failed. */
  idle(user: Http2Connection): void {
    if (this.#stage === 'leaving' && !this.#waiting.has(user)) this.#tell(user, 'closed')
  }

  pauseBare(): void {
    if (this.#isBare) this.#connection.pause()
  }

  resumeBare(): void {
    if (this.#isBare) this.#connection.resume()
  }

  /** A stream has ended, or is gone. */
  freed(): void {
    this.#streams--
    this.#serve()
  }

  #serve(): void {
    if (this.#waiting.size === 0) return
    for (const [user, request] of this.#waiting) {
      if (this.#streams >= this.#maxStreams || this.#stage !== 'open') return
      this.#waiting.delete(user)
      this.#begin(user, request)
    }
  }

  #begin(user: Http2Connection, bytes: string): void {
    try {
      const request = this.#holder.requests.of(bytes, isTls(this.endpoint))
      const stream = this.#session!.request(request, user)
      if (stream === null) process.nextTick(unsent, this, user)
      else {
        this.#streams++
        user.begin(stream)
      }
    } catch (error) {
      if (!(error instanceof Http2HeaderError)) throw error
      process.nextTick(unsaid, user, error.message)
    }
  }

  // What becomes of the session.

  write(bytes: string): void {
    this.recorder.sizeSent += bytes.length
    this.#connection.write(bytes)
  }

  settings(maxStreams: number): void {
    this.#maxStreams = maxStreams
    this.#serve()
  }

  /** What is under way may end; or, when the code is an error, ends at once. */
  goingAway(code: number, lastStreamId: number): void {
    if (this.#stage !== 'open') return
    if (code !== 0) {
      this.#broken(http2Counter(code), 'the server ended the connection')
      return
    }
    this.#stage = 'leaving'
    this.#lastStreamId = lastStreamId
    this.#holder.closed(this)
    for (const user of [...this.#users]) {
      if (this.#waiting.has(user)) this.#tell(user, 'unprocessed')
      else if (!user.isBusy) this.#tell(user, 'closed')
      else if (user.streamId! > lastStreamId) this.#tell(user, 'unprocessed')
    }
  }

  sessionFailed(code: number, detail: string): void {
    this.#broken(http2Counter(code), detail)
  }

  /** @param why `closed`: as if the peer had closed; `unprocessed`: its request was not taken up */
  #tell(user: Http2Connection, why: 'closed' | 'unprocessed'): void {
    if (!this.#users.has(user)) return
    user.detach()
    if (why === 'closed') user.owner.peerClosed(user)
    else this.#notTakenUp(user)
  }

  /** Asked again in silence, as long as the server serves anybody at all. */
  #notTakenUp(user: Http2Connection): void {
    const hasServed = this.#lastStreamId > 0
    if (hasServed) this.recorder.count('http2_asked_again')
    const detail = 'the server closed the connection (GOAWAY) before it took up the request'
    user.owner.sendFailed(user, hasServed ? 'unprocessed' : 'connection_closed', detail)
  }

  /** A request that came when the session took none any more. */
  unsent(user: Http2Connection): void {
    if (!this.#users.has(user)) return
    if (this.#stage === 'open') this.#holder.closed(this)
    this.#tell(user, 'unprocessed')
  }

  #broken(code: string, detail: string): void {
    const busy = [...this.#users].filter((user) => user.isBusy || this.#waiting.has(user))
    this.#lose((user) => {
      if (busy.includes(user)) user.owner.protocolBroken(code, detail)
      else user.owner.peerClosed(user)
    })
  }

  /** The connection is gone. @param tell each user in turn */
  #lose(tell: (user: Http2Connection) => void): void {
    if (this.#stage === 'over') return
    const users = [...this.#users]
    this.#end()
    for (const user of users) {
      // One that was told may have ended another.
      if (!this.#users.delete(user)) continue
      user.detach()
      tell(user)
    }
  }

  #end(): void {
    if (this.#stage === 'over') return
    const wasOpen = this.isOpen
    this.#stage = 'over'
    this.#waiting.clear()
    this.#holder.closed(this)
    const { source } = this.#options
    this.#holder.sources.giveBack(source ?? anySource, wasOpen)
    if (wasOpen) this.recorder.connectionClosed()
    this.#session?.close(ErrorCode.noError)
    this.#connection.close()
  }

  // What becomes of the connection below.

  connected(_connection: Connection, tcpMs: number, readyMs: number): void {
    const isHttp2 = !isTls(this.endpoint) || this.#connection.protocol === 'h2'
    if (!isHttp2 && !this.#options.negotiated) {
      this.connectFailed('http2', 'the server does not choose HTTP/2 (ALPN)')
      return
    }
    this.#stage = 'open'
    this.#isBare = !isHttp2
    this.recorder.connectionOpened()
    this.recorder.connectTimes(this.#connection.openedMs, tcpMs, readyMs, isTls(this.endpoint))
    if (isHttp2) {
      this.#connection.keep()
      this.#session = new Http2Session(this)
    }
    for (const user of [...this.#users]) {
      if (this.#users.has(user)) user.owner.connected(user, tcpMs, readyMs)
    }
  }

  connectFailed(reason: string, detail: string): void {
    this.#lose((user) => user.owner.connectFailed(reason, detail))
  }

  tlsSession(session: Buffer): void {
    for (const { owner } of this.#users) owner.tlsSession(session)
  }

  received(_connection: Connection, bytes: Uint8Array): void {
    if (this.#isBare) {
      for (const user of this.#users) user.owner.received(user, bytes)
      return
    }
    this.recorder.sizeReceived += bytes.length
    this.#session!.read(bytes)
  }

  drained(): void {
    if (this.#isBare) for (const { owner } of this.#users) owner.drained()
  }

  peerClosed(): void {
    this.#lose((user) => user.owner.peerClosed(user))
  }

  broke(reason: string): void {
    this.#lose((user) => user.owner.broke(reason))
  }

  sendFailed(_connection: Connection, reason: string, detail: string): void {
    this.#lose((user) => user.owner.sendFailed(user, reason, detail))
  }

  protocolBroken(): void {
    assert.fail('bare connections have no protocol')
  }

  answerFailed(): void {
    assert.fail('bare connections have no answers')
  }

  upgraded(): void {
    assert.fail('TLS began below HTTP/2')
  }

  upgradeFailed(): void {
    assert.fail('TLS was begun below HTTP/2')
  }
}

function unsent(trunk: Http2Trunk, user: Http2Connection): void {
  trunk.unsent(user)
}

function unsaid(user: Http2Connection, message: string): void {
  if (user.isOpen) user.owner.answerFailed(badRequest, message)
}
