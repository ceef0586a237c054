/** `--influx FILE`: the run as lines of InfluxDB, to be written into it later or by something that follows the file. */
import { basename } from 'node:path'
import type {
  LauncherHealth,
  Output,
  RunEvent,
  RunHead,
  RunResult,
  Second,
  Standing,
} from '../model.ts'
import { FileSink, type OnTrouble } from '../outputs/sink.ts'
import { percentilesOf, tidyMs } from '../outputs/summary.ts'
import { labelsOf } from './labels.ts'
import { lineOf, type Point } from './line-protocol.ts'

export function influx(path: string, onTrouble: OnTrouble): Output {
  return new Influx(path, onTrouble)
}

class Influx implements Output {
  readonly #path: string
  readonly #onTrouble: OnTrouble
  #sink: FileSink | null = null
  #startedAt = 0
  #run: Point['tags'] = {}
  #events = 0

  constructor(path: string, onTrouble: OnTrouble) {
    this.#path = path
    this.#onTrouble = onTrouble
  }

  start({ folder, scenario, startedAt, plan }: RunHead): void {
    this.#sink = new FileSink(this.#path, this.#onTrouble)
    this.#startedAt = startedAt
    this.#run = { run: basename(folder), scenario: basename(scenario.file) }
    const { users, durationMs, seed } = plan
    const fields = { planned_users: users, planned_ms: durationMs, seed }
    this.#line('tsts_start', {}, fields, 0)
  }

  second({ totals, atMs, ...second }: Second): void {
    const { users, usersMax, connected, connectedMax, inFlight, phase, due } = second
    const most = { users_max: usersMax, connected_max: connectedMax }
    const { started, finished, launchers } = second
    const gauges = { users, connected, ...most, in_flight: inFlight, phase, due }
    this.#line('tsts', {}, { ...gauges, started, finished, launchers }, atMs)
    for (const [name, value] of totals.counters) {
      if (value !== 0) this.#line('tsts_counter', { name }, { value }, atMs)
    }
    for (const [name, sample] of totals.samples) {
      if (sample.count === 0) continue
      const { count, mean, min, max } = sample
      const [p50, p90, p95, p99] = percentilesOf(sample, [50, 90, 95, 99])
      const moments = { count, mean: tidyMs(mean), min: tidyMs(min), max: tidyMs(max) }
      this.#line('tsts_time', labelsOf(name), { ...moments, p50, p90, p95, p99 }, atMs)
    }
  }

  standing({ atMs, launchers }: Standing): void {
    for (const launcher of launchers) {
      if (launcher.state === 'playing') this.#launcher(launcher, atMs)
    }
  }

  event({ atMs, type, text, launcher }: RunEvent): void {
    const tags = { type, launcher: launcher === undefined ? '' : String(launcher) }
    this.#line('tsts_event', tags, { text }, atMs, this.#events++ % 1_000_000)
  }

  end({ endedAtMs, verdict, exitCode }: RunResult): void {
    this.#line('tsts_end', {}, { verdict: verdict.status, exit_code: exitCode }, endedAtMs)
  }

  async close(): Promise<void> {
    await this.#sink?.close()
  }

  #launcher(health: LauncherHealth, atMs: number): void {
    const tags = { launcher: String(health.launcher), host: health.host }
    const fields = {
      users: health.users,
      cpu_ratio: health.cpuShare,
      gc_ratio: health.gcShare,
      loop_delay_ms: health.loopDelayMaxMs,
      memory_bytes: health.rssBytes,
      connected: health.connected,
      descriptors: health.descriptors,
    }
    this.#line('tsts_launcher', tags, fields, atMs)
  }

  #line(
    measurement: string,
    tags: Point['tags'],
    fields: Point['fields'],
    atMs: number,
    ns: number = 0,
  ): void {
    const epochMs = this.#startedAt + atMs
    this.#sink?.write(lineOf({ measurement, tags: { ...this.#run, ...tags }, fields, epochMs, ns }))
  }
}
