/**
 * The bundled target: HTTP, and WebSocket on the same port (websocket.ts).
 *
 * | path          | answer                                                 |
 * | ------------- | ------------------------------------------------------ |
 * | `/bytes/N`    | N bytes, at most 1 GiB                                 |
 * | `/status/NNN` | that status, 200 to 599                                |
 * | `/delay/MS`   | after that many ms more                                |
 * | `/echo`       | the request as it came, as text; its body up to 1 MiB  |
 * | `/form`       | an HTML page: a form with a hidden token, three links  |
 * | `/json`       | a JSON object: a token, three articles                 |
 * | `/chunked`    | the usual body in chunks                               |
 * | `/close`      | `Connection: close`                                    |
 * | any other     | `size` bytes with `status`                             |
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { type Rng, stream } from '../../core/random.ts'
import { type Delay, drawDelayMs, noDelay } from './delay.ts'
import { formPage, jsonPage } from './pages.ts'
import { EchoWebSocket } from './websocket.ts'

export interface EchoOptions {
  /** 0: any free one. */
  readonly port: number
  /** Default `127.0.0.1`. */
  readonly host?: string
  /** Before every answer; default none. */
  readonly delay?: Delay
  /**
   * Requests served in a second by the one server there is, each for as long as any other; those that come while it is
   * busy wait in line, and are served even when nobody waits for the answer any more. Default: no bound.
   */
  readonly capacityPerSecond?: number
  /** Share of requests answered with 500, 0 to 1; default 0. */
  readonly errorRate?: number
  /** Of ordinary answers; default 200. */
  readonly status?: number
  /** Bytes of an ordinary body; default 3. */
  readonly sizeBytes?: number
  /** PEM texts; absent: plain TCP. */
  readonly tls?: { readonly key: string; readonly cert: string }
  /** Of delays and errors; default `echo`. */
  readonly seed?: string
}

export interface Echo {
  readonly host: string
  readonly port: number
  /** `http://127.0.0.1:8080`. */
  readonly url: string
  readonly requests: number
  readonly connections: number
  /** Requests answered with 500 because of `errorRate`. */
  readonly errors: number
  /** Resolves when every connection is closed. */
  close(): Promise<void>
}

/** @throws the system's error when the address cannot be listened on */
export async function startEcho(options: EchoOptions): Promise<Echo> {
  const echo = new EchoServer(options)
  await echo.listen()
  return echo
}

/** Answers go out in blocks of this. */
const block: Buffer = Buffer.alloc(64 * 1024, 'tsts echo\n')
const maxBytes = 1024 * 1024 * 1024
const maxEchoedBytes = 1024 * 1024

class EchoServer implements Echo {
  readonly host: string
  readonly #options: EchoOptions
  readonly #server: Server
  readonly #random: Rng
  readonly #body: Buffer
  /** Connections that are no longer HTTP. */
  readonly #upgraded = new Set<Duplex>()
  readonly #delay: Delay
  /** When all that is in line is served, as `performance.now()`. */
  #freeAtMs = 0
  requests = 0
  connections = 0
  errors = 0

