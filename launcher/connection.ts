/**
 * One connection of one user: a TCP or TLS socket that reads into a buffer shared by the whole launcher; for datagrams
 * see connection-udp.ts.
 *
 * ```
 * opening  --connect(+tls)-->  open  --answered, closed by us-->  closed
 *    |                          |
 *    '--error-> closed          '--end, reset, error-> closed
 * ```
 * The owner hears of each transition once, and of nothing after `close()`.
 */
import { connect as connectTcp, type Socket, type TcpNetConnectOpts } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import type { Endpoint } from '../core/scenario/model.ts'
import type { Source } from './source-addresses.ts'
import type { TlsClient, TlsSettings } from './tls-client.ts'

export interface ConnectionOwner {
  /** @param tcpMs when TCP was established, on the launcher's clock; equal to now without TLS */
  connected(connection: Connection, tcpMs: number): void
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
   * @param reason `connection_closed`: the peer had closed already; else Tsung's name for it, e.g. `emsgsize`
   */
  sendFailed(connection: Connection, reason: string, detail: string): void
}

export interface Connection {
  readonly endpoint: Endpoint
  /** The plugin's state of this connection. */
  readonly state: unknown
  readonly openedMs: number
  readonly isOpen: boolean
  /**
   * @param bytes byte string
   * @returns false: more should only be written when the owner was told `drained`
   */
  write(bytes: string): boolean
  /** Reads nothing more for now: a little that was read already may still come. */
  pause(): void
  resume(): void
  /** Closes without a word to the owner. */
  close(): void
}

export interface OpenOptions {
  /** Address literal, already resolved. */
  readonly address: string
  readonly endpoint: Endpoint
  readonly source: Source | null
  /** For ssl endpoints. */
  readonly tls: TlsSettings | null
  readonly tlsClient: TlsClient
}

const readBytes = 64 * 1024
/** One buffer for every read of this process: what it holds is dealt with before the next read. */
const readBuffer = Buffer.allocUnsafeSlow(readBytes)

/** How long a peer that takes nothing may hold up the end of a connection. */
const lingerMs = 10_000

const ownerKey = Symbol('connection')
type OwnedSocket = Socket & { [ownerKey]: SocketConnection }

export class SocketConnection implements Connection {
  readonly endpoint: Endpoint
  readonly state: unknown
  readonly openedMs: number
  #owner: ConnectionOwner | null
  #socket: OwnedSocket | null
  #open: boolean
  #isPaused: boolean
  #tcpMs: number

  constructor(owner: ConnectionOwner, state: unknown, options: OpenOptions) {
    this.endpoint = options.endpoint
    this.state = state
    this.openedMs = performance.now()
    this.#owner = owner
    this.#open = false
    this.#isPaused = false
    this.#tcpMs = 0
    const socket = openSocket(this, options) as OwnedSocket
    socket[ownerKey] = this
    this.#socket = socket
    socket.on('error', onError)
    socket.on('end', onEnd)
    socket.on('close', onClose)
    socket.on('connect', onTcpConnect)
    if (options.tls !== null) {
      socket.on('secureConnect', onSecureConnect)
      if (options.tlsClient.reusesSessions) socket.on('session', onSession)
    }
  }

  get isOpen(): boolean {
    return this.#open
  }

  write(bytes: string): boolean {
    const socket = this.#socket
    if (socket === null || socket.write(bytes, 'latin1')) return true
    if (socket.listenerCount('drain') === 0) socket.on('drain', onDrain)
    return false
  }

  pause(): void {
    this.#isPaused = true
    this.#socket?.pause()
  }

  resume(): void {
    this.#isPaused = false
    this.#socket?.resume()
  }

  close(): void {
    const socket = this.#socket
    const wasOpen = this.#open
    this.#owner = null
    this.#socket = null
    this.#open = false
    if (socket === null) return
    if (wasOpen && socket.writableLength > 0 && !socket.destroyed) closeWhenSent(socket)
    else socket.destroy()
  }

  /** @internal called by the socket's listeners @returns whether to read on */
  read(count: number): boolean {
    this.#owner?.received(this, readBuffer.subarray(0, count))
    return !this.#isPaused
  }

  /** @internal */
  drained(): void {
    this.#owner?.drained()
  }

  /** @internal */
  session(session: Buffer): void {
    this.#owner?.tlsSession(session)
  }

  /** @internal */
  established(isTls: boolean, secure: boolean): void {
    if (this.#owner === null) return
    if (!secure) this.#tcpMs = performance.now()
    if (isTls && !secure) return
    this.#open = true
    this.#owner.connected(this, this.#tcpMs)
  }

  /** @internal `code` is null for an orderly close */
  ended(code: string | null, syscall: string, detail: string): void {
    const owner = this.#owner
    const wasOpen = this.#open
    if (owner === null) return
    this.close()
    if (!wasOpen) owner.connectFailed(connectReason(code), detail)
    else if (code === null || code === 'ECONNRESET') owner.peerClosed(this)
    else if (code === 'EPIPE') owner.sendFailed(this, 'connection_closed', detail)
    else if (syscall === 'write') owner.sendFailed(this, code.toLowerCase(), detail)
    else owner.broke(code.toLowerCase())
  }
}

function openSocket(connection: SocketConnection, options: OpenOptions): Socket | TLSSocket {
  const { address, endpoint, source, tls, tlsClient } = options
  const tcp: TcpNetConnectOpts = {
    host: address,
    port: endpoint.port,
    autoSelectFamily: false,
    noDelay: true,
    keepAlive: true,
    onread: {
      buffer: readBuffer,
      callback: (count: number) => connection.read(count),
    },
  }
  if (source !== null) {
    tcp.localAddress = source.address
    if (source.port !== 0) tcp.localPort = source.port
  }
  return tls === null ? connectTcp(tcp) : connectTls(tlsClient.options(tcp, endpoint.host, tls))
}

/** What was written leaves first, as far as the peer takes it. */
function closeWhenSent(socket: Socket): void {
  socket.setTimeout(lingerMs, onLinger)
  socket.resume()
  socket.destroySoon()
}

function onLinger(this: Socket): void {
  this.destroy()
}

function onError(this: Socket, error: NodeJS.ErrnoException): void {
  const connection = (this as OwnedSocket)[ownerKey]
  connection.ended(error.code ?? 'unknown', error.syscall ?? '', error.message)
}

function onDrain(this: Socket): void {
  ;(this as OwnedSocket)[ownerKey].drained()
}

function onEnd(this: Socket): void {
  ;(this as OwnedSocket)[ownerKey].ended(null, '', 'closed by the peer')
}

function onClose(this: Socket): void {
  ;(this as OwnedSocket)[ownerKey].ended(null, '', 'closed')
}

function onTcpConnect(this: Socket): void {
  ;(this as OwnedSocket)[ownerKey].established('encrypted' in this, false)
}

function onSecureConnect(this: Socket): void {
  ;(this as OwnedSocket)[ownerKey].established(true, true)
}

function onSession(this: Socket, session: Buffer): void {
  ;(this as OwnedSocket)[ownerKey].session(session)
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
