/** What the live view shows: the run so far, and its last ten seconds. */

import { unsteered as unsteeredClock } from '../../core/plan/plan-clock.ts'
import { type PlanProgress, progressAt } from '../../core/plan/progress.ts'
import type { WireSample } from '../../core/stats/model.ts'
import { MutableSample, type Sample } from '../../core/stats/sample.ts'
import type { Totals } from '../../core/stats/totals.ts'
import type { ErrorExample, RunEvent, RunHead, Second, Standing, Steering } from '../model.ts'
import { unsteered } from '../steering.ts'

/** Seconds over which rates and percentiles are told. */
export const windowSeconds = 10
/** Seconds of a sparkline. */
export const historySeconds = 60
const eventsKept = 4
/** Errors of which an example is kept. */
const examplesKept = 100

/** What was before the seconds that somebody who comes late is told. */
export interface Past {
  readonly usersMax: number
  readonly errors: { readonly [name: string]: number }
  readonly examples: readonly ErrorExample[]
  readonly steering: Steering
  readonly standing: Standing | null
}

/** What is kept of a second: not its totals, which may hold a histogram of 100 KB for each of many metrics. */
interface Kept {
  readonly atMs: number
  readonly due: number
  readonly started: number
  readonly requests: number
  readonly samples: ReadonlyMap<string, WireSample>
}

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
  last: Omit<Second, 'totals'> | null = null
  usersMax = 0
  readonly errors: Map<string, number> = new Map()
  /** The first of each error. */
  readonly examples: Map<string, ErrorExample> = new Map()
  steering: Steering = unsteered
  standing: Standing | null = null
  /** The last few, oldest first. */
  readonly events: RunEvent[] = []
  /** Per second, oldest first. */
  readonly startedHistory: number[] = []
  readonly requestHistory: number[] = []
  readonly usersHistory: number[] = []
  readonly #seconds: Kept[] = []

  constructor(head: RunHead) {
    this.head = head
  }

  /** What was before the first second that is told. */
  past({ usersMax, errors, examples, steering, standing }: Past): void {
    this.usersMax = Math.max(this.usersMax, usersMax)
    for (const [name, count] of Object.entries(errors)) this.#countError(name, count)
    for (const example of examples) this.example(example)
    this.steering = steering
    this.standing = standing
  }

  /** Of the plan, as it was told last; before that, as nobody has steered. */
  get progress(): PlanProgress {
    const { plan } = this.head
    return this.standing?.progress ?? progressAt(plan, [unsteeredClock], null, this.last?.atMs ?? 0)
  }

  example(example: ErrorExample): void {
    if (this.examples.has(example.name) || this.examples.size >= examplesKept) return
    this.examples.set(example.name, example)
  }

  second(second: Second): void {
    const { totals, ...last } = second
    const { counters } = totals
    const requests = ended(counters)
    push(this.startedHistory, second.started - (this.last?.started ?? 0), historySeconds)
    push(this.requestHistory, requests, historySeconds)
    push(this.usersHistory, second.users, historySeconds)
    const { atMs, due, started } = second
    const samples = new Map(this.names.flatMap((name) => encoded(name, totals)))
    push(this.#seconds, { atMs, due, started, requests, samples }, windowSeconds + 1)
    this.last = last
    this.usersMax = Math.max(this.usersMax, second.usersMax)
    for (const [name, count] of counters) {
      if (name.startsWith('error_') && count > 0) this.#countError(name, count)
    }
  }

  event(event: RunEvent): void {
    if (event.steering !== undefined) this.steering = event.steering.to
    push(this.events, event, eventsKept)
  }

  #countError(name: string, count: number): void {
    this.errors.set(name, (this.errors.get(name) ?? 0) + count)
  }

  recent(): Recent {
    const newest = this.#seconds.at(-1)
    const full = this.#seconds.length > windowSeconds
    // The oldest of a full window only marks where it begins.
    const inside = full ? this.#seconds.slice(1) : this.#seconds
    const from = full ? this.#seconds[0] : undefined
    const seconds = ((newest?.atMs ?? 0) - (from?.atMs ?? 0)) / 1000 || 1
    const requests = inside.reduce((sum, second) => sum + second.requests, 0)
    return {
      plannedRate: ((newest?.due ?? 0) - (from?.due ?? 0)) / seconds,
      startedRate: ((newest?.started ?? 0) - (from?.started ?? 0)) / seconds,
      requestRate: requests / seconds,
      samples: new Map(this.names.flatMap((name) => merged(name, inside))),
    }
  }
}

/** Requests that came to an end, whatever the end. */
function ended(counters: ReadonlyMap<string, number>): number {
  const of = (name: string): number => counters.get(name) ?? 0
  return of('tsts_acknowledged') + of('tsts_failed') + of('request_noack')
}

function encoded(name: string, totals: Totals): readonly (readonly [string, WireSample])[] {
  const sample = totals.samples.get(name)
  return sample && sample.count > 0 ? [[name, sample.encode()]] : []
}

function merged(name: string, seconds: readonly Kept[]): readonly (readonly [string, Sample])[] {
  const sum = new MutableSample(name)
  for (const { samples } of seconds) {
    const wire = samples.get(name)
    if (wire) sum.merge(wire)
  }
  return sum.count > 0 ? [[name, sum]] : []
}

function push<Item>(list: Item[], item: Item, most: number): void {
  list.push(item)
  if (list.length > most) list.shift()
}
