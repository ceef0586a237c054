import type { Interval } from './model.ts'
import type { Sample } from './sample.ts'

/** Counters and samples merged over any number of intervals. */
export interface Totals {
  readonly counters: ReadonlyMap<string, number>
  readonly samples: ReadonlyMap<string, Sample>
  add(interval: Pick<Interval, 'counters' | 'samples'>): void
}
