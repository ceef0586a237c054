/** Every single value that is measured, for `backend="fullstats"`. Without it nothing here is in the way. */
import { isInTsungLog } from '../core/stats/names.ts'
import { MutableSample } from '../core/stats/sample.ts'

/** Values kept from one `take` to the next: what is beyond is counted only. */
const maxValues = 200_000

export class RawSamples {
  readonly #values = new Map<string, number[]>()
  #kept = 0
  #lost = 0

  add(name: string, ms: number): void {
    if (this.#kept >= maxValues) {
      this.#lost++
      return
    }
    this.#kept++
    const values = this.#values.get(name)
    const rounded = Math.round(ms * 1000) / 1000
    if (values === undefined) this.#values.set(name, [rounded])
    else values.push(rounded)
  }

  /** Values since the last call that were not kept. */
  takeLost(): number {
    const lost = this.#lost
    this.#lost = 0
    return lost
  }

  /** `sample` lines of everything since the last call. */
  take(): string[] {
    const lines: string[] = []
    for (const [name, values] of this.#values) lines.push(JSON.stringify([name, ...values]))
    this.#values.clear()
    this.#kept = 0
    return lines
  }
}

/** Tells its values one by one besides. */
class RawSample extends MutableSample {
  readonly #raw: RawSamples

  constructor(metric: string, raw: RawSamples) {
    super(metric)
    this.#raw = raw
  }

  override record(ms: number): void {
    super.record(ms)
    this.#raw.add(this.metric, ms >= 0 ? ms : 0)
  }
}

/** A sample whose values Tsung writes out; `session` it does not. */
export function sampleFor(metric: string, raw: RawSamples | null): MutableSample {
  const isWritten = raw !== null && metric !== 'session' && isInTsungLog(metric)
  return isWritten ? new RawSample(metric, raw) : new MutableSample(metric)
}
