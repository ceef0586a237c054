/**
 * What one user has of a connection that speaks HTTP/2: one request at a time, each a stream. The plugin writes and reads
 * HTTP/1.1.
 *
 * ```
 * opening --the trunk is open--> open --closed by the user, the trunk ends--> closed
 * ```
 * Where the server has chosen HTTP/1.1 the bytes pass as they are.
 */
import type { ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2'
import type { Endpoint } from '../core/scenario/model.ts'
import { http2Counter } from '../plugins/http/http2-errors.ts'
import type { Connection, ConnectionOwner } from './connection.ts'
import { answerHead, chunkEnd, chunkStart, lastChunk } from './http2-answer.ts'
import type { Http2Trunk } from './http2-trunk.ts'

const cancel = 8
const endOfStream = 1
const noStrings: readonly string[] = []

export class Http2Connection implements Connection {
  readonly endpoint: Endpoint
  readonly state: unknown
  readonly openedMs: number
  readonly isShared = true
  readonly owner: ConnectionOwner
  /** Null: closed. */
  #trunk: Http2Trunk | null
  /** Of the request whose answer goes on. */
  #stream: ClientHttp2Stream | null
  #isPaused: boolean
  #isHead: boolean
  #isChunked: boolean
  #hasHead: boolean
  #trailers: readonly string[]

  constructor(trunk: Http2Trunk, owner: ConnectionOwner, state: unknown, endpoint: Endpoint) {
    this.endpoint = endpoint
    this.state = state
    this.openedMs = performance.now()
    this.owner = owner
    this.#trunk = trunk
    this.#stream = null
    this.#isPaused = false
    this.#isHead = false
    this.#isChunked = false
    this.#hasHead = false
    this.#trailers = noStrings
  }

  get isOpen(): boolean {
    return this.#trunk?.isOpen === true
  }

  /** An answer is awaited, or goes on. */
  get isBusy(): boolean {
    return this.#stream !== null
  }

  /** Undefined: there is none, or it has no number yet. */
  get streamId(): number | undefined {
    return this.#stream?.id
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
    if (stream !== null) stream.close(cancel)
    trunk?.left(this)
  }

  // What the trunk does.

  /** The trunk is gone, or has no more room for requests; the owner is told by whoever calls it. */
  detach(): void {
    this.close()
  }

  /** A request begins. */
  begin(stream: ClientHttp2Stream, isHead: boolean): void {
    this.#stream = stream
    this.#isHead = isHead
    this.#isChunked = false
    this.#hasHead = false
    this.#trailers = noStrings
    if (this.#isPaused) stream.pause()
  }

  // What comes on a stream. Those that the user has turned away from are nobody's.

  responded(
    stream: ClientHttp2Stream,
    headers: IncomingHttpHeaders,
    flags: number,
    raw: unknown,
  ): void {
    if (stream !== this.#stream) return
    const isWhole = (flags & endOfStream) !== 0
    const status = Number((headers as { readonly ':status'?: number })[':status'])
    const { text, isChunked } = answerHead(status, rawOf(headers, raw), isWhole, this.#isHead)
    this.#hasHead = true
    this.#isChunked = isChunked
    this.#deliver(Buffer.from(text, 'latin1'))
  }

  data(stream: ClientHttp2Stream, bytes: Buffer): void {
    if (stream !== this.#stream) return
    if (!this.#isChunked) this.#deliver(bytes)
    else if (bytes.length > 0) {
      const parts = [Buffer.from(chunkStart(bytes.length)), bytes, Buffer.from(chunkEnd)]
      this.#deliver(Buffer.concat(parts))
    }
  }

  trailers(stream: ClientHttp2Stream, headers: IncomingHttpHeaders, raw: unknown): void {
    if (stream === this.#stream) this.#trailers = rawOf(headers, raw)
  }

  /** No more comes on the stream: the answer is whole, unless the stream was reset. */
  ended(stream: ClientHttp2Stream): void {
    if (stream !== this.#stream || stream.rstCode !== 0 || !this.#hasHead) return
    if (this.#isChunked) {
      this.#isChunked = false
      this.#deliver(Buffer.from(lastChunk(this.#trailers), 'latin1'))
    }
    // Unless the next request has begun.
    if (stream === this.#stream) {
      this.#stream = null
      this.#trunk?.idle(this)
    }
  }

  /** The stream is gone. */
  closed(stream: ClientHttp2Stream): void {
    if (stream !== this.#stream) return
    this.#stream = null
    if (this.#trunk!.ended(this)) return
    this.owner.answerFailed(http2Counter(stream.rstCode ?? 0), 'the stream was reset')
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

/** Names and values in turn, as they came. */
function rawOf(headers: IncomingHttpHeaders, raw: unknown): readonly string[] {
  if (Array.isArray(raw)) return raw as string[]
  return Object.entries(headers).flatMap(([name, value]) =>
    Array.isArray(value) ? value.flatMap((each) => [name, each]) : [name, String(value ?? '')],
  )
}
