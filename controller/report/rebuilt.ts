/** The summary of a run whose controller was killed before it wrote one, from its series. */
import { MutableSample } from '../../core/stats/sample.ts'
import { DeliveredLoad } from '../outputs/delivered-load.ts'
import { deliverySummary } from '../outputs/delivery-summary.ts'
import type { SeriesHead, SeriesHistograms, SeriesSecond } from '../outputs/series.ts'
import { metricSummary, type Summary, summaryVersion } from '../outputs/summary.ts'

export class Rebuilder {
  readonly #head: SeriesHead
  readonly #load: DeliveredLoad
  readonly #counters = new Map<string, number>()
  readonly #samples = new Map<string, MutableSample>()
  #last: SeriesSecond | null = null
  #usersMax = 0
  #connectedMax = 0

  constructor(head: SeriesHead) {
    this.#head = head
    const staticUsers = head.planned.filter((step) => step.fromMs === step.toMs)
    this.#load = new DeliveredLoad({
      phases: head.phases,
      launchers: [{ staticUsers: staticUsers.map(({ fromMs }) => ({ startMs: fromMs })) }],
    })
  }

  second(second: SeriesSecond): void {
    this.#last = second
    this.#load.second(second)
    this.#usersMax = Math.max(this.#usersMax, second.usersMax)
    this.#connectedMax = Math.max(this.#connectedMax, second.connectedMax)
    for (const [name, value] of Object.entries(second.counters)) {
      this.#counters.set(name, (this.#counters.get(name) ?? 0) + value)
    }
  }

  histograms(line: SeriesHistograms): void {
    for (const [name, wire] of Object.entries(line.samples)) {
      const sample = this.#samples.get(name) ?? new MutableSample(name)
      sample.merge(wire)
      this.#samples.set(name, sample)
    }
  }

  build(): Summary {
    const of = (name: string): number => this.#counters.get(name) ?? 0
    const last = this.#last
    const requests = {
      issued: of('tsts_issued'),
      acknowledged: of('tsts_acknowledged'),
      noAck: of('request_noack'),
      failed: of('tsts_failed'),
    }
    const { issued, acknowledged, noAck, failed } = requests
    const errors = [...this.#counters].filter(([name]) => name.startsWith('error_'))
    return {
      version: summaryVersion,
      verdict: { status: 'invalid', reasons: [unfinished] },
      startedAt: new Date(this.#head.startedAt).toISOString(),
      durationMs: last?.atMs ?? 0,
      load: {
        plannedUsers: this.#head.plannedUsers,
        dueUsers: last?.due ?? 0,
        startedUsers: of('users_count'),
        finishedUsers: of('finish_users_count'),
        unknownUsers: last?.users ?? 0,
        maybeStartedUsers: 0,
        staticUsers: this.#load.staticUsers,
        phases: this.#load.phases(),
      },
      requests: { ...requests, inFlight: 0, unknown: issued - acknowledged - noAck - failed },
      metrics: Object.fromEntries(
        [...this.#samples].map(([name, sample]) => [name, metricSummary(sample)]),
      ),
      hosts: [],
      counters: Object.fromEntries(this.#counters),
      gauges: {
        users: { last: last?.users ?? 0, max: this.#usersMax },
        connected: { last: last?.connected ?? 0, max: this.#connectedMax },
      },
      launchers: [],
      thresholds: [],
      deliveries: deliverySummary(this.#counters, { clockErrorMs: null, receivers: [] }),
      errors: errors.map(([name, count]) => ({ name, count, first: [] })),
      environment: this.#head.environment,
      scenario: this.#head.scenario,
      seed: this.#head.seed,
      exitCode: 1,
    }
  }
}

const unfinished = {
  code: 'V_NO_END',
  text: 'the controller left no summary: it was killed, or its disk was full; told is what it had written until then',
} as const
