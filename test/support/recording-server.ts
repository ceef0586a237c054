/** A raw TCP target that keeps the bytes of every request and answers as it is told. */
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'

/**
 * What becomes of a request; a byte string is sent as it is.
 *
 * | answer         | does                                                           |
 * | -------------- | -------------------------------------------------------------- |
 * | `ok`           | 200, `Content-Length`, connection kept                         |
 * | `chunked`      | the same in chunks                                             |
 * | `close-after`  | 200 with `Connection: close`, then closes                      |
 * | `until-close`  | a body without a length, then closes                           |
 * | `close`        | closes without a word                                          |
 * | `reset`        | resets                                                         |
 * | `never`        | says nothing, stays                                            |
 * | `garbage`      | a line that is no HTTP, stays                                  |
 * | `half`         | announces more than it sends, then closes                      |
 * | `endless`      | header lines until the peer has enough                         |
 */
export type Answer =
  | 'ok'
  | 'chunked'
  | 'close-after'
  | 'until-close'
  | 'close'
  | 'reset'
  | 'never'
  | 'garbage'
  | 'half'
  | 'endless'
  | {
      readonly bytes: string
      readonly closes?: boolean
      /** How long the answer is held back. */
      readonly afterMs?: number
    }

export interface Recorded {
  /** From 0, in the order of the connections. */
  readonly connection: number
  /** Byte string: head and body as they came. */
  readonly bytes: string
}

export interface RecordingServer {
  readonly port: number
  /** Every whole request, in the order in which they came. */
  readonly requests: readonly Recorded[]
  readonly connections: number
  close(): Promise<void>
}

/**
 * Listens on a free port.
 *
 * @param answer what to do with a request, or how to tell it from its bytes and number (from 0)
 */
export async function startRecording(
  answer: Answer | ((request: string, index: number) => Answer) = 'ok',
  host: string = '127.0.0.1',
): Promise<RecordingServer> {
  const recording = new Recording(typeof answer === 'function' ? answer : () => answer)
  await recording.listen(host)
  return recording
}

/** A port of this machine on which nobody listens. */
export async function refusingPort(): Promise<number> {
  const recording = await startRecording()
  await recording.close()
  return recording.port
}

class Recording implements RecordingServer {
  readonly requests: Recorded[] = []
  connections = 0
  port = 0
  readonly #answer: (request: string, index: number) => Answer
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  constructor(answer: (request: string, index: number) => Answer) {
    this.#answer = answer
    this.#server = createServer((socket) => this.#onSocket(socket))
  }

  async listen(host: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(0, host, 1024, resolve)
    })
    this.port = (this.#server.address() as AddressInfo).port
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve())
      for (const socket of this.#sockets) socket.destroy()
    })
  }

  #onSocket(socket: Socket): void {
    const connection = this.connections++
    let pending = ''
    this.#sockets.add(socket)
    socket.setEncoding('latin1').setNoDelay(true)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => this.#sockets.delete(socket))
    socket.on('data', (text: string) => {
      pending += text
      for (;;) {
        const length = requestLength(pending)
        if (length === null) return
        const bytes = pending.slice(0, length)
        pending = pending.slice(length)
        const index = this.requests.push({ connection, bytes }) - 1
        give(socket, bytes, this.#answer(bytes, index))
      }
    })
  }
}

/** Characters of the first request in `text`; null when it is not whole. */
function requestLength(text: string): number | null {
  const headEnd = text.indexOf('\r\n\r\n')
  if (headEnd < 0) return null
  const match = /\r\ncontent-length: *(\d+)\r\n/i.exec(text.slice(0, headEnd + 2))
  const length = headEnd + 4 + Number(match?.[1] ?? 0)
  return text.length < length ? null : length
}

const body = 'a body of no importance\n'
const lengthLine = `Content-Length: ${body.length}\r\n`

function give(socket: Socket, request: string, answer: Answer): void {
  const isHead = request.startsWith('HEAD ')
  switch (answer) {
    case 'ok':
      socket.write(`HTTP/1.1 200 OK\r\n${lengthLine}\r\n${isHead ? '' : body}`, 'latin1')
      return
    case 'chunked': {
      const chunk = `${body.length.toString(16)};name=value\r\n${body}\r\n0\r\nTrailer: yes\r\n\r\n`
      const head = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'
      socket.write(`${head}${isHead ? '' : chunk}`, 'latin1')
      return
    }
    case 'close-after':
      socket.end(`HTTP/1.1 200 OK\r\nConnection: close\r\n${lengthLine}\r\n${body}`, 'latin1')
      return
    case 'until-close':
      socket.end(`HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n${body}`, 'latin1')
      return
    case 'close':
      socket.end()
      return
    case 'reset':
      socket.resetAndDestroy()
      return
    case 'never':
      return
    case 'garbage':
      socket.write('\u0000\u0001 this is no HTTP at all\r\n', 'latin1')
      return
    case 'half':
      socket.end(`HTTP/1.1 200 OK\r\n${lengthLine}\r\n${body.slice(0, 5)}`, 'latin1')
      return
    case 'endless':
      socket.write('HTTP/1.1 200 OK\r\n', 'latin1')
      pourHeaders(socket)
      return
    default:
      if (answer.afterMs === undefined) giveBytes(socket, answer)
      else setTimeout(giveBytes, answer.afterMs, socket, answer)
  }
}

function giveBytes(socket: Socket, answer: { bytes: string; closes?: boolean }): void {
  socket.write(answer.bytes, 'latin1')
  if (answer.closes === true) socket.end()
}

function pourHeaders(socket: Socket): void {
  const line = `X-Endless: ${'x'.repeat(1000)}\r\n`
  const pour = (): void => {
    while (!socket.destroyed && socket.write(line, 'latin1'));
  }
  socket.on('drain', pour)
  pour()
}
