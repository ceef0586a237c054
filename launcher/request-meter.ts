/**
 * Measures a user's requests, one at a time: from when each was due to its answer. Times are ms on the launcher's clock.
 *
 * Source: reference tsung-core.md, 5.2 and 5.4; DESIGN.md section 8.
 */
import type { RequestOp } from '../core/program/ops.ts'
import type { Recorder } from './recorder.ts'

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

  constructor(recorder: Recorder) {
    this.#recorder = recorder
  }

  /** @param intendedMs when the request should have been issued; @param busyMs so long after it the user was free */
  begin(intendedMs: number, busyMs: number): void {
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
    this.#recorder.inFlight--
    this.#isPageOpen = false
  }

  #endPage(op: RequestOp, nowMs: number): void {
    if (!op.endsPage) return
    this.#recorder.page.record(nowMs - this.#pageStartMs)
    this.#isPageOpen = false
  }
}
