/** The dashboard's HTTP server: one page, a stream of what happens, and what somebody wants done. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Steering, SteeringChange } from '../model.ts'
import type { ChartLibrary } from '../report/page.ts'
import { parseChange } from '../steering.ts'
import { isUsageError, UsageError } from '../usage-error.ts'
import { type Refusal, refusal } from './access.ts'
import type { Feed } from './feed.ts'
import { isLoopback, type Listen, urlHost } from './listen.ts'
import { dashboardPage } from './page.ts'

/** Of what somebody sends. */
const bodyMaxBytes = 4096
/** Pages at once. */
const listenersMax = 64
/** A page that reads so slowly that more bytes wait is let go; it comes again, and is told what it missed. */
const maxPendingBytes = 4 * 1024 * 1024
const keepAliveMs = 15_000
const goodbyeMs = 1000

/** What the run does for those who look at it. */
export interface DashboardHooks {
  /** Plain data for `GET /api/status`. */
  status(): unknown
  /** @throws {UsageError} when the run cannot be steered so */
  steer(who: string, change: SteeringChange): Steering
  /** @returns how long users have to end, ms */
  stop(who: string, graceMs: number | null): number
}

/** Where an open dashboard is, and what it wants. */
export interface OpenedAt extends Listen {
  /** Null: this machine alone reaches it. */
  readonly token: string | null
}

export class Dashboard {
  readonly #feed: Feed
  readonly #hooks: DashboardHooks
  readonly #library: () => Promise<ChartLibrary>
  readonly #server: Server
  readonly #keepAlive: NodeJS.Timeout
  readonly #streams = new Set<ServerResponse>()
  #token: string | null = null
  #at: OpenedAt | null = null

  /** @param library the charts' script and style */
  constructor(feed: Feed, hooks: DashboardHooks, library: () => Promise<ChartLibrary>) {
    this.#feed = feed
    this.#hooks = hooks
    this.#library = library
    this.#server = createServer((request, response) => void this.#serve(request, response))
    this.#server.unref()
    this.#server.on('connection', (socket) => socket.unref())
    this.#keepAlive = setInterval(() => {
      for (const stream of this.#streams) stream.write(': still here\n\n')
    }, keepAliveMs)
    this.#keepAlive.unref()
  }

  /** Null: not open. */
  get at(): OpenedAt | null {
    return this.#at
  }

  /** What a browser opens; the token stands where no server and no log sees it. */
  get url(): string {
    if (this.#at === null) return ''
    const { host, port, token } = this.#at
    return `http://${urlHost(host)}:${port}/${token === null ? '' : `#token=${token}`}`
  }

  /**
   * @param newToken makes one if one is needed
   * @throws the system's error
   */
  async open({ host, port }: Listen, newToken: () => string): Promise<void> {
    this.#server.listen(port, host)
    await once(this.#server, 'listening')
    const { address, port: bound } = this.#server.address() as AddressInfo
    this.#token = isLoopback(address) ? null : newToken()
    this.#at = { host, port: bound, token: this.#token }
  }

  /** Pages have been told that the run is over; nobody is served any more when it resolves. */
  async close(): Promise<void> {
    clearInterval(this.#keepAlive)
    if (this.#at === null) return
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    for (const stream of this.#streams) stream.end()
    const timer = setTimeout(() => this.#server.closeAllConnections(), goodbyeMs)
    this.#server.closeIdleConnections()
    await closed
    clearTimeout(timer)
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => undefined)
    try {
      await this.#answer(request, response)
    } catch (error) {
      // Whatever a page asks for, it does not end the run.
      const text = (error as Error).message
      if (isUsageError(error)) sendJson(response, 400, { error: text })
      else sendJson(response, 500, { error: text })
    }
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path] = (request.url ?? '/').split('?')
    if (path === '/') return this.#page(request, response)
    const refused = refusal(request.headers, this.#token)
    if (refused !== null) return refuse(response, refused)
    switch (`${request.method} ${path}`) {
      case 'GET /api/status':
        return sendJson(response, 200, this.#hooks.status())
      case 'GET /api/events':
        return this.#stream(request, response)
      case 'POST /api/steer': {
        const change = parseChange(await readJson(request))
        return sendJson(response, 200, { steering: this.#hooks.steer(who(request), change) })
      }
      case 'POST /api/stop': {
        const graceMs = parseGrace(await readJson(request))
        return sendJson(response, 200, { graceMs: this.#hooks.stop(who(request), graceMs) })
      }
      default:
        return sendJson(response, 404, { error: `there is no ${request.method} ${path}` })
    }
  }

  /** It holds nothing of the run, so that it needs no token. */
  async #page(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'GET') {
      response.setHeader('Allow', 'GET')
      return sendJson(response, 405, { error: 'the page is read, with GET' })
    }
    const nonce = randomBytes(18).toString('base64')
    const text = dashboardPage(nonce, await this.#library())
    response.writeHead(200, {
      ...plainHeaders,
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy':
        `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'; img-src data:; ` +
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    })
    response.end(text)
  }

  #stream(request: IncomingMessage, response: ServerResponse): void {
    if (this.#streams.size >= listenersMax) {
      sendJson(response, 503, { error: `${listenersMax} pages are open already` })
      return
    }
    response.writeHead(200, { ...plainHeaders, 'Content-Type': 'text/event-stream' })
    response.write('retry: 1000\n\n')
    const last = request.headers['last-event-id']
    const leave = this.#feed.listen(
      (message) => {
        if (response.writableLength > maxPendingBytes) response.destroy()
        else response.write(message)
      },
      typeof last === 'string' ? last : null,
    )
    this.#streams.add(response)
    response.on('close', () => {
      leave()
      this.#streams.delete(response)
    })
  }
}

const plainHeaders = {
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
} as const

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  if (response.headersSent || response.destroyed) return
  response.writeHead(status, { ...plainHeaders, 'Content-Type': 'application/json' })
  response.end(`${JSON.stringify(value)}\n`)
}

function refuse(response: ServerResponse, { status, text }: Refusal): void {
  if (status === 401) response.setHeader('WWW-Authenticate', 'Bearer')
  sendJson(response, status, { error: text })
}

function who({ socket }: IncomingMessage): string {
  return `dashboard ${socket.remoteAddress ?? 'of somebody who has gone'}`
}

/** @throws {UsageError} when it is none, or too long */
async function readJson(request: IncomingMessage): Promise<unknown> {
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/json') throw new UsageError('send Content-Type: application/json')
  const tooLong = `at most ${bodyMaxBytes} bytes are read`
  if (Number(request.headers['content-length'] ?? 0) > bodyMaxBytes) throw new UsageError(tooLong)
  const pieces: Buffer[] = []
  let length = 0
  for await (const piece of request as AsyncIterable<Buffer>) {
    length += piece.length
    if (length > bodyMaxBytes) throw new UsageError(tooLong)
    pieces.push(piece)
  }
  try {
    return JSON.parse(Buffer.concat(pieces).toString('utf8')) as unknown
  } catch (error) {
    throw new UsageError(`this is no JSON: ${(error as Error).message}`, { cause: error })
  }
}

/** @throws {UsageError} */
function parseGrace(value: unknown): number | null {
  const { graceMs = null } = (value ?? {}) as { readonly graceMs?: unknown }
  if (graceMs === null) return null
  if (typeof graceMs === 'number' && graceMs >= 0 && graceMs <= 2 ** 31 - 1) return graceMs
  throw new UsageError('graceMs is a number of milliseconds, or null')
}
