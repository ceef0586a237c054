/**
 * WebSocket as the way of another protocol: each write is one frame, and what frames carry are the bytes of the other.
 *
 * Source: reference tsung-protocols.md, 5.4; Tsung 1.7, run.
 */
import { fromBytes } from '../../core/byte-string.ts'
import type { Endpoint, StreamAdapter, StreamIo, StreamKind, StreamOptions } from '../api.ts'
import { frameCounters } from './counters.ts'
import { type FrameHandler, FrameReader, plainRules } from './decode-frames.ts'
import { ClientHandshake, handshakeCounter } from './decode-handshake.ts'
import { maskedFrame } from './encode-frame.ts'
import { CloseCode, closeCodeFor, closeCounter, closePayload, finBit, Opcode } from './frames.ts'

/** Server types `websocket` and `websocket_ssl`. */
export const websocketStream: StreamKind = {
  transports: { websocket: 'tcp', websocket_ssl: 'ssl' },
  counters: frameCounters,
  adapt: (io, endpoint, options) => new WebsocketStream(io, endpoint, options),
}

class WebsocketStream implements StreamAdapter, FrameHandler {
  readonly #io: StreamIo
  /** Of the frames that are sent. */
  readonly #first: number
  /** Null: it is over. */
  #handshake: ClientHandshake | null
  /** Null: the handshake goes on. */
  #reader: FrameReader | null = null
  /** A close frame was sent. */
  #isClosing = false

  constructor(io: StreamIo, endpoint: Endpoint, { websocket }: StreamOptions) {
    const { path, frame, subprotocols, origin } = websocket
    this.#io = io
    this.#first = finBit | (frame === 'text' ? Opcode.text : Opcode.binary)
    const opening = {
      path,
      origin: origin ?? '',
      subprotocols: subprotocols ?? '',
      headers: '',
      compression: 'off',
    } as const
    this.#handshake = new ClientHandshake(opening, endpoint, () => io.random())
  }

  begin(): void {
    this.#io.send(this.#handshake!.bytes)
  }

  receive(bytes: Uint8Array): void {
    try {
      const from = this.#reader === null ? this.#open(bytes) : 0
      this.#reader?.read(bytes, from, this)
    } catch (error) {
      const { code, message } = error as { readonly code?: unknown; readonly message: string }
      if (typeof code !== 'string') throw error
      if (code === handshakeCounter) {
        this.#io.refused('websocket', message)
        return
      }
      this.#farewell(closePayload(closeCodeFor(code), ''))
      throw error
    }
  }

  /** @returns where frames begin */
  #open(bytes: Uint8Array): number {
    const opened = this.#handshake?.read(bytes) ?? null
    if (opened === null) return bytes.length
    this.#handshake = null
    this.#reader = new FrameReader(plainRules)
    this.#io.opened()
    return opened.end
  }

  write(bytes: string): boolean {
    return this.#io.send(maskedFrame(this.#first, bytes, this.#io.random()))
  }

  onData(bytes: Uint8Array, from: number, to: number): void {
    this.#io.deliver(bytes.subarray(from, to))
  }

  onMessage(): void {
    // What it carried was handed on as it came.
  }

  onPing(payload: Uint8Array): void {
    if (this.#isClosing) return
    this.#io.send(maskedFrame(finBit | Opcode.pong, fromBytes(payload), this.#io.random()))
  }

  onPong(): void {
    // Nobody asked for it.
  }

  onClose(code: number): void {
    this.#io.count(closeCounter(code))
    this.#farewell(closePayload(code, ''))
    this.#io.closed()
  }

  end(): void {
    // Nothing is held back.
  }

  close(): void {
    this.#farewell(closePayload(CloseCode.normal, 'close'))
  }

  #farewell(payload: string): void {
    if (this.#isClosing) return
    this.#isClosing = true
    this.#io.send(maskedFrame(finBit | Opcode.close, payload, this.#io.random()))
  }
}
