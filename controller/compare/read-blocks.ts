/** A run as `tsts compare` needs it: its head and its 10 s blocks. */
import { basename, join } from 'node:path'
import type { Block } from '../../core/stats/compare-batches.ts'
import type { SeriesHead, SeriesLine } from '../outputs/series.ts'
import type { Summary } from '../outputs/summary.ts'
import { linesOf, readHead, readSummary } from '../report/run-lines.ts'

export interface ComparedRun {
  readonly folder: string
  /** Base name of the folder. */
  readonly name: string
  readonly head: SeriesHead
  /** Null: the run did not end, or its controller was killed. */
  readonly summary: Summary | null
  /** In order. */
  readonly blocks: readonly Block[]
  /** Where phases begin and the last one ends, ms since the start, rising. */
  readonly borders: readonly number[]
}

/**
 * @param afterMs what happened before is left out
 * @throws {ReportError} when the folder holds no run
 */
export async function readBlocks(folder: string, afterMs: number): Promise<ComparedRun> {
  const path = join(folder, 'series.ndjson')
  const head = await readHead(path)
  const blocks: Block[] = []
  let counters: Record<string, number> = {}
  for await (const line of linesOf<SeriesLine>(path)) {
    if (line?.type === 'second') {
      for (const [name, value] of Object.entries(line.counters)) {
        counters[name] = (counters[name] ?? 0) + value
      }
    } else if (line?.type === 'histograms') {
      const { fromMs, toMs, samples } = line
      if (fromMs >= afterMs) blocks.push({ fromMs, toMs, counters, samples })
      counters = {}
    }
  }
  const borders = head.phases.flatMap(({ startMs, durationMs }) => [startMs, startMs + durationMs])
  return {
    folder,
    name: basename(folder),
    head,
    summary: await readSummary(folder),
    blocks,
    borders: [...new Set(borders)].sort((a, b) => a - b),
  }
}
