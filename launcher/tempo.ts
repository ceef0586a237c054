/** How fast the users of a launcher live: their think times, their turns, a pause. */
import { Pacer } from './pacer.ts'
import type { Recorder } from './recorder.ts'
import type { TimerWheel } from './timer-wheel.ts'

export class Tempo {
  readonly pacer: Pacer
  /** Think times that begin last so many times as long. */
  thinkTimeFactor = 1
  /** Since when nobody sends, on `performance.now()`'s clock; null: the run is not paused. */
  pausedAtMs: number | null = null

  constructor(wheel: TimerWheel, recorder: Recorder) {
    this.pacer = new Pacer(wheel, recorder)
  }
}
