/** One target that answers the same over HTTP/1.1 and HTTP/2, and writes down what it was asked. */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import {
  createServer as createHttp2Server,
  createSecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
} from 'node:http2'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import type { KeyPair } from '../../controller/echo/certificate.ts'

type Asked = IncomingMessage | Http2ServerRequest
type Answer = ServerResponse | Http2ServerResponse

export interface Target {
  readonly port: number
  /** Of each request: method, path, host, headers, length and hash of the body. */
  readonly seen: readonly string[]
  readonly connections: number
  readonly sessions: readonly ServerHttp2Session[]
  /** Requests at the same time, at most. */
  readonly together: number
  close(): Promise<void>
}

/** Headers that belong to the connection, or that HTTP/2 has other names for. */
const leftOut = new Set(['host', 'connection'])

const page = `<form><input type="hidden" name="token" value="t-17"></form>${'x'.repeat(3000)}`

/** @param version what it speaks; `both`: what the client chooses by ALPN */
export async function startTarget(
  version: '1.1' | '2' | 'both',
  tls: KeyPair | null = null,
  settings: object = {},
): Promise<Target> {
  const seen: string[] = []
  const sessions: ServerHttp2Session[] = []
  const sockets = new Set<Socket>()
  let now = 0
  const told = { connections: 0, together: 0 }
  const listener = (asked: Asked, answer: Answer): void => {
    told.together = Math.max(told.together, ++now)
    answer.on('close', () => now--)
    const hash = createHash('md5')
    let length = 0
    asked.on('data', (bytes: Buffer) => {
      hash.update(bytes)
      length += bytes.length
    })
    asked.on('end', () => {
      const { method, url, headers } = asked
      const host = headers[':authority'] ?? headers.host
      const names = Object.keys(headers).filter(
        (name) => !name.startsWith(':') && !leftOut.has(name),
      )
      const told = names.sort().map((name) => `${name}=${headers[name]}`)
      seen.push([method, url, host, ...told, length, hash.digest('hex')].join(' '))
      respond(asked, answer as ServerResponse)
    })
  }
  const server = serverOf(version, tls, settings, listener)
  server.on('connection', (socket: Socket) => {
    told.connections++
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => undefined)
  })
  server.on('session', (session: ServerHttp2Session) => {
    sessions.push(session)
    session.on('error', () => undefined)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    seen,
    sessions,
    get connections() {
      return told.connections
    },
    get together() {
      return told.together
    },
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

function serverOf(
  version: '1.1' | '2' | 'both',
  tls: KeyPair | null,
  settings: object,
  listener: (asked: Asked, answer: Answer) => void,
): Server {
  if (tls === null) {
    return version === '1.1'
      ? createServer(listener)
      : (createHttp2Server({ settings }, listener) as unknown as Server)
  }
  if (version === '1.1') return createTlsServer(tls, listener) as unknown as Server
  const both = { ...tls, settings, allowHTTP1: version === 'both' }
  return createSecureServer(both, listener) as unknown as Server
}

function respond(asked: Asked, answer: ServerResponse): void {
  const path = asked.url!.split('?')[0]!
  const [, name = '', argument = ''] = path.split('/')
  switch (name) {
    case 'page':
      answer.setHeader('Set-Cookie', [`sid=${argument}; Path=/`, 'theme=dark'])
      answer.setHeader('Content-Type', 'text/html')
      answer.setHeader('X-Next', '/checked')
      answer.setHeader('Content-Length', page.length)
      answer.end(page)
      return
    case 'streamed':
      answer.write('part one, ')
      setTimeout(() => answer.end('part two'), 5)
      return
    case 'trailers':
      answer.setHeader('Trailer', 'x-sum')
      answer.write('body')
      answer.addTrailers({ 'x-sum': '42' })
      answer.end()
      return
    case 'gzip':
      answer.setHeader('Content-Encoding', 'gzip')
      answer.end(gzipSync('unpacked token=z9'))
      return
    case 'bytes':
      answer.end(Buffer.alloc(Number(argument), 'b'))
      return
    case 'slow':
      setTimeout(() => answer.end('slow'), Number(argument))
      return
    case 'status':
      answer.statusCode = Number(argument)
      answer.end(argument === '204' || argument === '304' ? undefined : `status ${argument}`)
      return
    case 'early':
      answer.writeEarlyHints?.({ link: '</a.css>; rel=preload' })
      answer.end('after the hints')
      return
    default:
      answer.setHeader('Content-Length', 2)
      answer.end('ok')
  }
}
