/** summary.json: the run in numbers, for machines. Its schema is docs/summary.schema.json. */
import { join } from 'node:path'
import type { Sample } from '../../core/stats/sample.ts'
import type { HostReport } from '../host-record.ts'
import type {
  Environment,
  ErrorExample,
  JudgedThreshold,
  LauncherReport,
  Output,
  RunHead,
  RunResult,
  Second,
  Verdict,
} from '../model.ts'
import { DeliveredLoad, type PhaseLoad } from './delivered-load.ts'
import { type DeliverySummary, deliverySummary } from './delivery-summary.ts'
import { FileSink, type OnTrouble } from './sink.ts'

/** Changes whenever a field changes its meaning or goes away. */
export const summaryVersion = 1

export interface Summary {
  readonly version: typeof summaryVersion
  readonly verdict: Verdict
  /** ISO 8601, UTC. */
  readonly startedAt: string
  readonly durationMs: number
  readonly load: LoadSummary
  readonly requests: RequestSummary
  readonly metrics: { readonly [name: string]: MetricSummary }
  readonly counters: { readonly [name: string]: number }
  readonly gauges: { readonly [name: string]: { readonly last: number; readonly max: number } }
  readonly launchers: readonly LauncherReport[]
  /** How the hosts fared, as their agents told. */
  readonly hosts: readonly HostReport[]
  /** Servers that were watched (`<monitoring>`), by Tsung's names; left out when none was. */
  readonly monitored?: { readonly [server: string]: { readonly [name: string]: MonitoredSummary } }
  readonly thresholds: readonly JudgedThreshold[]
  readonly errors: readonly ErrorSummary[]
  /** Messages from user to user; null: none was stamped. */
  readonly deliveries: DeliverySummary | null
  readonly environment: Environment
  readonly scenario: { readonly file: string; readonly sha256: string }
  readonly seed: string
  readonly exitCode: number
}

export interface LoadSummary {
  readonly plannedUsers: number
  /** Users that the plan made due as long as the run lasted. */
  readonly dueUsers: number
  readonly startedUsers: number
  readonly finishedUsers: number
  readonly unknownUsers: number
  /** Due while nothing was heard of a launcher that was lost: between none and all of them were started. */
  readonly maybeStartedUsers: number
  readonly staticUsers: { readonly plannedUsers: number; readonly startedUsers: number }
  readonly phases: readonly PhaseLoad[]
}

/** issued = acknowledged + noAck + failed + inFlight + unknown. */
export interface RequestSummary {
  readonly issued: number
  readonly acknowledged: number
  readonly noAck: number
  readonly failed: number
  /** Waiting for their answer when the run stopped. */
  readonly inFlight: number
  /** Those of launchers that died, since their last interval. */
  readonly unknown: number
}

/** Times in ms. */
export interface MetricSummary {
  readonly count: number
  readonly mean: number
  readonly stddev: number
  readonly min: number
  readonly max: number
  readonly p50: number
  readonly p75: number
  readonly p90: number
  readonly p95: number
  readonly p99: number
  readonly p999: number
  readonly p9999: number
}

/** Of all readings; in the unit of the name, see `SeriesMonitored`. */
export type MonitoredSummary = Pick<MetricSummary, 'count' | 'mean' | 'stddev' | 'min' | 'max'>

export interface ErrorSummary {
  readonly name: string
  readonly count: number
  /** The first few, in full. */
  readonly first: readonly Omit<ErrorExample, 'name'>[]
}

export function summary(options: { readonly onTrouble: OnTrouble }): Output {
  let head: RunHead | null = null
  let builder: SummaryBuilder | null = null
  let sink: FileSink | null = null
  return {
    start(runHead: RunHead): void {
      head = runHead
      builder = new SummaryBuilder(runHead)
    },
    second(second: Second): void {
      builder?.second(second)
    },
    event(): void {
      // Events stand in events.ndjson.
    },
    end(result: RunResult): void {
      if (head === null || builder === null) return
      sink = new FileSink(join(head.folder, 'summary.json'), options.onTrouble)
      sink.write(`${JSON.stringify(builder.end(result), null, 2)}\n`)
    },
    async close(): Promise<void> {
      await sink?.close()
    },
  }
}

/** Gathers over the seconds of a run what its end alone does not tell. */
export class SummaryBuilder {
  readonly #head: RunHead
  readonly #load: DeliveredLoad
  #usersMax = 0
  #connectedMax = 0

