/**
 * Requests in the form of HTTP/1.1 to headers of HTTP/2. All text is byte strings.
 *
 * Source: RFC 9113, 8.2 and 8.3.
 */
import { isHeaderName, isHeaderValue } from '../core/http2/headers.ts'
import { type Field, field } from '../core/http2/hpack-encoder.ts'

export interface Http2Request {
  /** Requests that are the same share them. */
  readonly fields: readonly Field[]
  readonly body: string
  readonly isHead: boolean
}

/** HTTP/2 has no place for it. */
export class Http2HeaderError extends Error {}

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

/** Heads and lines that are kept: without variables and cookies they are the same again and again. */
const maxKept = 1000
const maxKeptBytes = 4096
const headEnd = '\r\n\r\n'

export class Http2Requests {
  readonly #plain = new Map<string, readonly Field[]>()
  readonly #secure = new Map<string, readonly Field[]>()

  /**
   * @param bytes a whole request of HTTP/1.1, as a plugin writes it
   * @throws {Http2HeaderError}
   */
  of(bytes: string, isTls: boolean): Http2Request {
    const end = bytes.indexOf(headEnd)
    const bodyAt = end + headEnd.length
    const hasBody = bodyAt < bytes.length
    const head = hasBody ? bytes.slice(0, end) : bytes
    const known = isTls ? this.#secure : this.#plain
    let fields = known.get(head)
    if (fields === undefined) {
      // A part of a string holds the whole: what is kept must not hold the body.
      const alone = Buffer.from(head, 'latin1').toString('latin1')
      fields = fieldsOf(alone, isTls)
      keep(known, alone, fields)
    }
    const body = hasBody ? bytes.slice(bodyAt) : ''
    return { fields, body, isHead: bytes.startsWith('HEAD ') }
  }
}

/** By the line of HTTP/1.1. */
const knownLines = new Map<string, Field>()

function fieldsOf(head: string, isTls: boolean): readonly Field[] {
  const [first = '', ...lines] = head.split('\r\n').filter((line) => line !== '')
  const methodEnd = first.indexOf(' ')
  const url = first.slice(methodEnd + 1, first.lastIndexOf(' '))
  // Behind a proxy the URL is absolute.
  const absolute = /^(https?):\/\/([^/?#]*)(.*)$/s.exec(url)
  let authority = absolute?.[2] ?? null
  const fields: Field[] = []
  for (const line of lines) {
    const colon = line.indexOf(':')
    const name = line.slice(0, Math.max(0, colon)).toLowerCase()
    if (name === 'host') authority ??= line.slice(colon + 1).trim()
    else if (!dropped.has(name)) {
      const said = knownLines.get(line) ?? fieldOf(line, name)
      if (said !== null) fields.push(said)
    }
  }
  const path = (absolute === null ? url : absolute[3]) || '/'
  return [
    checked(':method', first.slice(0, methodEnd)),
    checked(':scheme', absolute?.[1] ?? (isTls ? 'https' : 'http')),
    ...(authority === null ? [] : [checked(':authority', authority)]),
    checked(':path', path),
    ...fields,
  ]
}

/** @returns null: it is not sent */
function fieldOf(line: string, name: string): Field | null {
  if (!isHeaderName(name)) {
    throw new Http2HeaderError(`HTTP/2 has no place for this header: ${line}`)
  }
  const value = line.slice(name.length + 1).trim()
  if (name === 'te' && value.toLowerCase() !== 'trailers') return null
  const said = checked(name, value)
  keep(knownLines, line, said)
  return said
}

function checked(name: string, value: string): Field {
  if (isHeaderValue(value)) return field(name, value)
  throw new Http2HeaderError(`${name} has a NUL or the end of a line`)
}

function keep<Value>(known: Map<string, Value>, text: string, value: Value): void {
  if (text.length <= maxKeptBytes && known.size < maxKept) known.set(text, value)
}
