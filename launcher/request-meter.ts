/**
 * Measures a user's requests, one at a time: from when each was due to its answer. Times are ms on the launcher's clock.
 *
 * Source: reference tsung-core.md, 5.2 and 5.4; DESIGN.md section 8.
 */
import type { RequestOp } from '../core/program/ops.ts'
import type { Dimension } from './dimensions.ts'
import type { Recorder } from './recorder.ts'

/** Meters kept for the next user. */
const maxFree = 1000

export class RequestMeter {
  /** Of the answer so far. */
  answerBytes = 0
  /** When something was sent or came last. */
  activityMs = 0
  readonly #recorder: Recorder
  #intendedMs = 0
  #issuedMs = 0
  #writtenMs = 0
  #pageStartMs = 0
  #isPageOpen = false
  /** Of the transaction and the tag of the request; null: it has none. */
  #ofTransaction: Dimension | null = null
  #ofTag: Dimension | null = null

  constructor(recorder: Recorder) {
    this.#recorder = recorder
  }

  /** The next request would be a part of the page that was begun. */
  get isPageOpen(): boolean {
    return this.#isPageOpen
  }

  /**
   * @param intendedMs when the request should have been issued
   * @param busyMs so long after it the user was free
   * @param transaction `tr_NAME` of the innermost one that is open; null: none is
   */
  begin(intendedMs: number, busyMs: number, tag: string, transaction: string | null): void {
    this.#ofTransaction = transaction === null ? null : this.#recorder.dimension(transaction)
    this.#ofTag = tag === '' ? null : this.#recorder.taggedWith(tag)
    this.#recorder.issued++
    this.#recorder.inFlight++
    this.#recorder.late.record(performance.now() - intendedMs - busyMs)
    this.#intendedMs = intendedMs
  }

  /** An attempt begins; the connection it may need counts. */
  issue(): void {
    this.#issuedMs = performance.now()
  }

  sent(nowMs: number, bytes: number): void {
    this.#recorder.sizeSent += bytes
    this.#writtenMs = nowMs
    this.activityMs = nowMs
    this.answerBytes = 0
    if (this.#isPageOpen) return
    this.#isPageOpen = true
    this.#pageStartMs = this.#issuedMs
  }

  /** A part of the answer came. */
  came(nowMs: number, bytes: number): void {
    if (this.answerBytes === 0) this.#recorder.ttfb.record(nowMs - this.#writtenMs)
    this.answerBytes += bytes
    this.activityMs = nowMs
  }

  /** @returns what the request took, in ms */
  acknowledged(op: RequestOp, nowMs: number): number {
    const recorder = this.#recorder
    const ms = nowMs - this.#issuedMs
    recorder.acknowledged++
    recorder.inFlight--
    recorder.request.record(ms)
    recorder.response.record(nowMs - this.#intendedMs)
    this.#ofTransaction?.record(ms, nowMs - this.#intendedMs)
    this.#ofTag?.record(ms, nowMs - this.#intendedMs)
    this.#endPage(op, nowMs)
    return ms
  }

  /** The request waits for no answer. */
  notAcknowledged(op: RequestOp, nowMs: number): void {
    this.#recorder.notAcknowledged++
    this.#recorder.inFlight--
    this.#endPage(op, nowMs)
  }

  /** No whole answer came; its page is not measured. */
  failed(): void {
    this.#recorder.failed++
    if (this.#ofTransaction !== null) this.#recorder.count(this.#ofTransaction.failed)
    if (this.#ofTag !== null) this.#recorder.count(this.#ofTag.failed)
    this.#recorder.inFlight--
    this.#isPageOpen = false
  }

  /** The page that was begun is not measured. */
  dropPage(): void {
    this.#isPageOpen = false
  }

  #endPage(op: RequestOp, nowMs: number): void {
    if (!op.endsPage) return
    this.#recorder.page.record(nowMs - this.#pageStartMs)
    this.#isPageOpen = false
  }
}

/** Meters that measure nothing: a user that thinks needs none. */
export class RequestMeters {
  readonly #recorder: Recorder
  readonly #free: RequestMeter[] = []

  constructor(recorder: Recorder) {
    this.#recorder = recorder
  }

  take(): RequestMeter {
    return this.#free.pop() ?? new RequestMeter(this.#recorder)
  }

  /** @returns null, for whoever had it */
  give(meter: RequestMeter | null): null {
    meter?.dropPage()
    if (meter !== null && this.#free.length < maxFree) this.#free.push(meter)
    return null
  }
}
