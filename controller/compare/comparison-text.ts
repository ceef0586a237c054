/** A comparison in words and columns, for a terminal. */
import {
  countText,
  durationText,
  msText,
  plural,
  printable,
  rateText,
  shortened,
} from '../outputs/format.ts'
import type { ComparedRow, Comparison, RunLine } from './compare-runs.ts'

const nameColumns = 28

export function comparisonText(comparison: Comparison): string {
  const { runs, rows } = comparison
  const [first, ...later] = runs
  const lines = [runText('before', first!)]
  for (const run of later) {
    lines.push(runText('after', run), '')
    for (const doubt of run.doubts) lines.push(`! ${printable(doubt)}`)
    if (run.doubts.length > 0) lines.push('')
    lines.push(...tableText(rows.filter((each) => each.run === run.name)), '')
  }
  lines.push(...endText(comparison))
  return `${lines.join('\n')}\n`
}

function runText(role: string, run: RunLine): string {
  const users = run.startedUsers === null ? '' : `, ${countText(run.startedUsers)} users`
  return printable(
    `${role.padEnd(7)}${run.name}: ${run.scenario}, ${run.verdict}${users} in ${durationText(run.durationMs)}`,
  )
}

function tableText(rows: readonly ComparedRow[]): readonly string[] {
  const head = ['', 'before', 'after', 'change', 'between', '']
  const cells = rows.map((row) => [
    figureText(row),
    valueText(row, row.before),
    valueText(row, row.after),
    changeText(row, row.change),
    boundsText(row),
    verdictText(row),
  ])
  const widths = head.map((_, column) =>
    Math.max(...[head, ...cells].map((line) => [...line[column]!].length)),
  )
  return [head, ...cells].map((line) =>
    line
      .map((cell, column) =>
        column === 0 || column === 5 ? pad(cell, widths[column]!) : lead(cell, widths[column]!),
      )
      .join('  ')
      .trimEnd(),
  )
}

function endText(comparison: Comparison): readonly string[] {
  const { alpha, least, exceeded, untold, limits } = comparison
  const percent = `${(100 * alpha).toFixed(0)} %`
  const lines = [
    `Verdicts: a wrong one or more has a chance of ${percent} at most when nothing differs; changes below ${(100 * least).toFixed(1)} % are not told.`,
  ]
  for (const { expression, run, metric, statistic, change } of exceeded) {
    lines.push(
      `FAILED ${expression}: ${printable(`${statistic}(${metric})`)} of ${printable(run)} is slower by ${(100 * change).toFixed(1)} %`,
    )
  }
  for (const text of untold) lines.push(`UNKNOWN ${printable(text)}`)
  if (limits.length > 0 && exceeded.length === 0 && untold.length === 0) {
    lines.push(`${plural(limits.length, 'limit')} kept.${silentText(comparison)}`)
  }
  return lines
}

/** Times of the whole run of which nothing can be said, while others can. */
function silentText({ rows }: Comparison): string {
  const silent = rows.filter(
    ({ isPart, statistic, verdict }) =>
      !isPart && statistic !== 'rate' && statistic !== 'share' && verdict === 'unknown',
  )
  return silent.length === 0 ? '' : ` ${plural(silent.length, 'time')} cannot be told.`
}

/** `request p95`, `requests per second`. */
export function figureText({
  metric,
  statistic,
}: Pick<ComparedRow, 'metric' | 'statistic'>): string {
  if (metric === 'requests') return 'requests per second'
  if (metric === 'users_count') return 'users per second'
  if (metric === 'error_rate') return 'failed requests'
  return `${shortened(printable(metric), nameColumns)} ${statistic}`
}

export function valueText({ statistic }: ComparedRow, value: number | null): string {
  if (value === null) return '–'
  if (statistic === 'share') return `${(100 * value).toFixed(2)} %`
  return statistic === 'rate' ? rateText(value) : `${msText(value)} ms`
}

export function changeText({ statistic }: ComparedRow, change: number | null): string {
  if (change === null) return '–'
  if (statistic === 'share') return `${signed(100 * change, 2)} points`
  return `${signed(100 * change, 1)} %`
}

export function boundsText({ statistic, low, high }: ComparedRow): string {
  if (low === null || high === null) return ''
  const digits = statistic === 'share' ? 2 : 1
  return `${signed(100 * low, digits)} … ${signed(100 * high, digits)}`
}

export function verdictText({ statistic, verdict }: ComparedRow): string {
  if (verdict === 'unknown') return 'cannot be told'
  if (verdict === 'no-difference') return 'no difference told'
  if (statistic === 'rate') return verdict === 'better' ? 'more' : 'fewer'
  if (statistic === 'share') return verdict === 'better' ? 'fewer' : 'more'
  return verdict === 'better' ? 'faster' : 'slower'
}

function signed(value: number, digits: number): string {
  if (!Number.isFinite(value)) return value > 0 ? '+∞' : '−∞'
  const text = Math.abs(value).toFixed(digits)
  if (Number(text) === 0) return text
  return `${value < 0 ? '−' : '+'}${text}`
}

function pad(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - [...text].length))
}

function lead(text: string, columns: number): string {
  return ' '.repeat(Math.max(0, columns - [...text].length)) + text
}
