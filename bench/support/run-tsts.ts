import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pinned } from './figures.ts'

const main = fileURLToPath(new URL('../../dist/controller/main.js', import.meta.url))

/** What the benches read from summary.json. */
export interface BenchSummary {
  readonly metrics: {
    readonly [name: string]: { readonly count: number; readonly p50: number; readonly p99: number }
  }
  readonly counters: { readonly [name: string]: number }
  readonly gauges: { readonly [name: string]: { readonly last: number; readonly max: number } }
  readonly launchers: readonly { readonly rssBytesMax: number; readonly cpuMs: number }[]
}

/**
 * `tsts run FILE` on one core; `logs` must not exist yet.
 *
 * @param core of controller, agent and launchers together
 * @param more flags
 */
export async function runTsts(
  core: number,
  file: string,
  logs: string,
  more: readonly string[] = [],
): Promise<BenchSummary> {
  const flags = ['-l', logs, '--no-live', '--no-report', '-w', '0', ...more]
  await pinned(core, [process.execPath, main, 'run', file, ...flags], [0, 4])
  return JSON.parse(
    readFileSync(join(logs, readdirSync(logs)[0]!, 'summary.json'), 'utf8'),
  ) as BenchSummary
}
