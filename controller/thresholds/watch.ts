/**
 * Looks at the thresholds of a run second by second. Pure: what it is told comes in order, it starts nothing.
 *
 * A second counts to the phase that is played at its end. What `after` leaves out are seconds that began before it.
 */
import type { PlannedPhase } from '../../core/plan/model.ts'
import type { Condition, Threshold } from '../../core/thresholds/model.ts'
import type { JudgedThreshold, RunHead, Second } from '../model.ts'
import { DeliveredLoad, type PhaseLoad } from '../outputs/delivered-load.ts'
import { held, holds, judged, passed } from './judged.ts'
import { Measured, type Told, toldBy } from './measured.ts'

/** Window of an `abort-if` that names none, in ms. */
export const defaultWindowMs = 10_000

/** What is known at the end of a run, besides its seconds. */
export interface WatchedRun {
  /** The run ended before its plan did. */
  readonly cut: boolean
  readonly plannedUsers: number
}

export class Watch {
  readonly #watchers: readonly Watcher[]
  #phases: readonly PlannedPhase[] = []
  #load: DeliveredLoad | null = null
  #before: Second | null = null
  /** Where each phase was first seen, ms since the start, by its scenario's number. */
  readonly #phaseFromMs = new Map<number, number>()

  constructor(conditions: readonly Condition[]) {
    this.#watchers = conditions.map((condition) => new Watcher(condition))
  }

  begin({ plan }: Pick<RunHead, 'plan'>): void {
    this.#phases = plan.phases
    this.#load = new DeliveredLoad(plan)
  }

  /** @returns the first `abort-if` that holds now, at most once for each; null: none */
  second(second: Second): JudgedThreshold | null {
    const before = this.#before
    const beganMs = before?.atMs ?? 0
    const phase = this.#phases[second.phase - 1]?.phase ?? null
    if (phase !== null && !this.#phaseFromMs.has(phase)) this.#phaseFromMs.set(phase, beganMs)
    this.#load?.second(second)
    let first: JudgedThreshold | null = null
    for (const watcher of this.#watchers) {
      const { threshold, kind } = watcher.condition
      if (!this.#counts(threshold, phase, beganMs)) continue
      const held = watcher.add(toldBy(threshold.value, second, before), second.atMs)
      if (kind === 'abort-if') first ??= held
    }
    this.#before = second
    return first
  }

  /** Another controller of this run saw it hold. */
  held(judgement: JudgedThreshold): void {
    const { kind, expression } = judgement
    const watcher = this.#watchers.find(
      ({ condition }) => condition.kind === kind && condition.threshold.expression === expression,
    )
    if (watcher !== undefined) watcher.held = judgement
  }

  get phases(): readonly PhaseLoad[] {
    return this.#load?.phases() ?? []
  }

  /** In the order in which they were given. */
  end(run: WatchedRun): readonly JudgedThreshold[] {
    return this.#watchers.map((watcher) => {
      const { condition, isWindowed } = watcher
      if (watcher.held !== null) return watcher.held
      if (isWindowed) return passed(condition, watcher.value(null))
      return judged(condition, this.#value(watcher, run))
    })
  }

  #counts({ phase: wanted, afterMs }: Threshold, phase: number | null, beganMs: number): boolean {
    if (wanted === null) return beganMs >= afterMs
    return phase === wanted && beganMs >= (this.#phaseFromMs.get(wanted) ?? 0) + afterMs
  }

  #value(watcher: Watcher, { cut, plannedUsers }: WatchedRun): number | null {
    const { value, limit, phase, afterMs } = watcher.condition.threshold
    if (value.type !== 'users' || afterMs > 0) return watcher.value(null)
    if (phase === null) return watcher.value(cut ? null : plannedUsers)
    // Borders of phases are known better than to a second.
    const played = this.phases.filter((each) => each.phase === phase)
    const started = played.reduce((sum, each) => sum + each.startedUsers, 0)
    if (limit.of !== 'planned') return started
    if (cut) return watcher.value(null)
    const planned = played.reduce((sum, each) => sum + each.plannedUsers, 0)
    return planned > 0 ? started / planned : null
  }
}

/** One threshold, over all that counts or over a window. */
class Watcher {
  readonly condition: Condition
  held: JudgedThreshold | null = null
  readonly #windowMs: number | null
  readonly #all: Measured
  /** Of the window, oldest first. */
  readonly #window: Told[] = []
  #windowLengthMs = 0

  constructor(condition: Condition) {
    const { kind, threshold } = condition
    this.condition = condition
    this.#windowMs = threshold.overMs ?? (kind === 'abort-if' ? defaultWindowMs : null)
    this.#all = new Measured(threshold.value)
  }

  get isWindowed(): boolean {
    return this.#windowMs !== null
  }

  /** @returns not null: now it holds, for the first time */
  add(told: Told, atMs: number): JudgedThreshold | null {
    if (this.#windowMs === null) {
      this.#all.add(told)
      return null
    }
    this.#window.push(told)
    this.#windowLengthMs += told.lengthMs
    while (this.#windowLengthMs - this.#window[0]!.lengthMs >= this.#windowMs) {
      this.#windowLengthMs -= this.#window.shift()!.lengthMs
    }
    if (this.held !== null || this.#windowLengthMs < this.#windowMs) return null
    const value = this.value(null)
    if (value === null || !holds(this.condition.threshold, value)) return null
    this.held = held(this.condition, value, atMs)
    return this.held
  }

  /**
   * @param planned users that the plan wanted; null: those that became due
   * @returns null: nothing of the kind was measured
   */
  value(planned: number | null): number | null {
    const { value, limit } = this.condition.threshold
    const ofPlan = limit.of === 'planned'
    if (this.#windowMs === null) return this.#all.value(ofPlan, planned)
    const measured = new Measured(value)
    for (const told of this.#window) measured.add(told)
    return measured.value(ofPlan, planned)
  }
}
