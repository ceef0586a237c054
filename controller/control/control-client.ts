/** The other side of a run's control socket: `attach`, `status`, `stop`. */
import { connect, type Socket } from 'node:net'
import { encodeLine, LineDecoder } from '../../core/wire/codec.ts'
import type { ControlReply, ControlRequest } from './messages.ts'

/** A run that was reached. */
export class ControlClient {
  readonly #socket: Socket
  readonly #replies: ControlReply[] = []
  #over = false
  #onChange: () => void = () => undefined

  private constructor(socket: Socket) {
    this.#socket = socket
    const decoder = new LineDecoder(
      (value) => {
        this.#replies.push(value as ControlReply)
        this.#onChange()
      },
      () => undefined,
    )
    socket.on('data', (bytes) => decoder.push(bytes))
    socket.on('error', () => undefined)
    socket.on('close', () => {
      this.#over = true
      this.#onChange()
    })
  }

  /** @returns null when nobody listens there: the controller is gone */
  static reach(path: string): Promise<ControlClient | null> {
    return new Promise((resolve) => {
      const socket = connect(path)
      socket.once('connect', () => resolve(new ControlClient(socket)))
      socket.once('error', () => resolve(null))
    })
  }

  send(request: ControlRequest): void {
    for (const line of encodeLine(request)) this.#socket.write(line)
  }

  /**
   * The next message.
   *
   * @param deadlineMs from now
   * @returns null when the connection has ended, or the deadline passed
   */
  async next(deadlineMs: number = Infinity): Promise<ControlReply | null> {
    const startMs = performance.now()
    const timer =
      deadlineMs === Infinity ? null : setTimeout(() => this.#onChange(), Math.ceil(deadlineMs) + 1)
    while (this.#replies.length === 0 && !this.#over) {
      if (performance.now() - startMs >= deadlineMs) break
      await new Promise<void>((resolve) => {
        this.#onChange = resolve
      })
    }
    if (timer !== null) clearTimeout(timer)
    return this.#replies.shift() ?? null
  }

  close(): void {
    this.#socket.destroy()
  }
}
