/** HTTP/2 without TLS beside HTTP/1.1 on one port: told apart by the first bytes (prior knowledge, RFC 9113, 3.3). */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer, type Http2Server, type ServerHttp2Session } from 'node:http2'
import type { Socket } from 'node:net'

const preface = 'PRI'
const maxStreams = 4_294_967_295

export class PrefaceServer {
  readonly #http2: Http2Server
  readonly #sessions = new Set<ServerHttp2Session>()
  /** Those that have said nothing yet. */
  readonly #silent = new Set<Socket>()

  /** @param http1 whose connections that begin so are served here; @param listener of requests of both */
  constructor(
    http1: Server,
    listener: (request: IncomingMessage, response: ServerResponse) => void,
  ) {
    const settings = { maxConcurrentStreams: maxStreams }
    this.#http2 = createServer(
      { settings },
      listener as unknown as Parameters<typeof createServer>[1],
    )
    this.#http2.on('session', (session) => {
      this.#sessions.add(session)
      session.on('close', () => this.#sessions.delete(session))
    })
    // Users that go away are none of the server's troubles.
    this.#http2.on('sessionError', () => undefined)
    const serveHttp1 = http1.listeners('connection') as ((socket: Socket) => void)[]
    http1.removeAllListeners('connection')
    http1.on('connection', (socket) => {
      const ignore = (): void => undefined
      const forget = (): void => void this.#silent.delete(socket)
      this.#silent.add(socket)
      socket.on('error', ignore)
      socket.once('close', forget)
      socket.once('readable', () => {
        const first = socket.read() as Buffer | null
        if (first !== null) socket.unshift(first)
        forget()
        socket.off('error', ignore)
        socket.off('close', forget)
        if (first?.toString('latin1', 0, preface.length) === preface) {
          this.#http2.emit('connection', socket)
        } else for (const serve of serveHttp1) serve.call(http1, socket)
      })
    })
  }

  closeAll(): void {
    for (const session of this.#sessions) session.destroy()
    for (const socket of this.#silent) socket.destroy()
  }
}