  constructor(head: RunHead) {
    this.#head = head
    this.#load = new DeliveredLoad(head.plan)
  }

  second(second: Second): void {
    this.#load.second(second)
    this.#usersMax = Math.max(this.#usersMax, second.usersMax)
    this.#connectedMax = Math.max(this.#connectedMax, second.connectedMax)
  }

  end(result: RunResult): Summary {
    const head = this.#head
    const { counters, samples } = result.totals
    return {
      version: summaryVersion,
      verdict: result.verdict,
      startedAt: new Date(head.startedAt).toISOString(),
      durationMs: result.endedAtMs,
      load: this.#loadSummary(result),
      requests: requestSummary(result),
      metrics: Object.fromEntries(
        [...samples]
          .filter(([, sample]) => sample.count > 0)
          .sort(byName)
          .map(([name, sample]) => [name, metricSummary(sample)]),
      ),
      counters: Object.fromEntries([...counters].sort(byName)),
      gauges: {
        users: { last: result.last?.users ?? 0, max: this.#usersMax },
        connected: { last: result.last?.connected ?? 0, max: this.#connectedMax },
      },
      launchers: result.launchers,
      hosts: result.hosts,
      thresholds: result.thresholds,
      errors: errorSummaries(result),
      deliveries: deliverySummary(counters, result.deliveries),
      environment: head.environment,
      scenario: { file: head.scenario.file, sha256: head.scenarioSha256 },
      seed: head.plan.seed,
      exitCode: result.exitCode,
    }
  }

  #loadSummary({ totals, last, launchers }: RunResult): LoadSummary {
    return {
      plannedUsers: this.#head.plan.users,
      dueUsers: last?.due ?? 0,
      startedUsers: totals.counters.get('users_count') ?? 0,
      finishedUsers: totals.counters.get('finish_users_count') ?? 0,
      unknownUsers: launchers.reduce((sum, launcher) => sum + launcher.unknownUsers, 0),
      maybeStartedUsers: launchers.reduce((sum, launcher) => sum + launcher.maybeStartedUsers, 0),
      staticUsers: this.#load.staticUsers,
      phases: this.#load.phases(),
    }
  }
}

export function metricSummary(sample: Sample): MetricSummary {
  const [p50, p75, p90, p95, p99, p999, p9999] = percentilesOf(sample, [
    50, 75, 90, 95, 99, 99.9, 99.99,
  ] as const)
  return {
    count: sample.count,
    mean: tidyMs(sample.mean),
    stddev: tidyMs(sample.stddev),
    min: tidyMs(sample.min),
    max: tidyMs(sample.max),
    p50,
    p75,
    p90,
    p95,
    p99,
    p999,
    p9999,
  }
}

/**
 * Percentiles in ms, one for each of `list`. A histogram tells the upper end of a bucket, which may lie beyond the
 * greatest value there was: never more than that is told.
 */
export function percentilesOf<const List extends readonly number[]>(
  sample: Sample,
  list: List,
): { readonly [Index in keyof List]: number } {
  const values = sample.percentiles(list).map((value) => tidyMs(Math.min(value, sample.max)))
  return values as { readonly [Index in keyof List]: number }
}

/** Books of the requests; what is missing from them went down with a launcher. */
function requestSummary({ totals, last }: RunResult): RequestSummary {
  const of = (name: string): number => totals.counters.get(name) ?? 0
  const issued = of('tsts_issued')
  const acknowledged = of('tsts_acknowledged')
  const noAck = of('request_noack')
  const failed = of('tsts_failed')
  const inFlight = last?.inFlight ?? 0
  const unknown = issued - acknowledged - noAck - failed - inFlight
  return { issued, acknowledged, noAck, failed, inFlight, unknown }
}

/** Errors by name, the most frequent first. */
function errorSummaries({ totals, errors }: RunResult): readonly ErrorSummary[] {
  const names = new Set(errors.keys())
  for (const [name, count] of totals.counters) {
    if (name.startsWith('error_') && count > 0) names.add(name)
  }
  return [...names]
    .map((name) => ({
      name,
      count: totals.counters.get(name) ?? 0,
      first: (errors.get(name) ?? []).map(({ name: _, ...example }) => example),
    }))
    .sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1))
}

/** Rounded to a tenth of a microsecond. */
export function tidyMs(ms: number): number {
  return Math.round(ms * 1e4) / 1e4
}

function byName(a: readonly [string, unknown], b: readonly [string, unknown]): number {
  return a[0] < b[0] ? -1 : 1
}
