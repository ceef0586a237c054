/** Bodies in gzip or deflate, for matches and extractions. Source: RFC 9110, 8.4.1; reference tsung-protocols.md, 3.5. */
import { Decompress } from 'fflate'
import type { DecodeSink } from '../api.ts'

/** Bytes that are handed on: what is beyond is not looked at. */
const maxBytes = 32 * 1024 * 1024
/**
 * Given to the library at once, however the body comes: it tells gzip, zlib and bare deflate, which servers mix up, by
 * the first three bytes, and makes 1032 bytes of one at most.
 */
const sliceBytes = 4096
const shortest = 3

export class ContentDecoder {
  readonly #stream: Decompress
  #slice: Uint8Array = new Uint8Array(sliceBytes)
  /** Bytes in the slice. */
  #filled = 0
  #isFirst = true
  #sink: DecodeSink | null = null
  #handed = 0
  #isOver = false

  constructor() {
    this.#stream = new Decompress((bytes) => this.#hand(bytes))
  }

  /** @param bytes lent */
  push(bytes: Uint8Array, sink: DecodeSink): void {
    let at = 0
    while (at < bytes.length && !this.#isOver) {
      const part = bytes.subarray(at, at + sliceBytes - this.#filled)
      this.#slice.set(part, this.#filled)
      this.#filled += part.length
      at += part.length
      if (this.#filled < sliceBytes) return
      this.#decode(this.#slice, false, sink)
      // The library keeps what it could not read yet.
      this.#slice = new Uint8Array(sliceBytes)
      this.#filled = 0
    }
  }

  /** The body is complete. */
  finish(sink: DecodeSink): void {
    if (this.#isOver) return
    if (this.#isFirst && this.#filled < shortest) this.#fail(sink)
    else this.#decode(this.#slice.subarray(0, this.#filled), true, sink)
    this.#isOver = true
  }

  #decode(bytes: Uint8Array, isLast: boolean, sink: DecodeSink): void {
    this.#isFirst = false
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
