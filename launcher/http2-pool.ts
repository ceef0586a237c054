/** The connections that speak HTTP/2 of a launcher, for users that may share them. */
import type { Carriage } from '../plugins/api.ts'
import type { Connection, ConnectionOwner, OpenOptions } from './connection.ts'
import { isTls } from './endpoint.ts'
import { Http2Requests } from './http2-request.ts'
import { Http2Trunk, type TrunkHolder } from './http2-trunk.ts'
import type { Recorder } from './recorder.ts'
import type { SourceAddresses } from './source-addresses.ts'

/** Where a connection leads, and from where. */
export type Way = Pick<OpenOptions, 'address' | 'endpoint' | 'tls'>

const alone: readonly string[] = ['h2']
const preferred: readonly string[] = ['h2', 'http/1.1']

export class Http2Pool implements TrunkHolder {
  readonly recorder: Recorder
  readonly sources: SourceAddresses
  readonly requests: Http2Requests = new Http2Requests()
  /** Those that users may still join, by where they lead and from where. */
  readonly #trunks = new Map<string, Set<Http2Trunk>>()
  readonly #keys = new Map<Http2Trunk, string>()

  constructor(recorder: Recorder, sources: SourceAddresses) {
    this.recorder = recorder
    this.sources = sources
  }

  /**
   * A user joins a connection that is there; not where users have certificates of their own.
   *
   * @param sourceAddress the user's own; null: the system's choice
   * @returns null: there is none with room
   */
  join(
    carriage: Carriage,
    owner: ConnectionOwner,
    state: unknown,
    way: Way,
    sourceAddress: string | null,
  ): Connection | null {
    if (!isSharing(carriage, way)) return null
    for (const trunk of this.#trunks.get(keyOf(way, sourceAddress)) ?? []) {
      if (trunk.hasRoom) return trunk.join(owner, state)
    }
    return null
  }

  /** A new connection. @throws {CertificateError} */
  open(
    carriage: Carriage,
    owner: ConnectionOwner,
    state: unknown,
    options: OpenOptions,
    sourceAddress: string | null,
  ): Connection {
    const { negotiated, usersPerConnection } = carriage
    const alpn = !isTls(options.endpoint) ? null : negotiated ? preferred : alone
    const isShared = isSharing(carriage, options)
    const maxUsers = isShared ? usersPerConnection : 1
    const trunk = new Http2Trunk(this, { ...options, alpn, negotiated, maxUsers })
    if (isShared) this.#keep(trunk, keyOf(options, sourceAddress))
    return trunk.join(owner, state)
  }

  #keep(trunk: Http2Trunk, key: string): void {
    let trunks = this.#trunks.get(key)
    if (trunks === undefined) {
      trunks = new Set()
      this.#trunks.set(key, trunks)
    }
    trunks.add(trunk)
    this.#keys.set(trunk, key)
  }

  closed(trunk: Http2Trunk): void {
    const key = this.#keys.get(trunk)
    if (key === undefined) return
    this.#keys.delete(trunk)
    const trunks = this.#trunks.get(key)!
    trunks.delete(trunk)
    if (trunks.size === 0) this.#trunks.delete(key)
  }
}

function isSharing({ usersPerConnection }: Carriage, { tls }: Way): boolean {
  return usersPerConnection > 1 && (tls === null || tls.certificate === null)
}

function keyOf({ address, endpoint }: Way, sourceAddress: string | null): string {
  const { host, port, transport } = endpoint
  return `${transport} ${host} ${address} ${port} ${sourceAddress ?? ''}`
}
