/**
 * A stream adapter small enough to see through, and the other side of it.
 *
 * The client greets with `HELLO path\n` and is answered `OK\n` or `NO reason\n`. Then each message is a frame: a byte with
 * its length, then so many bytes. A frame of length 0 says goodbye, one of 255 breaks the protocol.
 */
import type { Socket } from 'node:net'
import {
  ProtocolError,
  type StreamAdapter,
  type StreamIo,
  type StreamKind,
} from '../../plugins/api.ts'

const goodbye = '\0'
const longest = 254

class FramedStream implements StreamAdapter {
  readonly #io: StreamIo
  readonly #path: string
  #isOpen = false
  #held: Uint8Array = new Uint8Array(0)

  constructor(io: StreamIo, path: string) {
    this.#io = io
    this.#path = path
  }

  begin(): void {
    this.#io.send(`HELLO ${this.#path}\n`)
  }

  receive(bytes: Uint8Array): void {
    // A copy: what is lent is gone with the next read.
    this.#held = Buffer.concat([this.#held, bytes])
    if (!this.#isOpen && !this.#greeted()) return
    while (!this.#io.isOver && this.#held.length > 0) {
      const length = this.#held[0]!
      if (length > longest) throw new ProtocolError('error_framed_length', `a frame of ${length}`)
      if (this.#held.length <= length) return
      const frame = this.#held.subarray(1, 1 + length)
      this.#held = this.#held.subarray(1 + length)
      if (length === 0) this.#io.closed()
      else this.#io.deliver(frame)
    }
  }

  /** @returns whether frames may follow */
  #greeted(): boolean {
    const end = this.#held.indexOf(10)
    if (end < 0) return false
    const line = Buffer.from(this.#held.subarray(0, end)).toString('latin1')
    this.#held = this.#held.subarray(end + 1)
    if (line.startsWith('NO ')) this.#io.refused('framed', line.slice(3))
    else if (line !== 'OK') throw new ProtocolError('error_framed_greeting', line)
    else {
      this.#isOpen = true
      this.#io.count('framed_opened')
      this.#io.opened()
    }
    return this.#isOpen
  }

  write(bytes: string): boolean {
    let frames = ''
    for (let at = 0; at < bytes.length; at += longest) {
      const part = bytes.slice(at, at + longest)
      frames += String.fromCharCode(part.length) + part
    }
    return this.#io.send(frames)
  }

  end(): void {
    if (this.#held.length > 0) this.#io.deliver(Buffer.from('cut\n'))
  }

  close(): void {
    this.#io.send(goodbye)
  }
}

export const framed: StreamKind = {
  transports: { websocket: 'tcp', websocket_ssl: 'ssl' },
  counters: [
    { name: 'framed_opened', kind: 'count', isError: false, doc: 'greetings that were answered' },
    { name: 'error_framed_length', kind: 'count', isError: true, doc: 'a frame that is too long' },
    { name: 'error_framed_greeting', kind: 'count', isError: true, doc: 'no answer to a greeting' },
  ],
  adapt: (io, _endpoint, { websocket }) => new FramedStream(io, websocket.path),
}

/** What the other side does with a message. */
export type Answering = (text: string, peer: FramedPeer) => void

/** The other side of one connection. */
export class FramedPeer {
  /** Greeting, messages, `bye`, `end`. */
  readonly seen: string[] = []
  readonly socket: Socket
  #held = Buffer.alloc(0)

  /** @param greeting what the client's is answered with */
  constructor(socket: Socket, answer: Answering, greeting = 'OK\n') {
    this.socket = socket
    socket.on('error', () => undefined)
    socket.on('end', () => this.seen.push('end'))
    socket.on('data', (bytes) => {
      this.#held = Buffer.concat([this.#held, bytes])
      if (this.seen.length === 0) {
        const end = this.#held.indexOf(10)
        if (end < 0) return
        this.seen.push(this.#held.toString('latin1', 0, end))
        this.#held = this.#held.subarray(end + 1)
        socket.write(greeting)
      }
      while (this.#held.length > this.#held[0]!) {
        const length = this.#held[0]!
        const text = this.#held.toString('latin1', 1, 1 + length)
        this.#held = this.#held.subarray(1 + length)
        this.seen.push(length === 0 ? 'bye' : text)
        if (length > 0) answer(text, this)
      }
    })
  }

  say(text: string): void {
    this.socket.write(frame(text))
  }
}

export function frame(text: string): Buffer {
  return Buffer.concat([Buffer.from([text.length]), Buffer.from(text, 'latin1')])
}
