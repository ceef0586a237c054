/**
 * One request and its answer on a connection that speaks HTTP/2.
 *
 * A user that does not read for now (`pause`) leaves what comes here; as its window is not opened meanwhile, that is
 * `streamWindowBytes` at most. Source: RFC 9113, 5.1 and 5.2.
 */
import type { AnswerHead } from './http2-answer.ts'

/** What one stream may hold that its user has not read yet. */
export const streamWindowBytes: number = 1024 * 1024

/** Never written. */
const nothing: Uint8Array[] = []

/** The user who asked. */
export interface StreamOwner {
  responded(stream: Http2Stream, head: AnswerHead): void
  /** @param bytes lent; a part of the body */
  data(stream: Http2Stream, bytes: Uint8Array): void
  /** @param headers names and values in turn */
  trailers(stream: Http2Stream, headers: readonly string[]): void
  /** The answer is whole. */
  ended(stream: Http2Stream): void
  /** It will not be. @param code why; an error code of HTTP/2 */
  reset(stream: Http2Stream, code: number): void
}

/** What streams tell their connection. */
export interface StreamHost {
  /** The user gives up what is still to come. */
  cancel(stream: Http2Stream): void
  /** The user has read what was held. */
  wasRead(stream: Http2Stream): void
}

export class Http2Stream {
  readonly id: number
  readonly owner: StreamOwner
  readonly isHead: boolean
  /** Its place among those that are under way: see `OpenStreams`. */
  isOpen = false
  older: Http2Stream | null = null
  newer: Http2Stream | null = null
  /** What may be sent; below 0 when the server has made it smaller meanwhile. */
  window: number
  /** What is still to be sent. */
  body = ''
  hasHead = false
  /** Bytes of the body that are still to come; null: nobody knows. */
  bytesLeft: number | null = null
  /** Read since the window was opened. */
  readBytes = 0
  /** What may still come before the window is opened. */
  windowLeft: number = streamWindowBytes
  readonly #host: StreamHost
  #isPaused = false
  /** `#release` is on its way. */
  #isReleasing = false
  #held: Uint8Array[] = nothing
  /** The answer ends behind what is held. */
  #hasEnd = false

  constructor(host: StreamHost, id: number, owner: StreamOwner, isHead: boolean, window: number) {
    this.id = id
    this.owner = owner
    this.isHead = isHead
    this.window = window
    this.#host = host
  }

  // What the connection does.

  /** @param bytes lent */
  came(bytes: Uint8Array): void {
    if (this.#isHolding) {
      if (this.#held === nothing) this.#held = []
      this.#held.push(bytes.slice())
      return
    }
    this.readBytes += bytes.length
    this.owner.data(this, bytes)
  }

  end(): void {
    if (this.#isHolding) this.#hasEnd = true
    else this.owner.ended(this)
  }

  // What the user does.

  pause(): void {
    this.#isPaused = true
  }

  /** What was held follows when the caller is done. */
  resume(): void {
    this.#isPaused = false
    if (this.#isReleasing || (this.#held.length === 0 && !this.#hasEnd)) return
    this.#isReleasing = true
    process.nextTick(release, this)
  }

  close(): void {
    this.#held = nothing
    this.#hasEnd = false
    this.#host.cancel(this)
  }

  get #isHolding(): boolean {
    return this.#isPaused || this.#held.length > 0
  }

  /** @internal */
  release(): void {
    this.#isReleasing = false
    while (!this.#isPaused) {
      const bytes = this.#held.shift()
      if (bytes === undefined) break
      this.readBytes += bytes.length
      this.owner.data(this, bytes)
    }
    if (this.#isHolding) return
    this.#host.wasRead(this)
    if (!this.#hasEnd) return
    this.#hasEnd = false
    this.owner.ended(this)
  }
}

function release(stream: Http2Stream): void {
  stream.release()
}
