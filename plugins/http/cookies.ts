/**
 * The cookies of one user.
 *
 * As Tsung: newest answer first, names and values as the server wrote them, default path `/`, default domain the host.
 * Unlike Tsung: what the server deletes is gone, `Secure` and domains are respected. Text is byte strings.
 * Source: RFC 6265, 5.1 to 5.4; reference tsung-protocols.md, 3.6; Tsung 1.7, run.
 */

interface Cookie {
  readonly key: string
  readonly value: string
  /** Without a leading dot, lower case. */
  readonly domain: string
  readonly path: string
  readonly secure: boolean
}

/** Cookies kept per user; the oldest go first. */
const maxCookies = 200

export class CookieJar {
  /** Newest answer first. */
  readonly #cookies: Cookie[] = []
  /** Where the next new cookie of this answer goes; −1: to the front, as the jar was empty before it. */
  #place = -1

  /** Tsung puts the cookies of one answer before the others in the order of its lines, the first ones in reverse. */
  beginAnswer(): void {
    this.#place = this.#cookies.length === 0 ? -1 : 0
  }

  /**
   * Takes a `Set-Cookie` value.
   *
   * @param host the one that sent it, without port
   * @param nowMs epoch ms
   */
  store(header: string, host: string, nowMs: number): void {
    const [pair, ...attributes] = header.split(';')
    const equals = pair!.indexOf('=')
    const key = equals < 0 ? pair! : pair!.slice(0, equals)
    if (key.trim() === '') return
    const value = equals < 0 ? '' : pair!.slice(equals + 1)
    let domain = host.toLowerCase()
    let path = '/'
    let secure = false
    let maxAgeS: number | null = null
    let expiresMs: number | null = null
    for (const attribute of attributes) {
      const at = attribute.indexOf('=')
      const name = (at < 0 ? attribute : attribute.slice(0, at)).trim().toLowerCase()
      const text = at < 0 ? '' : attribute.slice(at + 1).trim()
      if (name === 'domain' && text !== '') domain = text.replace(/^\./, '').toLowerCase()
      else if (name === 'path' && text.startsWith('/')) path = text
      else if (name === 'secure') secure = true
      else if (name === 'max-age' && /^-?\d+$/.test(text)) maxAgeS = Number(text)
      else if (name === 'expires') expiresMs = Date.parse(text)
    }
    const old = this.#cookies.findIndex(
      (each) => each.key === key && each.domain === domain && each.path === path,
    )
    const isGone = maxAgeS !== null ? maxAgeS <= 0 : expiresMs !== null && expiresMs < nowMs
    if (isGone) this.#drop(old)
    else if (old >= 0) this.#cookies[old] = { key, value, domain, path, secure }
    else this.#add({ key, value, domain, path, secure })
  }

  /** `a=1; b=2`, or nothing when no cookie goes there. @param path of the URL, query included */
  header(host: string, path: string, isSecure: boolean): string {
    let text = ''
    for (const cookie of this.#cookies) {
      if (cookie.secure && !isSecure) continue
      if (!domainMatches(host, cookie.domain) || !pathMatches(path, cookie.path)) continue
      text += `${text === '' ? '' : '; '}${cookie.key}=${cookie.value}`
    }
    return text
  }

  #add(cookie: Cookie): void {
    if (this.#place < 0) this.#cookies.unshift(cookie)
    else this.#cookies.splice(this.#place++, 0, cookie)
    if (this.#cookies.length > maxCookies) this.#cookies.pop()
  }

  #drop(at: number): void {
    if (at < 0) return
    this.#cookies.splice(at, 1)
    if (at < this.#place) this.#place--
  }
}

/** @param domain without a leading dot */
export function domainMatches(host: string, domain: string): boolean {
  const lower = host.toLowerCase()
  return lower === domain || domain === '' || lower.endsWith(`.${domain}`)
}

export function pathMatches(path: string, prefix: string): boolean {
  if (!path.startsWith(prefix)) return false
  const next = path[prefix.length]
  return prefix.endsWith('/') || next === undefined || next === '/' || next === '?'
}
