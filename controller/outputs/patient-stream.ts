/**
 * A terminal, or another reader of what a run says, that may stop reading: Ctrl-S, a pipe to a program that sleeps.
 *
 * Node writes to a terminal synchronously, so that a stopped one would stop the controller, and with it, when its grace
 * is over, the load. Here text is written by a thread of Node's pool, one piece at a time; what waits is bounded.
 */
import { write } from 'node:fs'
import { Writable } from 'node:stream'
import type { Output } from '../model.ts'

/** A terminal, or anything else that takes text. */
export interface TextStream extends Writable {
  readonly isTTY?: boolean
  readonly fd?: number
  readonly columns?: number
  readonly rows?: number
}

/** What may wait for a reader, in characters: the text beyond it is left out. */
const mostWaiting = 256 * 1024
/** Between two attempts when the reader takes nothing at all, in ms. */
const againMs = 50
/** How long the end of a run waits for its reader, in ms. */
const settleMs = 2000

export class PatientStream extends Writable {
  readonly #stream: TextStream
  #waiting: string[] = []
  #waitingChars = 0
  #isWriting = false
  #leftOut = false
  #onIdle: (() => void) | null = null

  constructor(stream: TextStream) {
    super({ decodeStrings: false, defaultEncoding: 'utf8' })
    this.#stream = stream
    stream.on('resize', () => this.emit('resize'))
  }

  get isTTY(): boolean {
    return this.#stream.isTTY === true
  }

  get columns(): number {
    return this.#stream.columns ?? 80
  }

  get rows(): number {
    return this.#stream.rows ?? 24
  }

  override _write(text: string | Buffer, _encoding: string, done: () => void): void {
    const piece = text.toString()
    if (this.#waitingChars + piece.length > mostWaiting) this.#leftOut = true
    else {
      this.#waiting.push(piece)
      this.#waitingChars += piece.length
    }
    this.#pump()
    done()
  }

  /** Resolves when everything is out, or the reader was waited for long enough. */
  async settled(): Promise<void> {
    if (!this.#isWriting) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, settleMs)
      this.#onIdle = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  #pump(): void {
    if (this.#isWriting) return
    if (this.#waiting.length === 0) {
      this.#onIdle?.()
      return
    }
    const text = this.#waiting.join('')
    this.#waiting = []
    this.#waitingChars = 0
    this.#isWriting = true
    this.#put(this.#leftOut ? `${text}\n(more was left out: nobody read it)\n` : text)
    this.#leftOut = false
  }

  #put(text: string): void {
    const { fd } = this.#stream
    if (this.#stream.isTTY === true && fd !== undefined) this.#putBytes(fd, Buffer.from(text), 0)
    else if (this.#stream.destroyed) this.#written()
    else this.#stream.write(text, () => this.#written())
  }

  #putBytes(fd: number, bytes: Buffer, from: number): void {
    write(fd, bytes, from, bytes.length - from, null, (error, count) => {
      if (error?.code === 'EAGAIN') setTimeout(() => this.#putBytes(fd, bytes, from), againMs)
      // A terminal that has gone takes nothing more, and ends no run.
      else if (error !== null || from + count >= bytes.length) this.#written()
      else this.#putBytes(fd, bytes, from + count)
    })
  }

  #written(): void {
    this.#isWriting = false
    this.#pump()
  }
}

/** For the end of a run: what was said is out before it is over. */
export function settling(stream: PatientStream): Output {
  const nothing = (): void => undefined
  const close = (): Promise<void> => stream.settled()
  return { start: nothing, second: nothing, event: nothing, end: nothing, close }
}
