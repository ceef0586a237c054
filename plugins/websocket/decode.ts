/**
 * One connection of a user: its opening handshake, then its frames, whether an answer is awaited or not.
 *
 * | phase   | leaves to                                                        |
 * | ------- | ---------------------------------------------------------------- |
 * | new     | opening (the first request sends the handshake)                  |
 * | opening | open (101), closed (anything else)                               |
 * | open    | closing (we sent a close frame), closed (the server sent one)    |
 * | closing | closed                                                           |
 *
 * Source: RFC 6455; reference tsung-protocols.md, 5; docs/decisions/0008-websocket.md.
 */
import { fromBytes, toBytes } from '../../core/byte-string.ts'
import { type DecodeSink, type EncodeSink, type Progress, ProtocolError } from '../api.ts'
import { compressingRules, type FrameHandler, FrameReader, plainRules } from './decode-frames.ts'
import { type Agreement, ClientHandshake, handshakeCounter } from './decode-handshake.ts'
import { Waiting } from './decode-waiting.ts'
import { Inflater } from './deflate.ts'
import { maskedFrame } from './encode-frame.ts'
import {
  closeCodeFor,
  closeCounter,
  closePayload,
  finBit,
  maxMessageBytes,
  Opcode,
} from './frames.ts'
import { measure } from './measure.ts'
import { Pieces } from './pieces.ts'
import type {
  CloseRequest,
  ConnectRequest,
  MessageRequest,
  PingRequest,
  ReceiveRequest,
  Sent,
  WebsocketRequest,
} from './requests.ts'
import type { Dialled, WebsocketUser } from './user.ts'

type Phase = 'new' | 'opening' | 'open' | 'closing' | 'closed'
/** What is done with the message that comes: nothing yet, nothing at all, its parts are content, or it is collected. */
type Mode = 'none' | 'skip' | 'stream' | 'collect'

export const notConnectedCounter = 'error_websocket_not_connected'
const deadlineCounter = 'error_websocket_deadline'

export class WebsocketConnection implements FrameHandler {
  readonly #user: WebsocketUser
  readonly #waiting = new Waiting()
  #phase: Phase = 'new'
  #mode: Mode = 'none'
  /** The message that goes on began before the request was sent: it is no answer to it. */
  #isOld = false
  /** Something came since the last ping of ours. */
  #isAlive = false
  /** When the next ping of ours is due, epoch ms; 0: never. */
  #pingMs = 0
  #dialled: Dialled | null = null
  #handshake: ClientHandshake | null = null
  #reader: FrameReader | null = null
  #inflater: Inflater | null = null
  #pieces: Pieces | null = null
  #queue: Sent[] | null = null
  /** While bytes are decoded. */
  #sink: DecodeSink | null = null
  #progress: Progress = 'more'

  constructor(user: WebsocketUser) {
    this.#user = user
  }

  /** @returns the bytes to send */
  ask(request: WebsocketRequest, sink: EncodeSink): string {
    this.#isOld = this.#mode !== 'none'
    if (this.#mode === 'stream') this.#mode = 'skip'
    switch (request.type) {
      case 'connect':
        return this.#connect(request, sink)
      case 'message':
        return this.#message(request, sink)
      case 'receive':
        return this.#receive(request, sink)
      case 'ping':
        return this.#ping(request, sink)
      default:
        return this.#close(request, sink)
    }
  }

  #connect({ deadlineMs }: ConnectRequest, sink: EncodeSink): string {
    if (this.#phase !== 'new') {
      return this.#refuse('error_websocket_connected', 'it is connected already', sink)
    }
    this.#waiting.what = 'opening'
    this.#setDeadline(deadlineMs, sink)
    return this.#open(this.#user.dialled!)
  }

