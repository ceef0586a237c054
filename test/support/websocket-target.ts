/** WebSocket servers for tests: npm's `ws`, and one that says exactly what it is told. */
import { createHash } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws'
import { type Frame, framesIn } from './websocket-frames.ts'

/** A client's connection to `startScripted`, once it is open. */
export interface ScriptedConnection {
  /** From 1. */
  readonly number: number
  readonly socket: Socket
  /** Of the handshake, as it came. */
  readonly head: string
}

export interface ScriptedTarget {
  readonly port: number
  /** Frames of all connections, in the order in which they came. */
  readonly frames: readonly Frame[]
  readonly heads: readonly string[]
  /** Bytes that came instead of a handshake. */
  readonly strays: readonly string[]
  /** Waits for a frame, if it has not come. */
  until(isIt: (frame: Frame) => boolean): Promise<void>
  close(): Promise<void>
}

export interface Script {
  /** What a handshake is answered with; default: 101 with the right key. */
  readonly answer?: (head: string, accept: string, number: number) => string | Buffer
  readonly onOpen?: (connection: ScriptedConnection) => void
  readonly onFrame?: (frame: Frame, connection: ScriptedConnection) => void
}

export function acceptOf(head: string): string {
  const key = /^sec-websocket-key: *(\S+)/im.exec(head)?.[1] ?? ''
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
}

/** Header lines of an answer that agrees, without the blank line. */
export function agreeing(accept: string): string {
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n`
}

/** Listens on a free port of 127.0.0.1. */
export async function startScripted(script: Script = {}): Promise<ScriptedTarget> {
  const frames: Frame[] = []
  const heads: string[] = []
  const strays: string[] = []
  const came = new EventEmitter()
  let connections = 0
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    const number = ++connections
    let connection: ScriptedConnection | null = null
    let rest: Buffer = Buffer.alloc(0)
    sockets.add(socket)
    socket.setNoDelay(true)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => undefined)
    socket.on('data', (bytes) => {
      rest = Buffer.concat([rest, bytes])
      if (connection === null) {
        const end = rest.indexOf('\r\n\r\n')
        if (end < 0 || !rest.toString('latin1').startsWith('GET ')) {
          strays.push(rest.toString('latin1'))
          return
        }
        const head = rest.toString('latin1', 0, end + 4)
        rest = rest.subarray(end + 4)
        heads.push(head)
        const accept = acceptOf(head)
        socket.write(script.answer?.(head, accept, number) ?? `${agreeing(accept)}\r\n`)
        connection = { number, socket, head }
        script.onOpen?.(connection)
      }
      const whole = framesIn(rest)
      rest = Buffer.from(whole.rest)
      for (const each of whole.frames) {
        frames.push(each)
        came.emit('frame')
        script.onFrame?.(each, connection)
      }
    })
  })
  const port = await listening(server)
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  }
  const until = async (isIt: (frame: Frame) => boolean): Promise<void> => {
    while (!frames.some(isIt)) await once(came, 'frame')
  }
  return { port, frames, heads, strays, until, close }
}

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

export interface WsTarget {
  readonly port: number
  readonly server: WebSocketServer
  close(): Promise<void>
}

/** npm's `ws`. @param onConnection default: every message goes back as it came */
export async function startWs(
  options: ServerOptions = {},
  onConnection: (socket: WebSocket) => void = echo,
): Promise<WsTarget> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, ...options })
  server.on('connection', onConnection)
  await once(server, 'listening')
  const close = async (): Promise<void> => {
    for (const client of server.clients) client.terminate()
    server.close()
    await once(server, 'close')
  }
  return { port: (server.address() as AddressInfo).port, server, close }
}

function echo(socket: WebSocket): void {
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
}

/** The servers of one test. */
export class Targets {
  readonly #open: (() => Promise<void>)[] = []

  async scripted(script: Script): Promise<ScriptedTarget> {
    const target = await startScripted(script)
    this.#open.push(target.close)
    return target
  }

  async ws(...options: Parameters<typeof startWs>): Promise<WsTarget> {
    const target = await startWs(...options)
    this.#open.push(target.close)
    return target
  }

  async close(): Promise<void> {
    for (const end of this.#open.splice(0)) await end()
  }
}
