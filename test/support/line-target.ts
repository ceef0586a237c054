/** A target for `linePlugin`: each line that comes is kept, and answered as the test says. */
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'

export type Answer = (line: string, socket: Socket) => void

export const echo: Answer = (_line, socket) => void socket.write('ok\n')

export class LineTarget {
  readonly lines: string[] = []
  /** The number of its connection, from 1, before each line. */
  readonly placed: string[] = []
  readonly port: number
  readonly #server: Server
  readonly #sockets: Set<Socket>

  private constructor(server: Server, sockets: Set<Socket>) {
    this.#server = server
    this.#sockets = sockets
    this.port = (server.address() as AddressInfo).port
  }

  static async open(answer: Answer = echo): Promise<LineTarget> {
    let connections = 0
    const sockets = new Set<Socket>()
    const server = createServer((socket) => {
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket))
      const connection = ++connections
      let rest = ''
      socket.on('error', () => undefined)
      socket.on('data', (bytes) => {
        rest += bytes.toString('latin1')
        const parts = rest.split('\n')
        rest = parts.pop() ?? ''
        for (const line of parts) {
          target.lines.push(line)
          target.placed.push(`${connection} ${line}`)
          answer(line, socket)
        }
      })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const target = new LineTarget(server, sockets)
    return target
  }

  close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    return new Promise((resolve) => this.#server.close(() => resolve()))
  }
}
