/** From a compiled request and a user to bytes. Source of the order of headers: reference tsung-protocols.md, 3.2. */
import { byteString } from '../../core/byte-string.ts'
import type { Endpoint } from '../api.ts'
import { CookieJar, domainMatches } from './cookies.ts'
import type { HttpData, HttpOptions } from './data.ts'

export class HttpUser {
  readonly jar: CookieJar = new CookieJar()
  readonly agent: string
  /** The server that the user began with. */
  readonly home: Endpoint
  /** Host header of requests that do not bring their own. */
  host: string
  /** The server that `host` was made from. */
  server: Endpoint

  constructor(agent: string, server: Endpoint) {
    this.agent = agent
    this.home = server
    this.server = server
    this.host = hostHeader(server)
  }
}

/** A request compiled once, shared by all users. */
export class HttpRequest {
  readonly data: HttpData
  readonly isHead: boolean
  /** Host header of an absolute URL; null: from the user's current server. */
  readonly host: string | null
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
    this.host = data.host === null ? null : byteString(data.host)
    const custom = splitHeaders(data.headers)
    this.#overridesHost = custom.host
    this.#overridesAgent = custom.userAgent
    const modified =
      data.ifModifiedSince === null ? '' : `If-Modified-Since: ${data.ifModifiedSince}\r\n`
    this.#start = byteString(`${data.method} ${data.url} HTTP/${data.version}\r\n${modified}`)
    this.#middle = byteString(middle(data, custom))
    this.#end = `${byteString(custom.rest)}\r\n${data.body ?? ''}`
    this.#added = addedCookies(data)
  }

  /** @param user whose `host` is set for this request */
  bytes(user: HttpUser, isSecure: boolean): string {
    const host = this.#overridesHost ?? user.host
    const agent = this.#overridesAgent ?? user.agent
    if (!user.jar.isEmpty || this.#added.length > 0) {
      const cookies = this.#cookies(user, isSecure)
      if (cookies !== '') {
        return `${this.#head(host, agent)}Cookie: ${cookies}\r\n${this.#end}`
      }
    }
    let byAgent = this.#whole.get(host)
    if (byAgent === undefined) {
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
    let text = user.jar.isEmpty ? '' : user.jar.header(name, this.data.path, isSecure)
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
  /** Every other header, each with its line end. */
  readonly rest: string
}

/** Headers of the scenario that replace generated ones, of several the first that would be sent, and the others. */
function splitHeaders(headers: HttpData['headers']): SplitHeaders {
  let host: string | null = null
  let userAgent: string | null = null
  let contentType: string | null = null
  let contentLength: string | null = null
  let rest = ''
  for (const [name, value] of headers) {
    const lower = name.toLowerCase()
    if (lower === 'host') host ??= byteString(value)
    else if (lower === 'user-agent') userAgent ??= byteString(value)
    else if (lower === 'content-type') contentType ??= value
    else if (lower === 'content-length') contentLength ??= value
    else rest += `${name}: ${value}\r\n`
  }
  return { host, userAgent, contentType, contentLength, rest }
}

function middle(data: HttpData, custom: SplitHeaders): string {
  const soap = data.soapAction === null ? '' : `SOAPAction: "${data.soapAction}"\r\n`
  const authorization = data.basic === null ? '' : basicAuthorization(data.basic)
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

function basicAuthorization({ userid, passwd }: NonNullable<HttpData['basic']>): string {
  return `Authorization: Basic ${btoa(byteString(`${userid}:${passwd}`))}\r\n`
}

/** `host`, and the port unless it is the default one. */
export function hostHeader({ host, port, transport }: Endpoint): string {
  const name = host.includes(':') ? `[${host}]` : host
  const isDefault = port === (transport.startsWith('ssl') ? 443 : 80)
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
