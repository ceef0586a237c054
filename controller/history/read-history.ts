/** The runs below a folder, the oldest first; what cannot be read is told, and disturbs nothing. */
import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { readRunFile } from '../control/run-file.ts'
import type { Verdict } from '../model.ts'
import type { SeriesHead } from '../outputs/series.ts'
import type { Summary } from '../outputs/summary.ts'
import { readHead, readSummary } from '../report/run-lines.ts'
import { UsageError } from '../usage-error.ts'

export interface PastRun {
  /** Of its folder. */
  readonly name: string
  readonly folder: string
  /** `broken`: it did not end, or its files cannot be read. */
  readonly state: 'ended' | 'running' | 'broken'
  /** What is wrong with a broken one, in words; else empty. */
  readonly trouble: string
  /** ISO 8601, UTC; null: not known, as all that follows. */
  readonly startedAt: string | null
  readonly scenario: string | null
  readonly verdict: Verdict['status'] | null
  readonly exitCode: number | null
  readonly durationMs: number | null
  readonly plannedUsers: number | null
  readonly startedUsers: number | null
  /** Acknowledged per second. */
  readonly requestRate: number | null
  /** Of failed requests in those that ended. */
  readonly failedShare: number | null
  /** Of `response`, else of `request`, ms. */
  readonly p95Ms: number | null
  readonly hasReport: boolean
}

/** @throws {UsageError} when there is no such folder */
export async function readHistory(logDir: string): Promise<readonly PastRun[]> {
  const runs: PastRun[] = []
  for (const name of await foldersIn(logDir)) {
    const run = await readPastRun(join(logDir, name))
    if (run !== null) runs.push(run)
  }
  return runs.sort(byTime)
}

/** Null: nothing in it looks like a run. */
async function readPastRun(folder: string): Promise<PastRun | null> {
  const head = await headOf(folder)
  const summary = await readSummary(folder)
  const isTold = await isThere(join(folder, 'summary.json'))
  const runFile = readRunFile(folder)
  if (
    head === null &&
    !isTold &&
    runFile === null &&
    !(await isThere(join(folder, 'series.ndjson')))
  )
    return null
  const known = { ...unknown(folder, head), hasReport: await isThere(join(folder, 'report.html')) }
  if (summary !== null) return { ...known, ...told(summary) }
  if (runFile !== null && isAlive(runFile.pid)) return { ...known, state: 'running' }
  return { ...known, state: 'broken', trouble: troubleOf(isTold, runFile !== null, head) }
}

function troubleOf(isTold: boolean, hasRunFile: boolean, head: SeriesHead | null): string {
  if (isTold) return 'its summary.json is broken, or of another version of tsts'
  if (hasRunFile)
    return 'its controller is gone: tsts attach takes it over if its launchers play on'
  if (head === null) return 'its series.ndjson cannot be read'
  return 'it was cut off: tsts report tells what it left'
}

function unknown(folder: string, head: SeriesHead | null): PastRun {
  return {
    name: basename(folder),
    folder,
    state: 'ended',
    trouble: '',
    startedAt: head === null ? null : new Date(head.startedAt).toISOString(),
    scenario: head?.scenario.file ?? null,
    verdict: null,
    exitCode: null,
    durationMs: null,
    plannedUsers: head?.plannedUsers ?? null,
    startedUsers: null,
    requestRate: null,
    failedShare: null,
    p95Ms: null,
    hasReport: false,
  }
}

function told(summary: Summary): Partial<PastRun> {
  const { verdict, exitCode, durationMs, load, requests, metrics, scenario, startedAt } = summary
  const ended = requests.acknowledged + requests.failed
  return {
    startedAt,
    scenario: scenario.file,
    verdict: verdict.status,
    exitCode,
    durationMs,
    plannedUsers: load.plannedUsers,
    startedUsers: load.startedUsers,
    requestRate: durationMs > 0 ? (1000 * requests.acknowledged) / durationMs : null,
    failedShare: ended > 0 ? requests.failed / ended : null,
    p95Ms: (metrics['response'] ?? metrics['request'])?.p95 ?? null,
  }
}

async function foldersIn(logDir: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(logDir, { withFileTypes: true })
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const reason = code === 'ENOENT' ? 'there is no such folder; where are your runs?' : message
    throw new UsageError(`cannot list the runs in ${logDir}: ${reason}`, { cause: error })
  }
}

async function headOf(folder: string): Promise<SeriesHead | null> {
  try {
    return await readHead(join(folder, 'series.ndjson'))
  } catch {
    // Whatever it is, the caller tells that the file cannot be read.
    return null
  }
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Those without a time by their name, which holds one. */
function byTime(a: PastRun, b: PastRun): number {
  if (a.startedAt !== null && b.startedAt !== null && a.startedAt !== b.startedAt) {
    return a.startedAt < b.startedAt ? -1 : 1
  }
  return a.name < b.name ? -1 : 1
}
