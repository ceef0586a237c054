/**
 * Sockets of connections. One that was closed in good order is connected again for the next connection: making a socket
 * costs more than all else that a connection costs outside the kernel.
 *
 * Node allows `connect` on a socket that has told `close` ("net.Socket", `socket.connect`).
 */
import { connect as connectTcp, type Socket, type TcpNetConnectOpts } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Endpoint } from '../core/scenario/model.ts'
import type { Source } from './source-addresses.ts'
import type { TlsClient, TlsSettings } from './tls-client.ts'

export interface OpenOptions {
  /** Address literal, already resolved. */
  readonly address: string
  readonly endpoint: Endpoint
  readonly source: Source | null
  /** For ssl endpoints. */
  readonly tls: TlsSettings | null
  readonly tlsClient: TlsClient
  /** Protocols to choose from by ALPN, the best first; left out or null: none are told. */
  readonly alpn?: readonly string[] | null
}

/** Told what happens to a socket. */
export interface SocketOwner {
  /** @returns whether to read on */
  read(bytes: Uint8Array): boolean
  drained(): void
  session(session: Buffer): void
  /** @param secure the TLS handshake is over; else TCP is established */
  established(isTls: boolean, secure: boolean): void
  /** @param code null for an orderly close */
  ended(code: string | null, syscall: string, detail: string): void
}

const ownerKey: unique symbol = Symbol('owner')
const reusableKey: unique symbol = Symbol('reusable')

export interface OwnedSocket extends Socket {
  /** Null: it waits for its next connection. */
  [ownerKey]: SocketOwner | null
  /** Nothing happened to it that the next connection could notice. */
  [reusableKey]: boolean
}

const readBytes = 64 * 1024
/** One buffer for every read of this process: what it holds is dealt with before the next read. */
const readBuffer = Buffer.allocUnsafeSlow(readBytes)
/** Up to this length views are kept: each takes some 100 bytes. */
const maxViewBytes = 4096
/** The buffer's first bytes, by how many they are: answers of a target have a few lengths. */
const views: (Uint8Array | undefined)[] = new Array<undefined>(maxViewBytes + 1).fill(undefined)

/** How long a peer that takes nothing may hold up the end of a connection. */
const lingerMs = 10_000

/** Closed sockets that are kept: a loop turn closes few more. Each takes some 2 KB. */
const maxFree = 256
const free: OwnedSocket[] = []

export function openSocket(owner: SocketOwner, options: OpenOptions): OwnedSocket {
  return options.tls === null ? openTcp(owner, options) : openTls(owner, options)
}

/** What TLS has chosen by ALPN; null: nothing. */
export function chosenProtocol(socket: OwnedSocket): string | null {
  const { alpnProtocol } = socket as unknown as { readonly alpnProtocol?: string | false }
  return alpnProtocol || null
}

/** Closes without a word to the owner. What was written leaves first, as far as the peer takes it. */
export function closeSocket(socket: OwnedSocket, wasOpen: boolean): void {
  if (socket.destroyed) return
  if (wasOpen && socket.writableLength > 0) {
    socket.setTimeout(lingerMs, onLinger)
    socket.resume()
    socket.destroySoon()
    return
  }
  const isPlain = !('encrypted' in socket) && socket.readableFlowing === null
  socket[reusableKey] = wasOpen && isPlain && !socket.writableNeedDrain
  socket.destroy()
}

/** Tells the owner when more may be written. */
export function watchDrain(socket: OwnedSocket): void {
  if (socket.listenerCount('drain') === 0) socket.on('drain', onDrain)
}

function openTcp(owner: SocketOwner, options: OpenOptions): OwnedSocket {
  const known = free.pop()
  if (known !== undefined) {
    known[ownerKey] = owner
    known[reusableKey] = false
    known.connect(addressing(options))
    return known
  }
  const socket = connectTcp(withReading(addressing(options))) as OwnedSocket
  own(socket, owner)
  return socket
}

