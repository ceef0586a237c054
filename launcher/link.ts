/**
 * A user's way to its target: resolves the name, picks source address and port, opens the connection within
 * connect_timeout, keeps what the next one needs (client certificate, TLS session), and has the plugin's alarm and
 * the rate limit of what comes.
 */
import type { Outcome } from '../core/program/checks.ts'
import type { Certificate, Endpoint } from '../core/scenario/model.ts'
import type { AnyPlugin, Carriage } from '../plugins/api.ts'
import type { Connection, ConnectionOwner, OpenOptions } from './connection.ts'
import { isIpv6, isTls } from './endpoint.ts'
import type { Engine } from './engine.ts'
import type { Way } from './http2-pool.ts'
import { openConnection } from './open-connection.ts'
import { RateLimit, type RateLimited } from './rate-limit.ts'
import type { Source } from './source-addresses.ts'
import { Timer, type TimerOwner } from './timer-wheel.ts'
import { certificateErrorCode } from './tls-client.ts'

export interface LinkOwner extends ConnectionOwner, RateLimited {
  readonly plugin: AnyPlugin
  /** The plugin's state for a new connection. */
  newConnectionState(): unknown
  /** The plugin's alarm went off. */
  alarmed(connection: Connection, nowMs: number): void
}

/** The user whose link it is. */
export interface LinkUser {
  readonly id: number
  random(): number
}

/** Ports tried in one connect before the failure counts: each costs a system call or two. */
const portsPerConnect = 64
const none: readonly Uint8Array[] = []

