/**
 * Responses of HTTP/1.0 and 1.1, parsed in place as they arrive.
 *
 * | state   | reads                          | then                                                    |
 * | ------- | ------------------------------ | ------------------------------------------------------- |
 * | idle    | nothing is awaited             |                                                         |
 * | status  | the status line                | header                                                  |
 * | header  | header lines to the blank one  | status (1xx), done, length, chunk-size, until-close     |
 * | length  | `Content-Length` bytes         | done                                                    |
 * | close   | everything to the peer's close | done (`end`)                                            |
 * | size    | a chunk-size line              | data, trailer (size 0)                                  |
 * | data    | the chunk                      | data-end                                                |
 * | data-end| the line end behind a chunk    | size                                                    |
 * | trailer | trailer lines to the blank one | done                                                    |
 *
 * Lines are read where they lie; only a line that is cut by the end of a read is copied. Source: RFC 9112.
 */
import { type DecodeSink, type Progress, ProtocolError } from '../api.ts'
import { CookieJar } from './cookies.ts'
import { badStatusLine, beginsAsHttp, concat, hexDigit, matches, text } from './decode-bytes.ts'
import { ContentDecoder } from './decode-content.ts'
import { type HttpUser, hostOf } from './user.ts'

type State =
  | 'idle'
  | 'status'
  | 'header'
  | 'length'
  | 'close'
  | 'size'
  | 'data'
  | 'data-end'
  | 'trailer'

const badChunk = 'error_http_unexpected_chunkdata'

/** Bytes of a header, or of one line outside it, before the answer is refused. */
const maxHeaderBytes = 64 * 1024

const CR = 13
const LF = 10
const SPACE = 32
const TAB = 9
const COMMA = 44
const COLON = 58

/** Names of the status counters: no string is made per answer. */
const statusNames: readonly string[] = Array.from({ length: 1000 }, (_, code) =>
  String(code).padStart(3, '0'),
)

export class HttpConnection {
  #state: State = 'idle'
  #isHead = false
  #status = 0
  #isHttp10 = false
  #saysClose = false
  #saysKeepAlive = false
  #isChunked = false
  /** −1: none given. */
  #length = -1
  /** Bytes that are missing of the body or the chunk. */
  #left = 0
  #headerBytes = 0
  /** The beginning of a line that was cut. */
  #cut: Uint8Array | null = null
  #isCompressed = false
  /** Of a compressed body that is of use. */
  #content: ContentDecoder | null = null

  /** A request was sent: an answer is awaited. */
  begin(isHead: boolean): void {
    this.#state = 'status'
    this.#isHead = isHead
    this.#headerBytes = 0
    this.#cut = null
    this.#content = null
    this.#resetHead()
  }

  /** Of the answer that came last; empty: there was none. */
  get statusText(): string {
    return this.#status === 0 ? '' : statusNames[this.#status]!
  }

