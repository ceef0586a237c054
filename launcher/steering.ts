/** How a launcher follows those who steer the run: its arrivals, think times, turns and pauses. */
import type { LauncherPlan } from '../core/plan/model.ts'
import type { LauncherSteering } from '../core/wire/messages.ts'
import type { Engine } from './engine.ts'
import type { Spawner } from './spawner.ts'

export class Steering {
  readonly #engine: Engine
  readonly #plan: LauncherPlan
  #spawner: Spawner | null = null
  #steering: LauncherSteering | null = null
  /** Of the phase that is played, this launcher's share; null: there was no phase with a rate. */
  #ratePerMs: number | null = null
  /** Start of the run on `performance.now()`'s clock. */
  originMs = 0

  constructor(engine: Engine, plan: LauncherPlan) {
    this.#engine = engine
    this.#plan = plan
    const { pacer } = engine.tempo
    // In the middle of its own part of the time from slot to slot, if all shares are alike.
    pacer.offset = ((plan.launcher - 0.5) * plan.share) % 1
    // Users that come before the first rate wait for it.
    if (plan.phases.some(({ requestsPerMs }) => requestsPerMs !== null)) this.#ratePerMs = 0
    pacer.setRate(this.#ratePerMs, performance.now())
  }

  /** Told of every phase that the spawner begins. */
  set spawner(spawner: Spawner) {
    this.#spawner = spawner
  }

  /** @param at index of the phase; @param fromMs on `performance.now()`'s clock */
  phaseBegan(at: number, fromMs: number): void {
    for (let phase = at; phase >= 0; phase--) {
      const { requestsPerMs } = this.#plan.phases[phase]!
      if (requestsPerMs === null) continue
      this.#ratePerMs = requestsPerMs
      break
    }
    this.#setRate(fromMs)
  }

  steer(steering: LauncherSteering): void {
    const { tempo } = this.#engine
    // Before the start of the run it holds from the start.
    const fromMs = this.originMs === 0 ? performance.now() : this.originMs + steering.atMs
    this.#steering = steering
    tempo.thinkTimeFactor = steering.thinkTimeFactor
    if (steering.paused) tempo.pausedAtMs ??= fromMs
    this.#spawner?.steer(steering.clock, steering.skip)
    this.#setRate(fromMs)
    if (!steering.paused && tempo.pausedAtMs !== null) this.#resume(tempo.pausedAtMs)
  }

  #resume(pausedAtMs: number): void {
    const nowMs = performance.now()
    this.#engine.tempo.pausedAtMs = null
    for (const user of this.#engine.users.all()) user.resumed(nowMs, nowMs - pausedAtMs)
  }

  #setRate(fromMs: number): void {
    this.#engine.tempo.pacer.setRate(this.#rateNow(), fromMs)
  }

  /** Turns per ms here; null: nobody waits for any. */
  #rateNow(): number | null {
    const { requestsPerSecond = null, part = 1, paused = false } = this.#steering ?? {}
    if (requestsPerSecond === null && this.#ratePerMs === null) return null
    if (paused) return 0
    if (requestsPerSecond === null) return this.#ratePerMs! * part
    return (requestsPerSecond / 1000) * this.#plan.share * part
  }
}
