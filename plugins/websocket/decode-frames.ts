/**
 * Frames as they arrive, whatever the cuts; nothing of a message is kept.
 *
 * | stage   | reads                               | then                        |
 * | ------- | ----------------------------------- | --------------------------- |
 * | first   | flags and opcode                    | second                      |
 * | second  | mask bit and length                 | length, key, payload        |
 * | length  | 2 or 8 bytes                        | key, payload                |
 * | key     | 4 bytes, where payloads are masked  | payload                     |
 * | payload | the bytes                           | first                       |
 * | closed  | nothing: a close frame came         |                             |
 *
 * Source: RFC 6455, 5; RFC 7692, 6.
 */
import { ProtocolError } from '../api.ts'
import {
  CloseCode,
  compressedBit,
  finBit,
  isCloseCode,
  maskBit,
  maxControlBytes,
  maxMessageBytes,
  Opcode,
  protocolCounter,
  tooLongCounter,
  utf8Counter,
} from './frames.ts'
import { utf8After } from './utf8.ts'

export interface FrameHandler {
  /** A part of a message, as it came (it may be compressed): `bytes` from `from` to `to`; lent. */
  onData(bytes: Uint8Array, from: number, to: number): void
  /** The message is whole. Text that is not compressed was seen to be UTF-8. */
  onMessage(isText: boolean, isCompressed: boolean): void
  /** @param payload lent */
  onPing(payload: Uint8Array): void
  /** @param payload lent */
  onPong(payload: Uint8Array): void
  /** @param code 1005: the frame has none; @param reason lent */
  onClose(code: number, reason: Uint8Array): void
}

export interface FrameRules {
  /** Messages may be compressed. */
  readonly allowsCompression: boolean
  /** Payloads come masked, as a client's have to; else they must not be. */
  readonly expectsMask: boolean
  /** Payload of a message, over its frames. */
  readonly maxBytes: number
}

/** Of what servers send. */
export const plainRules: FrameRules = {
  allowsCompression: false,
  expectsMask: false,
  maxBytes: maxMessageBytes,
}
export const compressingRules: FrameRules = { ...plainRules, allowsCompression: true }

type Stage = 'first' | 'second' | 'length' | 'key' | 'payload' | 'closed'

const nothing = new Uint8Array(0)

export class FrameReader {
  readonly #rules: FrameRules
  #stage: Stage = 'first'
  /** First byte of the frame. */
  #first = 0
  /** Bytes that are missing of the stage. */
  #left = 0
  #length = 0
  /** The masking key; 0 where there is none, which changes nothing. */
  #key = 0
  /** Opcode of the message that goes on; 0: none does. */
  #message = 0
  #isCompressed = false
  #messageBytes = 0
  #utf8 = 0
  /** Payload of a control frame that was cut; null: it lies whole. */
  #control: Uint8Array | null = null

  constructor(rules: FrameRules) {
    this.#rules = rules
  }

  /** The message that goes on is. */
  get isCompressed(): boolean {
    return this.#isCompressed
  }

