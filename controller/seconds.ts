/** Intervals of many launchers to seconds of the run. */
import type { Interval } from '../core/stats/model.ts'
import { MutableTotals } from '../core/stats/totals.ts'
import type { Second } from './model.ts'

export const secondMs = 1000
/** How much before the end of a second a launcher may report and be counted as having reported for it, in ms. */
const earlyMs = 50
/** How long after its end a second waits for launchers that have not reported, in ms. */
export const patienceMs = 3000

/** What a launcher told of a second. */
interface Told {
  users: number
  usersMax: number
  connected: number
  connectedMax: number
  inFlight: number
  phase: number
  due: number
}

interface Bucket {
  readonly totals: MutableTotals
  readonly told: Map<number, Told>
}

/**
 * Puts every interval into the second in which it lies, and closes seconds in order: as soon as every living launcher
 * has reported beyond one, or `patienceMs` after its end. What comes later goes to the first second that is open:
 * nothing is lost, nothing is counted twice.
 */
export class Seconds {
  readonly #intervalMs: number
  readonly #onSecond: (second: Second, totals: MutableTotals) => void
  readonly #buckets = new Map<number, Bucket>()
  /** Up to where each living launcher has reported, ms. */
  readonly #reportedMs = new Map<number, number>()
  readonly #latest = new Map<number, Told>()
  readonly #lost = new Set<number>()
  #closed = 0
  #started = 0
  #finished = 0
  #last: Second | null = null

  /** @param intervalMs how often launchers report */
  constructor(intervalMs: number, onSecond: (second: Second, totals: MutableTotals) => void) {
    this.#intervalMs = intervalMs
    this.#onSecond = onSecond
  }

  /** The last second that was closed. */
  get last(): Second | null {
    return this.#last
  }

  /** From now on `launcher` is waited for. */
  join(launcher: number): void {
    this.#reportedMs.set(launcher, 0)
  }

  add(launcher: number, interval: Interval): void {
    const { fromMs, toMs, gauges } = interval
    const withinMs = toMs - Math.min((toMs - fromMs) / 2, this.#intervalMs / 2)
    const second = Math.max(this.#closed, Math.floor(withinMs / secondMs)) + 1
    const bucket = this.#bucket(second)
    bucket.totals.add(interval)
    const before = bucket.told.get(launcher)
    const { users, connected, inFlight, phase, due } = gauges
    bucket.told.set(launcher, {
      ...{ users, connected, inFlight, phase, due },
      usersMax: Math.max(gauges.usersMax, before?.usersMax ?? 0),
      connectedMax: Math.max(gauges.connectedMax, before?.connectedMax ?? 0),
    })
    if (this.#reportedMs.has(launcher)) this.#reportedMs.set(launcher, toMs)
    this.#closeReported()
  }

  /** `launcher` is waited for no more. `lost`: what it held is unknown from now on, and not counted as playing. */
  leave(launcher: number, lost: boolean): void {
    this.#reportedMs.delete(launcher)
    if (lost) this.#lost.add(launcher)
    this.#closeReported()
  }

  /** Closes what has waited long enough; `nowMs` counts from the start of the run. */
  tick(nowMs: number): void {
    while ((this.#closed + 1) * secondMs + patienceMs <= nowMs) this.#close()
  }

  /** Closes everything that something was reported for. */
  finish(): void {
    const last = Math.max(0, ...this.#buckets.keys())
    while (this.#closed < last) this.#close()
  }

  /** Of the last second that is open: what is told at the end belongs to it. */
  lastTotals(): MutableTotals {
    return this.#bucket(Math.max(this.#closed + 1, ...this.#buckets.keys())).totals
  }

  #bucket(second: number): Bucket {
    let bucket = this.#buckets.get(second)
    if (bucket === undefined) {
      bucket = { totals: new MutableTotals(), told: new Map() }
      this.#buckets.set(second, bucket)
    }
    return bucket
  }

  #closeReported(): void {
    while (this.#reportedMs.size > 0) {
      const endMs = (this.#closed + 1) * secondMs - earlyMs
      for (const reportedMs of this.#reportedMs.values()) if (reportedMs < endMs) return
      this.#close()
    }
  }

  #close(): void {
    const second = ++this.#closed
    const { totals, told } = this.#bucket(second)
    this.#buckets.delete(second)
    for (const [launcher, latest] of told) this.#latest.set(launcher, latest)
    this.#started += totals.counters.get('users_count') ?? 0
    this.#finished += totals.counters.get('finish_users_count') ?? 0
    this.#last = this.#sum(second * secondMs, totals, told)
    this.#onSecond(this.#last, totals)
  }

  #sum(atMs: number, totals: MutableTotals, told: ReadonlyMap<number, Told>): Second {
    const sum = {
      ...{ users: 0, usersMax: 0, connected: 0, connectedMax: 0 },
      ...{ inFlight: 0, phase: 0, due: 0 },
    }
    for (const [launcher, latest] of this.#latest) {
      sum.due += latest.due
      sum.phase = Math.max(sum.phase, latest.phase)
      if (this.#lost.has(launcher)) continue
      sum.users += latest.users
      sum.usersMax += told.get(launcher)?.usersMax ?? latest.users
      sum.connected += latest.connected
      sum.connectedMax += told.get(launcher)?.connectedMax ?? latest.connected
      sum.inFlight += latest.inFlight
    }
    const { size } = this.#reportedMs
    return {
      atMs,
      totals,
      ...sum,
      started: this.#started,
      finished: this.#finished,
      launchers: size,
    }
  }
}
