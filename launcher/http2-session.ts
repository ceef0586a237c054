/**
 * One connection that speaks HTTP/2, from the client's side: frames that come, streams by number, windows.
 *
 * What users ask while frames are read leaves when all that came is read, in one write.
 * Source: RFC 9113, sections 3.4, 4 to 6.
 */
import { type FrameHandler, FrameReader } from '../core/http2/frame-reader.ts'
import {
  ErrorCode,
  Flag,
  FrameType,
  firstMaxFrameBytes,
  firstWindowBytes,
  frame,
  goaway,
  Http2Error,
  maxStreamId,
  maxWindowBytes,
  preface,
  reset,
  Setting,
  settingsAck,
  settingsFrame,
  windowUpdate,
  wordAt,
} from '../core/http2/frames.ts'
import { HpackDecoder } from '../core/http2/hpack-decoder.ts'
import { answerHead, areTrailers } from './http2-answer.ts'
import { OpenStreams } from './http2-open-streams.ts'
import type { Http2Request } from './http2-request.ts'
import { Http2Sender, overflow } from './http2-sender.ts'
import {
  Http2Stream,
  type StreamHost,
  type StreamOwner,
  streamWindowBytes,
} from './http2-stream.ts'

/** Told what becomes of the connection. */
export interface SessionOwner {
  /** @param bytes byte string */
  write(bytes: string): void
  /** So many streams may be under way at a time. */
  settings(maxStreams: number): void
  /** GOAWAY. @param lastStreamId streams beyond it were not taken up */
  goingAway(code: number, lastStreamId: number): void
  /** The server broke HTTP/2, and was told so. @param code of HTTP/2 */
  sessionFailed(code: number, detail: string): void
  /** A stream is over. */
  freed(): void
}

/** What one connection may hold on its way to all users. */
const connectionWindowBytes = 16 * 1024 * 1024
/** Of the headers of one answer, compressed. */
const maxBlockBytes = 256 * 1024
const priorityBytes = 5

const greeting =
  preface +
  settingsFrame([
    [Setting.enablePush, 0],
    [Setting.initialWindowSize, streamWindowBytes],
  ]) +
  windowUpdate(0, connectionWindowBytes - firstWindowBytes)

/** Headers of which more frames are to come. */
interface Block {
  readonly streamId: number
  readonly flags: number
  bytes: Uint8Array
}

export class Http2Session implements FrameHandler, StreamHost {
  isOver = false
  readonly #owner: SessionOwner
  readonly #sender: Http2Sender
  readonly #reader = new FrameReader(firstMaxFrameBytes)
  readonly #decoder = new HpackDecoder()
  readonly #streams = new OpenStreams()
  #nextId = 1
  #block: Block | null = null
  #maxStreams = Infinity
  /** What the server may still send before the window is opened. */
  #windowLeft = connectionWindowBytes

  constructor(owner: SessionOwner) {
    this.#owner = owner
    this.#sender = new Http2Sender((bytes) => owner.write(bytes), greeting)
  }

