/** What `dumptraffic` asks for. Source: reference tsung-core.md, 8.6. */
import type { Scenario } from '../core/scenario/model.ts'
import type { ProtocolDump } from '../plugins/api.ts'
import { epochMs } from './clock.ts'
import type { LineBatch } from './line-batch.ts'

/** Characters of a payload with `dumptraffic="light"`. */
const lightCharacters = 44

/** A request that was answered. */
export interface AnsweredRequest {
  readonly user: number
  readonly protocol: ProtocolDump
  /** Of its answer, headers included. */
  readonly bytes: number
  readonly ms: number
  /** `tr_NAME`, or null outside of any. */
  readonly transaction: string | null
  /** The event that its matches wrote to match.log last; empty: none. */
  readonly match: string
  /** The last error that was counted; empty: none. */
  readonly error: string
  readonly tag: string
}

export class TrafficDump {
  /** Requests are told, by protocols that can. */
  readonly tellsRequests: boolean
  readonly #tellsPackets: boolean
  readonly #isLight: boolean
  readonly #lines: LineBatch

  constructor(mode: Scenario['dumpTraffic'], lines: LineBatch) {
    this.tellsRequests = mode === 'protocol' || mode === 'protocol_local'
    this.#tellsPackets = mode === 'true' || mode === 'light'
    this.#isLight = mode === 'light'
    this.#lines = lines
  }

  /** @param session its number from 1, or `static` */
  userStarted(session: string): void {
    if (this.#tellsPackets) this.#lines.add(`NewClient:${epochS()}:${session}`)
  }

  userEnded(user: number): void {
    if (this.#tellsPackets) this.#lines.add(`EndClient:${epochS()}:${user}`)
  }

  /** @param bytes byte string */
  sent(user: number, bytes: string): void {
    if (this.#tellsPackets) this.#packet('Send', user, bytes)
  }

  received(user: number, bytes: Uint8Array): void {
    if (!this.#tellsPackets) return
    const told = this.#isLight ? bytes.subarray(0, lightCharacters) : bytes
    this.#packet('Recv', user, Buffer.from(told).toString('latin1'))
  }

  answered(request: AnsweredRequest): void {
    const { user, protocol, bytes, ms, transaction, match, error, tag } = request
    const { method, host, url, status } = protocol
    const answer = `${status === '' ? 'error_no_http_status' : status};${bytes};${ms.toFixed(3)}`
    const rest = `${transaction ?? '-'};${match};${error};${tag}`
    const line = `${epochS()};${pid(user)};${user};${method};${host};${url};${answer};${rest}`
    this.#lines.add(line)
  }

  #packet(what: 'Send' | 'Recv', user: number, bytes: string): void {
    const payload = this.#isLight
      ? bytes.slice(0, lightCharacters).padEnd(lightCharacters, ' ')
      : bytes
    this.#lines.add(`${what}:${epochS()}:${pid(user)}:${payload}`)
  }
}

/** Null: no dump was asked for. */
export function trafficDumpFor(
  mode: Scenario['dumpTraffic'],
  lines: LineBatch,
): TrafficDump | null {
  return mode === 'false' ? null : new TrafficDump(mode, lines)
}

/** Seconds since 1970 with up to 6 decimals. */
function epochS(): string {
  return String(Number((epochMs() / 1000).toFixed(6)))
}

/** Where Tsung names the process of the user. */
function pid(user: number): string {
  return `<0.${user}.0>`
}
