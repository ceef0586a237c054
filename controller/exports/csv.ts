/** `--csv FILE`: a row for each second. `--csv-summary FILE`: a row for each metric, at the end. RFC 4180, line feeds. */
import type { Sample } from '../../core/stats/sample.ts'
import type { Output, RunHead, RunResult, Second } from '../model.ts'
import { FileSink, type OnTrouble } from '../outputs/sink.ts'
import { metricSummary, percentilesOf, tidyMs } from '../outputs/summary.ts'

/** Metrics that have columns. */
const measured = ['request', 'response', 'connect', 'ttfb', 'page', 'session', 'late'] as const
const figures = ['count', 'mean_ms', 'p50_ms', 'p95_ms', 'p99_ms', 'max_ms'] as const

/** Columns of `--csv`; what has no value is empty. */
export const csvColumns: readonly string[] = [
  'time',
  'second',
  'phase',
  'users',
  'connected',
  'in_flight',
  'due',
  'started',
  'finished',
  'launchers',
  'issued',
  'acknowledged',
  'failed',
  'errors',
  'sent_bytes',
  'received_bytes',
  ...measured.flatMap((name) => figures.map((figure) => `${name}_${figure}`)),
]

/** Columns of `--csv-summary`; times in ms. */
export const csvSummaryColumns: readonly string[] = [
  'metric',
  'count',
  'mean',
  'stddev',
  'min',
  'max',
  'p50',
  'p75',
  'p90',
  'p95',
  'p99',
  'p999',
  'p9999',
]

type Cell = string | number | null

export function csv(path: string, onTrouble: OnTrouble): Output {
  let sink: FileSink | null = null
  let startedAt = 0
  return {
    start(head: RunHead): void {
      startedAt = head.startedAt
      sink = new FileSink(path, onTrouble)
      sink.write(row(csvColumns))
    },
    second(second: Second): void {
      sink?.write(row(secondCells(second, startedAt)))
    },
    event(): void {
      // A table of numbers has no place for them.
    },
    end(): void {
      // The last second is the last row.
    },
    async close(): Promise<void> {
      await sink?.close()
    },
  }
}

export function csvSummary(path: string, onTrouble: OnTrouble): Output {
  let sink: FileSink | null = null
  return {
    start(): void {
      // Nothing is known before the end.
    },
    second(): void {
      // The totals of the end hold them all.
    },
    event(): void {
      // A table of numbers has no place for them.
    },
    end({ totals }: RunResult): void {
      sink = new FileSink(path, onTrouble)
      sink.write(row(csvSummaryColumns))
      const samples = [...totals.samples].filter(([, { count }]) => count > 0)
      for (const [name, sample] of samples.sort(([a], [b]) => (a < b ? -1 : 1))) {
        const { count, mean, stddev, min, max, ...percentiles } = metricSummary(sample)
        const { p50, p75, p90, p95, p99, p999, p9999 } = percentiles
        const moments = [count, mean, stddev, min, max]
        sink.write(row([name, ...moments, p50, p75, p90, p95, p99, p999, p9999]))
      }
    },
    async close(): Promise<void> {
      await sink?.close()
    },
  }
}

function secondCells(second: Second, startedAt: number): readonly Cell[] {
  const { counters, samples } = second.totals
  const of = (name: string): number => counters.get(name) ?? 0
  let errors = 0
  for (const [name, count] of counters) if (name.startsWith('error_')) errors += count
  return [
    new Date(startedAt + second.atMs).toISOString(),
    second.atMs / 1000,
    second.phase,
    second.users,
    second.connected,
    second.inFlight,
    second.due,
    second.started,
    second.finished,
    second.launchers,
    of('tsts_issued'),
    of('tsts_acknowledged'),
    of('tsts_failed'),
    errors,
    of('size_sent'),
    of('size_rcv'),
    ...measured.flatMap((name) => timeCells(samples.get(name))),
  ]
}

function timeCells(sample: Sample | undefined): readonly Cell[] {
  if (sample === undefined || sample.count === 0)
    return [0, ...Array(figures.length - 1).fill(null)]
  const [p50, p95, p99] = percentilesOf(sample, [50, 95, 99])
  return [sample.count, tidyMs(sample.mean), p50, p95, p99, tidyMs(sample.max)]
}

function row(cells: readonly Cell[]): string {
  return `${cells.map(cellText).join(',')}\n`
}

function cellText(cell: Cell): string {
  const text = cell === null ? '' : String(cell)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
