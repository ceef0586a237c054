/** What a threshold looks at, added up over the seconds that count. Pure: no clock, no I/O. */

import type { WireSample } from '../../core/stats/model.ts'
import { MutableSample } from '../../core/stats/sample.ts'
import type { Totals } from '../../core/stats/totals.ts'
import { gaugeNames, type ThresholdValue } from '../../core/thresholds/model.ts'
import type { Second } from '../model.ts'

/** What one second says of the value of a threshold; nothing but that is kept. */
export interface Told {
  readonly lengthMs: number
  /** Of the metric or gauge. */
  readonly count: number
  readonly sample: WireSample | null
  /** At the end of the second, and the most in it. */
  readonly gauge: number
  readonly gaugeMax: number
  /** Requests that came to their end. */
  readonly ended: number
  readonly started: number
  /** Users that became due. */
  readonly due: number
}

/** Whether the value is one of a metric with a histogram. */
function isOfTimes({ type }: ThresholdValue): boolean {
  return ['percentile', 'mean', 'min', 'max', 'stddev'].includes(type)
}

/** @param before the second before it; null: it is the first */
export function toldBy(value: ThresholdValue, second: Second, before: Second | null): Told {
  const { totals, atMs } = second
  const name = 'name' in value ? value.name : ''
  const of = (counter: string): number => totals.counters.get(counter) ?? 0
  const sample = isOfTimes(value) ? (totals.samples.get(name) ?? null) : null
  return {
    lengthMs: atMs - (before?.atMs ?? 0),
    count: isOfTimes(value) || name === '' ? 0 : countOf(name, totals),
    sample: sample === null || sample.count === 0 ? null : sample.encode(),
    gauge: name === 'users' ? second.users : name === 'connected' ? second.connected : 0,
    ended: of('tsts_acknowledged') + of('request_noack') + of('tsts_failed'),
    gaugeMax: name === 'users' ? second.usersMax : name === 'connected' ? second.connectedMax : 0,
    started: second.started - (before?.started ?? 0),
    due: second.due - (before?.due ?? 0),
  }
}

/** Values of a metric, or what a counter came to; a pattern adds up all that it fits. */
function countOf(name: string, { counters, samples }: Totals): number {
  if (!name.includes('*')) return samples.get(name)?.count ?? counters.get(name) ?? 0
  const parts = name.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
  const pattern = new RegExp(`^${parts.join('.*')}$`, 's')
  let sum = 0
  for (const [each, count] of counters) if (pattern.test(each)) sum += count
  return sum
}

/** Adds up what the seconds told. */
export class Measured {
  lengthMs = 0
  count = 0
  ended = 0
  started = 0
  due = 0
  readonly #value: ThresholdValue
  #sample: MutableSample | null = null
  #seconds = 0
  #gaugeSum = 0
  #gaugeMin = Number.POSITIVE_INFINITY
  #gaugeMax = 0

  constructor(value: ThresholdValue) {
    this.#value = value
  }

  add(told: Told): void {
    this.lengthMs += told.lengthMs
    this.count += told.count
    this.ended += told.ended
    this.started += told.started
    this.due += told.due
    this.#seconds++
    this.#gaugeSum += told.gauge
    this.#gaugeMin = Math.min(this.#gaugeMin, told.gauge)
    this.#gaugeMax = Math.max(this.#gaugeMax, told.gaugeMax)
    if (told.sample === null) return
    this.#sample ??= new MutableSample('name' in this.#value ? this.#value.name : '')
    this.#sample.merge(told.sample)
  }

  /**
   * @param planned users that the plan wanted; null: those that became due
   * @param ofPlan the limit is a part of them
   * @returns null: nothing of the kind was measured
   */
  value(ofPlan: boolean, planned: number | null): number | null {
    const value = this.#value
    switch (value.type) {
      case 'users': {
        if (!ofPlan) return this.started
        const wanted = planned ?? this.due
        return wanted > 0 ? this.started / wanted : null
      }
      case 'count':
        return this.count
      case 'rate':
        return this.lengthMs > 0 ? (1000 * this.count) / this.lengthMs : null
      case 'share':
        return this.ended > 0 ? this.count / this.ended : null
      default:
        return gaugeNames.includes(value.name) ? this.#ofGauge(value.type) : this.#ofTimes(value)
    }
  }

  #ofGauge(type: string): number | null {
    if (this.#seconds === 0) return null
    if (type === 'min') return this.#gaugeMin
    return type === 'max' ? this.#gaugeMax : this.#gaugeSum / this.#seconds
  }

  #ofTimes(value: ThresholdValue): number | null {
    const sample = this.#sample
    if (sample === null || sample.count === 0) return null
    switch (value.type) {
      case 'percentile':
        return sample.percentile(value.p)
      case 'mean':
      case 'min':
      case 'max':
      case 'stddev':
        return sample[value.type]
      default:
        return null
    }
  }
}