  #open(dialled: Dialled): string {
    const { view, random } = this.#user
    this.#phase = 'opening'
    this.#dialled = dialled
    this.#handshake = new ClientHandshake(dialled, view.server, random)
    return this.#handshake.bytes
  }

  #message(request: MessageRequest, sink: EncodeSink): string {
    const { payload, stream, filter } = this.#user
    const { expectation } = request
    this.#user.payload = ''
    if (expectation !== null) {
      this.#waiting.expect(expectation, filter)
      this.#setDeadline(expectation.deadlineMs, sink)
    }
    if (this.#phase === 'open') {
      return request.frames(payload, stream, this.#inflater !== null, this.#user.view)
    }
    return this.#send({ type: 'message', request, payload, stream })
  }

  #receive({ expectation }: ReceiveRequest, sink: EncodeSink): string {
    const { backlog, filter, opened } = this.#user
    this.#waiting.expect(expectation, filter)
    this.#waiting.takeFrom(backlog)
    this.#setDeadline(expectation.deadlineMs, sink)
    if (this.#phase === 'new') return this.#open(opened!)
    if (this.#waiting.isSatisfied) sink.wakeAfter(0)
    return ''
  }

  #ping({ isAwaited, deadlineMs }: PingRequest, sink: EncodeSink): string {
    const { payload } = this.#user
    if (isAwaited) {
      this.#waiting.what = 'pong'
      this.#waiting.text = payload
      this.#setDeadline(deadlineMs, sink)
    }
    return this.#send({ type: 'control', opcode: Opcode.ping, payload })
  }

  #close({ deadlineMs }: CloseRequest, sink: EncodeSink): string {
    this.#user.opened = null
    if (this.#phase === 'new') {
      return this.#refuse(notConnectedCounter, 'the connection was lost before', sink)
    }
    this.#waiting.what = 'close'
    this.#setDeadline(deadlineMs, sink)
    return this.#send({ type: 'control', opcode: Opcode.close, payload: this.#user.payload })
  }

  /** The request fails as soon as that can be told. */
  #refuse(counter: string, text: string, sink: EncodeSink): string {
    this.#waiting.what = 'refusal'
    this.#waiting.refusal = counter
    this.#waiting.text = text
    sink.wakeAfter(0)
    return ''
  }

  #send(sent: Sent): string {
    if (this.#phase === 'open') return this.#frames(sent)
    this.#queue ??= []
    this.#queue.push(sent)
    return this.#phase === 'new' ? this.#open(this.#user.opened!) : ''
  }

  #frames(sent: Sent): string {
    const { view } = this.#user
    if (sent.type === 'message') {
      return sent.request.frames(sent.payload, sent.stream, this.#inflater !== null, view)
    }
    if (sent.opcode === Opcode.close) this.#phase = 'closing'
    return maskedFrame(finBit | sent.opcode, sent.payload, view.random())
  }

  #setDeadline(ms: number, sink: EncodeSink): void {
    if (ms === 0) return
    this.#waiting.deadlineMs = this.#user.view.nowMs() + ms
    this.#setAlarm(sink)
  }

  /** The connection has one alarm, for whatever comes first. */
  #setAlarm(sink: EncodeSink): void {
    const dueMs = Math.min(this.#waiting.deadlineMs || Infinity, this.#pingMs || Infinity)
    sink.wakeAfter(dueMs === Infinity ? dueMs : Math.max(0, dueMs - this.#user.view.nowMs()))
  }

  /** The answer is whole. */
  #complete(progress: Progress): void {
    const hadAlarm = this.#waiting.deadlineMs !== 0
    this.#waiting.over()
    if (hadAlarm) this.#setAlarm(this.#sink!)
    this.#progress = progress
  }

  decode(bytes: Uint8Array, sink: DecodeSink): Progress {
    this.#sink = sink
    this.#progress = 'more'
    this.#isAlive = true
    try {
      this.#settle(sink)
      const from = this.#phase === 'opening' ? this.#readHead(bytes) : 0
      if (this.#phase === 'new')
        throw new ProtocolError(handshakeCounter, 'the server speaks first')
      if (this.#phase !== 'closed') this.#reader?.read(bytes, from, this)
      this.#pieces?.keep()
      return this.#progress
    } catch (error) {
      return this.#broken(error)
    }
  }

  /** Hands on what came before a `receive`, which may be all it waits for. */
  #settle(sink: DecodeSink): void {
    this.#waiting.settle(sink)
    if (this.#phase === 'open' && this.#waiting.isSatisfied) this.#complete('done')
  }

  /** What is sent, and what becomes of the request, where the server breaks the protocol. */
  #broken(error: unknown): Progress {
    const { code } = error as { readonly code?: unknown }
    if (typeof code !== 'string') throw error
    const wasOpen = this.#phase === 'open'
    const sink = this.#sink!
    this.#phase = 'closed'
    if (code === handshakeCounter) sink.count('websocket_fail')
    if (wasOpen) this.#control(Opcode.close, closePayload(closeCodeFor(code), ''))
    // The answer was whole before.
    if (this.#progress === 'done') {
      sink.count(code)
      return 'close'
    }
    this.#waiting.over()
    throw error
  }

  #control(opcode: number, payload: string): void {
    this.#sink!.reply(maskedFrame(finBit | opcode, payload, this.#user.random()))
  }

  /** @returns where frames begin */
  #readHead(bytes: Uint8Array): number {
    const opened = this.#handshake!.read(bytes)
    if (opened === null) return bytes.length
    const sink = this.#sink!
    if (this.#waiting.what === 'opening' && sink.wantsContent) sink.content(toBytes(opened.text))
    this.#opened(opened.agreement)
    return opened.end
  }

  #opened({ isCompressing, keepsContext }: Agreement): void {
    const dialled = this.#dialled!
    const sink = this.#sink!
    this.#phase = 'open'
    this.#user.opened = dialled
    this.#handshake = null
    if (isCompressing) this.#inflater = new Inflater(maxMessageBytes, keepsContext)
    this.#reader = new FrameReader(isCompressing ? compressingRules : plainRules)
    sink.count('websocket_succ')
    if (dialled.needs.measures) sink.joins()
    if (dialled.keepaliveMs > 0) {
      this.#pingMs = this.#user.view.nowMs() + dialled.keepaliveMs
      this.#setAlarm(sink)
    }
    const queue = this.#queue
    this.#queue = null
    if (queue !== null) for (const sent of queue) sink.reply(this.#frames(sent))
    if (this.#waiting.what === 'opening' || this.#waiting.isSatisfied) this.#complete('done')
  }

  onData(bytes: Uint8Array, from: number, to: number): void {
    if (this.#mode === 'none') this.#beginMessage()
    if (this.#mode === 'collect') this.#pieces!.add(bytes, from, to)
    else if (this.#mode === 'stream' && this.#sink!.wantsContent) {
      if (this.#waiting.what === 'messages') this.#sink!.content(bytes.subarray(from, to))
    }
  }

  #beginMessage(): void {
    const { keeps, measures } = this.#dialled!.needs
    const sink = this.#sink!
    if (keeps || measures || this.#waiting.isFiltered || this.#reader!.isCompressed) {
      this.#mode = 'collect'
      this.#pieces ??= new Pieces()
    } else if (this.#waiting.what === 'messages' && sink.wantsContent) {
      this.#mode = 'stream'
      this.#waiting.separate(sink)
    } else this.#mode = 'skip'
  }

  onMessage(isText: boolean, isCompressed: boolean): void {
    if (this.#mode === 'none') this.#beginMessage()
    let payload = this.#mode === 'collect' ? this.#pieces!.take() : null
    this.#mode = 'none'
    if (isCompressed) payload = this.#inflater!.message(payload!, isText)
    this.#sink!.count('websocket_messages')
    if (payload !== null && this.#dialled!.needs.measures) measure(payload, this.#sink!)
    const isOld = this.#isOld
    this.#isOld = false
    const isAwaited = this.#waiting.what === 'messages' && !isOld
    if (isAwaited && this.#waiting.counts(payload)) this.#expected(payload)
    else this.#pushed(payload)
  }

  #expected(payload: Uint8Array | null): void {
    const sink = this.#sink!
    if (payload !== null && sink.wantsContent) {
      this.#waiting.separate(sink)
      // What is inflated lies where the next message will.
      sink.content(this.#inflater === null ? payload : new Uint8Array(payload))
    }
    this.#waiting.came()
    if (this.#waiting.isSatisfied) this.#complete('done')
  }

  /** Nobody waits for it, or not for such a one. */
  #pushed(payload: Uint8Array | null): void {
    const sink = this.#sink!
    sink.goOn()
    if (this.#dialled!.needs.keeps && !this.#user.backlog.add(payload!)) {
      sink.count('error_websocket_backlog')
    }
    if (this.#waiting.what === 'nothing' && this.#progress === 'more') this.#progress = 'unexpected'
  }

  onPing(payload: Uint8Array): void {
    if (this.#phase === 'open') this.#control(Opcode.pong, fromBytes(payload))
  }

  onPong(payload: Uint8Array): void {
    const { what, text } = this.#waiting
    if (what === 'pong' && fromBytes(payload) === text) this.#complete('done')
  }

  onClose(code: number, reason: Uint8Array): void {
    const { what } = this.#waiting
    this.#sink!.count(closeCounter(code))
    if (this.#phase === 'open') this.#control(Opcode.close, closePayload(code, ''))
    this.#phase = 'closed'
    if (what === 'close') this.#complete('close')
    else if (what === 'nothing') this.#progress = 'close'
    else throw new ProtocolError('error_websocket_closed', `${code} ${fromBytes(reason)}`.trim())
  }

  end(): Progress {
    this.#phase = 'closed'
    return this.#waiting.what === 'close' ? 'close' : 'more'
  }

  /** The alarm went off. */
  wake(sink: DecodeSink): Progress {
    this.#sink = sink
    this.#progress = 'more'
    const { what, refusal, text } = this.#waiting
    if (what === 'refusal') return this.#failed(refusal, text)
    this.#settle(sink)
    // The type was narrowed by the line at the top.
    if ((this.#progress as Progress) === 'done') return 'done'
    // Alarms have less than a millisecond of error.
    const nowMs = this.#user.view.nowMs() + 1
    if (this.#waiting.deadlineMs !== 0 && nowMs >= this.#waiting.deadlineMs) return this.#late()
    if (this.#pingMs !== 0 && nowMs >= this.#pingMs) this.#keepAlive()
    this.#setAlarm(sink)
    return 'more'
  }

  #failed(counter: string, text: string): Progress {
    this.#waiting.over()
    this.#setAlarm(this.#sink!)
    return this.#sink!.fail(counter, text)
  }

  /** @throws {ProtocolError} where the connection is of no use any more */
  #late(): Progress {
    const { what } = this.#waiting
    if (this.#phase === 'opening') {
      throw new ProtocolError(deadlineCounter, 'the handshake was not answered in time')
    }
    if (what === 'close') throw new ProtocolError(deadlineCounter, 'no close came in time')
    const text = what === 'pong' ? 'no pong came in time' : this.#waiting.shortfall
    return this.#failed(deadlineCounter, text)
  }

  #keepAlive(): void {
    const { keepaliveMs } = this.#dialled!
    if (!this.#isAlive) {
      throw new ProtocolError('error_websocket_ping', `nothing came for ${keepaliveMs / 1000} s`)
    }
    this.#isAlive = false
    this.#pingMs = this.#user.view.nowMs() + keepaliveMs
    this.#control(Opcode.ping, '')
  }
}
