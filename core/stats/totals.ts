import type { Interval } from './model.ts'
import { decodeSample, MutableSample, type Sample } from './sample.ts'

/** Counters and samples merged over any number of intervals. */
export interface Totals {
  readonly counters: ReadonlyMap<string, number>
  readonly samples: ReadonlyMap<string, Sample>
  add(interval: Pick<Interval, 'counters' | 'samples'>): void
}

export class MutableTotals implements Totals {
  readonly counters: Map<string, number> = new Map()
  readonly samples: Map<string, MutableSample> = new Map()

  /** @throws {RangeError} when a sample of it is unsound; nothing is changed then */
  add(interval: Pick<Interval, 'counters' | 'samples'>): void {
    const decoded = Object.entries(interval.samples).map(
      ([name, wire]) => [name, decodeSample(wire)] as const,
    )
    for (const [name, sample] of decoded) this.sample(name).mergeDecoded(sample)
    for (const [name, delta] of Object.entries(interval.counters)) this.#count(name, delta)
  }

  merge(other: MutableTotals): void {
    for (const [name, count] of other.counters) this.#count(name, count)
    for (const [name, sample] of other.samples) this.sample(name).mergeSample(sample)
  }

  /** The sample of that name, made on first use. */
  sample(name: string): MutableSample {
    let sample = this.samples.get(name)
    if (sample === undefined) {
      sample = new MutableSample(name)
      this.samples.set(name, sample)
    }
    return sample
  }

  #count(name: string, delta: number): void {
    this.counters.set(name, (this.counters.get(name) ?? 0) + delta)
  }
}
