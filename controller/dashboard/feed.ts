/**
 * What pages of the dashboard are told: a stream of messages with rising ids, and what late comers need of the past.
 *
 *     head       once: scenario, plan, folder
 *     past       seconds, events and examples so far, in one message; or those after the last one that was read
 *     second     every second: gauges, counters, percentiles
 *     standing   after it: verdict so far, launchers, the last ten seconds
 *     event, example, over
 */
import { randomBytes } from 'node:crypto'
import type { PlannedPhase } from '../../core/plan/model.ts'
import type { PlanProgress } from '../../core/plan/progress.ts'
import type { Sample } from '../../core/stats/sample.ts'
import type { HostSecond, HostStanding } from '../host-record.ts'
import { LatestHosts } from '../latest-hosts.ts'
import { LiveWindow } from '../live/window.ts'
import type {
  ErrorExample,
  LauncherHealth,
  Output,
  RunEvent,
  RunHead,
  RunResult,
  Second,
  Standing,
  Steering,
  Verdict,
} from '../model.ts'
import { percentilesOf } from '../outputs/summary.ts'
import { shareOf } from '../port-record.ts'
import { unsteered } from '../steering.ts'

/** Of the past, late comers are told the last hour in full, and sums of what was before. */
const secondsKept = 3600
const eventsKept = 500
const examplesKept = 250
/** Transactions whose times are told, by name. */
const transactionsMax = 12

const times: ReadonlySet<string> = new Set(['request', 'response', 'connect', 'page', 'late'])

export interface FeedHead {
  readonly scenario: string
  readonly folder: string
  readonly seed: string
  /** Epoch ms. */
  readonly startedAt: number
  readonly plannedUsers: number
  readonly plannedMs: number
  readonly phases: readonly PlannedPhase[]
  readonly launchers: number
  readonly hasReport: boolean
}

/** `times`: count, p50, p95, p99, max in ms. */
export interface FeedSecond extends Omit<Second, 'totals' | 'hosts'> {
  readonly counters: { readonly [name: string]: number }
  readonly times: { readonly [name: string]: readonly number[] }
  /** Left out when no host has told lately. */
  readonly hosts?: FeedHosts
}

/** All hosts together, however many, each as it has told last. */
export interface FeedHosts {
  /** Highest shares, 0..1: of CPU used and stolen, and of the ports of an address that are taken. */
  readonly cpu: number
  readonly steal: number
  readonly ports: number
  /** Sums. */
  readonly receivedBytesPerSecond: number
  readonly sentBytesPerSecond: number
}

/** `times`: mean, p50, p95, p99, max of the last ten seconds, in ms. */
export interface FeedStanding {
  readonly atMs: number
  readonly verdict: Verdict
  readonly progress: PlanProgress
  readonly launchers: readonly LauncherHealth[]
  readonly hosts: readonly HostStanding[]
  readonly recent: {
    readonly plannedRate: number
    readonly startedRate: number
    readonly requestRate: number
    readonly times: { readonly [name: string]: readonly number[] }
  }
}

interface Kept {
  readonly id: number
  readonly data: string
}

/** Takes a message as it goes over the wire. */
export type Listener = (message: string) => void

export class Feed implements Output {
  readonly #run = randomBytes(6).toString('hex')
  readonly #hasReport: boolean
  readonly #listeners = new Set<Listener>()
  readonly #seconds: (Kept & { readonly second: FeedSecond })[] = []
  readonly #events: Kept[] = []
  readonly #examples: Kept[] = []
  /** Counters of seconds that are not kept any more. */
  readonly #forgotten = new Map<string, number>()
  #window: LiveWindow | null = null
  #head: string | null = null
  #standing: Kept | null = null
  #steering: Steering = unsteered
  #verdict: Verdict | null = null
  #over: Kept | null = null
  #id = 0
  readonly #transactions = new Set<string>()
  readonly #hosts = new LatestHosts()

  /** @param hasReport whether a report will be written at the end */
  constructor(hasReport: boolean) {
    this.#hasReport = hasReport
  }

