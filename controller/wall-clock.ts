/** Epoch ms, and timers that go off at one. */

/** Longest timer Node can set, in ms. */
const maxTimerMs = 2 ** 31 - 1

/** The wall clock as it was when we started, plus what has passed: it never jumps. */
export function epochMs(): number {
  return performance.timeOrigin + performance.now()
}

/** Goes off once, however far away that is. */
export class Alarm {
  #timer: NodeJS.Timeout | null = null

  at(atEpochMs: number, ring: () => void): void {
    const leftMs = atEpochMs - epochMs()
    const next = (): void => (leftMs > maxTimerMs ? this.at(atEpochMs, ring) : ring())
    this.#timer = setTimeout(next, Math.min(Math.ceil(leftMs), maxTimerMs))
  }

  off(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
  }
}
