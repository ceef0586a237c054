/**
 * The WebSocket side of the bundled target, on any path: says back every message, answers pings and closes.
 * `/push/MS` says something by itself besides, every MS ms: `push 1`, `push 2`, …
 */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { fromBytes } from '../../core/byte-string.ts'
import { type FrameHandler, FrameReader } from '../../plugins/websocket/decode-frames.ts'
import { acceptFor } from '../../plugins/websocket/decode-handshake.ts'
import {
  closeCodeFor,
  closePayload,
  finBit,
  maxMessageBytes,
  Opcode,
  plainFrame,
} from '../../plugins/websocket/frames.ts'
import { Pieces } from '../../plugins/websocket/pieces.ts'

const rules = { allowsCompression: false, expectsMask: true, maxBytes: maxMessageBytes } as const
const shortestPushMs = 1

export class EchoWebSocket implements FrameHandler {
  readonly #socket: Duplex
  readonly #serve: (answer: () => void) => void
  readonly #reader = new FrameReader(rules)
  readonly #pieces = new Pieces()
  #pushing: NodeJS.Timeout | null = null

  /**
   * @param request asks for a WebSocket
   * @param serve calls what it is given when the answer to a message is due
   */
  constructor(request: IncomingMessage, socket: Duplex, serve: (answer: () => void) => void) {
    this.#socket = socket
    this.#serve = serve
    socket.on('error', () => socket.destroy())
    socket.on('close', () => this.#stopPushing())
    const key = request.headers['sec-websocket-key']
    if (request.headers.upgrade?.toLowerCase() !== 'websocket' || key === undefined) {
      socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
      return
    }
    const protocol = request.headers['sec-websocket-protocol']?.split(',', 1)[0]
    const chosen = protocol === undefined ? '' : `Sec-WebSocket-Protocol: ${protocol}\r\n`
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptFor(key)}\r\n${chosen}\r\n`,
    )
    this.#push(request.url ?? '/')
  }

  read(bytes: Uint8Array): void {
    try {
      this.#reader.read(bytes, 0, this)
      this.#pieces.keep()
    } catch (error) {
      const { code } = error as { readonly code?: unknown }
      if (typeof code !== 'string') throw error
      this.#end(closePayload(closeCodeFor(code), ''))
    }
  }

  onData(bytes: Uint8Array, from: number, to: number): void {
    this.#pieces.add(bytes, from, to)
  }

  onMessage(isText: boolean): void {
    const payload = fromBytes(this.#pieces.take())
    const opcode = isText ? Opcode.text : Opcode.binary
    this.#serve(() => this.#send(opcode, payload))
  }

  onPing(payload: Uint8Array): void {
    this.#send(Opcode.pong, fromBytes(payload))
  }

  onPong(): void {
    // Nobody asked for it.
  }

  onClose(code: number): void {
    this.#end(closePayload(code, ''))
  }

  #push(url: string): void {
    const everyMs = Number(/^\/push\/(\d{1,7})\b/.exec(url)?.[1] ?? Number.NaN)
    if (Number.isNaN(everyMs)) return
    let count = 0
    this.#pushing = setInterval(
      () => this.#send(Opcode.text, `push ${++count}`),
      Math.max(shortestPushMs, everyMs),
    )
  }

  #stopPushing(): void {
    if (this.#pushing !== null) clearInterval(this.#pushing)
    this.#pushing = null
  }

  #send(opcode: number, payload: string): void {
    if (this.#socket.writable) this.#socket.write(plainFrame(finBit | opcode, payload), 'latin1')
  }

  #end(payload: string): void {
    this.#stopPushing()
    this.#send(Opcode.close, payload)
    this.#socket.end()
  }
}
