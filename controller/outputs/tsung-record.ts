/** What stands in a record of Tsung's log, whatever its form. Only Tsung's names do. */
import { isInTsungLog } from '../../core/stats/names.ts'
import type { Sample } from '../../core/stats/sample.ts'
import type { Second } from '../model.ts'

export interface TsungRecord {
  readonly users: number
  /** Since the start of the test. */
  readonly usersMax: number
  /** In the order in which Tsung writes them. */
  readonly entries: readonly Entry[]
}

export type Entry =
  | ({ readonly type: 'sample'; readonly name: string } & SampleColumns)
  | {
      readonly type: 'counter'
      readonly name: string
      readonly delta: number
      readonly total: number
    }
  /** Open connections, and how many more than in the record before. */
  | {
      readonly type: 'connected'
      readonly name: 'connected'
      readonly delta: number
      readonly now: number
    }

/** Max and min are since the start of the test, the global values are those of all previous records. */
export interface SampleColumns {
  readonly count: number
  readonly mean: number
  readonly stddev: number
  readonly max: number
  readonly min: number
  readonly globalMean: number
  readonly globalCount: number
}

/** Adds up the seconds of a run, record by record. */
export class TsungRecords {
  #users = 0
  #usersMax = 0
  #connected = 0
  #connectedBefore = 0
  readonly #counters = new Map<string, Counter>()
  readonly #samples = new Map<string, Series>()

  constructor() {
    for (const name of ['users_count', 'finish_users_count']) this.#counter(name)
  }

  add(second: Second): void {
    this.#users = second.users
    this.#usersMax = Math.max(this.#usersMax, second.usersMax)
    this.#connected = second.connected
    for (const [name, value] of second.totals.counters) {
      if (isInTsungLog(name)) this.#counter(name).delta += value
    }
    for (const [name, sample] of second.totals.samples) {
      if (isInTsungLog(name)) this.#series(name).add(sample)
    }
  }

  /** Everything since the last one, and starts the next. */
  take(): TsungRecord {
    const names = [...this.#samples.keys(), ...this.#counters.keys(), 'connected']
    const entries = names.sort(byPlace).map((name) => this.#entry(name))
    return { users: this.#users, usersMax: this.#usersMax, entries }
  }

  #entry(name: string): Entry {
    const sample = this.#samples.get(name)
    if (sample !== undefined) return { type: 'sample', name, ...sample.take() }
    const counter = this.#counters.get(name)
    if (counter !== undefined) return { type: 'counter', name, ...counter.take() }
    const delta = this.#connected - this.#connectedBefore
    this.#connectedBefore = this.#connected
    return { type: 'connected', name: 'connected', delta, now: this.#connected }
  }

  #counter(name: string): Counter {
    const counter = this.#counters.get(name) ?? new Counter()
    this.#counters.set(name, counter)
    return counter
  }

  #series(name: string): Series {
    const series = this.#samples.get(name) ?? new Series()
    this.#samples.set(name, series)
    return series
  }
}

class Counter {
  delta = 0
  #total = 0

  take(): { readonly delta: number; readonly total: number } {
    const { delta } = this
    this.#total += delta
    this.delta = 0
    return { delta, total: this.#total }
  }
}

/** A sample over the current record and over all before it. */
class Series {
  #count = 0
  #mean = 0
  /** Sum of squared differences from the mean. */
  #m2 = 0
  #max = 0
  #min = Number.POSITIVE_INFINITY
  #globalCount = 0
  #globalMean = 0

  add(sample: Sample): void {
    if (sample.count === 0) return
    const count = this.#count + sample.count
    const difference = sample.mean - this.#mean
    this.#m2 +=
      sample.stddev ** 2 * sample.count + (difference ** 2 * this.#count * sample.count) / count
    this.#mean += (difference * sample.count) / count
    this.#count = count
    this.#max = Math.max(this.#max, sample.max)
    this.#min = Math.min(this.#min, sample.min)
  }

  take(): SampleColumns {
    const columns = {
      count: this.#count,
      mean: this.#mean,
      stddev: this.#count === 0 ? 0 : Math.sqrt(this.#m2 / this.#count),
      max: this.#max,
      min: Number.isFinite(this.#min) ? this.#min : 0,
      globalMean: this.#globalMean,
      globalCount: this.#globalCount,
    }
    if (this.#count > 0) {
      const count = this.#globalCount + this.#count
      this.#globalMean = (this.#globalCount * this.#globalMean + this.#count * this.#mean) / count
      this.#globalCount = count
      this.#count = this.#mean = this.#m2 = 0
    }
    return columns
  }
}

/** Samples that Tsung writes in this order, then transactions, then all others. */
const order = ['session', 'users_count', 'finish_users_count', 'request', 'connect', 'page', 'tr_']
const network = ['size_rcv', 'size_sent', 'connected']

function byPlace(a: string, b: string): number {
  return place(a) - place(b) || (a < b ? -1 : a > b ? 1 : 0)
}

function place(name: string): number {
  const known = order.indexOf(name.startsWith('tr_') ? 'tr_' : name)
  if (known >= 0) return known
  const size = network.indexOf(name)
  if (size >= 0) return order.length + size
  return order.length + network.length + (/^\d+$/.test(name) ? 0 : 1)
}
