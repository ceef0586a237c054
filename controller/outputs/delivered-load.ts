/** Users started against users planned, phase by phase, from what the seconds tell. */
import type { PlannedPhase } from '../../core/plan/model.ts'
import type { Second } from '../model.ts'

export interface PhaseLoad {
  /** 1, 2, 3, … in playing order. */
  readonly number: number
  /** The scenario's own number (`arrivalphase/@phase`). */
  readonly phase: number
  readonly durationMs: number
  readonly plannedUsers: number
  readonly startedUsers: number
  /** Users per second. */
  readonly plannedRate: number
  readonly startedRate: number
}

/**
 * Counts started users to phases. A second that ends in a later phase than it began first fills what the earlier one
 * still lacks, so that a run which starts everybody is told exactly; else the border is right to a second.
 */
export class DeliveredLoad {
  readonly #phases: readonly PlannedPhase[]
  readonly #starts: readonly number[]
  readonly #started: number[]
  /** When a phase was first seen and last possible, ms since the start. */
  readonly #seen: ({ fromMs: number; toMs: number } | undefined)[] = []
  #staticStarted = 0
  #current = 0
  #before = 0
  #beforeMs = 0

  constructor(plan: {
    readonly phases: readonly PlannedPhase[]
    readonly launchers: readonly { readonly staticUsers: readonly { readonly startMs: number }[] }[]
  }) {
    this.#phases = plan.phases
    this.#started = plan.phases.map(() => 0)
    this.#starts = plan.launchers
      .flatMap((launcher) => launcher.staticUsers.map((user) => user.startMs))
      .sort((a, b) => a - b)
  }

  get staticUsers(): { readonly plannedUsers: number; readonly startedUsers: number } {
    return { plannedUsers: this.#starts.length, startedUsers: this.#staticStarted }
  }

  second(second: Pick<Second, 'atMs' | 'phase' | 'started'>): void {
    let count = second.started - this.#before
    while (count > 0 && (this.#starts[this.#staticStarted] ?? Infinity) <= second.atMs) {
      this.#staticStarted++
      count--
    }
    while (this.#current + 1 < second.phase) {
      // It ended within this second.
      this.#saw(this.#current, second.atMs)
      count = this.#fill(count)
    }
    const last = Math.max(0, second.phase - 1)
    if (last < this.#started.length) this.#started[last]! += count
    if (second.phase > 0) this.#saw(last, second.atMs)
    this.#before = second.started
    this.#beforeMs = second.atMs
  }

  phases(): readonly PhaseLoad[] {
    return this.#phases.map((phase, index) => {
      const startedUsers = this.#started[index]!
      const spanMs = Math.min(phase.durationMs, phase.users / phase.intensityPerMs)
      const seen = this.#seen[index]
      const lastedMs = Math.min(spanMs, seen ? seen.toMs - seen.fromMs : 0)
      return {
        number: phase.number,
        phase: phase.phase,
        durationMs: phase.durationMs,
        plannedUsers: phase.users,
        startedUsers,
        plannedRate: phase.intensityPerMs * 1000,
        startedRate: lastedMs > 0 ? (1000 * startedUsers) / lastedMs : 0,
      }
    })
  }

  #saw(index: number, atMs: number): void {
    this.#seen[index] = { fromMs: this.#seen[index]?.fromMs ?? this.#beforeMs, toMs: atMs }
  }

  /** Gives the current phase what it lacks, goes on to the next, and returns what is left. */
  #fill(count: number): number {
    const index = this.#current++
    const lacks = Math.max(0, this.#phases[index]!.users - this.#started[index]!)
    const given = Math.min(count, lacks)
    this.#started[index]! += given
    return count - given
  }
}
