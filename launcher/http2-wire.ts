/** What node:http2 reads from and writes to: the connection of a trunk. */
import { Duplex } from 'node:stream'
import type { SocketConnection } from './connection.ts'
import type { Recorder } from './recorder.ts'

type Written = (error?: Error | null) => void

export class Http2Wire extends Duplex {
  readonly #connection: SocketConnection
  readonly #recorder: Recorder
  /** Waits until the socket has taken what was written. */
  #written: Written | null = null
  /** The connection is not read until there is room. */
  #isHeld = false

  constructor(connection: SocketConnection, recorder: Recorder) {
    super()
    this.#connection = connection
    this.#recorder = recorder
    this.on('error', () => undefined)
  }

  /** @param bytes lent until it returns */
  came(bytes: Uint8Array): void {
    if (this.destroyed) return
    // A copy: it may be read later.
    if (this.push(Buffer.from(bytes))) return
    this.#isHeld = true
    this.#connection.pause()
  }

  /** The peer has closed: nothing more comes, and nothing that is written goes anywhere. */
  ended(): void {
    this.drained()
    if (!this.destroyed) this.push(null)
  }

  drained(): void {
    const written = this.#written
    this.#written = null
    written?.()
  }

  override _read(): void {
    if (!this.#isHeld) return
    this.#isHeld = false
    this.#connection.resume()
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, written: Written): void {
    this.#send(bytes, written)
  }

  override _writev(chunks: { readonly chunk: Buffer }[], written: Written): void {
    const [first] = chunks
    this.#send(
      chunks.length === 1 ? first!.chunk : Buffer.concat(chunks.map(({ chunk }) => chunk)),
      written,
    )
  }

  override _final(done: Written): void {
    done()
    this.#connection.close()
  }

  override _destroy(_error: Error | null, done: Written): void {
    this.#written = null
    this.#connection.close()
    done(null)
  }

  #send(bytes: Buffer, written: Written): void {
    if (this.#connection.isOpen) this.#recorder.sizeSent += bytes.length
    if (this.#connection.writeBytes(bytes)) written()
    else this.#written = written
  }
}
