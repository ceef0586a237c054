/** The run over time in at most 2,000 points: what the charts of a report draw. */
import { MutableSample } from '../../core/stats/sample.ts'
import type {
  PlannedStep,
  SecondSample,
  SeriesHead,
  SeriesHistograms,
  SeriesSecond,
} from '../outputs/series.ts'
import { percentilesOf } from '../outputs/summary.ts'

export const maxPoints = 2000

export interface Timeline {
  /** Seconds that a point stands for. */
  readonly stepSeconds: number
  readonly points: readonly Point[]
}

/** Rates are per second; `users`, `connected` and `inFlight` the highest seen. */
export interface Point {
  /** End of what the point stands for, ms since the start. */
  readonly atMs: number
  readonly plannedRate: number
  readonly dueRate: number
  readonly startedRate: number
  readonly users: number
  readonly connected: number
  readonly inFlight: number
  readonly launchers: number
  /** Counters per second. */
  readonly rates: ReadonlyMap<string, number>
  readonly samples: ReadonlyMap<string, PointSample>
}

export type PointSample = Pick<SecondSample, 'p50' | 'p95' | 'p99' | 'max'>

/**
 * Gathers points from the lines of a series, in order.
 *
 * Up to 2,000 s each second is a point. Longer runs get points of whole 10 s intervals, whose percentiles are exact too:
 * they come from the merged histograms, never from percentiles of percentiles.
 */
export class TimelineBuilder {
  readonly #stepMs: number
  readonly #planned: readonly PlannedStep[]
  readonly #buckets = new Map<number, Bucket>()
  #due = 0
  #started = 0

  /** @param lastMs end of the run, ms since its start */
  constructor(head: SeriesHead, lastMs: number) {
    const seconds = Math.ceil(lastMs / 1000)
    const stepSeconds = seconds <= maxPoints ? 1 : 10 * Math.ceil(seconds / maxPoints / 10)
    this.#stepMs = stepSeconds * 1000
    this.#planned = head.planned
  }

  second(second: SeriesSecond): void {
    const bucket = this.#bucket(second.atMs)
    bucket.atMs = second.atMs
    bucket.due += second.due - this.#due
    bucket.started += second.started - this.#started
    this.#due = second.due
    this.#started = second.started
    bucket.users = Math.max(bucket.users, second.usersMax)
    bucket.connected = Math.max(bucket.connected, second.connectedMax)
    bucket.inFlight = Math.max(bucket.inFlight, second.inFlight)
    bucket.launchers = second.launchers
    for (const [name, value] of Object.entries(second.counters)) {
      bucket.counters.set(name, (bucket.counters.get(name) ?? 0) + value)
    }
    if (this.#stepMs === 1000) {
      for (const [name, sample] of Object.entries(second.samples)) bucket.seconds.set(name, sample)
    }
  }

  histograms(line: SeriesHistograms): void {
    if (this.#stepMs === 1000) return
    const bucket = this.#bucket(line.toMs)
    for (const [name, wire] of Object.entries(line.samples)) {
      const sample = bucket.merged.get(name) ?? new MutableSample(name)
      sample.merge(wire)
      bucket.merged.set(name, sample)
    }
  }

  build(): Timeline {
    const points: Point[] = []
    for (const [index, bucket] of [...this.#buckets].sort((a, b) => a[0] - b[0])) {
      points.push(this.#point(index * this.#stepMs, bucket))
    }
    return { stepSeconds: this.#stepMs / 1000, points }
  }

  #bucket(atMs: number): Bucket {
    const index = Math.max(0, Math.ceil(atMs / this.#stepMs) - 1)
    const last = this.#buckets.get(index - 1)
    if (last) summarise(last)
    const bucket = this.#buckets.get(index) ?? new Bucket()
    this.#buckets.set(index, bucket)
    return bucket
  }

  #point(fromMs: number, bucket: Bucket): Point {
    summarise(bucket)
    const seconds = Math.max(1, bucket.atMs - fromMs) / 1000
    return {
      atMs: bucket.atMs,
      plannedRate:
        plannedUsers(this.#planned, fromMs, fromMs + this.#stepMs) / (this.#stepMs / 1000),
      dueRate: bucket.due / seconds,
      startedRate: bucket.started / seconds,
      users: bucket.users,
      connected: bucket.connected,
      inFlight: bucket.inFlight,
      launchers: bucket.launchers,
      rates: new Map([...bucket.counters].map(([name, value]) => [name, value / seconds])),
      samples: bucket.seconds,
    }
  }
}

class Bucket {
  atMs = 0
  due = 0
  started = 0
  users = 0
  connected = 0
  inFlight = 0
  launchers = 0
  readonly counters = new Map<string, number>()
  readonly seconds = new Map<string, PointSample>()
  readonly merged = new Map<string, MutableSample>()
}

/** Turns merged histograms, which are large, into percentiles. */
function summarise(bucket: Bucket): void {
  for (const [name, sample] of bucket.merged) {
    const [p50, p95, p99] = percentilesOf(sample, [50, 95, 99])
    bucket.seconds.set(name, { p50, p95, p99, max: sample.max })
  }
  bucket.merged.clear()
}

/** Users that the steps plan in [fromMs, toMs). */
function plannedUsers(steps: readonly PlannedStep[], fromMs: number, toMs: number): number {
  let users = 0
  for (const step of steps) {
    if (step.fromMs >= toMs) break
    const lengthMs = step.toMs - step.fromMs
    const overlapMs = Math.min(toMs, step.toMs) - Math.max(fromMs, step.fromMs)
    if (lengthMs === 0) users += step.fromMs >= fromMs ? step.users : 0
    else if (overlapMs > 0) users += (step.users * overlapMs) / lengthMs
  }
  return users
}
