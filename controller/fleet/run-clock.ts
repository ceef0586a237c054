/** The clock of the run: when it started here, and how the launchers' own stand beside it. Times in ms. */
import type { ClockReading } from '../../core/deliveries/model.ts'
import { HostClock, ownOffsetMs, type Skew } from './host-clock.ts'
import type { Moment } from './interactions.ts'
import type { LauncherHandle } from './launcher-handle.ts'
import type { LauncherClock } from './model.ts'

export class RunClock {
  /** By agent: launchers of one host have one clock. */
  readonly #hosts = new Map<number, HostClock>()
  #startMs: number | null = null
  #stopMs: number | null = null

  /** The start of the run was told. */
  get begun(): boolean {
    return this.#startMs !== null
  }

  get stopping(): boolean {
    return this.#stopMs !== null
  }

  /** The run starts then, on our host's monotonic clock. */
  begin(hostMs: number): void {
    this.#startMs = hostMs - ownOffsetMs
  }

  /** A moment of our host's monotonic clock, since the run's start; before it, its start. */
  sinceStartMs(hostMs: number): number {
    if (this.#startMs === null) return 0
    return Math.max(0, hostMs - ownOffsetMs - this.#startMs)
  }

  /** No new users from then on, on our host's monotonic clock. */
  stop(hostMs: number): void {
    this.#stopMs ??= hostMs - ownOffsetMs
  }

  ofHost(agent: number): HostClock {
    const known = this.#hosts.get(agent)
    if (known !== undefined) return known
    const clock = new HostClock()
    this.#hosts.set(agent, clock)
    return clock
  }

  /** How the hosts' clocks stand now, those that are known. */
  readings(nowMs: number): readonly ClockReading[] {
    return [...this.#hosts].flatMap(([host, clock]) => clock.reading(host, nowMs) ?? [])
  }

  /** From the arrival of a message that is sent now to the start of the run; negative: it was before. */
  untilStartMs({ clock }: LauncherHandle): number {
    const travelMs = (clock.best?.roundTripMs ?? 0) / 2
    return (this.#startMs ?? 0) - performance.now() - travelMs
  }

  /** Null: not known yet. */
  skewOf({ originMs, clock }: LauncherHandle): Skew | null {
    if (originMs === null || this.#startMs === null) return null
    return clock.skew(originMs, this.#startMs)
  }

  /** When something was, on our clock; on the launcher's own as long as nothing is known of it. */
  momentOf(launcher: LauncherHandle, atMs: number): Moment {
    const skew = this.skewOf(launcher)
    return { host: launcher.agent, atMs: atMs - (skew?.ms ?? 0), errorMs: skew?.errorMs ?? 0 }
  }

  /** For people: the offset is between the monotonic clocks of two hosts. */
  reading(launcher: LauncherHandle): LauncherClock | null {
    const { best } = launcher.clock
    const skew = this.skewOf(launcher)
    if (best === null || skew === null) return null
    const offsetMs = best.offsetMs - ownOffsetMs
    return { offsetMs, errorMs: skew.errorMs, skewMs: skew.ms }
  }

  /** The last moment, since the run's start, at which a launcher that is lost now may have started a user. */
  lostAtMs(launcher: LauncherHandle): number {
    const nowMs = (this.#stopMs ?? performance.now()) - (this.#startMs ?? 0)
    const skew = this.skewOf(launcher)
    const aheadMs = skew === null ? 0 : Math.max(0, skew.ms + skew.errorMs)
    return Math.max(nowMs + aheadMs, launcher.cursor.atMs)
  }
}
