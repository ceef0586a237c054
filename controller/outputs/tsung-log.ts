/**
 * Tsung's text log: a record every 10 s and a final one, read by `tsung_stats.pl`, tsplot and others.
 *
 * Only Tsung's names stand in it. What is told of the users, by name, in a record:
 *
 *     stats: users NOW MAX
 *     stats: connected DELTA NOW
 *     stats: COUNTER DELTA TOTAL
 *     stats: SAMPLE COUNT MEAN STDDEV MAX MIN GLOBAL_MEAN GLOBAL_COUNT
 *
 * Max and min are since the start of the test, the global values are those of all previous records.
 * Source: Tsung manual, "Statistics and reports"; checked against the log of Tsung 1.7.0.
 */
import { join } from 'node:path'
import type { Writable } from 'node:stream'
import { isInTsungLog } from '../../core/stats/names.ts'
import type { Sample } from '../../core/stats/sample.ts'
import type { Output, RunHead, RunResult, Second } from '../model.ts'
import { erlangFloat } from './erlang-number.ts'
import { FileSink, type OnTrouble, StreamSink, type TextSink } from './sink.ts'

export const recordEveryMs = 10_000

/** @param options `stdout`: where `-m -` writes to */
export function tsungLog(options: {
  readonly onTrouble: OnTrouble
  readonly stdout: Writable
}): Output {
  return new TsungLog(options.onTrouble, options.stdout)
}

class TsungLog implements Output {
  readonly #onTrouble: OnTrouble
  readonly #stdout: Writable
  #sink: TextSink | null = null
  #startedAt = 0
  #nextRecordMs = recordEveryMs
  #recordedMs = 0
  #users = 0
  #usersMax = 0
  #connected = 0
  #connectedBefore = 0
  readonly #counters = new Map<string, Counter>()
  readonly #samples = new Map<string, Series>()

  constructor(onTrouble: OnTrouble, stdout: Writable) {
    this.#onTrouble = onTrouble
    this.#stdout = stdout
  }

  start(head: RunHead): void {
    this.#startedAt = head.startedAt
    this.#sink =
      head.logName === '-'
        ? new StreamSink(this.#stdout, this.#onTrouble)
        : new FileSink(join(head.folder, head.logName), this.#onTrouble)
    for (const name of ['users_count', 'finish_users_count']) this.#counter(name)
  }

  second(second: Second): void {
    this.#users = second.users
    this.#usersMax = Math.max(this.#usersMax, second.usersMax)
    this.#connected = second.connected
    for (const [name, value] of second.totals.counters) {
      if (isInTsungLog(name)) this.#counter(name).delta += value
    }
    for (const [name, sample] of second.totals.samples) {
      if (isInTsungLog(name)) this.#series(name).add(sample)
    }
    if (second.atMs >= this.#nextRecordMs) {
      this.#record(second.atMs)
      while (this.#nextRecordMs <= second.atMs) this.#nextRecordMs += recordEveryMs
    }
  }

  event(): void {
    // The log knows numbers only.
  }

  end(result: RunResult): void {
    // tsung_stats.pl takes two records of one second for one, and would lose the last ten seconds.
    this.#record(Math.max(result.endedAtMs, this.#recordedMs + 1000))
    const endedUs = Math.round((this.#startedAt + result.endedAtMs) * 1000)
    const megaseconds = Math.floor(endedUs / 1e12)
    const seconds = Math.floor((endedUs % 1e12) / 1e6)
    this.#sink?.write(`EndMonitor:{${megaseconds},${seconds},${endedUs % 1e6}}\n`)
  }

  async close(): Promise<void> {
    await this.#sink?.close()
  }

  #record(atMs: number): void {
    this.#recordedMs = atMs
    const lines = [`# stats: dump at ${Math.floor((this.#startedAt + atMs) / 1000)}`]
    lines.push(`stats: users ${this.#users} ${this.#usersMax}`)
    const names = [...this.#samples.keys(), ...this.#counters.keys(), 'connected']
    for (const name of names.sort(byPlace)) {
      const text =
        this.#samples.get(name)?.take() ?? this.#counters.get(name)?.take() ?? this.#connections()
      lines.push(`stats: ${name} ${text}`)
    }
    this.#sink?.write(`${lines.join('\n')}\n`)
  }

  #connections(): string {
    const delta = this.#connected - this.#connectedBefore
    this.#connectedBefore = this.#connected
    return `${delta} ${this.#connected}`
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

  /** Its columns, and starts the next record. */
  take(): string {
    this.#total += this.delta
    const text = `${this.delta} ${this.#total}`
    this.delta = 0
    return text
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

  /** Its columns, and starts the next record. Empty values are integers, as Tsung has them. */
  take(): string {
    const before = this.#globalCount === 0 ? '0' : erlangFloat(this.#globalMean)
    const now =
      this.#count === 0
        ? '0 0 0'
        : `${this.#count} ${erlangFloat(this.#mean)} ${erlangFloat(Math.sqrt(this.#m2 / this.#count))}`
    const text = `${now} ${erlangFloat(this.#max)} ${erlangFloat(this.#min)} ${before} ${this.#globalCount}`
    if (this.#count > 0) {
      const count = this.#globalCount + this.#count
      this.#globalMean = (this.#globalCount * this.#globalMean + this.#count * this.#mean) / count
      this.#globalCount = count
      this.#count = this.#mean = this.#m2 = 0
    }
    return text
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
