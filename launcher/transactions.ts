import type { Recorder } from './recorder.ts'

/** The transactions that a user has open, and when each began. */
export class Transactions {
  readonly #open: { readonly metric: string; readonly startMs: number }[] = []

  /** Null: none is open. */
  get innermost(): string | null {
    return this.#open.at(-1)?.metric ?? null
  }

  begin(metric: string, nowMs: number): void {
    this.#open.push({ metric, startMs: nowMs })
  }

  /** Ends the innermost one of that name. */
  end(metric: string, nowMs: number, recorder: Recorder): void {
    const at = this.#open.findLastIndex((each) => each.metric === metric)
    if (at < 0) return
    recorder.sample(metric).record(nowMs - this.#open[at]!.startMs)
    this.#open.splice(at, 1)
  }

  /** The user ends: what is open is measured up to now. */
  endAll(nowMs: number, recorder: Recorder): void {
    for (const { metric, startMs } of this.#open) recorder.sample(metric).record(nowMs - startMs)
  }
}
