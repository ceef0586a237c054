/** `--otlp URL`: the run pushed to a collector of OpenTelemetry again and again, and once more at its end. */
import type { Output, RunHead, RunResult, Second, Standing } from '../model.ts'
import type { OnTrouble } from '../outputs/sink.ts'
import { exponentialBins } from './bins.ts'
import type { Pusher } from './otlp-metrics.ts'
import { RunMeter } from './run-meter.ts'

export interface OtlpOptions {
  /** Of metrics, whole. */
  readonly url: string
  readonly everyMs: number
  readonly onTrouble: OnTrouble
}

/** Between two pushes; `OTEL_METRIC_EXPORT_INTERVAL` sets another one. */
export const defaultPushMs = 10_000
/** How long the end of a run waits for the other side, in ms. */
const closeMs = 12_000

export function otlp(options: OtlpOptions): Output {
  return new Otlp(options)
}

class Otlp implements Output {
  readonly #options: OtlpOptions
  readonly #run = new RunMeter(exponentialBins())
  #pusher: Promise<Pusher> | null = null
  #timer: NodeJS.Timeout | null = null
  /** The push that is under way; never rejects. */
  #pushing: Promise<void> | null = null
  #isTold = false

  constructor(options: OtlpOptions) {
    this.#options = options
  }

  start(head: RunHead): void {
    const { url, everyMs } = this.#options
    this.#run.start(head)
    this.#pusher = import('./otlp-metrics.ts').then(({ pusher }) =>
      pusher(url, head, (why) => this.#tell(`refuses a part of them: ${why}`)),
    )
    // Awaited when something is pushed.
    this.#pusher.catch(() => undefined)
    this.#timer = setInterval(() => this.#push(), everyMs).unref()
  }

  second(second: Second): void {
    this.#run.second(second)
  }

  standing(standing: Standing): void {
    this.#run.stand(standing)
  }

  event(): void {
    // Metrics do not tell of events.
  }

  end(result: RunResult): void {
    this.#run.end(result)
  }

  /** The last values are there, or it was tried for long enough. */
  async close(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer)
    if (this.#pusher === null) return
    const last = async (): Promise<void> => {
      await this.#pushing
      await this.#push()
    }
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, closeMs)
    })
    await Promise.race([last(), late])
    clearTimeout(timer)
  }

  /** One at a time: what is missed is in the next one. */
  #push(): Promise<void> {
    this.#pushing ??= this.#pushed().finally(() => {
      this.#pushing = null
    })
    return this.#pushing
  }

  async #pushed(): Promise<void> {
    try {
      await (await this.#pusher)?.push(this.#run)
    } catch (error) {
      this.#tell(`does not take them: ${reason(error)}; it is tried again`)
    }
  }

  /** Once a run. */
  #tell(what: string): void {
    if (this.#isTold) return
    this.#isTold = true
    const { origin, pathname } = new URL(this.#options.url)
    this.#options.onTrouble(`metrics are pushed to ${origin}${pathname}, which ${what}`)
  }
}

/** Some errors of the network have a code and no text. */
function reason(error: unknown): string {
  const { message, code } = error as { readonly message?: string; readonly code?: string | number }
  const text = message || String(code ?? error)
  const isDenied = code === 401 || code === 403
  return isDenied ? `${text} (OTEL_EXPORTER_OTLP_HEADERS may hold what it wants to see)` : text
}
