import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run } from './processes.ts'

const main = fileURLToPath(new URL('../../dist/controller/main.js', import.meta.url))

/** What the benches read from summary.json. */
export interface BenchSummary {
  readonly load: { readonly plannedUsers: number; readonly startedUsers: number }
  readonly metrics: {
    readonly [name: string]: {
      readonly count: number
      readonly mean: number
      readonly p50: number
      readonly p99: number
    }
  }
  readonly counters: { readonly [name: string]: number }
  readonly gauges: { readonly [name: string]: { readonly last: number; readonly max: number } }
  readonly launchers: readonly { readonly rssBytesMax: number; readonly cpuMs: number }[]
}

/** @param logs empty: what is read there afterwards is of this run alone */
export function tstsCommand(
  file: string,
  logs: string,
  more: readonly string[] = [],
): readonly string[] {
  const flags = ['-l', logs, '--no-live', '--no-report', '-w', '0', ...more]
  return [process.execPath, main, 'run', file, ...flags]
}

/**
 * `tsts run FILE` to its end.
 *
 * @param core of controller, agent and launchers together; null: any
 * @param folder a new one for the logs is made in it
 * @param more flags
 */
export async function runTsts(
  core: number | null,
  file: string,
  folder: string,
  more: readonly string[] = [],
): Promise<BenchSummary> {
  const logs = mkdtempSync(join(folder, 'tsts-'))
  await run(core, tstsCommand(file, logs, more), { okCodes })
  return readSummary(logs)
}

/** A run whose verdict is suspect is measured all the same. */
export const okCodes: readonly number[] = [0, 4]

/** @throws when `logs` holds no run, or more than one */
export function readSummary(logs: string): BenchSummary {
  const runs = readdirSync(logs)
  if (runs.length !== 1) throw new Error(`${logs} holds ${runs.length} runs, not one`)
  const text = readFileSync(join(logs, runs[0]!, 'summary.json'), 'utf8')
  return JSON.parse(text) as BenchSummary
}

/** CPU of all launchers, in ms. */
export function launchersCpuMs({ launchers }: BenchSummary): number {
  return launchers.reduce((sum, { cpuMs }) => sum + cpuMs, 0)
}

/**
 * @throws when an answer had another status than 200, did not match, or an error was counted. One that the end of the run
 * cut off has a status, and no time.
 */
export function assertAllAnswered({ metrics, counters }: BenchSummary): void {
  const answered = metrics['request']?.count ?? 0
  const good = counters['200'] ?? 0
  const errors = Object.entries(counters).filter(
    ([name]) => name !== '200' && /^(nomatch|error_.*|\d{3})$/.test(name),
  )
  if (answered > 0 && good >= answered && errors.length === 0) return
  const named = errors.map(([name, count]) => `${name} ${count}`).join(', ')
  throw new Error(`${good} of ${answered} answers were a 200${named && `; ${named}`}`)
}
