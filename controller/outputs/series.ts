/**
 * series.ndjson: the run second by second, merged over its launchers, one JSON object a line.
 *
 *     head         once, first: the plan and what is needed to read the rest
 *     second       every second: counters as differences, gauges, percentiles
 *     histograms   every 10 s: all samples of these 10 s with their histograms, so that any percentile over any span of
 *                  10 s intervals can be rebuilt by merging them
 *     health       every 10 s: how each launcher fared in them
 *     monitored    when servers are watched (`<monitoring>`): at each reading, what was read; no version writes it yet
 *     end          once, last; missing when the controller was killed
 *
 * Times are ms since the run's start.
 */
import { join } from 'node:path'
import type { Plan } from '../../core/plan/model.ts'
import type { WireSample } from '../../core/stats/model.ts'
import { MutableSample, type Sample } from '../../core/stats/sample.ts'
import type {
  Environment,
  LauncherHealth,
  Output,
  RunHead,
  RunResult,
  Second,
  Standing,
  Verdict,
} from '../model.ts'
import { FileSink, type OnTrouble } from './sink.ts'
import { percentilesOf, tidyMs } from './summary.ts'

/** Changes whenever a field changes its meaning or goes away. */
export const seriesVersion = 1

const histogramsEveryMs = 10_000

/** Readers pass over lines of a type that they do not know. */
export type SeriesLine =
  | SeriesHead
  | SeriesSecond
  | SeriesHistograms
  | SeriesHealth
  | SeriesMonitored
  | SeriesEnd

export interface SeriesHead {
  readonly type: 'head'
  readonly version: typeof seriesVersion
  /** Epoch ms. */
  readonly startedAt: number
  readonly scenario: { readonly file: string; readonly sha256: string }
  readonly seed: string
  readonly arrivals: Plan['arrivals']
  readonly plannedUsers: number
  readonly durationMs: number
  readonly cutAfterMs: number | null
  readonly phases: Plan['phases']
  readonly planned: readonly PlannedStep[]
  readonly launchers: readonly {
    readonly launcher: number
    readonly host: string
    readonly users: number
    readonly share: number
  }[]
  readonly environment: Environment
}

/** `users` arrivals planned from `fromMs` to `toMs`, at an even rate; at one moment when both are the same. */
export interface PlannedStep {
  readonly fromMs: number
  readonly toMs: number
  readonly users: number
}

export interface SeriesSecond extends Omit<Second, 'totals'> {
  readonly type: 'second'
  readonly counters: { readonly [name: string]: number }
  readonly samples: { readonly [name: string]: SecondSample }
}

export interface SecondSample {
  readonly count: number
  readonly mean: number
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly max: number
}

export interface SeriesHistograms {
  readonly type: 'histograms'
  readonly fromMs: number
  readonly toMs: number
  readonly samples: { readonly [name: string]: WireSample }
}

export interface SeriesHealth {
  readonly type: 'health'
  readonly atMs: number
  readonly launchers: readonly LauncherFitness[]
}

/** The worst of its seconds since the last such line; of `users` and `connected` the last. */
export type LauncherFitness = Pick<
  LauncherHealth,
  'launcher' | 'users' | 'connected' | 'cpuShare' | 'gcShare' | 'loopDelayMaxMs' | 'rssBytes'
>

/** A reading of the servers under load. */
export interface SeriesMonitored {
  readonly type: 'monitored'
  /** The reading before. */
  readonly fromMs: number
  readonly toMs: number
  /**
   * By server, then by Tsung's name: `cpu` in % of all CPUs, `load`, `freemem` in MB; `recvpackets`, `sentpackets` since
   * the reading before; `mysql_threads`, `mysql_questions`, names of `<oid>`.
   */
  readonly monitored: { readonly [server: string]: { readonly [name: string]: number } }
}

export interface SeriesEnd {
  readonly type: 'end'
  readonly atMs: number
  readonly verdict: Verdict['status']
  readonly exitCode: number
}

export function series(options: { readonly onTrouble: OnTrouble }): Output {
  return new Series(options.onTrouble)
}

class Series implements Output {
  readonly #onTrouble: OnTrouble
  #sink: FileSink | null = null
  readonly #samples = new Map<string, MutableSample>()
  readonly #fitness = new Map<number, LauncherFitness>()
  #fromMs = 0
  #atMs = 0
  #healthFromMs = 0

  constructor(onTrouble: OnTrouble) {
    this.#onTrouble = onTrouble
  }

