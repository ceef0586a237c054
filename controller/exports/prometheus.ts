/** `--prometheus`: a page that a Prometheus server reads while the run goes on, and once after it. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Output, RunHead, RunResult, Second, Standing } from '../model.ts'
import type { OnTrouble } from '../outputs/sink.ts'
import { addressText, type ListenAddress } from './address.ts'
import { binsUpTo } from './bins.ts'
import type { PrometheusText } from './prometheus-text.ts'
import { RunMeter } from './run-meter.ts'

/** Upper ends of the histograms' buckets, ms. */
export const prometheusBoundsMs: readonly number[] = [
  0.5, 1, 2, 3, 5, 7.5, 10, 15, 20, 30, 50, 75, 100, 150, 200, 300, 500, 750, 1000, 1500, 2000,
  3000, 5000, 7500, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000, 3_600_000,
]

export interface PrometheusOptions {
  readonly address: ListenAddress
  /** How long the last values can be read; null: until they were, at most `defaultLingerMs`. */
  readonly lingerMs: number | null
  readonly onTrouble: OnTrouble
  /** Told where it is, once it is there. */
  readonly onListening: (url: string) => void
}

export const defaultPrometheus: ListenAddress = { host: '127.0.0.1', port: 9464 }
/** A bit more than what Prometheus servers usually leave between two scrapes. */
export const defaultLingerMs = 20_000
/** Between two attempts to get the port. */
const againMs = 2000
/** Who asks for it this often at once asks in vain. */
const mostConnections = 32

export function prometheus(options: PrometheusOptions): Output {
  return new Prometheus(options)
}

class Prometheus implements Output {
  readonly #options: PrometheusOptions
  readonly #run = new RunMeter(binsUpTo(prometheusBoundsMs))
  readonly #server: Server
  #page: Promise<PrometheusText> | null = null
  #again: NodeJS.Timeout | null = null
  #isTold = false
  #isClosed = false
  #onLastRead: () => void = () => undefined
  /** Resolves when it was tried to get the port; at once before that is begun. */
  #tried: Promise<unknown> = Promise.resolve()

  constructor(options: PrometheusOptions) {
    this.#options = options
    this.#server = createServer((request, response) => void this.#serve(request, response))
    this.#server.maxConnections = mostConnections
    this.#server.unref()
    // A server that watches a run does not keep it.
    this.#server.on('connection', (socket) => socket.unref())
    this.#server.on('listening', () => this.#onListening())
    this.#server.on('error', (error) => this.#onError(error))
  }

  start(head: RunHead): void {
    this.#run.start(head)
    this.#tried = once(this.#server, 'listening').catch(() => undefined)
    this.#listen()
  }

  second(second: Second): void {
    this.#run.second(second)
  }

  standing(standing: Standing): void {
    this.#run.stand(standing)
  }

  event(): void {
    // Nothing in the text format tells of events.
  }

  end(result: RunResult): void {
    this.#run.end(result)
  }

  /** It is read until `linger` is over. */
  async close(): Promise<void> {
    await this.#tried
  }

  async linger(): Promise<void> {
    const { lingerMs } = this.#options
    if (this.#server.listening) await this.#lastRead(lingerMs ?? defaultLingerMs, lingerMs === null)
    this.#isClosed = true
    if (this.#again !== null) clearTimeout(this.#again)
    this.#server.close()
    this.#server.closeAllConnections()
  }

  #lastRead(ms: number, onceIsEnough: boolean): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      if (!onceIsEnough) return
      this.#onLastRead = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  #listen(): void {
    this.#again = null
    this.#server.listen(this.#options.address)
  }

  #onListening(): void {
    const { port } = this.#server.address() as AddressInfo
    this.#options.onListening(`http://${addressText({ ...this.#options.address, port })}/metrics`)
  }

  #onError(error: Error): void {
    if (this.#isClosed) return
    if (!this.#isTold) {
      const where = addressText(this.#options.address)
      const text = `nobody can read metrics on ${where}: ${error.message}; it is tried again`
      this.#options.onTrouble(text)
    }
    this.#isTold = true
    if (!this.#server.listening) this.#again = setTimeout(() => this.#listen(), againMs).unref()
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, url } = request
    const isKnown = /^\/(metrics)?(\?|$)/.test(url ?? '')
    if (method !== 'GET' && method !== 'HEAD') return answer(response, 405, 'GET only\n')
    if (!isKnown) return answer(response, 404, 'metrics are at /metrics\n')
    // Loaded when somebody asks: a run without readers does not pay for it.
    this.#page ??= import('./prometheus-text.ts').then(({ prometheusText }) =>
      prometheusText(this.#run, prometheusBoundsMs),
    )
    const { contentType, text } = await this.#page
    const body = await text()
    const isLast = this.#run.result !== null && method === 'GET'
    response.on('close', () => {
      if (isLast && response.writableFinished) this.#onLastRead()
    })
    answer(response, 200, body, contentType)
  }
}

function answer(
  response: ServerResponse,
  status: number,
  text: string,
  contentType: string = 'text/plain; charset=utf-8',
): void {
  const length = Buffer.byteLength(text)
  response.writeHead(status, { 'content-type': contentType, 'content-length': length })
  response.end(text)
}