function openTls(owner: SocketOwner, options: OpenOptions): OwnedSocket {
  const { endpoint, tls, tlsClient } = options
  const tcp = withReading(addressing(options))
  tcp.noDelay = true
  tcp.keepAlive = true
  const secure = tlsClient.options(tcp, endpoint.host, tls!)
  if (options.alpn) secure.ALPNProtocols = [...options.alpn]
  const socket = connectTls(secure) as Socket as OwnedSocket
  own(socket, owner)
  socket.on('secureConnect', onSecureConnect)
  if (tlsClient.reusesSessions) socket.on('session', onSession)
  return socket
}

/**
 * TLS on a socket that is open. Node leaves `onread` alone where `socket` is given: what comes is read by `data`.
 *
 * @returns what is written to and read from now on
 * @throws {CertificateError}
 */
export function upgradeSocket(
  socket: OwnedSocket,
  owner: SocketOwner,
  { host }: Endpoint,
  tlsClient: TlsClient,
  settings: TlsSettings,
): OwnedSocket {
  const options = tlsClient.options({ socket } as unknown as TcpNetConnectOpts, host, settings)
  socket[reusableKey] = false
  // What happens to it is told by what is above it.
  socket.off('error', onError).off('end', onEnd).off('close', onClose).off('drain', onDrain)
  const secured = connectTls(options) as Socket as OwnedSocket
  own(secured, owner)
  secured.on('data', onData)
  secured.on('secureConnect', onSecureConnect)
  if (tlsClient.reusesSessions) secured.on('session', onSession)
  return secured
}

function addressing({ address, endpoint, source }: OpenOptions): TcpNetConnectOpts {
  const { port } = endpoint
  if (source === null) return { host: address, port, autoSelectFamily: false }
  const localAddress = source.address
  return source.port === 0
    ? { host: address, port, autoSelectFamily: false, localAddress }
    : { host: address, port, autoSelectFamily: false, localAddress, localPort: source.port }
}

function withReading(tcp: TcpNetConnectOpts): TcpNetConnectOpts {
  tcp.onread = { buffer: readBuffer, callback: onRead as (count: number) => boolean }
  return tcp
}

function own(socket: OwnedSocket, owner: SocketOwner): void {
  socket[ownerKey] = owner
  socket[reusableKey] = false
  socket.on('error', onError)
  socket.on('end', onEnd)
  socket.on('close', onClose)
  socket.on('connect', onTcpConnect)
}

function onRead(this: OwnedSocket, count: number): boolean {
  return this[ownerKey]!.read(firstBytes(count))
}

function onData(this: OwnedSocket, bytes: Buffer): void {
  if (!this[ownerKey]!.read(bytes)) this.pause()
}

function firstBytes(count: number): Uint8Array {
  if (count > maxViewBytes) return readBuffer.subarray(0, count)
  views[count] ??= readBuffer.subarray(0, count)
  return views[count]
}

function onLinger(this: Socket): void {
  this.destroy()
}

function onError(this: OwnedSocket, error: NodeJS.ErrnoException): void {
  this[reusableKey] = false
  this[ownerKey]!.ended(error.code ?? 'unknown', error.syscall ?? '', error.message)
}

function onDrain(this: OwnedSocket): void {
  this[ownerKey]!.drained()
}

function onEnd(this: OwnedSocket): void {
  this[ownerKey]!.ended(null, '', 'closed by the peer')
}

function onClose(this: OwnedSocket): void {
  this[ownerKey]!.ended(null, '', 'closed')
  if (!this[reusableKey] || free.length >= maxFree) return
  this[ownerKey] = null
  free.push(this)
}

function onTcpConnect(this: OwnedSocket): void {
  this[ownerKey]!.established('encrypted' in this, false)
}

function onSecureConnect(this: OwnedSocket): void {
  this[ownerKey]!.established(true, true)
}

function onSession(this: OwnedSocket, session: Buffer): void {
  this[ownerKey]!.session(session)
}
