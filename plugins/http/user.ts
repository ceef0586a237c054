/** What HTTP keeps of a virtual user. */
import { byteString } from '../../core/byte-string.ts'
import type { Endpoint } from '../api.ts'
import type { CookieJar } from './cookies.ts'
import type { HttpOptions } from './data.ts'

/** Where one attempt goes: byte strings. */
export interface PreparedPlace {
  /** As sent. */
  readonly url: string
  /** Path and query, for cookies. */
  readonly path: string
  /** Null: to the user's current server. */
  readonly target: Endpoint | null
  /** Host header; null: from the server. */
  readonly host: string | null
}

export class HttpUser {
  /** Null: no server has set a cookie. */
  jar: CookieJar | null = null
  readonly agent: string
  /** The server that the user began with. */
  readonly home: Endpoint
  /** Host header of requests that do not bring their own. */
  host: string
  /** The server that `host` was made from. */
  server: Endpoint
  /** Of the request that is being attempted, when its URL has markers. */
  place: PreparedPlace | null = null
  /** The nonce that was used last with a digest that counts its uses. */
  nonce = ''
  nonceUses = 0

  constructor(agent: string, server: Endpoint) {
    this.agent = agent
    this.home = server
    this.server = server
    this.host = hostHeader(server)
  }
}

/** `host`, and the port unless it is the default one. */
export function hostHeader({ host, port, transport }: Endpoint): string {
  const name = host.includes(':') ? `[${host}]` : host
  const isDefault = port === (transport.includes('ssl') ? 443 : 80)
  return isDefault ? name : `${name}:${port}`
}

/** A Host header without its port. */
export function hostOf(header: string): string {
  return header.replace(/:\d*$/, '')
}

/** The agent of a user: drawn by probability when there are several. */
export function drawAgent(options: HttpOptions | null, random: () => number): string {
  const agents = options?.userAgents ?? []
  if (agents.length === 0) return 'tsung'
  if (agents.length === 1) return byteString(agents[0]!.text)
  let rest = random() * 100
  for (const { probability, text } of agents) {
    rest -= probability
    if (rest < 0) return byteString(text)
  }
  return byteString(agents.at(-1)!.text)
}
