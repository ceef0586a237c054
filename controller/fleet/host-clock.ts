/** The clocks of hosts beside ours: monotonic ones only, so that dates do not matter. Times in ms. */
import { clockOffset } from '../../core/clock-offset.ts'
import { type ClockReading, clockDrift } from '../../core/deliveries/model.ts'

/** How old a probe may be: hosts drift apart by up to some 0.1 ms a second. */
const windowMs = 30_000

/** Our host's monotonic clock minus `performance.now()`. */
export const ownOffsetMs: number = clockOffset(
  () => Number(process.hrtime.bigint()) / 1e6,
  () => performance.now(),
)

/** Our host's monotonic clock, the same for all its processes. */
export function hostNowMs(): number {
  return performance.now() + ownOffsetMs
}

export interface ClockProbe {
  readonly roundTripMs: number
  /** The host's clock minus ours. */
  readonly offsetMs: number
}

interface Probe extends ClockProbe {
  readonly atMs: number
}

/** Between the run's clock of a launcher and ours: positive when the launcher is ahead. */
export interface Skew {
  readonly ms: number
  readonly errorMs: number
}

/** The best of the probes of a sliding window: that of the least round trip, whose half bounds the error. */
export class HostClock {
  /** Round trips rise from the first to the last: a later and better probe makes those before it void. */
  readonly #probes: Probe[] = []

  /** Null: it was never probed. */
  get best(): ClockProbe | null {
    return this.#probes[0] ?? null
  }

  /** `t1`: our time when it was asked, `t2` its answer, `nowMs` ours. */
  probed(t1: number, t2: number, nowMs: number): void {
    const roundTripMs = nowMs - t1
    const offsetMs = t2 - (t1 + roundTripMs / 2)
    while ((this.#probes.at(-1)?.roundTripMs ?? -1) >= roundTripMs) this.#probes.pop()
    this.#probes.push({ atMs: nowMs, roundTripMs, offsetMs })
    while (this.#probes[0]!.atMs < nowMs - windowMs) this.#probes.shift()
  }

  /**
   * As well as it is known now, drift included: an old probe may be worth less than a slower one.
   *
   * @returns beside our host's monotonic clock; null: it was never probed
   */
  reading(host: number, nowMs: number): ClockReading | null {
    let reading: ClockReading | null = null
    for (const { atMs, roundTripMs, offsetMs } of this.#probes) {
      const errorMs = roundTripMs / 2 + (nowMs - atMs) * clockDrift
      if (reading !== null && reading.errorMs <= errorMs) continue
      reading = { host, offsetMs: offsetMs - ownOffsetMs, errorMs }
    }
    return reading
  }

  /**
   * @param originMs start of the run on the host's clock
   * @param runStartMs start of the run on ours
   */
  skew(originMs: number, runStartMs: number): Skew | null {
    const { best } = this
    if (best === null) return null
    return { ms: runStartMs + best.offsetMs - originMs, errorMs: best.roundTripMs / 2 }
  }
}
