/**
 * A request whose bytes depend on the user's variables, or that is signed: the same order of headers as in encode.ts.
 *
 * Markers count in URL, content type, values of headers and cookies, credentials, and with subst="true" in the body.
 * Source: reference tsung-protocols.md, 1.8.
 */
import { byteString } from '../../core/byte-string.ts'
import { constantTemplate } from '../../core/dynvars/template.ts'
import type { UserView } from '../api.ts'
import { type CompileContext, type Endpoint, ProtocolError, type Template } from '../api.ts'
import { domainMatches } from './cookies.ts'
import type { HttpData } from './data.ts'
import { basicAuthorization, splitHeaders } from './encode.ts'
import { DigestAuthorization } from './encode-digest.ts'
import { OAuthSignature } from './encode-oauth.ts'
import { isAbsolute, parseAbsolute } from './url.ts'
import { type HttpUser, hostOf, type PreparedPlace } from './user.ts'

export class SubstitutedRequest {
  readonly data: HttpData
  readonly isHead: boolean
  readonly #url: Template
  /** Of a path. */
  readonly #host: string | null
  /** From behind the URL to Host. */
  readonly #start: string
  readonly #overridesHost: Template | null
  readonly #overridesAgent: Template | null
  readonly #contentType: Template | null
  readonly #contentLength: Template | null
  readonly #soap: string
  readonly #basic: { readonly userid: Template; readonly passwd: Template } | null
  readonly #digest: DigestAuthorization | null
  readonly #oauth: OAuthSignature | null
  readonly #cookies: readonly AddedCookie[]
  readonly #headers: readonly Header[]
  readonly #body: Template | null

