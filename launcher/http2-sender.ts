/**
 * What a client writes to a connection that speaks HTTP/2: frames within the windows and sizes that the server allows.
 *
 * Source: RFC 9113, 4.2, 5.2 and 6.5.2.
 */
import {
  ErrorCode,
  Flag,
  FrameType,
  firstMaxFrameBytes,
  firstWindowBytes,
  frame,
  frameHead,
  Http2Error,
  maxWindowBytes,
  Setting,
} from '../core/http2/frames.ts'
import { type Field, HpackEncoder } from '../core/http2/hpack-encoder.ts'
import type { Http2Stream } from './http2-stream.ts'

export class Http2Sender {
  /** Nothing leaves for now; it is collected, to leave in one write. */
  isHeld = false
  readonly #write: (bytes: string) => void
  readonly #encoder = new HpackEncoder()
  /** What has not left yet. */
  #out: string
  #maxFrameBytes = firstMaxFrameBytes
  #firstWindow = firstWindowBytes
  #window = firstWindowBytes
  /** Streams whose body waits for a window. */
  #blocked: Http2Stream[] = []

  /** @param greeting what a client says first */
  constructor(write: (bytes: string) => void, greeting: string) {
    this.#write = write
    this.#out = greeting
    this.flush()
  }

  /** Of a new stream. */
  get firstWindow(): number {
    return this.#firstWindow
  }

  /** @param frames byte string */
  say(frames: string): void {
    this.#out += frames
  }

  flush(): void {
    if (this.isHeld || this.#out === '') return
    const out = this.#out
    this.#out = ''
    this.#write(out)
  }

  head(streamId: number, fields: readonly Field[], isWhole: boolean): void {
    const block = this.#encoder.encode(fields)
    const max = this.#maxFrameBytes
    const flags = isWhole ? Flag.endStream : 0
    if (block.length <= max) {
      this.#out += frame(FrameType.headers, flags | Flag.endHeaders, streamId, block)
      return
    }
    this.#out += frame(FrameType.headers, flags, streamId, block.slice(0, max))
    for (let at = max; at < block.length; at += max) {
      const end = at + max >= block.length ? Flag.endHeaders : 0
      this.#out += frame(FrameType.continuation, end, streamId, block.slice(at, at + max))
    }
  }

  /** As much of the stream's body as the windows allow; the rest when they are opened. */
  body(stream: Http2Stream): void {
    const { body } = stream
    let at = 0
    while (at < body.length) {
      const open = Math.min(this.#window, stream.window, this.#maxFrameBytes)
      if (open <= 0) {
        this.#blocked.push(stream)
        break
      }
      const part = body.slice(at, at + open)
      at += part.length
      this.#window -= part.length
      stream.window -= part.length
      const flags = at === body.length ? Flag.endStream : 0
      this.#out += frameHead(part.length, FrameType.data, flags, stream.id) + part
    }
    stream.body = at === 0 ? body : body.slice(at)
  }

  /** Nothing more of its body is sent. */
  drop(stream: Http2Stream): void {
    if (stream.body === '') return
    stream.body = ''
    this.#blocked = this.#blocked.filter((each) => each !== stream)
  }

  /** The window of the connection is opened. */
  opened(bytes: number): void {
    this.#window += bytes
    if (this.#window > maxWindowBytes) throw overflow()
    this.unblock()
  }

  /** A window may have been opened. */
  unblock(): void {
    const blocked = this.#blocked
    this.#blocked = []
    for (const stream of blocked) this.body(stream)
  }

  /**
   * A setting of the server's.
   *
   * @param streams those that are open
   * @throws {Http2Error}
   */
  set(setting: number, value: number, streams: Iterable<Http2Stream>): void {
    if (setting === Setting.headerTableSize) this.#encoder.setTableBytes(value)
    else if (setting === Setting.maxFrameSize) {
      if (value < firstMaxFrameBytes || value >= 2 ** 24) {
        throw new Http2Error(ErrorCode.protocolError, `frames of ${value} bytes`)
      }
      this.#maxFrameBytes = value
    } else if (setting === Setting.initialWindowSize) {
      if (value > maxWindowBytes) throw overflow()
      for (const stream of streams) stream.window += value - this.#firstWindow
      this.#firstWindow = value
    }
  }
}

/** A window that is larger than one may be. */
export function overflow(): Http2Error {
  return new Http2Error(ErrorCode.flowControlError, 'the server went beyond what a window may be')
}