  #resetHead(): void {
    this.#status = 0
    this.#isHttp10 = false
    this.#saysClose = false
    this.#saysKeepAlive = false
    this.#isChunked = false
    this.#isCompressed = false
    this.#length = -1
  }

  decode(bytes: Uint8Array, user: HttpUser, sink: DecodeSink): Progress {
    let at = 0
    /** Where header bytes begin that were not handed on; −1: there are none. */
    let headFrom = -1
    while (at < bytes.length) {
      switch (this.#state) {
        case 'idle':
          return 'unexpected'
        case 'status':
        case 'header':
        case 'size':
        case 'data-end':
        case 'trailer': {
          const end = bytes.indexOf(LF, at)
          if (headFrom < 0 && sink.wantsContent && this.#isHeadState()) headFrom = at
          if (end < 0) {
            this.#keepCut(bytes, at)
            if (headFrom >= 0) sink.content(bytes.subarray(headFrom))
            return 'more'
          }
          const from = at
          at = end + 1
          this.#countLine(at - from)
          if (this.#cut === null) this.#line(bytes, from, end, user, sink)
          else this.#joinedLine(bytes, from, end, user, sink)
          if (headFrom >= 0 && (at === bytes.length || !this.#isHeadState())) {
            sink.content(bytes.subarray(headFrom, at))
            headFrom = -1
          }
          break
        }
        case 'length':
        case 'data':
          at += this.#body(bytes, at, sink)
          break
        default:
          if (sink.wantsContent) this.#hand(bytes.subarray(at), sink)
          return 'more'
      }
      if (this.#isComplete()) return this.#finish(at < bytes.length, sink)
    }
    return 'more'
  }

  /** The peer closed: that completes an answer which has no length. */
  end(sink: DecodeSink): Progress {
    if (this.#state !== 'close') return 'more'
    this.#state = 'idle'
    this.#content?.finish(sink)
    return 'close'
  }

  #isHeadState(): boolean {
    return this.#state === 'status' || this.#state === 'header'
  }

  #isComplete(): boolean {
    return this.#state === 'idle'
  }

  #finish(hasExtra: boolean, sink: DecodeSink): Progress {
    this.#content?.finish(sink)
    if (hasExtra) {
      sink.count('error_http_bad_content_length')
      return 'close'
    }
    return this.#keepsAlive() ? 'done' : 'close'
  }

  #keepsAlive(): boolean {
    return this.#isHttp10 ? this.#saysKeepAlive && !this.#saysClose : !this.#saysClose
  }

  /** Takes what belongs to the body or the chunk. @returns bytes taken */
  #body(bytes: Uint8Array, at: number, sink: DecodeSink): number {
    const taken = Math.min(this.#left, bytes.length - at)
    if (sink.wantsContent) this.#hand(bytes.subarray(at, at + taken), sink)
    this.#left -= taken
    if (this.#left === 0) this.#state = this.#state === 'length' ? 'idle' : 'data-end'
    return taken
  }

  /** A part of the body, as matches and extractions see it. */
  #hand(bytes: Uint8Array, sink: DecodeSink): void {
    if (!this.#isCompressed) {
      sink.content(bytes)
      return
    }
    this.#content ??= new ContentDecoder()
    this.#content.push(bytes, sink)
  }

  #countLine(count: number): void {
    this.#headerBytes += count
    if (this.#headerBytes > maxHeaderBytes) {
      throw new ProtocolError('error_http_header_too_long', `more than ${maxHeaderBytes} bytes`)
    }
  }

  #keepCut(bytes: Uint8Array, at: number): void {
    this.#countLine(bytes.length - at)
    const cut = concat(this.#cut, bytes, at, bytes.length)
    // Garbage without a line end is told now, not when the user has waited for long enough.
    if (this.#state === 'status' && !beginsAsHttp(cut)) throw badStatusLine(cut, 0, cut.length)
    this.#cut = cut
  }

  #joinedLine(
    bytes: Uint8Array,
    from: number,
    end: number,
    user: HttpUser,
    sink: DecodeSink,
  ): void {
    const whole = concat(this.#cut, bytes, from, end)
    this.#cut = null
    this.#line(whole, 0, whole.length, user, sink)
  }

  /** @param end index of the line feed */
  #line(bytes: Uint8Array, from: number, end: number, user: HttpUser, sink: DecodeSink): void {
    const to = end > from && bytes[end - 1] === CR ? end - 1 : end
    switch (this.#state) {
      case 'status':
        user.jar?.beginAnswer()
        this.#statusLine(bytes, from, to)
        return
      case 'header':
        if (to === from) this.#headDone(sink)
        else this.#headerLine(bytes, from, to, user)
        return
      case 'size':
        this.#sizeLine(bytes, from, to)
        return
      case 'data-end':
        if (to !== from) throw new ProtocolError(badChunk, 'no line end behind a chunk')
        this.#state = 'size'
        return
      default:
        if (to === from) this.#state = 'idle'
    }
  }

  /** `HTTP/1.x NNN …` */
  #statusLine(bytes: Uint8Array, from: number, to: number): void {
    const isHttp1 =
      to - from >= 12 &&
      bytes[from] === 72 &&
      bytes[from + 1] === 84 &&
      bytes[from + 2] === 84 &&
      bytes[from + 3] === 80 &&
      bytes[from + 4] === 47 &&
      bytes[from + 5] === 49 &&
      bytes[from + 6] === 46 &&
      bytes[from + 8] === SPACE
    const a = bytes[from + 9]! - 48
    const b = bytes[from + 10]! - 48
    const c = bytes[from + 11]! - 48
    const isCode = a >= 1 && a <= 9 && b >= 0 && b <= 9 && c >= 0 && c <= 9
    if (!isHttp1 || !isCode) throw badStatusLine(bytes, from, to)
    this.#isHttp10 = bytes[from + 7] === 48
    this.#status = a * 100 + b * 10 + c
    this.#state = 'header'
  }

  #headerLine(bytes: Uint8Array, from: number, to: number, user: HttpUser): void {
    let colon = from
    while (colon < to && bytes[colon] !== COLON) colon++
    let value = colon + 1
    while (value < to && (bytes[value] === SPACE || bytes[value] === TAB)) value++
    switch (colon - from) {
      case 10:
        if (matches(bytes, from, 'connection')) this.#connectionHeader(bytes, value, to)
        else if (matches(bytes, from, 'set-cookie')) {
          user.jar ??= new CookieJar()
          user.jar.store(text(bytes, value, to), hostOf(user.host), Date.now())
        }
        return
      case 14:
        if (matches(bytes, from, 'content-length')) this.#lengthHeader(bytes, value, to)
        return
      case 16:
        if (matches(bytes, from, 'proxy-connection')) this.#connectionHeader(bytes, value, to)
        else if (matches(bytes, from, 'content-encoding')) {
          this.#isCompressed = /^(x-)?gzip$|^deflate$/i.test(text(bytes, value, to))
        }
        return
      case 17:
        if (matches(bytes, from, 'transfer-encoding')) {
          this.#isChunked = /(^|[\s,])chunked\s*$/i.test(text(bytes, value, to))
        }
        return
      default:
    }
  }

  #connectionHeader(bytes: Uint8Array, from: number, to: number): void {
    let at = from
    while (at < to) {
      let end = at
      while (end < to && bytes[end] !== COMMA && bytes[end] !== SPACE && bytes[end] !== TAB) end++
      if (end - at === 5 && matches(bytes, at, 'close')) this.#saysClose = true
      else if (end - at === 10 && matches(bytes, at, 'keep-alive')) this.#saysKeepAlive = true
      at = end + 1
    }
  }

  #lengthHeader(bytes: Uint8Array, from: number, to: number): void {
    let length = 0
    let at = from
    for (; at < to; at++) {
      const digit = bytes[at]! - 48
      if (digit < 0 || digit > 9) break
      length = length * 10 + digit
    }
    const isNumber = at > from && (at === to || bytes[at] === SPACE) && Number.isSafeInteger(length)
    if (!isNumber || (this.#length >= 0 && this.#length !== length)) {
      throw new ProtocolError('error_http_bad_content_length', text(bytes, from, to))
    }
    this.#length = length
  }

  /** What follows the header. Source: RFC 9112, 6.3. */
  #headDone(sink: DecodeSink): void {
    const status = this.#status
    if (status < 200 && status !== 101) {
      this.#resetHead()
      this.#state = 'status'
      return
    }
    sink.count(statusNames[status]!)
    this.#headerBytes = 0
    if (this.#isHead || status === 204 || status === 304 || status === 101) this.#state = 'idle'
    else if (this.#isChunked) this.#state = 'size'
    else if (this.#length >= 0) {
      this.#left = this.#length
      this.#state = this.#length === 0 ? 'idle' : 'length'
    } else {
      this.#saysClose = true
      this.#saysKeepAlive = false
      this.#state = 'close'
    }
  }

  /** A hexadecimal size, then extensions nobody reads. */
  #sizeLine(bytes: Uint8Array, from: number, to: number): void {
    let size = 0
    let at = from
    for (; at < to; at++) {
      const digit = hexDigit(bytes[at]!)
      if (digit < 0) break
      size = size * 16 + digit
    }
    const next = bytes[at]
    const isSize = at > from && at - from <= 13
    if (!isSize || (at < to && next !== 59 && next !== SPACE && next !== TAB)) {
      throw new ProtocolError(badChunk, text(bytes, from, Math.min(to, from + 80)))
    }
    this.#headerBytes = 0
    this.#left = size
    this.#state = size === 0 ? 'trailer' : 'data'
  }
}
