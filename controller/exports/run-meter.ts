/** The run so far, as those who watch it from elsewhere are told it. */
import { NameRegistry } from '../../core/stats/names.ts'
import type { RunHead, RunResult, Second, Standing } from '../model.ts'
import type { Bins } from './bins.ts'
import { TimeMeter } from './time-meter.ts'

export class RunMeter {
  readonly #bins: Bins
  readonly #counters = new Map<string, number>()
  readonly #times = new Map<string, TimeMeter>()
  readonly #counterNames = new NameRegistry()
  readonly #timeNames = new NameRegistry()
  #head: RunHead | null = null
  #last: Second | null = null
  #standing: Standing | null = null
  #result: RunResult | null = null

  /** @param bins which times are told as */
  constructor(bins: Bins) {
    this.#bins = bins
  }

  get head(): RunHead | null {
    return this.#head
  }

  /** The last second that is over. */
  get last(): Second | null {
    return this.#last
  }

  get standing(): Standing | null {
    return this.#standing
  }

  /** Null while the run goes on. */
  get result(): RunResult | null {
    return this.#result
  }

  /** Sums since the start of the run; at most 500 names, what is beyond is called `other`. */
  get counters(): ReadonlyMap<string, number> {
    return this.#counters
  }

  /** Times of the whole run; at most 500 names, what is beyond is called `other`. */
  get times(): ReadonlyMap<string, TimeMeter> {
    return this.#times
  }

  start(head: RunHead): void {
    this.#head = head
  }

  second(second: Second): void {
    this.#last = second
    for (const [each, delta] of second.totals.counters) {
      const name = this.#counterNames.register(each)
      this.#counters.set(name, (this.#counters.get(name) ?? 0) + delta)
    }
    for (const [each, sample] of second.totals.samples) {
      const name = this.#timeNames.register(each)
      let meter = this.#times.get(name)
      if (meter === undefined) {
        meter = new TimeMeter(this.#bins)
        this.#times.set(name, meter)
      }
      meter.add(sample)
    }
  }

  stand(standing: Standing): void {
    this.#standing = standing
  }

  end(result: RunResult): void {
    this.#result = result
  }
}
