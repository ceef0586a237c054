/**
 * Frames of HTTP/2: numbers and byte strings.
 *
 * Source: RFC 9113, sections 4, 6 and 7.
 */

export const FrameType = {
  data: 0,
  headers: 1,
  priority: 2,
  rstStream: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const

export const Flag = { endStream: 1, ack: 1, endHeaders: 4, padded: 8, priority: 32 } as const

export const Setting = {
  headerTableSize: 1,
  enablePush: 2,
  maxConcurrentStreams: 3,
  initialWindowSize: 4,
  maxFrameSize: 5,
} as const

export const ErrorCode = {
  noError: 0,
  protocolError: 1,
  flowControlError: 3,
  frameSizeError: 6,
  cancel: 8,
  compressionError: 9,
  enhanceYourCalm: 11,
} as const

/** The other side broke HTTP/2 in a way that ends the connection. */
export class Http2Error extends Error {
  /** One of `ErrorCode`. */
  readonly code: number
  constructor(code: number, text: string) {
    super(text)
    this.code = code
  }
}

/** What a client says first. */
export const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
export const frameHeadBytes = 9
/** Payload of a frame, until the other side allows more. */
export const firstMaxFrameBytes = 16_384
/** Of a stream and of a connection, until they are changed. */
export const firstWindowBytes = 65_535
export const maxWindowBytes: number = 2 ** 31 - 1
export const maxStreamId: number = 2 ** 31 - 1

/** @param payload byte string */
export function frame(type: number, flags: number, streamId: number, payload: string): string {
  return frameHead(payload.length, type, flags, streamId) + payload
}

export function frameHead(bytes: number, type: number, flags: number, streamId: number): string {
  return String.fromCharCode(
    bytes >>> 16,
    (bytes >>> 8) & 255,
    bytes & 255,
    type,
    flags,
    streamId >>> 24,
    (streamId >>> 16) & 255,
    (streamId >>> 8) & 255,
    streamId & 255,
  )
}

/** Four bytes, big end first. */
export function word(value: number): string {
  const [high, low] = [value >>> 16, value & 65_535]
  return String.fromCharCode(high >>> 8, high & 255, low >>> 8, low & 255)
}

/** @param settings pairs of number and value */
export function settingsFrame(settings: readonly (readonly [number, number])[]): string {
  const payload = settings.map(
    ([setting, value]) => `\0${String.fromCharCode(setting)}${word(value)}`,
  )
  return frame(FrameType.settings, 0, 0, payload.join(''))
}

export const settingsAck: string = frame(FrameType.settings, Flag.ack, 0, '')

export function windowUpdate(streamId: number, bytes: number): string {
  return frame(FrameType.windowUpdate, 0, streamId, word(bytes))
}

export function reset(streamId: number, code: number): string {
  return frame(FrameType.rstStream, 0, streamId, word(code))
}

/** Streams that the server has begun: none, as pushes are refused. */
export function goaway(code: number): string {
  return frame(FrameType.goaway, 0, 0, word(0) + word(code))
}

export function wordAt(bytes: Uint8Array, at: number): number {
  const high = (bytes[at]! << 8) | bytes[at + 1]!
  return high * 65_536 + ((bytes[at + 2]! << 8) | bytes[at + 3]!)
}