  /**
   * @param bytes lent
   * @throws {ProtocolError} when they break the protocol
   */
  read(bytes: Uint8Array, from: number, handler: FrameHandler): void {
    let at = from
    while (this.#stage !== 'closed') {
      if (this.#stage !== 'payload') {
        at = this.#head(bytes, at)
        // The loop narrows the type: the stage has changed.
        if ((this.#stage as Stage) !== 'payload') return
      }
      const taken = Math.min(this.#left, bytes.length - at)
      const isWhole = taken === this.#left
      if ((this.#first & 8) === 0) this.#data(bytes, at, at + taken, handler)
      else this.#controlPart(bytes, at, at + taken, isWhole, handler)
      at += taken
      this.#left -= taken
      if (!isWhole) return
      if ((this.#stage as Stage) === 'payload') this.#stage = 'first'
      if ((this.#first & (8 | finBit)) === finBit) this.#endMessage(handler)
    }
  }

  /** @returns how far it came */
  #head(bytes: Uint8Array, from: number): number {
    let at = from
    while (at < bytes.length) {
      const byte = bytes[at++]!
      switch (this.#stage) {
        case 'first':
          this.#first = byte
          this.#stage = 'second'
          break
        case 'second':
          this.#second(byte)
          break
        case 'length':
          this.#length = this.#length * 256 + byte
          if (--this.#left === 0) this.#lengthDone()
          break
        default:
          this.#key = (this.#key << 8) | byte
          if (--this.#left === 0) this.#begin()
      }
      if ((this.#stage as Stage) === 'payload') break
    }
    return at
  }

  #second(byte: number): void {
    if (byte >= maskBit !== this.#rules.expectsMask) {
      throw new ProtocolError(protocolCounter, this.#rules.expectsMask ? 'not masked' : 'masked')
    }
    const length = byte & 127
    this.#checkKind(length)
    this.#length = length
    if (length < 126) {
      this.#lengthDone()
      return
    }
    this.#length = 0
    this.#left = length === 126 ? 2 : 8
    this.#stage = 'length'
  }

  /** What the first two bytes can have wrong. */
  #checkKind(length: number): void {
    const opcode = this.#first & 15
    const flags = this.#first & 0x70
    const mayCompress = this.#rules.allowsCompression && (opcode === 1 || opcode === 2)
    if (flags !== 0 && !(flags === compressedBit && mayCompress)) broken('reserved bits are set')
    if (opcode > Opcode.pong || (opcode > Opcode.binary && opcode < Opcode.close)) {
      broken(`opcode ${opcode}`)
    }
    if (opcode >= Opcode.close) {
      if ((this.#first & finBit) === 0) broken('a control frame in fragments')
      if (length > maxControlBytes) broken('a control frame of more than 125 bytes')
    } else if (opcode === Opcode.continuation) {
      if (this.#message === 0) broken('a continuation of nothing')
    } else if (this.#message !== 0) broken('a message within another')
  }

  #lengthDone(): void {
    if (this.#messageBytes + this.#length > this.#rules.maxBytes && (this.#first & 8) === 0) {
      throw new ProtocolError(tooLongCounter, `more than ${this.#rules.maxBytes} bytes`)
    }
    this.#key = 0
    if (!this.#rules.expectsMask) {
      this.#begin()
      return
    }
    this.#left = 4
    this.#stage = 'key'
  }

  /** The head is whole. */
  #begin(): void {
    this.#left = this.#length
    this.#stage = 'payload'
    const opcode = this.#first & 15
    if (opcode >= Opcode.close) return
    this.#messageBytes += this.#length
    if (opcode === Opcode.continuation) return
    this.#message = opcode
    this.#isCompressed = (this.#first & compressedBit) !== 0
    this.#utf8 = 0
  }

  #data(bytes: Uint8Array, from: number, to: number, handler: FrameHandler): void {
    if (to === from) return
    if (this.#key !== 0) {
      const plain = this.#unmasked(bytes, from, to)
      this.#handOn(plain, 0, plain.length, handler)
    } else this.#handOn(bytes, from, to, handler)
  }

  #handOn(bytes: Uint8Array, from: number, to: number, handler: FrameHandler): void {
    if (this.#message === Opcode.text && !this.#isCompressed) {
      this.#utf8 = utf8After(this.#utf8, bytes, from, to)
      if (this.#utf8 < 0) throw new ProtocolError(utf8Counter, 'a text is not UTF-8')
    }
    handler.onData(bytes, from, to)
  }

  #endMessage(handler: FrameHandler): void {
    const isText = this.#message === Opcode.text
    if (this.#utf8 !== 0) throw new ProtocolError(utf8Counter, 'a text ends within a character')
    this.#message = 0
    this.#messageBytes = 0
    handler.onMessage(isText, this.#isCompressed)
  }

  #controlPart(
    bytes: Uint8Array,
    from: number,
    to: number,
    isWhole: boolean,
    handler: FrameHandler,
  ): void {
    const part = this.#key === 0 ? bytes.subarray(from, to) : this.#unmasked(bytes, from, to)
    if (isWhole && this.#control === null) {
      this.#controlFrame(part, handler)
      return
    }
    this.#control ??= new Uint8Array(this.#length)
    this.#control.set(part, this.#length - this.#left)
    if (!isWhole) return
    const whole = this.#control
    this.#control = null
    this.#controlFrame(whole, handler)
  }

  #controlFrame(payload: Uint8Array, handler: FrameHandler): void {
    const opcode = this.#first & 15
    if (opcode === Opcode.ping) handler.onPing(payload)
    else if (opcode === Opcode.pong) handler.onPong(payload)
    else {
      const code = closeCodeIn(payload)
      this.#stage = 'closed'
      handler.onClose(code, payload.length > 2 ? payload.subarray(2) : nothing)
    }
  }

  /** A copy: what is lent is not written. The key turns as far as the part is long. */
  #unmasked(bytes: Uint8Array, from: number, to: number): Uint8Array {
    const plain = new Uint8Array(bytes.subarray(from, to))
    let key = this.#key
    for (let at = 0; at < plain.length; at++) {
      plain[at]! ^= key >>> 24
      key = (key << 8) | (key >>> 24)
    }
    this.#key = key
    return plain
  }
}

/** @throws {ProtocolError} */
function closeCodeIn(payload: Uint8Array): number {
  if (payload.length === 0) return CloseCode.none
  if (payload.length === 1) broken('half a close code')
  const code = (payload[0]! << 8) | payload[1]!
  if (!isCloseCode(code)) broken(`close code ${code}`)
  if (utf8After(0, payload, 2, payload.length) !== 0) {
    throw new ProtocolError(utf8Counter, 'the reason of a close is not UTF-8')
  }
  return code
}

function broken(text: string): never {
  throw new ProtocolError(protocolCounter, text)
}