  /** @returns null: the connection has no number left */
  request({ fields, body, isHead }: Http2Request, owner: StreamOwner): Http2Stream | null {
    if (this.#nextId > maxStreamId) return null
    const sender = this.#sender
    const stream = new Http2Stream(this, this.#nextId, owner, isHead, sender.firstWindow)
    this.#nextId += 2
    this.#streams.add(stream)
    sender.head(stream.id, fields, body === '')
    stream.body = body
    if (body !== '') sender.body(stream)
    sender.flush()
    return stream
  }

  /** @param bytes lent */
  read(bytes: Uint8Array): void {
    this.#sender.isHeld = true
    try {
      this.#reader.read(bytes, this)
    } catch (error) {
      if (!(error instanceof Http2Error)) throw error
      this.close(error.code)
      this.#owner.sessionFailed(error.code, error.message)
    }
    this.#sender.isHeld = false
    if (!this.isOver) this.#sender.flush()
  }

  /** Says why, and nothing more. @param code of HTTP/2 */
  close(code: number): void {
    if (this.isOver) return
    this.#sender.isHeld = false
    this.#sender.say(goaway(code))
    this.#sender.flush()
    this.isOver = true
  }

  cancel(stream: Http2Stream): void {
    if (!this.#isOpen(stream)) return
    this.#remove(stream, ErrorCode.cancel)
    this.#sender.flush()
  }

  wasRead(stream: Http2Stream): void {
    this.#openWindow(stream)
    this.#sender.flush()
  }

  frame(
    type: number,
    flags: number,
    streamId: number,
    bytes: Uint8Array,
    from: number,
    to: number,
  ): void {
    const isContinued = type === FrameType.continuation && streamId === this.#block?.streamId
    if (this.#block !== null && !isContinued) throw broken('headers that are cut off')
    switch (type) {
      case FrameType.data:
        this.#data(this.#known(streamId), flags, bytes, from, to)
        return
      case FrameType.headers:
        this.#headers(streamId, flags, bytes, from, to)
        return
      case FrameType.continuation:
        this.#continued(flags, bytes.subarray(from, to))
        return
      case FrameType.rstStream: {
        checkSize(to - from === 4)
        const stream = this.#known(streamId)
        if (stream !== null) this.#fail(stream, wordAt(bytes, from))
        return
      }
      case FrameType.windowUpdate:
        checkSize(to - from === 4)
        this.#opened(streamId, wordAt(bytes, from) & maxWindowBytes)
        return
      case FrameType.pushPromise:
        throw broken('a push, though they are refused')
      case FrameType.settings:
      case FrameType.ping:
      case FrameType.goaway:
        if (streamId !== 0) throw broken('a frame of the connection on a stream')
        this.#ofConnection(type, flags, bytes, from, to)
        return
      default:
      // Priorities, and frames that a later standard may know.
    }
  }

  #ofConnection(type: number, flags: number, bytes: Uint8Array, from: number, to: number): void {
    const isAck = (flags & Flag.ack) !== 0
    if (type === FrameType.goaway) {
      checkSize(to - from >= 8)
      this.#owner.goingAway(wordAt(bytes, from + 4), wordAt(bytes, from) & maxStreamId)
    } else if (type === FrameType.ping) {
      checkSize(to - from === 8)
      const payload = String.fromCharCode(...bytes.subarray(from, to))
      if (!isAck) this.#sender.say(frame(FrameType.ping, Flag.ack, 0, payload))
    } else if (isAck) checkSize(to === from)
    else {
      checkSize((to - from) % 6 === 0)
      for (let at = from; at < to; at += 6) {
        this.#set(bytes[at]! * 256 + bytes[at + 1]!, wordAt(bytes, at + 2))
      }
      this.#sender.say(settingsAck)
      this.#sender.unblock()
      this.#owner.settings(this.#maxStreams)
    }
  }

  #set(setting: number, value: number): void {
    if (setting === Setting.maxConcurrentStreams) this.#maxStreams = value
    else if (setting !== Setting.enablePush) {
      this.#sender.set(setting, value, this.#streams)
    } else if (value !== 0) throw broken('that it wants pushes')
  }

  /** The server takes more. */
  #opened(streamId: number, bytes: number): void {
    if (streamId === 0) {
      if (bytes === 0) throw broken('a window that is opened by nothing')
      this.#sender.opened(bytes)
      return
    }
    const stream = this.#known(streamId)
    if (stream === null) return
    stream.window += bytes
    if (bytes === 0) this.#breakOff(stream, ErrorCode.protocolError)
    else if (stream.window > maxWindowBytes) this.#breakOff(stream, ErrorCode.flowControlError)
    this.#sender.unblock()
  }

  /** @returns null: it is over already */
  #known(streamId: number): Http2Stream | null {
    if (streamId % 2 === 0 || streamId >= this.#nextId) throw broken('a stream that nobody began')
    return this.#streams.get(streamId)
  }

  #headers(streamId: number, flags: number, bytes: Uint8Array, from: number, to: number): void {
    this.#known(streamId)
    const end = to - paddingOf(flags, bytes, from, to)
    const start =
      from +
      ((flags & Flag.padded) === 0 ? 0 : 1) +
      ((flags & Flag.priority) === 0 ? 0 : priorityBytes)
    if (start > end) throw broken('headers that are too short')
    if ((flags & Flag.endHeaders) !== 0) this.#headersCame(streamId, flags, bytes, start, end)
    else this.#block = { streamId, flags, bytes: bytes.slice(start, end) }
  }

