/**
 * A connected UDP socket of one user: each write is one datagram, each datagram one read.
 *
 * Opening it reaches nobody, and nobody closes it; that nobody listens is told, when the network tells it, by the answer
 * to what was sent (`econnrefused`).
 */
import { createSocket, type Socket } from 'node:dgram'
import type { Endpoint } from '../core/scenario/model.ts'
import {
  type Connection,
  type ConnectionOwner,
  connectReason,
  type OpenOptions,
} from './connection.ts'
import { isIpv6 } from './endpoint.ts'

const ownerKey = Symbol('connection')
type OwnedSocket = Socket & { [ownerKey]: UdpConnection }

export class UdpConnection implements Connection {
  readonly endpoint: Endpoint
  readonly state: unknown
  readonly openedMs: number
  #owner: ConnectionOwner | null
  #socket: Socket | null
  #open: boolean
  /** Without it Node keeps some failures to itself. */
  readonly #onSent: (error: Error | null) => void

  constructor(owner: ConnectionOwner, state: unknown, options: OpenOptions) {
    const { address, endpoint, source } = options
    this.endpoint = endpoint
    this.state = state
    this.openedMs = performance.now()
    this.#owner = owner
    this.#open = false
    this.#onSent = (error) => {
      if (error !== null) this.failed(error)
    }
    const socket = createSocket(isIpv6(endpoint) ? 'udp6' : 'udp4') as OwnedSocket
    socket[ownerKey] = this
    this.#socket = socket
    socket.on('error', onError)
    socket.on('message', onMessage)
    socket.on('connect', onConnect)
    if (source !== null) socket.bind({ address: source.address, port: source.port })
    socket.connect(endpoint.port, address)
  }

  get isOpen(): boolean {
    return this.#open
  }

  get isShared(): boolean {
    return false
  }

  write(bytes: string): boolean {
    this.#socket?.send(Buffer.from(bytes, 'latin1'), this.#onSent)
    return true
  }

  /** Datagrams have nothing to set. */
  keep(): void {
    return
  }

  /** Datagrams cannot be held back at their sender. */
  pause(): void {
    // What comes meanwhile is kept by the rate limit, within bounds.
  }

  resume(): void {
    // It was never paused.
  }

  /** There is no TLS over datagrams. */
  upgrade(): void {
    const owner = this.#owner
    this.close()
    owner?.upgradeFailed('tls', 'a connection of datagrams cannot be upgraded')
  }

  close(): void {
    const socket = this.#socket
    this.#owner = null
    this.#socket = null
    this.#open = false
    socket?.close()
  }

  /** @internal called by the socket's listeners */
  read(bytes: Uint8Array): void {
    this.#owner?.received(this, bytes)
  }

  /** @internal */
  established(): void {
    if (this.#owner === null) return
    this.#open = true
    const nowMs = performance.now()
    this.#owner.connected(this, nowMs, nowMs)
  }

  /** @internal */
  failed({ code = 'unknown', syscall, message }: NodeJS.ErrnoException): void {
    const owner = this.#owner
    const wasOpen = this.#open
    if (owner === null) return
    this.close()
    if (!wasOpen) owner.connectFailed(connectReason(code), message)
    else if (syscall === 'send' && code !== 'ECONNREFUSED') {
      owner.sendFailed(this, code.toLowerCase(), message)
    } else owner.broke(code.toLowerCase())
  }
}

function onError(this: Socket, error: NodeJS.ErrnoException): void {
  ;(this as OwnedSocket)[ownerKey].failed(error)
}

function onMessage(this: Socket, bytes: Buffer): void {
  ;(this as OwnedSocket)[ownerKey].read(bytes)
}

function onConnect(this: Socket): void {
  ;(this as OwnedSocket)[ownerKey].established()
}
