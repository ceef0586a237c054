/** What frames are made of. Source: RFC 6455, 5.2 and 7.4; RFC 7692, 6. */
import { fromBytes } from '../../core/byte-string.ts'

export const Opcode = {
  continuation: 0,
  text: 1,
  binary: 2,
  close: 8,
  ping: 9,
  pong: 10,
} as const

/** Bits of the first byte. */
export const finBit = 0x80
export const compressedBit = 0x40
/** The bit of the second byte that says that the payload is masked. */
export const maskBit = 0x80

/** Bytes of a control frame's payload, at most. */
export const maxControlBytes = 125

/** Bytes of a message, at most. */
export const maxMessageBytes: number = 64 * 1024 * 1024

export const CloseCode = {
  normal: 1000,
  protocolError: 1002,
  /** Never sent: a close frame had none. */
  none: 1005,
  notUtf8: 1007,
  tooLong: 1009,
} as const

/** Names of counters for what a peer does wrong. */
export const protocolCounter = 'error_websocket_protocol'
export const utf8Counter = 'error_websocket_utf8'
export const tooLongCounter = 'error_websocket_too_long'
export const deflateCounter = 'error_websocket_deflate'

/** With which code a connection is closed for an error of that name. */
export function closeCodeFor(counter: string): number {
  if (counter === utf8Counter || counter === deflateCounter) return CloseCode.notUtf8
  return counter === tooLongCounter ? CloseCode.tooLong : CloseCode.protocolError
}

/** Whether a close frame may bear the code: those of the RFC and of IANA's registry, of libraries and of applications. */
export function isCloseCode(code: number): boolean {
  if (code >= 3000) return code <= 4999
  return code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006
}

/** The payload of a close frame; a reason that is too long is cut between characters. @param reason UTF-8, a byte string */
export function closePayload(code: number, reason: string): string {
  if (code === CloseCode.none) return ''
  let end = Math.min(reason.length, maxControlBytes - 2)
  if (end < reason.length) while (end > 0 && (reason.charCodeAt(end) & 0xc0) === 0x80) end--
  return String.fromCharCode(code >> 8, code & 255) + reason.slice(0, end)
}

/** A frame of a server, whose payload is not masked. @param first its first byte */
export function plainFrame(first: number, payload: string): string {
  const { length } = payload
  if (length < 126) return String.fromCharCode(first, length) + payload
  const isShort = length < 65_536
  const head = new Uint8Array(isShort ? 4 : 10)
  head[0] = first
  head[1] = isShort ? 126 : 127
  for (let at = head.length - 1, left = length; at > 1; at--) {
    head[at] = left & 255
    left = Math.floor(left / 256)
  }
  return fromBytes(head) + payload
}

/** Names are made once. */
const closeCounters = new Map<number, string>()

/** The counter of close frames with that code. */
export function closeCounter(code: number): string {
  let name = closeCounters.get(code)
  if (name === undefined) {
    name = `websocket_close_${code}`
    closeCounters.set(code, name)
  }
  return name
}
