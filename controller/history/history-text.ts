/** The history of runs in columns, for a terminal. */
import {
  countText,
  durationText,
  msText,
  printable,
  rateText,
  shortened,
} from '../outputs/format.ts'
import type { PastRun } from './read-history.ts'

/** Runs that a sparkline shows, the last one at its right end. */
const sparkRuns = 12
const scenarioColumns = 24
const levels = '▁▂▃▄▅▆▇█'

export function historyText(runs: readonly PastRun[], logDir: string): string {
  if (runs.length === 0) return `no run in ${logDir}\n`
  const head = [
    'run',
    'started (UTC)',
    'scenario',
    'verdict',
    'exit',
    'users',
    'req/s',
    'p95 ms',
    '',
  ]
  const lines = runs.map((run, at) => cellsOf(run, sparkline(earlier(runs, at))))
  const widths = head.map((_, column) =>
    Math.max(...[head, ...lines].map((line) => [...line[column]!].length)),
  )
  const rows = [head, ...lines].map((line) =>
    line
      .map((cell, column) => {
        const blanks = ' '.repeat(Math.max(0, widths[column]! - [...cell].length))
        return column >= 4 && column <= 7 ? blanks + cell : cell + blanks
      })
      .join('  ')
      .trimEnd(),
  )
  const troubles = runs
    .filter(({ trouble }) => trouble !== '')
    .map(({ name, trouble }) => `${printable(name)}: ${trouble}`)
  return `${[...rows, ...(troubles.length > 0 ? ['', ...troubles] : [])].join('\n')}\n`
}

/** p95 of this run and of those of the same scenario before it, the oldest first. */
export function earlier(runs: readonly PastRun[], at: number): readonly number[] {
  const { scenario, p95Ms } = runs[at]!
  if (p95Ms === null) return []
  return runs
    .slice(0, at + 1)
    .filter((run) => run.scenario === scenario && run.p95Ms !== null)
    .slice(-sparkRuns)
    .map((run) => run.p95Ms!)
}

/** A character a value, from 0 to the greatest; nothing for one alone. */
export function sparkline(values: readonly number[]): string {
  if (values.length < 2) return ''
  const most = Math.max(...values)
  return values
    .map((value) => levels[most > 0 ? Math.round((value / most) * (levels.length - 1)) : 0])
    .join('')
}

/** `ended` is told by the verdict. */
export function stateText({ state, verdict }: PastRun): string {
  return state === 'ended' ? (verdict ?? '') : state
}

/** `2026-11-21 10:00`, UTC. */
export function timeText(startedAt: string | null): string {
  return startedAt === null ? '' : startedAt.slice(0, 16).replace('T', ' ')
}

/** `300`, or `120 of 300`. */
export function usersText({ plannedUsers, startedUsers }: PastRun): string {
  if (startedUsers === null) return plannedUsers === null ? '' : `of ${countText(plannedUsers)}`
  if (startedUsers === plannedUsers) return countText(startedUsers)
  return `${countText(startedUsers)} of ${countText(plannedUsers ?? 0)}`
}

export function lengthText({ durationMs }: PastRun): string {
  return durationMs === null ? '' : durationText(durationMs)
}

function cellsOf(run: PastRun, spark: string): readonly string[] {
  return [
    shortened(printable(run.name), 32),
    timeText(run.startedAt),
    shortened(printable(run.scenario ?? ''), scenarioColumns),
    stateText(run),
    run.exitCode === null ? '' : String(run.exitCode),
    usersText(run),
    run.requestRate === null ? '' : rateText(run.requestRate),
    run.p95Ms === null ? '' : msText(run.p95Ms),
    spark,
  ]
}
