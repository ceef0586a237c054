/** Messages on their way to many receivers, put together from what all launchers tell of them. */
import { checkFanOut, FanOut, type WireDeliveries } from '../core/deliveries/fan-out.ts'
import type { MutableTotals } from '../core/stats/totals.ts'

/** A message of which nothing was told for so long has come to all its receivers, ms. */
export const settledAfterMs = 10_000
/** How long it is remembered that a message was told of: who gets it after that makes it a message of its own. */
const rememberedMs = 60_000

/** Receivers of the messages of a metric. */
export interface Receivers {
  readonly metric: string
  /** Those that were compared. */
  readonly messages: number
  readonly min: number
  readonly mean: number
  readonly max: number
}

export interface DeliveryReport {
  /** The greatest error of the clocks that a message was measured with; null: none came from another host. */
  readonly clockErrorMs: number | null
  readonly receivers: readonly Receivers[]
}

interface OpenMessage {
  readonly metric: string
  readonly fanOut: FanOut
  /** Up to where the last launcher that told of it has told, ms since the run's start. */
  toldMs: number
}

interface Sums {
  messages: number
  receivers: number
  min: number
  max: number
}

export class Deliveries {
  readonly #open = new Map<string, OpenMessage>()
  /** When they were told of, in that order. */
  readonly #settled = new Map<string, number>()
  readonly #sums = new Map<string, Sums>()
  #clockErrorMs: number | null = null
  /** Receivers that came too late for their message. */
  #late = 0

  get isEmpty(): boolean {
    return this.#open.size === 0 && this.#late === 0
  }

  /**
   * @param toMs end of the interval, since the run's start
   * @param deliveries have been checked
   */
  add(toMs: number, { clockErrorMs, fanOuts }: WireDeliveries): void {
    if (clockErrorMs !== null) {
      this.#clockErrorMs = Math.max(this.#clockErrorMs ?? 0, clockErrorMs)
    }
    for (const each of fanOuts) {
      const { metric, user, stream, sequence } = each
      const key = `${user} ${stream} ${sequence} ${metric}`
      if (this.#settled.has(key)) {
        this.#late += each.count
        continue
      }
      let message = this.#open.get(key)
      if (message === undefined) {
        message = { metric, fanOut: new FanOut(), toldMs: toMs }
        this.#open.set(key, message)
      }
      message.toldMs = Math.max(message.toldMs, toMs)
      message.fanOut.merge(each)
    }
  }

  /** Tells of the messages of which nothing was heard up to a moment. @param totals they become samples of */
  settle(atMs: number, totals: MutableTotals): void {
    for (const [key, message] of this.#open) {
      if (message.toldMs > atMs - settledAfterMs) continue
      this.#tell(key, message, totals)
      this.#settled.set(key, atMs)
    }
    for (const [key, sinceMs] of this.#settled) {
      if (sinceMs > atMs - rememberedMs) break
      this.#settled.delete(key)
    }
    this.#tellLate(totals)
  }

  /** Nothing more will be told. */
  settleAll(totals: MutableTotals): void {
    for (const [key, message] of this.#open) this.#tell(key, message, totals)
    this.#tellLate(totals)
  }

  report(): DeliveryReport {
    const receivers = [...this.#sums].map(([metric, { messages, receivers, min, max }]) => ({
      metric,
      messages,
      min,
      mean: receivers / messages,
      max,
    }))
    const byName = receivers.sort((a, b) => (a.metric < b.metric ? -1 : 1))
    return { clockErrorMs: this.#clockErrorMs, receivers: byName }
  }

  #tell(key: string, { metric, fanOut }: OpenMessage, totals: MutableTotals): void {
    this.#open.delete(key)
    totals.sample(`${metric}_first`).record(fanOut.firstMs)
    totals.sample(`${metric}_median`).record(fanOut.medianMs)
    totals.sample(`${metric}_last`).record(fanOut.lastMs)
    const counters = { tsts_messages_compared: 1, tsts_messages_receivers: fanOut.count }
    totals.add({ counters, samples: {} })
    const sums = this.#sums.get(metric) ?? { messages: 0, receivers: 0, min: Infinity, max: 0 }
    sums.messages++
    sums.receivers += fanOut.count
    sums.min = Math.min(sums.min, fanOut.count)
    sums.max = Math.max(sums.max, fanOut.count)
    this.#sums.set(metric, sums)
  }

  #tellLate(totals: MutableTotals): void {
    if (this.#late === 0) return
    totals.add({ counters: { tsts_messages_uncompared: this.#late }, samples: {} })
    this.#late = 0
  }
}

/** @throws {RangeError} when what a launcher tells cannot be */
export function checkDeliveries({ clockErrorMs, fanOuts }: WireDeliveries): void {
  if (clockErrorMs !== null && !(clockErrorMs >= 0)) throw new RangeError('not a clock error')
  for (const each of fanOuts) checkFanOut(each)
}