export class Link implements TimerOwner {
  connection: Connection | null = null
  certificate: Certificate | null = null
  tlsSession: Buffer | null = null
  connectTimeoutMs: number | null
  readonly #engine: Engine
  readonly #user: LinkUser
  readonly #owner: LinkOwner
  /** Of connect_timeout while a connection is opened, the plugin's alarm while it is open; made when it is needed. */
  #timer: Timer | null = null
  #rateLimit: RateLimit | null = null
  #upgrade: { readonly sinceMs: number; readonly outcome: Outcome } | null = null
  #portTries = 0
  /** What the connection is bound to; null: nothing, or there is none. */
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
    const { rateLimit } = engine.options
    if (rateLimit !== null) this.setRateLimit(rateLimit.bytesPerMs, rateLimit.burstBytes)
  }

  /** What comes now waits for the rate limit. */
  get isHolding(): boolean {
    return this.#rateLimit?.isHolding === true
  }

  /** From now on. @param bytesPerMs 0: not limited */
  setRateLimit(bytesPerMs: number, burstBytes: number): void {
    const { recorder, wheel } = this.#engine
    for (const bytes of this.#release()) recorder.sizeReceived += bytes.length
    this.#rateLimit =
      bytesPerMs > 0 ? new RateLimit(wheel, this.#owner, bytesPerMs, burstBytes) : null
  }

  /** From the next TLS connection on. @param certificate with markers replaced */
  useCertificate(certificate: Certificate): void {
    this.certificate = certificate
    this.tlsSession = null
    this.drop()
  }

  /** What `set_option` said to another link of this user holds here too. */
  adoptOptions(from: Link): void {
    this.connectTimeoutMs = from.connectTimeoutMs
    this.setRateLimit(from.#rateLimit?.bytesPerMs ?? 0, from.#rateLimit?.burstBytes ?? 0)
    this.certificate = from.certificate
  }

  /** @returns false: the bytes come by `passed`, when the rate limit lets them */
  passes(connection: Connection, bytes: Uint8Array): boolean {
    return this.#rateLimit === null || this.#rateLimit.passes(connection, bytes)
  }

  #release(): readonly Uint8Array[] {
    return this.#rateLimit === null ? none : this.#rateLimit.release()
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
    const engine = this.#engine
    const owner = this.#owner
    const tls = isTls(endpoint) ? { certificate: this.certificate, session: this.tlsSession } : null
    const carriage = engine.carriageTo(endpoint, owner.plugin)
    if (carriage !== null && this.#join(carriage, { address, endpoint, tls })) return
    this.#source = this.#nextSource(endpoint)
    const options: OpenOptions = {
      address,
      endpoint,
      source: this.#source,
      tls,
      tlsClient: engine.tlsClient,
    }
    const state = owner.newConnectionState()
    try {
      if (carriage === null) this.connection = openConnection(engine, owner, state, options)
      else {
        const source = this.#sourceAddress ?? null
        this.connection = engine.http2.open(carriage, owner, state, options, source)
        // It is given back when the last user has left.
        this.#source = null
      }
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      if (code !== certificateErrorCode) throw error
      owner.connectFailed('tls', message)
      return
    }
    if (this.connectTimeoutMs !== null) this.#arm(this.connectTimeoutMs)
  }

  /** @returns whether there is a connection of others to share */
  #join(carriage: Carriage, way: Way): boolean {
    if (carriage.usersPerConnection === 1) return false
    const owner = this.#owner
    const source = this.#addressFor(way.endpoint)
    const joined = this.#engine.http2.join(carriage, owner, owner.newConnectionState(), way, source)
    if (joined === null) return false
    this.connection = joined
    if (joined.isOpen) owner.connected(joined, joined.openedMs, joined.openedMs)
    else if (this.connectTimeoutMs !== null) this.#arm(this.connectTimeoutMs)
    return true
  }

  /** The plugin's alarm. @param ms Infinity: none */
  wakeAfter(ms: number): void {
    if (this.connection?.isOpen !== true) return
    if (ms === Infinity) this.#disarm()
    else this.#arm(ms)
  }

  #arm(ms: number): void {
    this.#timer ??= new Timer(this)
    this.#timer.dueMs = performance.now() + ms
    this.#engine.wheel.arm(this.#timer)
  }

  #disarm(): void {
    if (this.#timer !== null) this.#engine.wheel.disarm(this.#timer)
  }

  #nextSource(endpoint: Endpoint): Source | null {
    const address = this.#addressFor(endpoint)
    return address === null ? null : this.#engine.sources.next(address)
  }

  /** Where the user's connections come from; null: the system's choice. */
  #addressFor(endpoint: Endpoint): string | null {
    if (this.#sourceAddress === undefined) {
      const { sources } = this.#engine
      this.#sourceAddress = sources.addressOf(this.#user.id, () => this.#user.random())
      if (this.#sourceAddress === '0.0.0.0' && isIpv6(endpoint)) this.#sourceAddress = '::'
    }
    return this.#sourceAddress
  }

  #giveSourceBack(): void {
    if (this.#source !== null) this.#engine.sources.giveBack(this.#source)
    this.#source = null
  }

  /** @param tcpMs when TCP was established; @param readyMs when TLS was */
  opened({ endpoint, openedMs, isShared }: Connection, tcpMs: number, readyMs: number): void {
    const { recorder, trace } = this.#engine
    this.#disarm()
    this.#portTries = 0
    if (!isShared) {
      recorder.connectionOpened()
      recorder.connectTimes(openedMs, tcpMs, readyMs, isTls(endpoint))
    }
    trace?.connected(endpoint, readyMs - openedMs)
  }

  /** TLS begins on the open connection. @param outcome of the request that asked for it */
  upgrade(connection: Connection, outcome: Outcome): void {
    this.#upgrade = { sinceMs: performance.now(), outcome }
    const { certificate, tlsSession: session } = this
    connection.upgrade(this.#engine.tlsClient, { certificate, session })
  }

  /** It is there. @returns what `upgrade` was told */
  upgraded(): Outcome {
    const { sinceMs, outcome } = this.#upgrade!
    this.#engine.recorder.tls.record(performance.now() - sinceMs)
    this.#upgrade = null
    return outcome
  }

  /**
   * The connection could not be opened. Where only the source port was taken, the next one is tried.
   *
   * @returns what went wrong, for people; null: it is tried again, and the failure does not count
   */
  failed(reason: string, detail: string, endpoint: Endpoint): string | null {
    this.#disarm()
    this.connection = null
    this.#giveSourceBack()
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

  /** No connection came within connect_timeout; or the plugin's alarm. */
  wake(nowMs: number): void {
    if (this.connection?.isOpen === true) {
      this.#owner.alarmed(this.connection, nowMs)
      return
    }
    this.drop()
    this.#owner.connectFailed('timeout', 'no connection within connect_timeout')
  }

  /** The other side ended the connection. @returns what came before, and waited for the rate limit */
  lost(): readonly Uint8Array[] {
    this.#disarm()
    if (this.connection?.isShared !== true) this.#engine.recorder.connectionClosed()
    this.connection = null
    this.#giveSourceBack()
    return this.#release()
  }

  /** Closes the connection, or gives up opening it. */
  drop(): void {
    const { connection } = this
    this.#release()
    this.#resolving = null
    this.connection = null
    this.#giveSourceBack()
    if (connection === null) return
    this.#disarm()
    if (connection.isOpen && !connection.isShared) this.#engine.recorder.connectionClosed()
    connection.close()
  }
}
