/**
 * The streams of a connection that are under way, the oldest first: servers mostly answer in that order, and take a
 * hundred or so at a time. A Map would leave its old tables behind, whose entries keep streams from being collected
 * while they are young.
 */
import type { Http2Stream } from './http2-stream.ts'

export class OpenStreams implements Iterable<Http2Stream> {
  #oldest: Http2Stream | null = null
  #newest: Http2Stream | null = null

  add(stream: Http2Stream): void {
    stream.isOpen = true
    stream.older = this.#newest
    if (this.#newest === null) this.#oldest = stream
    else this.#newest.newer = stream
    this.#newest = stream
  }

  get(id: number): Http2Stream | null {
    let stream = this.#oldest
    while (stream !== null && stream.id < id) stream = stream.newer
    return stream?.id === id ? stream : null
  }

  delete(stream: Http2Stream): void {
    if (!stream.isOpen) return
    const { older, newer } = stream
    if (older === null) this.#oldest = newer
    else older.newer = newer
    if (newer === null) this.#newest = older
    else newer.older = older
    stream.isOpen = false
    stream.older = null
    stream.newer = null
  }

  *[Symbol.iterator](): Generator<Http2Stream> {
    for (let stream = this.#oldest; stream !== null; stream = stream.newer) yield stream
  }
}