  constructor(data: HttpData, context: CompileContext) {
    const isOn = context.subst !== 'false'
    const text = (value: string): Template =>
      isOn ? context.template(value) : constantTemplate(value)
    const textOrNull = (value: string | null): Template | null =>
      value === null ? null : text(value)
    const custom = splitHeaders(data.headers)
    const { authorization, oauth, body, ifModifiedSince } = data
    this.data = data
    this.isHead = data.method === 'HEAD'
    this.#url = data.open === null ? constantTemplate(data.url) : text(data.url)
    this.#host = data.host === null ? null : byteString(data.host)
    const modified = ifModifiedSince === null ? '' : `If-Modified-Since: ${ifModifiedSince}\r\n`
    this.#start = byteString(`HTTP/${data.version}\r\n${modified}`)
    this.#overridesHost = textOrNull(custom.host)
    this.#overridesAgent = textOrNull(custom.userAgent)
    this.#contentType = textOrNull(custom.contentType ?? (body === null ? null : data.contentType))
    this.#contentLength = textOrNull(custom.contentLength)
    this.#soap = data.soapAction === null ? '' : byteString(`SOAPAction: "${data.soapAction}"\r\n`)
    const isBasic = authorization?.type === 'basic'
    this.#basic = isBasic
      ? { userid: text(authorization.userid), passwd: text(authorization.passwd) }
      : null
    const isDigest = authorization?.type === 'digest'
    this.#digest = isDigest ? new DigestAuthorization(authorization, text, context) : null
    this.#oauth = oauth === null ? null : new OAuthSignature(oauth, text, context)
    this.#cookies = data.cookies.map(({ key, value, path, domain }) => ({
      key: byteString(key),
      value: text(value),
      path: byteString(path),
      domain: byteString(domain.replace(/^\./, '').toLowerCase()),
    }))
    this.#headers = custom.rest.map(([name, value]) => ({
      name: byteString(name),
      value: text(value),
    }))
    if (body === null) this.#body = null
    else this.#body = context.subst === 'true' ? context.template(body) : constantTemplate(body)
  }

  /** Whether all users send the same, but for host, agent and cookies. */
  get isFixed(): boolean {
    const basic = this.#basic === null ? [] : [this.#basic.userid, this.#basic.passwd]
    const values = [...this.#cookies, ...this.#headers].map(({ value }) => value)
    const texts = [
      ...basic,
      ...values,
      this.#overridesHost,
      this.#overridesAgent,
      this.#contentType,
      this.#contentLength,
      this.#body,
    ]
    const isSigned = this.#digest !== null || this.#oauth !== null
    return this.data.open === null && !isSigned && texts.every((text) => text?.constant !== null)
  }

  /** @throws {ProtocolError} when the URL cannot be read */
  prepare(user: HttpUser, view: UserView): void {
    user.place = this.#placeFor(user, view)
  }

  target(user: HttpUser): Endpoint | null {
    return user.place!.target
  }

  /** Host header of an absolute URL; null: from the user's current server. */
  host(user: HttpUser): string | null {
    return user.place!.host
  }

  /** As sent. */
  url(user: HttpUser): string {
    return user.place!.url
  }

  /** @param user whose `host` is set for this request */
  bytes(user: HttpUser, isSecure: boolean, view: UserView): string {
    const { url, path } = user.place!
    const { method } = this.data
    const host = this.#overridesHost === null ? user.host : view.render(this.#overridesHost)
    const agent = this.#overridesAgent === null ? user.agent : view.render(this.#overridesAgent)
    const body = this.#body === null ? '' : view.render(this.#body)
    const type = this.#contentType === null ? '' : view.render(this.#contentType)
    let text = `${method} ${url} ${this.#start}Host: ${host}\r\nUser-Agent: ${agent}\r\n`
    if (this.#contentType !== null) text += `Content-Type: ${type}\r\n`
    if (this.#contentLength !== null) {
      text += `Content-Length: ${view.render(this.#contentLength)}\r\n`
    } else if (this.#body !== null) text += `Content-Length: ${body.length}\r\n`
    const authorization = this.#authorization(user, view)
    const oauth =
      this.#oauth === null
        ? ''
        : this.#oauth.header(method, absoluteFor(url, host, isSecure), type, body, view)
    if (this.#body !== null) text += authorization + this.#soap + oauth
    else if (this.data.ifModifiedSince !== null) text += this.#soap + authorization + oauth
    else text += authorization + oauth + this.#soap
    const cookies = this.#cookieText(user, path, isSecure, view)
    if (cookies !== '') text += `Cookie: ${cookies}\r\n`
    for (const { name, value } of this.#headers) text += `${name}: ${view.render(value)}\r\n`
    return `${text}\r\n${body}`
  }

  #placeFor(user: HttpUser, view: UserView): PreparedPlace {
    const { open, path, target: planned } = this.data
    const target = planned === 'home' ? user.home : planned
    const rendered = view.render(this.#url)
    if (open === null) return { url: rendered, path, target, host: this.#host }
    const url = rendered === '' ? '/' : rendered.replaceAll(' ', '%20')
    if (!isAbsolute(url)) return { url: open.prefix + url, path: url, target, host: this.#host }
    const parsed = parseAbsolute(url)
    if (typeof parsed === 'string') {
      throw new ProtocolError('error_http_bad_url', `"${url.slice(0, 200)}" has ${parsed}`)
    }
    if (open.isProxied) return { url, path: parsed.path, target: null, host: parsed.header }
    const transport = open.isIpv6 ? (parsed.isTls ? 'ssl6' : 'tcp6') : parsed.isTls ? 'ssl' : 'tcp'
    const endpoint: Endpoint = { host: parsed.host, port: parsed.port, transport }
    return { url: parsed.path, path: parsed.path, target: endpoint, host: parsed.header }
  }

  #authorization(user: HttpUser, view: UserView): string {
    if (this.#basic !== null) {
      const { userid, passwd } = this.#basic
      return basicAuthorization(`${view.render(userid)}:${view.render(passwd)}`)
    }
    if (this.#digest === null) return ''
    return this.#digest.header(this.data.method, user.place!.url, user, view)
  }

  /** Cookies of the jar, then those of the request. */
  #cookieText(user: HttpUser, path: string, isSecure: boolean, view: UserView): string {
    if (user.jar === null && this.#cookies.length === 0) return ''
    const name = hostOf(user.host)
    let text = user.jar === null ? '' : user.jar.header(name, path, isSecure)
    for (const cookie of this.#cookies) {
      if (!path.startsWith(cookie.path)) continue
      if (cookie.domain !== '' && !domainMatches(name, cookie.domain)) continue
      text += `${text === '' ? '' : '; '}${cookie.key}=${view.render(cookie.value)}`
    }
    return text
  }
}

interface AddedCookie {
  readonly key: string
  readonly value: Template
  readonly path: string
  /** Without a leading dot; empty: every one. */
  readonly domain: string
}

interface Header {
  readonly name: string
  readonly value: Template
}

/** The whole URL, which OAuth signs. */
function absoluteFor(url: string, host: string, isSecure: boolean): string {
  return isAbsolute(url) ? url : `${isSecure ? 'https' : 'http'}://${host}${url}`
}
