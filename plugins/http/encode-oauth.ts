/** OAuth 1.0a. Source: RFC 5849, 3.4 to 3.6; reference tsung-protocols.md, 3.3. */
import { utf8ByteString } from '../../core/byte-string.ts'
import { hmacDigest } from '../../core/digest.ts'
import type { CompileContext, Template, UserView } from '../api.ts'
import type { OAuth } from './data.ts'

const nonceLength = 10
const nonceCharacters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
type Pair = readonly [name: string, value: string]

const formType = 'application/x-www-form-urlencoded'

export class OAuthSignature {
  readonly #method: OAuth['method']
  readonly #consumerKey: string
  /** Percent-encoded. */
  readonly #consumerSecret: string
  readonly #token: Template
  readonly #tokenSecret: Template
  readonly #rsaSign: ((text: string) => string) | null

  /**
   * @param text a value of the scenario, in which markers count or not
   * @throws when the key of RSA-SHA1 cannot be read
   */
  constructor(oauth: OAuth, text: (value: string) => Template, context: CompileContext) {
    const isRsa = oauth.method === 'RSA-SHA1'
    this.#method = oauth.method
    this.#consumerKey = utf8ByteString(oauth.consumerKey)
    this.#consumerSecret = isRsa ? '' : percentEncoded(utf8ByteString(oauth.consumerSecret))
    this.#token = text(oauth.accessToken)
    this.#tokenSecret = text(oauth.accessTokenSecret)
    this.#rsaSign = isRsa ? context.rsaSha1Signer(oauth.consumerSecret) : null
  }

  /**
   * @param url absolute, with its query
   * @param contentType of the body; its parameters are signed when it is a form
   */
  header(method: string, url: string, contentType: string, body: string, view: UserView): string {
    const token = view.render(this.#token)
    const own: Pair[] = [
      ['oauth_consumer_key', this.#consumerKey],
      ['oauth_nonce', nonce(view)],
      ['oauth_signature_method', this.#method],
      ['oauth_timestamp', String(Math.floor(view.nowMs() / 1000))],
      ['oauth_version', '1.0'],
    ]
    if (token !== '') own.push(['oauth_token', token])
    const form = contentType.toLowerCase().startsWith(formType) ? body : ''
    const signature = this.#signature(signatureBase(method, url, form, own), view)
    let header = ''
    for (const [name, value] of own) header += `${name}="${percentEncoded(value)}", `
    return `Authorization: OAuth ${header}oauth_signature="${percentEncoded(signature)}"\r\n`
  }

  #signature(base: string, view: UserView): string {
    if (this.#rsaSign !== null) return btoa(this.#rsaSign(base))
    const key = `${this.#consumerSecret}&${percentEncoded(view.render(this.#tokenSecret))}`
    return this.#method === 'PLAINTEXT' ? key : btoa(hmacDigest('sha1', key, base))
  }
}

/**
 * What is signed. RFC 5849, 3.4.1.
 *
 * @param url absolute, with its query
 * @param form the body, when it is one
 * @param own the parameters of the header
 */
export function signatureBase(
  method: string,
  url: string,
  form: string,
  own: readonly Pair[],
): string {
  const hash = url.indexOf('#')
  const whole = hash < 0 ? url : url.slice(0, hash)
  const query = whole.indexOf('?')
  const pairs: Pair[] = []
  for (const [name, value] of own) pairs.push([percentEncoded(name), percentEncoded(value)])
  if (query >= 0) addParameters(whole.slice(query + 1), pairs)
  addParameters(form, pairs)
  const uri = baseUri(query < 0 ? whole : whole.slice(0, query))
  return `${method}&${percentEncoded(uri)}&${percentEncoded(joined(pairs))}`
}

function nonce(view: UserView): string {
  let text = ''
  for (let at = 0; at < nonceLength; at++) {
    text += nonceCharacters[Math.floor(view.random() * nonceCharacters.length)]
  }
  return text
}

/** Scheme and host in lower case, without the default port. RFC 5849, 3.4.1.2. */
function baseUri(url: string): string {
  const [, scheme = '', host = '', path = ''] = /^(https?:\/\/)([^/]*)(.*)$/s.exec(url) ?? []
  const standard = scheme === 'http://' ? /:80$/ : /:443$/
  return scheme + host.toLowerCase().replace(standard, '') + (path === '' ? '/' : path)
}

/** Those of a query or a form, percent-encoded as OAuth does. RFC 5849, 3.4.1.3.1. */
function addParameters(text: string, to: Pair[]): void {
  for (const parameter of text.split('&')) {
    if (parameter === '') continue
    const equals = parameter.indexOf('=')
    const name = equals < 0 ? parameter : parameter.slice(0, equals)
    const value = equals < 0 ? '' : parameter.slice(equals + 1)
    to.push([percentEncoded(formDecoded(name)), percentEncoded(formDecoded(value))])
  }
}

/** Sorted by name, then by value. RFC 5849, 3.4.1.3.2. */
function joined(pairs: Pair[]): string {
  pairs.sort(([nameA, valueA], [nameB, valueB]) => order(nameA, nameB) || order(valueA, valueB))
  let text = ''
  for (const [name, value] of pairs) text += `${text === '' ? '' : '&'}${name}=${value}`
  return text
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function formDecoded(text: string): string {
  return text
    .replaceAll('+', ' ')
    .replaceAll(/%([0-9A-Fa-f]{2})/g, (_, digits: string) =>
      String.fromCharCode(Number.parseInt(digits, 16)),
    )
}

/** Of a byte string. RFC 5849, 3.6. */
function percentEncoded(text: string): string {
  return text.replaceAll(
    /[^A-Za-z0-9\-._~]/gs,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  )
}
