/**
 * Requests in the form of HTTP/1.1 to headers of HTTP/2. All text is byte strings.
 *
 * Source: RFC 9113, 8.2 and 8.3.
 */
import type { OutgoingHttpHeaders } from 'node:http2'

export interface Http2Request {
  /** Never written: requests that are the same share it. */
  readonly headers: OutgoingHttpHeaders
  readonly body: string
}

/** Of the connection, not of the request: HTTP/2 has no place for them. */
const dropped: ReadonlySet<string> = new Set([
  'connection',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
])

/** Heads that are kept: those of requests without variables and cookies are the same again and again. */
const maxKept = 1000
const maxKeptBytes = 4096
const headEnd = '\r\n\r\n'

export class Http2Requests {
  readonly #plain = new Map<string, OutgoingHttpHeaders>()
  readonly #secure = new Map<string, OutgoingHttpHeaders>()

  /**
   * @param bytes a whole request of HTTP/1.1, as a plugin writes it
   * @throws with a `code` when there is no such header in HTTP/2
   */
  of(bytes: string, isTls: boolean): Http2Request {
    const end = bytes.indexOf(headEnd)
    const bodyAt = end + headEnd.length
    const hasBody = bodyAt < bytes.length
    const head = hasBody ? bytes.slice(0, end) : bytes
    const kept = isTls ? this.#secure : this.#plain
    const known = kept.get(head)
    const headers = known ?? headersOf(bytes.slice(0, end), isTls)
    if (known === undefined && head.length <= maxKeptBytes && kept.size < maxKept) {
      kept.set(head, headers)
    }
    return { headers, body: hasBody ? bytes.slice(bodyAt) : '' }
  }
}

function headersOf(head: string, isTls: boolean): OutgoingHttpHeaders {
  // It ends a value where Node hands headers on.
  if (head.includes('\0')) throw noHeader('a header with a NUL')
  const [first = '', ...lines] = head.split('\r\n')
  const methodEnd = first.indexOf(' ')
  const url = first.slice(methodEnd + 1, first.lastIndexOf(' '))
  // Behind a proxy the URL is absolute.
  const absolute = /^(https?):\/\/([^/?#]*)(.*)$/s.exec(url)
  const headers: OutgoingHttpHeaders = Object.create(null)
  headers[':method'] = first.slice(0, methodEnd)
  headers[':scheme'] = absolute?.[1] ?? (isTls ? 'https' : 'http')
  if (absolute !== null) headers[':authority'] = absolute[2]
  headers[':path'] = (absolute === null ? url : absolute[3]) || '/'
  for (const line of lines) {
    const colon = line.indexOf(':')
    if (colon < 1) throw noHeader(`a header without a name: ${line}`)
    const name = line.slice(0, colon).toLowerCase()
    const value = line.slice(colon + 1).trim()
    if (name === 'host' && absolute === null) headers[':authority'] = value
    else if (name === 'te' && value.toLowerCase() !== 'trailers') continue
    else if (!dropped.has(name)) add(headers, name, value)
  }
  return headers
}

function noHeader(message: string): Error {
  return Object.assign(new Error(message), { code: 'ERR_INVALID_CHAR' })
}

function add(headers: OutgoingHttpHeaders, name: string, value: string): void {
  const before = headers[name]
  // Of a header that stands for one value, Node sends one.
  if (before === undefined || singular.has(name)) headers[name] = before ?? value
  else headers[name] = Array.isArray(before) ? [...before, value] : [String(before), value]
}

const singular: ReadonlySet<string> = new Set([
  'access-control-allow-credentials',
  'access-control-max-age',
  'access-control-request-method',
  'age',
  'authorization',
  'content-encoding',
  'content-language',
  'content-length',
  'content-location',
  'content-md5',
  'content-range',
  'content-type',
  'date',
  'dnt',
  'etag',
  'expires',
  'from',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'last-modified',
  'location',
  'max-forwards',
  'proxy-authorization',
  'range',
  'referer',
  'retry-after',
  'tk',
  'upgrade-insecure-requests',
  'user-agent',
  'x-content-type-options',
])
