/** How hard a launcher was pressed, from its intervals: what tells a slow generator from a slow target. */
import type { Interval } from '../core/stats/model.ts'
import { isOwnLimit } from './own-limits.ts'
import { spanMs } from './verdict-limits.ts'

/** Greatest values over spans of 10 s; 0 when the launcher played for less. */
export interface LauncherStrain {
  /** CPU time as a part of one core; more with threads. */
  readonly cpuShareMax: number
  readonly gcShareMax: number
  /** CPU time stolen from its host, 0..1. */
  readonly stealMax: number
  /** Mean of the p99 of its intervals. */
  readonly loopDelayP99Ms: number
  /** Of the whole run. */
  readonly descriptorsMax: number
  /** 0: unknown. */
  readonly descriptorLimit: number
  readonly issued: number
  /** Errors by name that are the generator's own. */
  readonly ownErrors: { readonly [name: string]: number }
  /** Users that its plan made due as long as it played. */
  readonly dueUsers: number
}

export class Strain {
  readonly #cpu = new WorstSpan()
  readonly #gc = new WorstSpan()
  readonly #steal = new WorstSpan()
  readonly #loop = new WorstSpan()
  readonly #ownErrors = new Map<string, number>()
  #descriptorsMax = 0
  #descriptorLimit = 0
  #issued = 0
  #dueUsers = 0

  add({ fromMs, toMs, counters, gauges, health }: Omit<Interval, 'samples' | 'cursor'>): void {
    const lengthMs = toMs - fromMs
    this.#cpu.add(lengthMs, health.cpuMs)
    this.#gc.add(lengthMs, health.gcMs)
    this.#steal.add(lengthMs, health.steal * lengthMs)
    this.#loop.add(lengthMs, health.loopDelayP99Ms * lengthMs)
    this.#descriptorsMax = Math.max(this.#descriptorsMax, health.descriptors)
    this.#descriptorLimit = health.descriptorLimit
    this.#issued += counters['tsts_issued'] ?? 0
    this.#dueUsers = gauges.due
    for (const [name, count] of Object.entries(counters)) {
      if (isOwnLimit(name)) this.#ownErrors.set(name, (this.#ownErrors.get(name) ?? 0) + count)
    }
  }

  report(): LauncherStrain {
    return {
      cpuShareMax: this.#cpu.worst,
      gcShareMax: this.#gc.worst,
      stealMax: this.#steal.worst,
      loopDelayP99Ms: this.#loop.worst,
      descriptorsMax: this.#descriptorsMax,
      descriptorLimit: this.#descriptorLimit,
      issued: this.#issued,
      ownErrors: Object.fromEntries(this.#ownErrors),
      dueUsers: this.#dueUsers,
    }
  }
}

/** The greatest mean of something over a span that slides. */
export class WorstSpan {
  worst = 0
  readonly #parts: { readonly lengthMs: number; readonly amount: number }[] = []
  #lengthMs = 0
  #amount = 0

  /** @param amount over that time: the mean is `amount / lengthMs` */
  add(lengthMs: number, amount: number): void {
    if (!(lengthMs > 0)) return
    this.#parts.push({ lengthMs, amount })
    this.#lengthMs += lengthMs
    this.#amount += amount
    while (this.#lengthMs - this.#parts[0]!.lengthMs >= spanMs) {
      const first = this.#parts.shift()!
      this.#lengthMs -= first.lengthMs
      this.#amount -= first.amount
    }
    if (this.#lengthMs >= spanMs) this.worst = Math.max(this.worst, this.#amount / this.#lengthMs)
  }
}
