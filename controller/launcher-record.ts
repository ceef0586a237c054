/** How one launcher fared, from its intervals. */
import type { Interval } from '../core/stats/model.ts'
import { MutableSample } from '../core/stats/sample.ts'
import type { LauncherClock, StartedLauncher } from './fleet/model.ts'
import { Strain } from './launcher-strain.ts'
import type { LauncherHealth, LauncherReport } from './model.ts'

export class LauncherRecord {
  readonly started: StartedLauncher
  readonly #late: MutableSample = new MutableSample('late')
  readonly #strain = new Strain()
  #state: LauncherReport['state'] = 'done'
  #sequence = 0
  #startedUsers = 0
  #finishedUsers = 0
  #users = 0
  #inFlight = 0
  #lastHeardMs = 0
  #cpuMs = 0
  #loopDelayMaxMs = 0
  #rssBytesMax = 0
  #clock: LauncherClock | null = null
  #maybeStartedUsers = 0
  #startedUsersAtEnd = 0
  #ended = false
  #latest: Pick<Interval, 'fromMs' | 'toMs' | 'gauges' | 'health'> | null = null

  constructor(started: StartedLauncher) {
    this.started = started
  }

  get startedUsers(): number {
    return this.#startedUsers
  }

  /** Users of the plan that are no affair of its successor. */
  get coveredUsers(): number {
    return this.#startedUsers + this.#maybeStartedLeft
  }

  /** Users and requests that were under way when it was last heard of. */
  get held(): { readonly users: number; readonly requests: number } {
    return { users: this.#users, requests: this.#inFlight }
  }

  get lastHeardMs(): number {
    return this.#lastHeardMs
  }

  /**
   * @returns false when this interval was there before: then nothing has changed
   * @throws {RangeError} when a sample of it is none: then nothing has changed either
   */
  add(interval: Interval): boolean {
    if (interval.sequence <= this.#sequence) return false
    const { fromMs, toMs, counters, gauges, health, samples } = interval
    const late = samples['late']
    if (late !== undefined) this.#late.merge(late)
    this.#sequence = interval.sequence
    this.#strain.add(interval)
    this.#latest = { fromMs, toMs, gauges, health }
    this.#startedUsers += counters['users_count'] ?? 0
    this.#finishedUsers += counters['finish_users_count'] ?? 0
    this.#users = gauges.users
    this.#inFlight = gauges.inFlight
    this.#lastHeardMs = interval.toMs
    this.#cpuMs += health.cpuMs
    this.#loopDelayMaxMs = Math.max(this.#loopDelayMaxMs, health.loopDelayMaxMs)
    this.#rssBytesMax = Math.max(this.#rssBytesMax, health.rssBytes)
    return true
  }

  /** @returns null before its first interval */
  health(): LauncherHealth | null {
    if (this.#latest === null) return null
    const { fromMs, toMs, gauges, health } = this.#latest
    const lengthMs = Math.max(1, toMs - fromMs)
    return {
      launcher: this.started.launcher,
      host: this.started.host,
      state: this.#ended ? this.#state : 'playing',
      lastHeardMs: toMs,
      users: this.#ended ? 0 : gauges.users,
      cpuShare: health.cpuMs / lengthMs,
      loopDelayMaxMs: health.loopDelayMaxMs,
      gcShare: health.gcMs / lengthMs,
      rssBytes: health.rssBytes,
      connected: this.#ended ? 0 : gauges.connected,
      descriptors: health.descriptors,
      descriptorLimit: health.descriptorLimit,
    }
  }

  setClock(clock: LauncherClock): void {
    this.#clock = clock
  }

  /** @param maybeStartedUsers were due since it was last heard of */
  end(state: LauncherReport['state'], maybeStartedUsers: number): void {
    this.#state = state
    this.#ended = true
    this.#maybeStartedUsers = maybeStartedUsers
    this.#startedUsersAtEnd = this.#startedUsers
  }

  /** What arrives after its loss says of some that they were. */
  get #maybeStartedLeft(): number {
    const known = this.#startedUsers - this.#startedUsersAtEnd
    return Math.max(0, this.#maybeStartedUsers - known)
  }

  /** @param plannedUsers its own part of the plan, those of predecessors and successors left out */
  report(plannedUsers: number): LauncherReport {
    const lost = this.#state === 'lost'
    return {
      launcher: this.started.launcher,
      host: this.started.host,
      pid: this.started.pid,
      state: this.#state,
      plannedUsers,
      startedUsers: this.#startedUsers,
      finishedUsers: this.#finishedUsers,
      unknownUsers: lost ? this.#users : 0,
      maybeStartedUsers: this.#maybeStartedLeft,
      lastHeardMs: this.#lastHeardMs,
      cpuMs: this.#cpuMs,
      loopDelayMaxMs: this.#loopDelayMaxMs,
      rssBytesMax: this.#rssBytesMax,
      lateP99Ms: this.#late.count === 0 ? 0 : this.#late.percentile(99),
      strain: this.#strain.report(),
      clock: this.#clock,
    }
  }
}
