/** How the monotonic clocks of other hosts stand beside this one's, as the controller has measured them. */
import { type ClockReading, clockDrift } from '../core/deliveries/model.ts'

interface Known extends ClockReading {
  /** When it was told, `performance.now()`. */
  readonly toldMs: number
}

export class HostClocks {
  /** Right to this, the time that was told last. */
  errorMs = 0
  readonly #own: number
  readonly #hosts: (Known | undefined)[] = []

  /** @param own index of this launcher's host */
  constructor(own: number) {
    this.#own = own
  }

  /** Those that are not among them stay as they were. */
  learn(readings: readonly ClockReading[], nowMs: number): void {
    for (const each of readings) this.#hosts[each.host] = { ...each, toldMs: nowMs }
  }

  isOwn(host: number): boolean {
    return host === this.#own
  }

  /**
   * What the clock of another host showed, on this host's; `errorMs` says how well that is known.
   *
   * @param hostMs the other's
   * @param nowMs `performance.now()`
   * @returns ms on this host's monotonic clock; NaN: nothing is known
   */
  here(host: number, hostMs: number, nowMs: number): number {
    const theirs = this.#hosts[host]
    const ours = this.#hosts[this.#own]
    if (theirs === undefined || ours === undefined) return Number.NaN
    const sinceToldMs = nowMs - theirs.toldMs + (nowMs - ours.toldMs)
    this.errorMs = theirs.errorMs + ours.errorMs + sinceToldMs * clockDrift
    return hostMs - theirs.offsetMs + ours.offsetMs
  }
}