  /**
   * @param lastId of the last message that this listener read, if it comes again
   * @returns no more is told after it was called
   */
  listen(listener: Listener, lastId: string | null): () => void {
    if (this.#head !== null) for (const message of this.#past(lastId)) listener(message)
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  get listeners(): number {
    return this.#listeners.size
  }

  start(head: RunHead): void {
    this.#window = new LiveWindow(head)
    this.#head = JSON.stringify(feedHead(head, this.#hasReport))
    for (const listener of this.#listeners) {
      for (const message of this.#past(null)) listener(message)
    }
  }

  second(second: Second): void {
    this.#window?.second(second)
    const told = this.#feedSecond(second)
    const kept = this.#keep('second', told)
    this.#seconds.push({ ...kept, second: told })
    if (this.#seconds.length > secondsKept) this.#forget(this.#seconds.shift()!.second)
  }

  event(event: RunEvent): void {
    if (event.steering !== undefined) this.#steering = event.steering.to
    keepLast(this.#events, this.#keep('event', event), eventsKept)
  }

  standing(standing: Standing): void {
    this.#standing = this.#keep('standing', { ...standing, recent: this.#recent() })
  }

  example(example: ErrorExample): void {
    if (this.#examples.length < examplesKept) this.#examples.push(this.#keep('example', example))
  }

  end({ verdict }: RunResult): void {
    this.#verdict = verdict
  }

  async close(): Promise<void> {
    // Pages are told until the report is there.
  }

  /** Everything is written. */
  over(exitCode: number): void {
    this.#over = this.#keep('over', { exitCode, verdict: this.#verdict })
  }

  #keep(type: string, data: unknown): Kept {
    const kept = { id: ++this.#id, data: JSON.stringify(data) }
    if (this.#listeners.size > 0) {
      const message = this.#message(type, kept)
      for (const listener of this.#listeners) listener(message)
    }
    return kept
  }

  #message(type: string, { id, data }: Kept): string {
    return `id: ${this.#run}-${id}\nevent: ${type}\ndata: ${data}\n\n`
  }

  #past(lastId: string | null): string[] {
    const after = this.#after(lastId)
    const list = (all: readonly Kept[]): string =>
      `[${all.flatMap(({ id, data }) => (id > after ? [data] : [])).join(',')}]`
    const data =
      `{"again":${after > 0},"seconds":${list(this.#seconds)},"events":${list(this.#events)},` +
      `"examples":${list(this.#examples)},"steering":${JSON.stringify(this.#steering)},` +
      `"forgotten":${JSON.stringify(Object.fromEntries(this.#forgotten))}}`
    const now = { id: this.#id, data }
    return [
      this.#message('head', { id: this.#id, data: this.#head! }),
      this.#message('past', now),
      ...(this.#standing === null ? [] : [this.#message('standing', this.#standing)]),
      ...(this.#over === null ? [] : [this.#message('over', this.#over)]),
    ]
  }

  /** Up to which id a listener knows everything; 0: it has to be told all. */
  #after(lastId: string | null): number {
    const [run, number] = lastId?.split('-') ?? []
    const id = Number(number)
    if (run !== this.#run || !Number.isInteger(id) || id > this.#id) return 0
    return id >= (this.#seconds[0]?.id ?? 0) - 1 ? id : 0
  }

  #feedSecond({ totals, hosts, ...gauges }: Second): FeedSecond {
    const told: { [name: string]: readonly number[] } = {}
    for (const [name, sample] of totals.samples) {
      if (sample.count > 0 && this.#isTold(name)) {
        told[name] = [sample.count, ...percentilesOf(sample, [50, 95, 99]), sample.max]
      }
    }
    const counters = Object.fromEntries(totals.counters)
    const all = this.#hosts.take(gauges.atMs, hosts)
    if (all.length === 0) return { ...gauges, counters, times: told }
    return { ...gauges, counters, times: told, hosts: feedHosts(all) }
  }

  #isTold(name: string): boolean {
    if (times.has(name) || this.#transactions.has(name)) return true
    if (!name.startsWith('tr_') || this.#transactions.size >= transactionsMax) return false
    this.#transactions.add(name)
    return true
  }

  #recent(): FeedStanding['recent'] {
    const recent = this.#window?.recent()
    if (recent === undefined) return { plannedRate: 0, startedRate: 0, requestRate: 0, times: {} }
    const { samples, ...rates } = recent
    const all = [...samples].map(([name, sample]) => [name, recentTimes(sample)] as const)
    return { ...rates, times: Object.fromEntries(all) }
  }

  #forget({ counters }: FeedSecond): void {
    for (const [name, count] of Object.entries(counters)) {
      this.#forgotten.set(name, (this.#forgotten.get(name) ?? 0) + count)
    }
  }
}

function feedHead({ scenario, plan, folder, startedAt }: RunHead, hasReport: boolean): FeedHead {
  return {
    scenario: scenario.file,
    folder,
    seed: plan.seed,
    startedAt,
    plannedUsers: plan.users,
    plannedMs: Math.min(plan.durationMs, plan.cutAfterMs ?? Number.POSITIVE_INFINITY),
    phases: plan.phases,
    launchers: plan.launchers.length,
    hasReport,
  }
}

function feedHosts(told: readonly HostSecond[]): FeedHosts {
  const highest = (of: (host: HostSecond) => number): number => Math.max(0, ...told.map(of))
  const sum = (of: (host: HostSecond) => number): number =>
    told.reduce((total, host) => total + of(host), 0)
  return {
    cpu: highest(({ cpu }) => cpu),
    steal: highest(({ steal }) => steal),
    ports: highest(({ ports }) => (ports === undefined ? 0 : shareOf(ports))),
    receivedBytesPerSecond: sum((host) => host.receivedBytesPerSecond),
    sentBytesPerSecond: sum((host) => host.sentBytesPerSecond),
  }
}

function recentTimes(sample: Sample): readonly number[] {
  return [sample.mean, ...percentilesOf(sample, [50, 95, 99]), sample.max]
}

function keepLast<Item>(list: Item[], item: Item, most: number): void {
  list.push(item)
  if (list.length > most) list.shift()
}