  constructor(options: EchoOptions) {
    this.#options = options
    this.host = options.host ?? '127.0.0.1'
    this.#random = stream(options.seed ?? 'echo', 'echo')
    const size = options.sizeBytes ?? 3
    this.#body = size === 3 ? Buffer.from('ok\n') : Buffer.alloc(size, block)
    this.#delay = options.delay ?? noDelay
    const listener = (request: IncomingMessage, response: ServerResponse): void =>
      this.#onRequest(request, response)
    // Users think for longer than a server usually waits: nothing is closed for being idle.
    const limits = { requestTimeout: 0, headersTimeout: 0, keepAliveTimeout: 0 }
    this.#server =
      options.tls === undefined
        ? createServer(limits, listener)
        : createTlsServer({ ...limits, ...options.tls }, listener)
    this.#server.on('connection', () => {
      this.connections++
    })
    this.#server.on('upgrade', (request, socket, head) => this.#onUpgrade(request, socket, head))
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get url(): string {
    const name = this.host.includes(':') ? `[${this.host}]` : this.host
    return `${this.#options.tls === undefined ? 'http' : 'https'}://${name}:${this.port}`
  }

  listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen({ port: this.#options.port, host: this.host, backlog: 4096 }, () => {
        this.#server.off('error', reject)
        resolve()
      })
    })
  }

  close(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.close((error) => (error === undefined ? resolve() : reject(error)))
      this.#server.closeAllConnections()
      for (const socket of this.#upgraded) socket.destroy()
    })
  }

  #onRequest(request: IncomingMessage, response: ServerResponse): void {
    this.requests++
    const [, name = '', argument = ''] = request.url!.split(/[/?]/)
    const number = /^\d{1,10}$/.test(argument) ? Number(argument) : null
    const moreMs = name === 'delay' ? (number ?? 0) : 0
    const delayMs = this.#serviceMs() + drawDelayMs(this.#delay, this.#random) + moreMs
    const fails = this.#options.errorRate !== undefined && this.#random() < this.#options.errorRate
    if (delayMs <= 0) this.#answer(request, response, name, number, fails)
    else setTimeout(() => this.#answer(request, response, name, number, fails), delayMs)
  }

  #onUpgrade(request: IncomingMessage, socket: Duplex, head: Uint8Array): void {
    this.#upgraded.add(socket)
    socket.on('close', () => this.#upgraded.delete(socket))
    const webSocket = new EchoWebSocket(request, socket, (answer) => {
      this.requests++
      const delayMs = this.#serviceMs() + drawDelayMs(this.#delay, this.#random)
      if (delayMs <= 0) answer()
      else setTimeout(answer, delayMs)
    })
    if (head.length > 0) webSocket.read(head)
    socket.on('data', (bytes: Buffer) => webSocket.read(bytes))
  }

  /** Puts a request in line. @returns ms until it is served */
  #serviceMs(): number {
    const { capacityPerSecond } = this.#options
    if (capacityPerSecond === undefined) return 0
    const nowMs = performance.now()
    this.#freeAtMs = Math.max(nowMs, this.#freeAtMs) + 1000 / capacityPerSecond
    return this.#freeAtMs - nowMs
  }

  #answer(
    request: IncomingMessage,
    response: ServerResponse,
    name: string,
    number: number | null,
    fails: boolean,
  ): void {
    if (response.destroyed) return
    if (fails) {
      this.errors++
      send(response, 500, Buffer.from('an error, as asked for\n'))
      return
    }
    const status = this.#options.status ?? 200
    switch (name) {
      case 'bytes':
        if (number === null || number > maxBytes) refuse(response, '/bytes/N, at most 1 GiB')
        else sendBytes(response, status, number)
        return
      case 'status':
        if (number === null || number < 200 || number > 599) refuse(response, '/status/200 to 599')
        else send(response, number, this.#body)
        return
      case 'echo':
        echoBack(request, response)
        return
      case 'form':
        send(response, status, formPage(this.requests), 'text/html')
        return
      case 'json':
        send(response, status, jsonPage(this.requests), 'application/json')
        return
      case 'chunked':
        response.writeHead(status, { 'Content-Type': 'text/plain' })
        for (let at = 0; at < this.#body.length; at += block.length) {
          response.write(this.#body.subarray(at, at + block.length))
        }
        response.end()
        return
      case 'close':
        response.shouldKeepAlive = false
        send(response, status, this.#body)
        return
      default:
        send(response, status, this.#body)
    }
  }
}

function send(
  response: ServerResponse,
  status: number,
  body: Buffer,
  type: string = 'text/plain',
): void {
  if (status === 204 || status === 304) response.writeHead(status).end()
  else {
    response.writeHead(status, { 'Content-Type': type, 'Content-Length': body.length })
    response.end(body)
  }
}

function refuse(response: ServerResponse, usage: string): void {
  send(response, 400, Buffer.from(`wanted: ${usage}\n`))
}

/** Sends `bytes` bytes as fast as the peer takes them. */
function sendBytes(response: ServerResponse, status: number, bytes: number): void {
  response.writeHead(status, { 'Content-Type': 'text/plain', 'Content-Length': bytes })
  let left = bytes
  const pour = (): void => {
    while (left > 0) {
      const part = left < block.length ? block.subarray(0, left) : block
      left -= part.length
      if (!response.write(part)) {
        response.once('drain', pour)
        return
      }
    }
    response.end()
  }
  pour()
}

function echoBack(request: IncomingMessage, response: ServerResponse): void {
  const { method, url, httpVersion, rawHeaders } = request
  let head = `${method} ${url} HTTP/${httpVersion}\r\n`
  for (let at = 0; at < rawHeaders.length; at += 2) {
    head += `${rawHeaders[at]}: ${rawHeaders[at + 1]}\r\n`
  }
  const parts: Buffer[] = [Buffer.from(`${head}\r\n`, 'latin1')]
  let bytes = 0
  request.on('data', (part: Buffer) => {
    const room = maxEchoedBytes - bytes
    if (room > 0) parts.push(part.subarray(0, room))
    bytes += part.length
  })
  request.on('end', () => send(response, 200, Buffer.concat(parts)))
}
