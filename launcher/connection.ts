/**
 * One connection of one user: a TCP or TLS socket that reads into a buffer shared by the whole launcher; for datagrams
 * see connection-udp.ts, for what wraps the stream connection-adapted.ts.
 *
 * ```
 * opening  --connect(+tls)-->  open  --answered, closed by us-->  closed
 *    |                          |
 *    '--error-> closed          '--end, reset, error-> closed
 * ```
 * The owner hears of each transition once, and of nothing after `close()`.
 */
import type { Endpoint } from '../core/scenario/model.ts'
import {
  chosenProtocol,
  closeSocket,
  type OpenOptions,
  type OwnedSocket,
  openSocket,
  type SocketOwner,
  upgradeSocket,
  watchDrain,
} from './connection-socket.ts'
import { certificateErrorCode, type TlsClient, type TlsSettings } from './tls-client.ts'

export type { OpenOptions } from './connection-socket.ts'

export interface ConnectionOwner {
  /**
   * The plugin may write.
   *
   * @param tcpMs when TCP was established, on the launcher's clock
   * @param readyMs when TLS was; the same without TLS. A stream adapter's handshake comes after it
   */
  connected(connection: Connection, tcpMs: number, readyMs: number): void
  /** @param reason Tsung's name for it, e.g. `econnrefused` */
  connectFailed(reason: string, detail: string): void
  /** A TLS session that the next connection may resume. */
  tlsSession(session: Buffer): void
  /** @param bytes lent until it returns */
  received(connection: Connection, bytes: Uint8Array): void
  /** What was written is on its way, after a `write` that returned false. */
  drained(): void
  /** The peer closed or reset the connection. */
  peerClosed(connection: Connection): void
  /** The connection broke for another reason. */
  broke(reason: string): void
  /**
   * Bytes could not be sent.
   *
   * @param reason `connection_closed`: the peer had closed already; `unprocessed`: it has said that it did not take the
   *   request up, which is asked again and counts as no error; else Tsung's name for it, e.g. `emsgsize`
   */
  sendFailed(connection: Connection, reason: string, detail: string): void
  /** What carries the plugin's bytes broke its protocol. @param code the counter */
  protocolBroken(code: string, detail: string): void
  /** The answer that was awaited will not come; the connection stays. @param code the counter */
  answerFailed(code: string, detail: string): void
  /** TLS has begun, after `upgrade`. */
  upgraded(): void
  /** It has not; the connection is closed. @param reason as with `connectFailed` */
  upgradeFailed(reason: string, detail: string): void
}

export interface Connection {
  readonly endpoint: Endpoint
  /** The plugin's state of this connection. */
  readonly state: unknown
  readonly openedMs: number
  readonly isOpen: boolean
  /** It is one of several users' of what it runs over, which is measured and counted where it is kept. */
  readonly isShared: boolean
  /**
   * @param bytes byte string
   * @returns false: more should only be written when the owner was told `drained`
   */
  write(bytes: string): boolean
  /** More will be asked over it: what a connection of one short request can do without. */
  keep(): void
  /** Reads nothing more for now: a little that was read already may still come. */
  pause(): void
  resume(): void
  /** Goes on with TLS; an open connection that is no TLS yet, of which nothing is awaited. */
  upgrade(tlsClient: TlsClient, settings: TlsSettings): void
  /** Closes without a word to the owner. */
  close(): void
}

/** Fits into one segment everywhere. Source: RFC 9293, 3.7.1. */
const oneSegmentBytes = 536

export class SocketConnection implements Connection, SocketOwner {
  readonly endpoint: Endpoint
  readonly state: unknown
  readonly openedMs: number
  #owner: ConnectionOwner | null
  #socket: OwnedSocket | null
  #open: boolean
  #isPaused: boolean
  /** TLS begins on an open connection. */
  #isUpgrading: boolean
  #hasWritten: boolean
  /** TCP's options are set. */
  #isKept: boolean
  #tcpMs: number

