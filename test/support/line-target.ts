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

  private constructor(server: Server) {
    this.#server = server
    this.port = (server.address() as AddressInfo).port
  }

  static async open(answer: Answer = echo): Promise<LineTarget> {
    let connections = 0
    const server = createServer((socket) => {
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
    const target = new LineTarget(server)
    return target
  }

  /** Connections that are open stay so. */
  close(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()))
  }
}
