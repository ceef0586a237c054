/**
 * A user's way to its target: resolves the name, picks source address and port, opens the connection, keeps what the
 * next one needs (client certificate, TLS session).
 */
import type { Certificate, Endpoint } from '../core/scenario/model.ts'
import {
  type Connection,
  type ConnectionOwner,
  type OpenOptions,
  SocketConnection,
} from './connection.ts'
import { UdpConnection } from './connection-udp.ts'
import { isIpv6, isTls, isUdp } from './endpoint.ts'
import type { Engine } from './engine.ts'
import type { Source } from './source-addresses.ts'
import { certificateErrorCode } from './tls-client.ts'

export interface LinkOwner extends ConnectionOwner {
  readonly id: number
  random(): number
  /** The plugin's state for a new connection. */
  newConnectionState(): unknown
  /** An address is known: the connection is being opened. */
  opening(): void
}

/** Ports tried in one connect before the failure counts. */
const portsPerConnect = 32

export class Link {
  connection: Connection | null = null
  certificate: Certificate | null = null
  tlsSession: Buffer | null = null
  readonly #engine: Engine
  readonly #owner: LinkOwner
  #portTries = 0
  /** What a name lookup was begun for; a later one makes it void. */
  #resolving: Endpoint | null = null
  /** Undefined: not chosen yet. Null: the system's choice. */
  #sourceAddress: string | null | undefined = undefined

  constructor(engine: Engine, owner: LinkOwner) {
    this.#engine = engine
    this.#owner = owner
  }

  open(endpoint: Endpoint): void {
    const { resolver } = this.#engine
    const family = isIpv6(endpoint) ? 6 : 4
    const address = resolver.now(endpoint.host, family)
    if (address !== null) {
      this.#openAt(endpoint, address)
      return
    }
    this.#resolving = endpoint
    resolver.resolve(endpoint.host, family, (resolved) => {
      if (this.#resolving !== endpoint) return
      this.#resolving = null
      if ('address' in resolved) this.#openAt(endpoint, resolved.address)
      else this.#owner.connectFailed(resolved.reason, `no address for ${endpoint.host}`)
    })
  }

  #openAt(endpoint: Endpoint, address: string): void {
    const options: OpenOptions = {
      address,
      endpoint,
      source: this.#source(),
      tls: isTls(endpoint) ? { certificate: this.certificate, session: this.tlsSession } : null,
      tlsClient: this.#engine.tlsClient,
    }
    const state = this.#owner.newConnectionState()
    try {
      this.connection = isUdp(endpoint)
        ? new UdpConnection(this.#owner, state, options)
        : new SocketConnection(this.#owner, state, options)
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      if (code !== certificateErrorCode) throw error
      this.#owner.connectFailed('tls', message)
      return
    }
    this.#owner.opening()
  }

  #source(): Source | null {
    const { sources } = this.#engine
    if (this.#sourceAddress === undefined) {
      this.#sourceAddress = sources.addressOf(this.#owner.id, () => this.#owner.random())
    }
    return this.#sourceAddress === null ? null : sources.next(this.#sourceAddress)
  }

  opened(): void {
    this.#portTries = 0
  }

  /**
   * The connection could not be opened. Where only the source port was taken, the next one is tried.
   *
   * @returns whether that was so, and the failure does not count
   */
  failed(reason: string, endpoint: Endpoint): boolean {
    this.connection = null
    const isPortTaken = reason === 'eaddrinuse' || reason === 'eaddrnotavail'
    if (isPortTaken && this.#sourceAddress !== null && this.#portTries < portsPerConnect) {
      this.#portTries++
      this.open(endpoint)
      return true
    }
    this.#portTries = 0
    return false
  }

  /** The other side ended the connection. */
  lost(): void {
    this.connection = null
    this.#engine.recorder.connectionClosed()
  }

  /** Closes the connection, or gives up opening it. */
  drop(): void {
    const { connection } = this
    this.#resolving = null
    this.connection = null
    if (connection === null) return
    if (connection.isOpen) this.#engine.recorder.connectionClosed()
    connection.close()
  }
}
