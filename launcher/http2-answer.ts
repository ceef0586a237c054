/**
 * Answers of HTTP/2 in the form of HTTP/1.1, for plugins that read it. All text is byte strings.
 *
 * The status line has the reason that the standard gives, as HTTP/2 sends none. Headers stay as they come. A body whose
 * length is not told is chunked; then its trailers follow it. Source: RFC 9113, 8.1 to 8.3.
 */
import { STATUS_CODES } from 'node:http'
import { isHeaderName, isHeaderValue } from '../core/http2/headers.ts'

export interface AnswerHead {
  /** 100 to 199: another head follows. */
  readonly status: number
  readonly text: string
  /** Its body goes out in chunks. */
  readonly isChunked: boolean
  /** Of the body that follows; null: nobody told. */
  readonly bodyBytes: number | null
}

const statusName = ':status'
/** They would mean something in HTTP/1.1. */
const forbidden: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
])
/** Names that were seen to be some: servers use a few. */
const goodNames = new Set<string>()
const maxGoodNames = 1000

/**
 * @param headers names and values in turn, as they came
 * @param isWhole nothing follows
 * @returns null: they break the protocol
 */
export function answerHead(
  headers: readonly string[],
  isWhole: boolean,
  isHead: boolean,
): AnswerHead | null {
  const [first, code = ''] = headers
  if (first !== statusName || !/^[1-9]\d\d$/.test(code)) return null
  const status = Number(code)
  let text = `HTTP/1.1 ${code} ${STATUS_CODES[status] ?? ''}\r\n`
  let length: string | null = null
  for (let at = 2; at < headers.length; at += 2) {
    const [name, value] = [headers[at]!, headers[at + 1]!]
    if (!isGood(name, value)) return null
    if (name === 'content-length') {
      if (!/^\d{1,15}$/.test(value) || (length !== null && length !== value)) return null
      length = value
    }
    text += `${name}: ${value}\r\n`
  }
  const isChunked = !isWhole && length === null
  const hasNoBody = isHead || status === 204 || status === 304
  if (isChunked) text += 'transfer-encoding: chunked\r\n'
  else if (length === null && !hasNoBody) text += 'content-length: 0\r\n'
  const bodyBytes = hasNoBody ? 0 : length === null ? null : Number(length)
  return { status, text: `${text}\r\n`, isChunked, bodyBytes }
}

/** Whether they may stand behind a body. */
export function areTrailers(headers: readonly string[]): boolean {
  for (let at = 0; at < headers.length; at += 2) {
    if (!isGood(headers[at]!, headers[at + 1]!)) return false
  }
  return true
}

/** What stands before and behind the bytes of a chunk. */
export function chunkStart(length: number): string {
  return `${length.toString(16)}\r\n`
}
export const chunkEnd = '\r\n'

/** @param trailers names and values in turn */
export function lastChunk(trailers: readonly string[]): string {
  let text = '0\r\n'
  for (let at = 0; at < trailers.length; at += 2) text += `${trailers[at]}: ${trailers[at + 1]}\r\n`
  return `${text}\r\n`
}

function isGood(name: string, value: string): boolean {
  return isGoodName(name) && isHeaderValue(value)
}

function isGoodName(name: string): boolean {
  if (goodNames.has(name)) return true
  if (forbidden.has(name) || !isHeaderName(name)) return false
  if (goodNames.size < maxGoodNames) goodNames.add(name)
  return true
}
