/** Bodies in gzip or deflate, for matches and extractions. Source: RFC 9110, 8.4.1; reference tsung-protocols.md, 3.5. */
import { Decompress } from 'fflate'
import type { DecodeSink } from '../api.ts'

/** Bytes that are handed on: what is beyond is not looked at. */
const maxBytes = 32 * 1024 * 1024
/** Given to the library at once: a byte becomes 1032 at most. */
const sliceBytes = 4096

/** Tells gzip, zlib and bare deflate apart by the first bytes, as servers mix them up. */
export class ContentDecoder {
  readonly #stream: Decompress
  #sink: DecodeSink | null = null
  #handed = 0
  #isOver = false

  constructor() {
    this.#stream = new Decompress((bytes) => this.#hand(bytes))
  }

  /** @param bytes lent */
  push(bytes: Uint8Array, sink: DecodeSink): void {
    for (let at = 0; at < bytes.length && !this.#isOver; at += sliceBytes) {
      // A copy: the library may keep it.
      this.#decode(bytes.slice(at, at + sliceBytes), false, sink)
    }
  }

  /** The body is complete. */
  finish(sink: DecodeSink): void {
    if (!this.#isOver) this.#decode(new Uint8Array(0), true, sink)
    this.#isOver = true
  }

  #decode(bytes: Uint8Array, isLast: boolean, sink: DecodeSink): void {
    this.#sink = sink
    try {
      this.#stream.push(bytes, isLast)
    } catch (error) {
      // The library's errors have a number; what was decoded before counts.
      if (typeof (error as { readonly code?: unknown }).code !== 'number') throw error
      this.#fail(sink)
    }
  }

  #hand(bytes: Uint8Array): void {
    if (this.#isOver) return
    const sink = this.#sink!
    const room = maxBytes - this.#handed
    sink.content(bytes.length <= room ? bytes : bytes.subarray(0, room))
    this.#handed += bytes.length
    if (this.#handed > maxBytes) this.#fail(sink)
  }

  #fail(sink: DecodeSink): void {
    this.#isOver = true
    sink.count('error_http_bad_encoding')
  }
}
