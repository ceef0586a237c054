/**
 * Answers of HTTP/2 in the form of HTTP/1.1, for plugins that read it. All text is byte strings.
 *
 * The status line has the reason that the standard gives, as HTTP/2 sends none. Headers stay as they come. A body whose
 * length is not told is chunked; then its trailers follow it.
 */
import { STATUS_CODES } from 'node:http'

export interface AnswerHead {
  readonly text: string
  /** Its body goes out in chunks. */
  readonly isChunked: boolean
}

/**
 * @param raw names and values in turn
 * @param isWhole nothing follows
 */
export function answerHead(
  status: number,
  raw: readonly string[],
  isWhole: boolean,
  isHead: boolean,
): AnswerHead {
  let text = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n`
  let hasLength = false
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at]!
    if (name.startsWith(':')) continue
    if (name === 'content-length') hasLength = true
    text += `${name}: ${raw[at + 1]}\r\n`
  }
  const isChunked = !isWhole && !hasLength
  const hasNoBody = isHead || status === 204 || status === 304
  if (isChunked) text += 'transfer-encoding: chunked\r\n'
  else if (!hasLength && !hasNoBody) text += 'content-length: 0\r\n'
  return { text: `${text}\r\n`, isChunked }
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
