/** What the live view shows: the run so far, and its last ten seconds. */
import { MutableSample, type Sample } from '../../core/stats/sample.ts'
import type { RunEvent, RunHead, Second } from '../model.ts'

/** Seconds over which rates and percentiles are told. */
export const windowSeconds = 10
/** Seconds of a sparkline. */
export const historySeconds = 60
const eventsKept = 4

/** Rates are per second, over the last ten seconds. */
export interface Recent {
  readonly plannedRate: number
  readonly startedRate: number
  readonly requestRate: number
  readonly samples: ReadonlyMap<string, Sample>
}

export class LiveWindow {
  readonly head: RunHead
  /** The metrics whose percentiles are shown. */
  readonly names: readonly string[] = ['request', 'response', 'connect']
  last: Second | null = null
  usersMax = 0
  readonly errors: Map<string, number> = new Map()
  /** The last few, oldest first. */
  readonly events: RunEvent[] = []
  /** Per second, oldest first. */
  readonly startedHistory: number[] = []
  readonly requestHistory: number[] = []
  readonly usersHistory: number[] = []
  /** When the current phase was first seen, ms since the start. */
  phaseFromMs = 0
  readonly #seconds: Second[] = []
  #events = 0

  constructor(head: RunHead) {
    this.head = head
  }

  /** Events so far; rises when one comes. */
  get eventCount(): number {
    return this.#events
  }

  second(second: Second): void {
    const { counters } = second.totals
    if (second.phase !== (this.last?.phase ?? 0)) this.phaseFromMs = this.last?.atMs ?? 0
    push(this.startedHistory, second.started - (this.last?.started ?? 0), historySeconds)
    push(this.requestHistory, finished(second), historySeconds)
    push(this.usersHistory, second.users, historySeconds)
    push(this.#seconds, second, windowSeconds + 1)
    this.last = second
    this.usersMax = Math.max(this.usersMax, second.usersMax)
    for (const [name, count] of counters) {
      if (name.startsWith('error_') && count > 0) {
        this.errors.set(name, (this.errors.get(name) ?? 0) + count)
      }
    }
  }

  event(event: RunEvent): void {
    this.#events++
    push(this.events, event, eventsKept)
  }

  recent(): Recent {
    const newest = this.#seconds.at(-1)
    const full = this.#seconds.length > windowSeconds
    // The oldest of a full window only marks where it begins.
    const inside = full ? this.#seconds.slice(1) : this.#seconds
    const from = full ? this.#seconds[0] : undefined
    const seconds = ((newest?.atMs ?? 0) - (from?.atMs ?? 0)) / 1000 || 1
    const requests = inside.reduce((sum, second) => sum + finished(second), 0)
    return {
      plannedRate: ((newest?.due ?? 0) - (from?.due ?? 0)) / seconds,
      startedRate: ((newest?.started ?? 0) - (from?.started ?? 0)) / seconds,
      requestRate: requests / seconds,
      samples: new Map(this.names.flatMap((name) => merged(name, inside))),
    }
  }
}

/** Requests that came to an end in a second, whatever the end. */
export function finished({ totals: { counters } }: Pick<Second, 'totals'>): number {
  const of = (name: string): number => counters.get(name) ?? 0
  return of('tsts_acknowledged') + of('tsts_failed') + of('request_noack')
}

function merged(name: string, seconds: readonly Second[]): readonly (readonly [string, Sample])[] {
  const sum = new MutableSample(name)
  for (const { totals } of seconds) {
    const sample = totals.samples.get(name)
    if (sample && sample.count > 0) sum.merge(sample.encode())
  }
  return sum.count > 0 ? [[name, sum]] : []
}

function push<Item>(list: Item[], item: Item, most: number): void {
  list.push(item)
  if (list.length > most) list.shift()
}