  constructor(owner: ConnectionOwner, state: unknown, options: OpenOptions) {
    this.endpoint = options.endpoint
    this.state = state
    this.openedMs = performance.now()
    this.#owner = owner
    this.#open = false
    this.#isPaused = false
    this.#isUpgrading = false
    this.#hasWritten = false
    this.#isKept = options.tls !== null
    this.#tcpMs = 0
    this.#socket = openSocket(this, options)
  }

  get isOpen(): boolean {
    return this.#open
  }

  get isShared(): boolean {
    return false
  }

  write(bytes: string): boolean {
    const socket = this.#socket
    if (socket === null) return true
    if (this.#hasWritten || bytes.length > oneSegmentBytes) this.keep()
    this.#hasWritten = true
    if (socket.write(bytes, 'latin1')) return true
    watchDrain(socket)
    return false
  }

  /** The same with bytes, which have to stay as they are until they are sent. */
  writeBytes(bytes: Uint8Array): boolean {
    const socket = this.#socket
    if (socket === null || socket.write(bytes)) return true
    watchDrain(socket)
    return false
  }

  /** What TLS has chosen by ALPN; null: nothing. */
  get protocol(): string | null {
    return this.#socket === null ? null : chosenProtocol(this.#socket)
  }

  /** Without them a lone segment leaves at once as well, and a peer that is gone is noticed after hours only. */
  keep(): void {
    if (this.#isKept || !this.#open) return
    this.#isKept = true
    this.#socket!.setNoDelay(true).setKeepAlive(true)
  }

  pause(): void {
    this.#isPaused = true
    this.#socket?.pause()
  }

  resume(): void {
    this.#isPaused = false
    this.#socket?.resume()
  }

  upgrade(tlsClient: TlsClient, settings: TlsSettings): void {
    this.keep()
    this.#isUpgrading = true
    try {
      this.#socket = upgradeSocket(this.#socket!, this, this.endpoint, tlsClient, settings)
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      if (code !== certificateErrorCode) throw error
      this.ended('tls', '', message)
    }
  }

  close(): void {
    const socket = this.#socket
    const wasOpen = this.#open
    this.#owner = null
    this.#socket = null
    this.#open = false
    if (socket !== null) closeSocket(socket, wasOpen)
  }

  read(bytes: Uint8Array): boolean {
    this.#owner?.received(this, bytes)
    return !this.#isPaused
  }

  drained(): void {
    this.#owner?.drained()
  }

  session(session: Buffer): void {
    this.#owner?.tlsSession(session)
  }

  established(isTls: boolean, secure: boolean): void {
    if (this.#owner === null) return
    if (this.#isUpgrading) {
      this.#isUpgrading = false
      this.#owner.upgraded()
      return
    }
    if (!secure) this.#tcpMs = performance.now()
    if (isTls && !secure) return
    this.#open = true
    this.#owner.connected(this, this.#tcpMs, isTls ? performance.now() : this.#tcpMs)
  }

  ended(code: string | null, syscall: string, detail: string): void {
    const owner = this.#owner
    const wasOpen = this.#open
    if (owner === null) return
    this.close()
    if (this.#isUpgrading) owner.upgradeFailed(connectReason(code), detail)
    else if (!wasOpen) owner.connectFailed(connectReason(code), detail)
    else if (code === null || code === 'ECONNRESET') owner.peerClosed(this)
    else if (code === 'EPIPE') owner.sendFailed(this, 'connection_closed', detail)
    else if (syscall === 'write') owner.sendFailed(this, code.toLowerCase(), detail)
    else owner.broke(code.toLowerCase())
  }
}

/**
 * Tsung's name for a failed connect. TLS failures, for which Tsung has no name that works, are `tls`.
 *
 * Source: reference tsung-core.md, 5.6.
 */
export function connectReason(code: string | null): string {
  if (code === null) return 'closed'
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN' || code === 'EAI_NODATA') return 'nxdomain'
  if (/^E[A-Z]+$/.test(code)) return code.toLowerCase()
  return 'tls'
}
