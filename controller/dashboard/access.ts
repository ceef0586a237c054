/** Who may use the dashboard: checks of a request before anything is done for it. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { isLoopback } from './listen.ts'

/** Why a request is refused. */
export interface Refusal {
  readonly status: 401 | 403
  readonly text: string
}

/** 256 bits, as they can stand in an address. */
export function newToken(): string {
  return randomBytes(32).toString('base64url')
}

/**
 * Refuses those without the token, and pages of other sites.
 *
 * Without a token only this machine reaches us; then the name in `Host` is looked at too: a page of another site, whose
 * name was made to mean 127.0.0.1, sends its own.
 */
export function refusal(headers: IncomingHttpHeaders, token: string | null): Refusal | null {
  if (token === null && !isLoopback(hostName(headers.host ?? ''))) {
    return { status: 403, text: 'this dashboard is reached as 127.0.0.1 or localhost only' }
  }
  if (isFromElsewhere(headers)) {
    return { status: 403, text: 'pages of other sites may not use this dashboard' }
  }
  if (token === null || isSame(bearer(headers), token)) return null
  const text = 'the token is missing or wrong: Authorization: Bearer TOKEN, as tsts printed it'
  return { status: 401, text }
}

/** Browsers say where a request comes from; others need not. */
function isFromElsewhere({
  host = '',
  origin,
  'sec-fetch-site': site,
}: IncomingHttpHeaders): boolean {
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true
  if (origin === undefined) return false
  return origin !== `http://${host}` && origin !== `https://${host}`
}

function bearer({ authorization = '' }: IncomingHttpHeaders): string {
  return /^Bearer ([\w-]+)$/i.exec(authorization)?.[1] ?? ''
}

/** In constant time. */
function isSame(given: string, token: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(token))
}

/** `[::1]:80` to `::1`. */
function hostName(host: string): string {
  const [, address, name] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d+)?$/.exec(host) ?? []
  return address ?? name ?? ''
}
