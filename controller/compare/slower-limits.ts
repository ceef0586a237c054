/** `--fail-if-slower`: how much slower a run may be before the command fails. */
import { UsageError } from '../usage-error.ts'
import type { ComparedRow } from './compare-runs.ts'

export interface SlowerLimit {
  /** As it was written. */
  readonly expression: string
  /** Null: every time of the whole run. */
  readonly figure: { readonly metric: string; readonly statistic: string } | null
  /** 0.05: 5 %. */
  readonly share: number
}

const form = "5% or 'p99(request)=5%', with mean, p50, p95 or p99 of a metric"

/** @throws {UsageError} */
export function slowerLimit(text: string): SlowerLimit {
  const [, statistic, metric, number] =
    /^\s*(?:(mean|p50|p95|p99)\s*\(\s*([^()]+?)\s*\)\s*=\s*)?(\d+(?:\.\d+)?)\s*%\s*$/.exec(text) ??
    []
  if (number === undefined) throw new UsageError(`--fail-if-slower wants ${form}, not "${text}"`)
  return {
    expression: text.trim(),
    figure: metric === undefined ? null : { metric, statistic: statistic! },
    share: Number(number) / 100,
  }
}

export interface ExceededLimit {
  readonly expression: string
  readonly run: string
  readonly metric: string
  readonly statistic: string
  readonly change: number
}

/** Times that are told to be slower, by more than a limit allows. */
export function exceeded(
  rows: readonly ComparedRow[],
  limits: readonly SlowerLimit[],
): readonly ExceededLimit[] {
  return limits.flatMap(({ expression, figure, share }) =>
    rows
      .filter((row) => isMeant(row, figure))
      .filter(({ verdict, change }) => verdict === 'worse' && change !== null && change > share)
      .map(({ run, metric, statistic, change }) => ({
        expression,
        run,
        metric,
        statistic,
        change: change!,
      })),
  )
}

/** Sentences about limits of which nothing can be said. */
export function untold(
  rows: readonly ComparedRow[],
  limits: readonly SlowerLimit[],
): readonly string[] {
  return limits.flatMap(({ expression, figure }) => {
    const meant = rows.filter((row) => isMeant(row, figure))
    if (meant.length === 0) return [`${expression}: no run has such a time`]
    const unknown = meant.filter(({ verdict }) => verdict === 'unknown')
    return unknown.length === meant.length
      ? [`${expression}: there is too little data to tell`]
      : []
  })
}

function isMeant(row: ComparedRow, figure: SlowerLimit['figure']): boolean {
  if (row.statistic === 'rate' || row.statistic === 'share') return false
  if (figure === null) return !row.isPart
  return row.metric === figure.metric && row.statistic === figure.statistic
}
