/** From a compiled request and a user to bytes. Source of the order of headers: reference tsung-protocols.md, 3.2. */
import { byteString } from '../../core/byte-string.ts'
import type { Endpoint } from '../api.ts'
import { domainMatches } from './cookies.ts'
import type { HttpData } from './data.ts'
import { type HttpUser, hostOf } from './user.ts'

/** Hosts for which a request is kept whole: URLs with variables may lead users to any number of them. */
const maxHosts = 100

/** A request whose bytes depend on the user's server, agent and cookies alone. */
export class FixedRequest {
  readonly data: HttpData
  readonly isHead: boolean
  readonly #host: string | null
  /** Request line and what precedes Host. */
  readonly #start: string
  readonly #overridesHost: string | null
  readonly #overridesAgent: string | null
  /** From behind User-Agent to Cookie. */
  readonly #middle: string
  /** Custom headers, blank line, body. */
  readonly #end: string
  readonly #added: readonly Added[]
  /** Whole requests without cookies, by Host and User-Agent: there are a few of each. */
  readonly #whole = new Map<string, Map<string, string>>()

  constructor(data: HttpData) {
    this.data = data
    this.isHead = data.method === 'HEAD'
    this.#host = data.host === null ? null : byteString(data.host)
    const custom = splitHeaders(data.headers)
    this.#overridesHost = custom.host === null ? null : byteString(custom.host)
    this.#overridesAgent = custom.userAgent === null ? null : byteString(custom.userAgent)
    const modified =
      data.ifModifiedSince === null ? '' : `If-Modified-Since: ${data.ifModifiedSince}\r\n`
    this.#start = byteString(`${data.method} ${data.url} HTTP/${data.version}\r\n${modified}`)
    this.#middle = byteString(middle(data, custom))
    const rest = custom.rest.map(([name, value]) => `${name}: ${value}\r\n`).join('')
    this.#end = `${byteString(rest)}\r\n${data.body ?? ''}`
    this.#added = addedCookies(data)
  }

  target({ home }: HttpUser): Endpoint | null {
    const { target } = this.data
    return target === 'home' ? home : target
  }

  /** Host header of an absolute URL; null: from the user's current server. */
  host(): string | null {
    return this.#host
  }

  /** As sent. */
  url(): string {
    return byteString(this.data.url)
  }

  /** @param user whose `host` is set for this request */
  bytes(user: HttpUser, isSecure: boolean): string {
    const host = this.#overridesHost ?? user.host
    const agent = this.#overridesAgent ?? user.agent
    if (user.jar !== null || this.#added.length > 0) {
      const cookies = this.#cookies(user, isSecure)
      if (cookies !== '') {
        return `${this.#head(host, agent)}Cookie: ${cookies}\r\n${this.#end}`
      }
    }
    let byAgent = this.#whole.get(host)
    if (byAgent === undefined) {
      if (this.#whole.size >= maxHosts) return this.#head(host, agent) + this.#end
      byAgent = new Map()
      this.#whole.set(host, byAgent)
    }
    let whole = byAgent.get(agent)
    if (whole === undefined) {
      // Flattened once: a rope would be flattened at every write.
      whole = Buffer.from(this.#head(host, agent) + this.#end, 'latin1').toString('latin1')
      byAgent.set(agent, whole)
    }
    return whole
  }

  #head(host: string, agent: string): string {
    return `${this.#start}Host: ${host}\r\nUser-Agent: ${agent}\r\n${this.#middle}`
  }

  /** Cookies of the jar, then those of the request. A Host header of the scenario changes nothing here, as in Tsung. */
  #cookies(user: HttpUser, isSecure: boolean): string {
    const name = hostOf(user.host)
    let text = user.jar === null ? '' : user.jar.header(name, this.data.path, isSecure)
    for (const { pair, domain } of this.#added) {
      if (domain !== '' && !domainMatches(name, domain)) continue
      text += text === '' ? pair : `; ${pair}`
    }
    return text
  }
}

/** An `<add_cookie>` whose path is that of its request. */
interface Added {
  /** `key=value`. */
  readonly pair: string
  /** Without a leading dot; empty: every one. */
  readonly domain: string
}

function addedCookies({ cookies, path }: HttpData): readonly Added[] {
  return cookies
    .filter((cookie) => path.startsWith(cookie.path))
    .map(({ key, value, domain }) => ({
      pair: byteString(`${key}=${value}`),
      domain: byteString(domain.replace(/^\./, '').toLowerCase()),
    }))
}

interface SplitHeaders {
  readonly host: string | null
  readonly userAgent: string | null
  readonly contentType: string | null
  readonly contentLength: string | null
  readonly rest: HttpData['headers']
}

/** Headers of the scenario that replace generated ones, of several the first that would be sent, and the others. */
export function splitHeaders(headers: HttpData['headers']): SplitHeaders {
  let host: string | null = null
  let userAgent: string | null = null
  let contentType: string | null = null
  let contentLength: string | null = null
  const rest: (readonly [name: string, value: string])[] = []
  for (const [name, value] of headers) {
    const lower = name.toLowerCase()
    if (lower === 'host') host ??= value
    else if (lower === 'user-agent') userAgent ??= value
    else if (lower === 'content-type') contentType ??= value
    else if (lower === 'content-length') contentLength ??= value
    else rest.push([name, value])
  }
  return { host, userAgent, contentType, contentLength, rest }
}

function middle(data: HttpData, custom: SplitHeaders): string {
  const soap = data.soapAction === null ? '' : `SOAPAction: "${data.soapAction}"\r\n`
  const basic = data.authorization?.type === 'basic' ? data.authorization : null
  const authorization =
    basic === null ? '' : basicAuthorization(byteString(`${basic.userid}:${basic.passwd}`))
  if (data.body !== null) {
    const type = `Content-Type: ${custom.contentType ?? data.contentType}\r\n`
    const length = `Content-Length: ${custom.contentLength ?? data.body.length}\r\n`
    return type + length + authorization + soap
  }
  const type = custom.contentType === null ? '' : `Content-Type: ${custom.contentType}\r\n`
  const length = custom.contentLength === null ? '' : `Content-Length: ${custom.contentLength}\r\n`
  const generated = data.ifModifiedSince === null ? authorization + soap : soap + authorization
  return type + length + generated
}

/** @param credentials `user:password`, a byte string */
export function basicAuthorization(credentials: string): string {
  return `Authorization: Basic ${btoa(credentials)}\r\n`
}
