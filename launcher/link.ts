/**
 * A user's way to its target: resolves the name, picks source address and port, opens the connection within
 * connect_timeout, keeps what the next one needs (client certificate, TLS session).
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
import { Timer, type TimerOwner } from './timer-wheel.ts'
import { certificateErrorCode } from './tls-client.ts'

export interface LinkOwner extends ConnectionOwner {
  /** The plugin's state for a new connection. */
  newConnectionState(): unknown
}

/** The user whose link it is. */
export interface LinkUser {
  readonly id: number
  random(): number
}

/** Ports tried in one connect before the failure counts: each costs a system call or two. */
const portsPerConnect = 64

export class Link implements TimerOwner {
  connection: Connection | null = null
  certificate: Certificate | null = null
  tlsSession: Buffer | null = null
  connectTimeoutMs: number | null
  readonly #engine: Engine
  readonly #user: LinkUser
  readonly #owner: LinkOwner
  /** Of connect_timeout, made when there is one. */
  #timer: Timer | null = null
  #portTries = 0
  /** What the connection is bound to; null: there is none. */
  #source: Source | null = null
  /** What a name lookup was begun for; a later one makes it void. */
  #resolving: Endpoint | null = null
  /** Undefined: not chosen yet. Null: the system's choice. */
  #sourceAddress: string | null | undefined = undefined

  constructor(engine: Engine, user: LinkUser, owner: LinkOwner) {
    this.connectTimeoutMs = engine.options.connectTimeoutMs
    this.#engine = engine
    this.#user = user
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
    const source = this.#nextSource(endpoint)
    this.#source = source
    const options: OpenOptions = {
      address,
      endpoint,
      source: source.address === '' ? null : source,
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
    if (this.connectTimeoutMs === null) return
    this.#timer ??= new Timer(this)
    this.#timer.dueMs = performance.now() + this.connectTimeoutMs
    this.#engine.wheel.arm(this.#timer)
  }

  #nextSource(endpoint: Endpoint): Source {
    const { sources } = this.#engine
    if (this.#sourceAddress === undefined) {
      this.#sourceAddress = sources.addressOf(this.#user.id, () => this.#user.random())
      if (this.#sourceAddress === '0.0.0.0' && isIpv6(endpoint)) this.#sourceAddress = '::'
    }
    return sources.next(this.#sourceAddress)
  }

  /** @param isKept the system keeps its port for a while */
  #giveSourceBack(isKept: boolean): void {
    if (this.#source !== null) this.#engine.sources.giveBack(this.#source, isKept)
    this.#source = null
  }

  /** @param tcpMs when TCP was established */
  opened({ endpoint, openedMs }: Connection, tcpMs: number): void {
    const nowMs = performance.now()
    const { recorder, trace, wheel } = this.#engine
    if (this.#timer !== null) wheel.disarm(this.#timer)
    this.#portTries = 0
    recorder.connectionOpened()
    recorder.connect.record(nowMs - openedMs)
    recorder.tcpConnect.record(tcpMs - openedMs)
    if (isTls(endpoint)) recorder.tls.record(nowMs - tcpMs)
    trace?.connected(endpoint, nowMs - openedMs)
  }

  /**
   * The connection could not be opened. Where only the source port was taken, the next one is tried.
   *
   * @returns what went wrong, for people; null: it is tried again, and the failure does not count
   */
  failed(reason: string, detail: string, endpoint: Endpoint): string | null {
    if (this.#timer !== null) this.#engine.wheel.disarm(this.#timer)
    this.connection = null
    this.#giveSourceBack(false)
    if (reason === 'eaddrinuse' || reason === 'eaddrnotavail') {
      return this.#portTaken(detail, endpoint)
    }
    this.#portTries = 0
    if (reason !== 'emfile' && reason !== 'enfile') return detail
    return (
      `no descriptor is left for a connection (${detail}): raise the limit of open files ` +
      '(ulimit -n, fs.file-max), or share the users among more launchers (<client cpu>) or hosts'
    )
  }

  #portTaken(detail: string, endpoint: Endpoint): string | null {
    const { sources, recorder } = this.#engine
    const address = this.#sourceAddress ?? null
    if (address !== null && detail.startsWith('bind EADDRNOTAVAIL')) {
      return `${address} is no address of this host: ${detail}; correct <ip> or <iprange>, or add it to an interface`
    }
    if (
      address !== null &&
      ++this.#portTries < Math.min(portsPerConnect, sources.portsPerAddress)
    ) {
      recorder.count('tsts_ports_taken')
      this.open(endpoint)
      return null
    }
    const tried = this.#portTries
    this.#portTries = 0
    return sources.usedUp(address, `${endpoint.host}:${endpoint.port}`, tried)
  }

  /** No connection came within connect_timeout. */
  wake(): void {
    this.drop()
    this.#owner.connectFailed('timeout', 'no connection within connect_timeout')
  }

  /** The other side ended the connection. */
  lost(): void {
    this.connection = null
    this.#giveSourceBack(false)
    this.#engine.recorder.connectionClosed()
  }

  /** Closes the connection, or gives up opening it. */
  drop(): void {
    const { connection } = this
    this.#resolving = null
    this.connection = null
    this.#giveSourceBack(connection?.isOpen === true && !isUdp(connection.endpoint))
    if (connection === null) return
    if (this.#timer !== null) this.#engine.wheel.disarm(this.#timer)
    if (connection.isOpen) this.#engine.recorder.connectionClosed()
    connection.close()
  }
}