  #continued(flags: number, bytes: Uint8Array): void {
    const block = this.#block
    if (block === null) throw broken('headers that go on without a beginning')
    const whole = new Uint8Array(block.bytes.length + bytes.length)
    whole.set(block.bytes)
    whole.set(bytes, block.bytes.length)
    block.bytes = whole
    if (whole.length > maxBlockBytes) {
      throw new Http2Error(ErrorCode.enhanceYourCalm, 'the headers of an answer have no end')
    }
    if ((flags & Flag.endHeaders) === 0) return
    this.#block = null
    this.#headersCame(block.streamId, block.flags, whole, 0, whole.length)
  }

  #headersCame(streamId: number, flags: number, bytes: Uint8Array, from: number, to: number): void {
    // Also of a stream that is over: the table is everybody's.
    const headers = this.#decoder.decode(bytes, from, to)
    const stream = this.#streams.get(streamId)
    if (stream === null) return
    const isEnd = (flags & Flag.endStream) !== 0
    if (stream.hasHead) {
      if (isEnd && areTrailers(headers)) {
        stream.owner.trailers(stream, headers)
        this.#ended(stream)
      } else this.#breakOff(stream, ErrorCode.protocolError)
      return
    }
    const head = answerHead(headers, isEnd, stream.isHead)
    if (head === null || (head.status < 200 && isEnd)) {
      this.#breakOff(stream, ErrorCode.protocolError)
      return
    }
    if (head.status < 200) return
    stream.hasHead = true
    stream.bytesLeft = head.bodyBytes
    stream.owner.responded(stream, head)
    if (isEnd) this.#ended(stream)
  }

  #data(
    stream: Http2Stream | null,
    flags: number,
    bytes: Uint8Array,
    from: number,
    to: number,
  ): void {
    const end = to - paddingOf(flags, bytes, from, to)
    const start = from + ((flags & Flag.padded) === 0 ? 0 : 1)
    this.#windowLeft -= to - from
    if (this.#windowLeft < 0) throw overflow()
    if (this.#windowLeft < connectionWindowBytes / 2) {
      this.#sender.say(windowUpdate(0, connectionWindowBytes - this.#windowLeft))
      this.#windowLeft = connectionWindowBytes
    }
    if (stream === null) return
    const length = end - start
    stream.windowLeft -= to - from
    stream.readBytes += to - from - length
    if (stream.windowLeft < 0) this.#breakOff(stream, ErrorCode.flowControlError)
    else if (!stream.hasHead || (stream.bytesLeft !== null && length > stream.bytesLeft)) {
      this.#breakOff(stream, ErrorCode.protocolError)
    } else {
      if (stream.bytesLeft !== null) stream.bytesLeft -= length
      if (length > 0) stream.came(bytes.subarray(start, end))
      if ((flags & Flag.endStream) !== 0) this.#ended(stream)
      else this.#openWindow(stream)
    }
  }

  /** When the user has read half of it. */
  #openWindow(stream: Http2Stream): void {
    if (stream.readBytes < streamWindowBytes / 2 || !this.#isOpen(stream)) return
    this.#sender.say(windowUpdate(stream.id, stream.readBytes))
    stream.windowLeft += stream.readBytes
    stream.readBytes = 0
  }

  /** The answer is whole, unless its user has turned away from it meanwhile. */
  #ended(stream: Http2Stream): void {
    if (!this.#isOpen(stream)) return
    if ((stream.bytesLeft ?? 0) > 0) {
      this.#breakOff(stream, ErrorCode.protocolError)
      return
    }
    // The server has heard enough of a body that is still on its way.
    this.#remove(stream, stream.body === '' ? null : ErrorCode.noError)
    stream.end()
  }

  /** The answer breaks the protocol. */
  #breakOff(stream: Http2Stream, code: number): void {
    this.#remove(stream, code)
    stream.owner.reset(stream, code)
  }

  /** The server has reset it. */
  #fail(stream: Http2Stream, code: number): void {
    this.#remove(stream, null)
    stream.owner.reset(stream, code)
  }

  #isOpen(stream: Http2Stream): boolean {
    return !this.isOver && stream.isOpen
  }

  /** @param code what the server is told; null: nothing, it knows */
  #remove(stream: Http2Stream, code: number | null): void {
    this.#streams.delete(stream)
    this.#sender.drop(stream)
    if (code !== null) this.#sender.say(reset(stream.id, code))
    this.#owner.freed()
  }
}

/** @returns bytes of padding behind what a frame carries */
function paddingOf(flags: number, bytes: Uint8Array, from: number, to: number): number {
  if ((flags & Flag.padded) === 0) return 0
  const padding = bytes[from] ?? 0
  if (padding >= to - from) throw broken('more padding than there is')
  return padding
}

function broken(what: string): Http2Error {
  return new Http2Error(ErrorCode.protocolError, `the server sent ${what}`)
}

function checkSize(isRight: boolean): void {
  if (isRight) return
  throw new Http2Error(ErrorCode.frameSizeError, 'the server sent a frame of a wrong size')
}
