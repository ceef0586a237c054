/**
 * What one user has of a connection that speaks HTTP/2: one request at a time, each a stream. The plugin writes and reads
 * HTTP/1.1.
 *
 * ```
 * opening --the trunk is open--> open --closed by the user, the trunk ends--> closed
 * ```
 * Where the server has chosen HTTP/1.1 the bytes pass as they are.
 */
import type { Endpoint } from '../core/scenario/model.ts'
import { http2Counter } from '../plugins/http/http2-errors.ts'
import type { Connection, ConnectionOwner } from './connection.ts'
import { type AnswerHead, chunkEnd, chunkStart, lastChunk } from './http2-answer.ts'
import type { Http2Stream, StreamOwner } from './http2-stream.ts'
import type { Http2Trunk } from './http2-trunk.ts'

const noStrings: readonly string[] = []
/** What is said in the form of HTTP/1.1 is written here: whoever reads it is done with it when it returns. */
let scratch = Buffer.allocUnsafeSlow(4096)

export class Http2Connection implements Connection, StreamOwner {
  readonly endpoint: Endpoint
  readonly state: unknown
  readonly openedMs: number
  readonly isShared = true
  readonly owner: ConnectionOwner
  /** Null: closed. */
  #trunk: Http2Trunk | null
  /** Of the request whose answer goes on. */
  #stream: Http2Stream | null
  #isPaused: boolean
  #isChunked: boolean
  #trailers: readonly string[]

  constructor(trunk: Http2Trunk, owner: ConnectionOwner, state: unknown, endpoint: Endpoint) {
    this.endpoint = endpoint
    this.state = state
    this.openedMs = performance.now()
    this.owner = owner
    this.#trunk = trunk
    this.#stream = null
    this.#isPaused = false
    this.#isChunked = false
    this.#trailers = noStrings
  }

  get isOpen(): boolean {
    return this.#trunk?.isOpen === true
  }

  /** An answer is awaited, or goes on. */
  get isBusy(): boolean {
    return this.#stream !== null
  }

  /** Null: there is none. */
  get streamId(): number | null {
    return this.#stream === null ? null : this.#stream.id
  }

  write(bytes: string): boolean {
    return this.#trunk === null || this.#trunk.ask(this, bytes)
  }

  /** What the trunk does for all. */
  keep(): void {
    return
  }

  pause(): void {
    this.#isPaused = true
    if (this.#stream !== null) this.#stream.pause()
    else this.#trunk?.pauseBare()
  }

  resume(): void {
    this.#isPaused = false
    if (this.#stream !== null) this.#stream.resume()
    else this.#trunk?.resumeBare()
  }

  /** TLS has its place below HTTP/2. */
  upgrade(): void {
    this.close()
    this.owner.upgradeFailed('tls', 'a connection of HTTP/2 cannot be upgraded')
  }

  close(): void {
    const trunk = this.#trunk
    const stream = this.#stream
    this.#trunk = null
    this.#stream = null
    if (stream !== null) stream.close()
    trunk?.left(this)
  }

  // What the trunk does.

  /** The trunk is gone, or has no more room for requests; the owner is told by whoever calls it. */
  detach(): void {
    this.close()
  }

  /** A request has begun. */
  begin(stream: Http2Stream): void {
    this.#stream = stream
    this.#isChunked = false
    this.#trailers = noStrings
    if (this.#isPaused) stream.pause()
  }

  // What comes on a stream. Those that the user has turned away from are nobody's.

  responded(stream: Http2Stream, { text, isChunked }: AnswerHead): void {
    if (stream !== this.#stream) return
    this.#isChunked = isChunked
    this.#deliver(written(text, null, ''))
  }

  data(stream: Http2Stream, bytes: Uint8Array): void {
    if (stream !== this.#stream) return
    if (!this.#isChunked) this.#deliver(bytes)
    else this.#deliver(written(chunkStart(bytes.length), bytes, chunkEnd))
  }

  trailers(stream: Http2Stream, headers: readonly string[]): void {
    if (stream === this.#stream) this.#trailers = headers
  }

  ended(stream: Http2Stream): void {
    if (stream !== this.#stream) return
    if (this.#isChunked) {
      this.#isChunked = false
      this.#deliver(written(lastChunk(this.#trailers), null, ''))
    }
    // Unless the next request has begun.
    if (stream === this.#stream) {
      this.#stream = null
      this.#trunk?.idle(this)
    }
  }

  reset(stream: Http2Stream, code: number): void {
    if (stream !== this.#stream) return
    this.#stream = null
    this.owner.answerFailed(http2Counter(code), 'the stream was reset')
    if (this.#stream === null) this.#trunk?.idle(this)
  }

  #deliver(bytes: Uint8Array): void {
    const trunk = this.#trunk
    if (trunk === null) return
    // What counts is what passes the wire.
    trunk.recorder.sizeReceived -= bytes.length
    this.owner.received(this, bytes)
  }
}

/** Lent until the next one. @param before, after byte strings */
function written(before: string, bytes: Uint8Array | null, after: string): Uint8Array {
  const length = before.length + (bytes?.length ?? 0) + after.length
  if (length > scratch.length) scratch = Buffer.allocUnsafeSlow(2 * length)
  scratch.write(before, 0, 'latin1')
  if (bytes !== null) scratch.set(bytes, before.length)
  scratch.write(after, length - after.length, 'latin1')
  return scratch.subarray(0, length)
}