  start(head: RunHead): void {
    this.#sink = new FileSink(join(head.folder, 'series.ndjson'), this.#onTrouble)
    this.#line(seriesHead(head))
  }

  second(second: Second): void {
    this.#atMs = second.atMs
    this.#line(seriesSecond(second))
    for (const [name, sample] of second.totals.samples) {
      if (sample.count === 0) continue
      const kept = this.#samples.get(name) ?? new MutableSample(name)
      kept.merge(sample.encode())
      this.#samples.set(name, kept)
    }
    if (this.#atMs - this.#fromMs >= histogramsEveryMs) this.#histograms()
  }

  standing({ atMs, launchers }: Standing): void {
    for (const health of launchers) {
      if (health.state !== 'playing') continue
      this.#fitness.set(health.launcher, worse(this.#fitness.get(health.launcher), health))
    }
    if (atMs - this.#healthFromMs < histogramsEveryMs) return
    this.#healthFromMs = atMs
    if (this.#fitness.size === 0) return
    this.#line({ type: 'health', atMs, launchers: [...this.#fitness.values()] })
    this.#fitness.clear()
  }

  event(): void {
    // Events stand in events.ndjson.
  }

  end(result: RunResult): void {
    if (this.#atMs > this.#fromMs) this.#histograms()
    const { endedAtMs, verdict, exitCode } = result
    this.#line({ type: 'end', atMs: endedAtMs, verdict: verdict.status, exitCode })
  }

  async close(): Promise<void> {
    await this.#sink?.close()
  }

  #histograms(): void {
    const samples: Record<string, WireSample> = {}
    for (const [name, sample] of this.#samples) {
      if (sample.count === 0) continue
      samples[name] = sample.encode()
      sample.reset()
    }
    this.#line({ type: 'histograms', fromMs: this.#fromMs, toMs: this.#atMs, samples })
    this.#fromMs = this.#atMs
  }

  #line(line: SeriesLine): void {
    this.#sink?.write(`${JSON.stringify(line)}\n`)
  }
}

export function seriesHead({
  scenario,
  plan,
  scenarioSha256,
  startedAt,
  environment,
}: RunHead): SeriesHead {
  return {
    type: 'head',
    version: seriesVersion,
    startedAt,
    scenario: { file: scenario.file, sha256: scenarioSha256 },
    seed: plan.seed,
    arrivals: plan.arrivals,
    plannedUsers: plan.users,
    durationMs: plan.durationMs,
    cutAfterMs: plan.cutAfterMs,
    phases: plan.phases,
    planned: plannedSteps(plan),
    launchers: plan.launchers.map(({ launcher, host, users, share }) => ({
      launcher,
      host,
      users,
      share,
    })),
    environment,
  }
}

function plannedSteps(plan: Plan): readonly PlannedStep[] {
  const phases = plan.phases.map(({ startMs, durationMs, users, intensityPerMs }) => ({
    fromMs: startMs,
    toMs: startMs + Math.min(durationMs, users / intensityPerMs),
    users,
  }))
  const single = plan.launchers.flatMap((launcher) =>
    launcher.staticUsers.map(({ startMs }) => ({ fromMs: startMs, toMs: startMs, users: 1 })),
  )
  return [...phases, ...single].sort((a, b) => a.fromMs - b.fromMs)
}

export function seriesSecond({ totals, ...gauges }: Second): SeriesSecond {
  const samples: Record<string, SecondSample> = {}
  for (const [name, sample] of totals.samples) {
    if (sample.count > 0) samples[name] = secondSample(sample)
  }
  return { type: 'second', ...gauges, counters: Object.fromEntries(totals.counters), samples }
}

function secondSample(sample: Sample): SecondSample {
  const [p50, p95, p99] = percentilesOf(sample, [50, 95, 99])
  return { count: sample.count, mean: tidyMs(sample.mean), p50, p95, p99, max: tidyMs(sample.max) }
}

function worse(before: LauncherFitness | undefined, now: LauncherHealth): LauncherFitness {
  const { launcher, users, connected, rssBytes } = now
  return {
    launcher,
    users,
    connected,
    cpuShare: tidyMs(Math.max(before?.cpuShare ?? 0, now.cpuShare)),
    gcShare: tidyMs(Math.max(before?.gcShare ?? 0, now.gcShare)),
    loopDelayMaxMs: tidyMs(Math.max(before?.loopDelayMaxMs ?? 0, now.loopDelayMaxMs)),
    rssBytes: Math.max(before?.rssBytes ?? 0, rssBytes),
  }
}
