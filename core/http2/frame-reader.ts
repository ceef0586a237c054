/** Bytes to frames, whatever the cuts. A frame that is cut is copied; the others are looked at where they lie. */
import { ErrorCode, FrameType, frameHeadBytes, Http2Error, maxStreamId, wordAt } from './frames.ts'

export interface FrameHandler {
  /** @param bytes lent; the payload lies from `from` to `to` */
  frame(
    type: number,
    flags: number,
    streamId: number,
    bytes: Uint8Array,
    from: number,
    to: number,
  ): void
  /** Frames that come behind are nobody's. */
  readonly isOver: boolean
}

export class FrameReader {
  readonly #maxBytes: number
  /** What has come of a frame that is cut; null: none is. */
  #cut: Uint8Array | null = null
  #cutBytes = 0
  /** The server's first frame has to be its settings. */
  #hasBegun = false

  /** @param maxBytes payload of a frame, at most */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /**
   * @param bytes lent
   * @throws {Http2Error} what came is no HTTP/2, or the handler throws it
   */
  read(bytes: Uint8Array, handler: FrameHandler): void {
    let at = this.#cut === null ? 0 : this.#fill(bytes, handler)
    while (!handler.isOver && bytes.length - at >= frameHeadBytes) {
      const end = at + frameHeadBytes + this.#payloadBytes(bytes, at)
      if (end > bytes.length) break
      tell(bytes, at, end, handler)
      at = end
    }
    if (handler.isOver || at === bytes.length) return
    this.#cut = new Uint8Array(frameHeadBytes)
    this.#cutBytes = 0
    this.#fill(bytes.subarray(at), handler)
  }

  /** Makes the frame that is cut whole, as far as it goes. @returns bytes that were taken */
  #fill(bytes: Uint8Array, handler: FrameHandler): number {
    let taken = this.#take(bytes, 0, frameHeadBytes)
    if (this.#cutBytes < frameHeadBytes) return taken
    const whole = frameHeadBytes + this.#payloadBytes(this.#cut!, 0)
    if (this.#cut!.length < whole) {
      const grown = new Uint8Array(whole)
      grown.set(this.#cut!.subarray(0, this.#cutBytes))
      this.#cut = grown
    }
    taken += this.#take(bytes, taken, whole)
    if (this.#cutBytes < whole) return taken
    const frame = this.#cut!
    this.#cut = null
    tell(frame, 0, whole, handler)
    return taken
  }

  #take(bytes: Uint8Array, from: number, upTo: number): number {
    const taken = Math.max(0, Math.min(upTo - this.#cutBytes, bytes.length - from))
    this.#cut!.set(bytes.subarray(from, from + taken), this.#cutBytes)
    this.#cutBytes += taken
    return taken
  }

  #payloadBytes(bytes: Uint8Array, at: number): number {
    if (!this.#hasBegun && bytes[at + 3] !== FrameType.settings) {
      throw new Http2Error(ErrorCode.protocolError, 'what came first is no SETTINGS frame')
    }
    this.#hasBegun = true
    const length = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!
    if (length <= this.#maxBytes) return length
    throw new Http2Error(ErrorCode.frameSizeError, `a frame of ${length} bytes`)
  }
}

function tell(bytes: Uint8Array, at: number, end: number, handler: FrameHandler): void {
  const streamId = wordAt(bytes, at + 5) & maxStreamId
  handler.frame(bytes[at + 3]!, bytes[at + 4]!, streamId, bytes, at + frameHeadBytes, end)
}
