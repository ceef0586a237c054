/** JSON lines over a pair of byte streams: what agent and launcher speak with the side above them. */
import { Socket } from 'node:net'
import type { Readable, Writable } from 'node:stream'
import { encodeLine, LineDecoder } from '../core/wire/codec.ts'

export interface ChannelHandlers {
  message(value: unknown): void
  /** A line that is no message. */
  stray(text: string): void
  /** The other side is gone. */
  closed(): void
  /** What `send` had to leave waiting is gone. */
  drained?(): void
}

export class Channel {
  readonly #output: Writable

  constructor(input: Readable, output: Writable, handlers: ChannelHandlers) {
    this.#output = output
    const decoder = new LineDecoder(
      (value) => handlers.message(value),
      (text) => handlers.stray(text),
    )
    input.on('data', (bytes: Buffer) => decoder.push(bytes))
    let closed = false
    const onClosed = (): void => {
      if (closed) return
      closed = true
      handlers.closed()
    }
    input.on('end', onClosed)
    input.on('close', onClosed)
    input.on('error', onClosed)
    output.on('error', onClosed)
    output.on('drain', () => handlers.drained?.())
  }

  /** Bytes that the other side has not taken yet. */
  get pendingBytes(): number {
    return this.#output.writableLength
  }

  /** @returns whether more may be sent before it has drained */
  send(message: object): boolean {
    if (this.#output.destroyed) return true
    let flows = true
    for (const line of encodeLine(message)) flows = this.#output.write(line)
    return flows
  }

  /** Ends the connection at once. */
  cut(): void {
    this.#output.destroy()
  }

  /** Resolves when everything was handed to the system. */
  end(): Promise<void> {
    return new Promise((resolve) => this.#output.end(() => resolve()))
  }
}

/**
 * This process's own standard streams, the output without blocking: `process.stdout` writes to pipes synchronously,
 * and a slow reader must not stop the event loop.
 */
export function standardStreams(): { readonly input: Readable; readonly output: Writable } {
  return { input: process.stdin, output: new Socket({ fd: 1, readable: false, writable: true }) }
}
