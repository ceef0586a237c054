/**
 * A connection whose bytes go through a stream adapter.
 *
 * ```
 * opening --TCP, TLS--> greeting --io.opened--> open --closed by us, by the peer, broken--> closed
 *    |                     |
 *    '--error------------- '--io.refused, broken, closed--> closed
 * ```
 * The owner hears what it would hear of a bare connection. When the peer breaks the adapter's protocol the connection is
 * `broken` until the owner closes it.
 */
import assert from 'node:assert/strict'
import type { Endpoint } from '../core/scenario/model.ts'
import type { StreamAdapter, StreamIo, StreamKind } from '../plugins/api.ts'
import {
  type Connection,
  type ConnectionOwner,
  type OpenOptions,
  SocketConnection,
} from './connection.ts'
import type { Engine } from './engine.ts'
import { pluginFault } from './plugin-fault.ts'

type Stage = 'opening' | 'greeting' | 'open' | 'broken' | 'closed'

export class AdaptedConnection implements Connection, ConnectionOwner, StreamIo {
  readonly endpoint: Endpoint
  readonly state: unknown
  readonly openedMs: number
  readonly #engine: Engine
  readonly #owner: ConnectionOwner
  readonly #adapter: StreamAdapter
  readonly #wire: SocketConnection
  #stage: Stage
  #tcpMs: number
  #readyMs: number

  /** @throws {CertificateError} */
  constructor(
    engine: Engine,
    owner: ConnectionOwner,
    state: unknown,
    options: OpenOptions,
    kind: StreamKind,
  ) {
    this.endpoint = options.endpoint
    this.state = state
    this.#engine = engine
    this.#owner = owner
    this.#stage = 'opening'
    this.#tcpMs = 0
    this.#readyMs = 0
    this.#adapter = kind.adapt(this, options.endpoint, engine.options.streams)
    this.#wire = new SocketConnection(this, null, options)
    this.openedMs = this.#wire.openedMs
  }

  get isOpen(): boolean {
    return this.#stage === 'open' || this.#stage === 'broken'
  }

  get isShared(): boolean {
    return false
  }

  get isOver(): boolean {
    return this.#stage === 'closed' || this.#stage === 'broken'
  }

  // What the user does.

  write(bytes: string): boolean {
    if (this.#stage !== 'open') return true
    // Counted by whoever writes; what counts is what leaves.
    this.#engine.recorder.sizeSent -= bytes.length
    return this.#adapter.write(bytes)
  }

  keep(): void {
    this.#wire.keep()
  }

  pause(): void {
    this.#wire.pause()
  }

  resume(): void {
    this.#wire.resume()
  }

  /** The adapter would not know of it. */
  upgrade(): void {
    if (this.#stage !== 'open') return
    this.#end()
    this.#owner.upgradeFailed(
      'tls',
      `a connection by ${this.endpoint.transport} cannot be upgraded`,
    )
  }

  close(): void {
    if (this.#stage === 'open') this.#adapter.close()
    this.#stage = 'closed'
    this.#wire.close()
  }

  // What the adapter does.

  send(bytes: string): boolean {
    if (!this.#wire.isOpen) return true
    this.#engine.recorder.sizeSent += bytes.length
    return this.#wire.write(bytes)
  }

  deliver(bytes: Uint8Array): void {
    if (this.#stage !== 'open' || bytes.length === 0) return
    this.#engine.recorder.sizeReceived -= bytes.length
    this.#owner.received(this, bytes)
  }

  opened(): void {
    if (this.#stage !== 'greeting') return
    this.#stage = 'open'
    this.#owner.connected(this, this.#tcpMs, this.#readyMs)
  }

  refused(reason: string, detail: string): void {
    if (this.#stage !== 'greeting') return
    this.#end()
    this.#owner.connectFailed(reason, detail)
  }

  closed(): void {
    if (this.#stage !== 'open') return
    this.#end()
    this.#owner.peerClosed(this)
  }

  count(name: string): void {
    this.#engine.recorder.count(name)
  }

  random(): number {
    return this.#engine.streamRandom()
  }

  // What becomes of the connection below.

  connected(_wire: Connection, tcpMs: number, readyMs: number): void {
    this.#stage = 'greeting'
    this.#tcpMs = tcpMs
    this.#readyMs = readyMs
    this.#adapter.begin()
  }

  connectFailed(reason: string, detail: string): void {
    this.#stage = 'closed'
    this.#owner.connectFailed(reason, detail)
  }

  tlsSession(session: Buffer): void {
    this.#owner.tlsSession(session)
  }

  received(_wire: Connection, bytes: Uint8Array): void {
    this.#engine.recorder.sizeReceived += bytes.length
    try {
      this.#adapter.receive(bytes)
    } catch (error) {
      this.#broken(error)
    }
  }

  drained(): void {
    if (this.#stage === 'open') this.#owner.drained()
  }

  peerClosed(): void {
    try {
      this.#adapter.end()
    } catch (error) {
      this.#broken(error)
      return
    }
    if (this.#stage === 'open') this.closed()
    else this.refused('closed', 'closed by the peer before the stream was open')
  }

  broke(reason: string): void {
    if (this.#stage === 'greeting') this.refused(reason, 'the connection broke')
    else if (this.#stage === 'open') {
      this.#end()
      this.#owner.broke(reason)
    }
  }

  sendFailed(_wire: Connection, reason: string, detail: string): void {
    if (this.#stage === 'greeting') this.refused('closed', detail)
    else if (this.#stage === 'open') {
      this.#end()
      this.#owner.sendFailed(this, reason, detail)
    }
  }

  protocolBroken(code: string, detail: string): void {
    if (this.#stage === 'greeting') this.refused('protocol', `${code}: ${detail}`)
    else if (this.#stage === 'open') {
      this.#stage = 'broken'
      this.#owner.protocolBroken(code, detail)
    }
  }

  answerFailed(): void {
    assert.fail('bare connections have no answers')
  }

  /** Never asked of the connection below. */
  upgraded(): void {
    assert.fail('TLS began below a stream adapter')
  }

  upgradeFailed(): void {
    assert.fail('TLS was begun below a stream adapter')
  }

  #broken(error: unknown): void {
    const { code, message } = pluginFault(error)
    this.protocolBroken(code, message)
  }

  #end(): void {
    this.#stage = 'closed'
    this.#wire.close()
  }
}
