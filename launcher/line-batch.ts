/** Lines for one of the run's files, collected over one turn of the event loop and sent together. */
import type { LineStream } from '../core/wire/messages.ts'
import type { Recorder } from './recorder.ts'

/** Characters kept in one turn, so that a burst cannot fill memory. */
const maxCharacters: { readonly [stream in LineStream]?: number } = {
  dump: 1024 * 1024,
  answer: 8 * 1024 * 1024,
}
const otherMaxCharacters = 1024 * 1024

/** The counter of lines of a stream that were not kept. */
export function lostCounter(stream: LineStream): string {
  return stream === 'dump' || stream === 'answer' ? 'tsts_dump_lost' : 'tsts_lines_lost'
}

export class LineBatch {
  readonly #stream: LineStream
  readonly #recorder: Recorder
  readonly #send: (stream: LineStream, lines: readonly string[]) => void
  readonly #maxCharacters: number
  #lines: string[] = []
  #characters = 0

  constructor(
    stream: LineStream,
    recorder: Recorder,
    send: (stream: LineStream, lines: readonly string[]) => void,
  ) {
    this.#stream = stream
    this.#recorder = recorder
    this.#send = send
    this.#maxCharacters = maxCharacters[stream] ?? otherMaxCharacters
  }

  add(line: string): void {
    if (this.#characters + line.length > this.#maxCharacters) {
      this.#recorder.count(lostCounter(this.#stream))
      return
    }
    if (this.#lines.length === 0) setImmediate(() => this.flush())
    this.#characters += line.length
    this.#lines.push(line)
  }

  /** Sends what there is now. */
  flush(): void {
    const lines = this.#lines
    if (lines.length === 0) return
    this.#lines = []
    this.#characters = 0
    this.#send(this.#stream, lines)
  }
}
