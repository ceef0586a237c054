/** What is kept of a step while it is played, and when it need not go on. */

import type { Output, RunHead, RunResult, Second } from '../model.ts'
import { Measured, type Told, toldBy } from '../thresholds/measured.ts'
import type { Objective, Searched, StepTimes } from './model.ts'

/** One measured second. */
export interface WatchedSecond {
  /** What it says of each condition, in their order. */
  readonly told: readonly Told[]
  readonly lengthMs: number
  /** Requests without an answer at its end. */
  readonly inFlight: number
  /** Requests that came to their end in it. */
  readonly ended: number
  /** Of a constant rate; null: arrivals are searched. */
  readonly turns: WatchedTurns | null
}

/** Turns of users at `<pace/>` in one second. */
export interface WatchedTurns {
  readonly due: number
  readonly taken: number
  /** That were due and not taken, at the end of the second, since the step began. */
  readonly owed: number
  /** Users that play at its end. */
  readonly users: number
}

/** Seconds in a row that are plainly missed before a step is ended. */
const plainSeconds = 3
/** So many times its limit a time is plainly missed; a share, of which a second may have few, more. */
const plainTimes = 2
const plainShares = 10

export class StepWatch implements Output {
  readonly seconds: WatchedSecond[] = []
  head: RunHead | null = null
  result: RunResult | null = null
  endedEarly = false
  /** Users at the end. */
  started = 0
  /** p50 of `request` over all of it, ms; null: no answer came. */
  medianMs: number | null = null
  readonly #objective: Objective
  readonly #times: StepTimes
  readonly #end: () => void
  readonly #of: Searched
  #before: Second | null = null
  #plain = 0
  #owed = 0

  /** @param end called once, when the step need not go on */
  constructor(objective: Objective, of: Searched, times: StepTimes, end: () => void) {
    this.#objective = objective
    this.#of = of
    this.#times = times
    this.#end = end
  }

  start(head: RunHead): void {
    this.head = head
  }

  second(second: Second): void {
    const before = this.#before
    this.#before = second
    this.started = second.started
    const beganMs = before?.atMs ?? 0
    const turns = this.#of === 'rate' ? this.#turnsOf(second) : null
    const { bringUpMs, settleMs, measureMs } = this.#times
    const fromMs = bringUpMs + settleMs
    // What comes when the load was cut belongs to no second of it.
    if (this.endedEarly) return
    if (beganMs < fromMs || second.atMs > fromMs + measureMs) return
    const told = this.#objective.map(({ value }) => toldBy(value, second, before))
    const ended = told[0]?.ended ?? 0
    const { inFlight } = second
    this.seconds.push({ told, lengthMs: second.atMs - beganMs, inFlight, ended, turns })
    this.#plain = this.#isPlainlyMissed(second, told) ? this.#plain + 1 : 0
    if (this.#plain < plainSeconds) return
    this.endedEarly = true
    this.#end()
  }

  event(): void {
    // Events stand in the step's own folder.
  }

  end(result: RunResult): void {
    this.result = result
    this.medianMs = result.totals.samples.get('request')?.percentile(50) ?? null
  }

  async close(): Promise<void> {
    // Nothing is open.
  }

  #turnsOf({ totals, users }: Second): WatchedTurns {
    const due = totals.counters.get('tsts_turns_due') ?? 0
    const taken = totals.counters.get('tsts_turns_taken') ?? 0
    this.#owed += due - taken
    return { due, taken, owed: this.#owed, users }
  }

  #isPlainlyMissed({ inFlight }: Second, told: readonly Told[]): boolean {
    if (inFlight > 0 && told[0]?.ended === 0) return true
    return this.#objective.some(({ comparison, limit, value }, at) => {
      if (comparison !== '<' && comparison !== '<=') return false
      if (limit.of !== 'ms' && limit.of !== 'share') return false
      const factor = limit.of === 'ms' ? plainTimes : plainShares
      const measured = new Measured(value)
      measured.add(told[at]!)
      const seen = measured.value(false, null)
      return seen !== null && seen > factor * limit.number
    })
  }
}
