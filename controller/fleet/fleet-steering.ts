/** How a run is steered, and what its launchers have to know of it. Times in ms since the run's start. */
import type { Cursor, PhaseSkip, Plan, PlanClock } from '../../core/plan/model.ts'
import { planMsAt, turned, unsteered } from '../../core/plan/plan-clock.ts'
import { type PlanProgress, progressAt } from '../../core/plan/progress.ts'
import type { LauncherSteering } from '../../core/wire/messages.ts'
import type { Steering, SteeringChange } from '../model.ts'
import type { LauncherHandle } from './launcher-handle.ts'

/** Nobody has steered. */
export const notSteered: Steering = {
  arrivalFactor: 1,
  thinkTimeFactor: 1,
  requestsPerSecond: null,
  paused: false,
}

/** So late a launcher may have heard of a change, ms: its cursor may still go by what was before. */
const heardLateMs = 2000
/** A part of a share that has changed by less is not told. */
const partStep = 0.02

/**
 * @returns of a share that several launchers play (a hand-over at maxusers), the part of each: as its users are
 */
export function partOf(launcher: LauncherHandle, all: readonly LauncherHandle[]): number {
  const same = all.filter(
    ({ plan, state }) => plan.launcher === launcher.plan.launcher && state === 'running',
  )
  if (same.length <= 1) return 1
  const sum = same.reduce((users, each) => users + Math.max(1, each.users), 0)
  return Math.max(1, launcher.users) / sum
}

/** Number of the phase that is played, as far as launchers have told. */
export function phasePlayed(launchers: readonly LauncherHandle[]): number {
  return Math.max(1, ...launchers.map(({ phase }) => phase))
}

export class FleetSteering {
  readonly #tell: (launcher: LauncherHandle, steering: LauncherSteering) => void
  #steering: Steering = notSteered
  #atMs = 0
  #skip: PhaseSkip | null = null
  /** How the plan's clock goes, and how it went before. */
  readonly #clocks: PlanClock[] = [unsteered]

  constructor(tell: (launcher: LauncherHandle, steering: LauncherSteering) => void) {
    this.#tell = tell
  }

  get now(): Steering {
    return this.#steering
  }

  /** Somebody has steered: launchers that start have to be told. */
  get isSteered(): boolean {
    return this.#clocks.length > 1
  }

  get #clock(): PlanClock {
    return this.#clocks.at(-1)!
  }

  /** Phases that were ended before their time; null: none were. */
  get skip(): PhaseSkip | null {
    return this.#skip
  }

  /** @param phase number of the phase that is played; 0: none is */
  change({ skipPhase, ...change }: SteeringChange, atMs: number, phase: number): void {
    this.#steering = { ...this.#steering, ...change }
    const { paused, arrivalFactor } = this.#steering
    const factor = paused ? 0 : arrivalFactor
    this.#atMs = atMs
    this.#clocks.push(turned(this.#clock, atMs, factor))
    if (skipPhase === true && phase > (this.#skip?.phase ?? 0)) {
      this.#skip = { phase, planMs: this.#clock.planMs }
    }
  }

  /** A launcher starts. */
  begin(launcher: LauncherHandle, all: readonly LauncherHandle[]): void {
    const part = partOf(launcher, all)
    if (this.isSteered || part !== 1) this.#tellOne(launcher, part)
  }

  /** Launchers that play one share have other numbers of users than before, perhaps. */
  balance({ plan }: LauncherHandle, all: readonly LauncherHandle[]): void {
    for (const each of all) {
      if (each.plan.launcher !== plan.launcher || each.state !== 'running') continue
      const part = partOf(each, all)
      const isFar = Math.abs(part - each.part) > partStep || (part === 1 && each.part !== 1)
      if (isFar) this.#tellOne(each, part)
    }
  }

  tellAll(launchers: readonly LauncherHandle[]): void {
    for (const each of launchers) if (each.state === 'running') this.#tellOne(each, each.part)
  }

  #tellOne(launcher: LauncherHandle, part: number): void {
    launcher.part = part
    const { paused, thinkTimeFactor, requestsPerSecond } = this.#steering
    const where = { atMs: this.#atMs, clock: this.#clock, skip: this.#skip }
    this.#tell(launcher, { ...where, paused, thinkTimeFactor, requestsPerSecond, part })
  }

  /** What the plan's clock shows. */
  planMs(atMs: number): number {
    return planMsAt(this.#clock, atMs)
  }

  /** How far the plan had come by then, and when it ends as it goes on now. */
  progress(plan: Plan, atMs: number): PlanProgress {
    return progressAt(plan, this.#clocks, this.#skip, atMs)
  }

  /**
   * What the clock of a launcher can have shown at most that was last heard of at `cursor`: it may have been told of
   * changes since, or not.
   */
  latestPlanMs(cursor: Cursor, atMs: number): number {
    const fromMs = cursor.atMs - heardLateMs
    const before = this.#clocks.findLast((each) => each.atMs <= fromMs)
    const since = this.#clocks.filter((each) => each.atMs > fromMs && each.atMs <= atMs)
    const most = Math.max(before?.factor ?? 1, ...since.map(({ factor }) => factor))
    const bound = cursor.planMs + Math.max(0, atMs - cursor.atMs) * most
    return Math.max(bound, this.planMs(atMs))
  }
}

/** @throws {RangeError} */
export function refuseImpossible(change: SteeringChange): void {
  for (const name of ['arrivalFactor', 'thinkTimeFactor', 'requestsPerSecond'] as const) {
    const value = change[name]
    if (value === undefined || value === null) continue
    if (!(Number.isFinite(value) && value >= 0)) {
      throw new RangeError(`${name} has to be a number from 0 on, not ${value}`)
    }
  }
}
