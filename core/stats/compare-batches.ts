/**
 * A run cut into batches: long enough that what happens in one says little about the next, and kept apart by phase, so
 * that a load that changes from phase to phase does not count as chance.
 *
 * Source: Schmeiser, "Batch size effects in the analysis of simulation output", 1982 (10 to 30 batches).
 */
import { decodeHistogram } from './histogram.ts'
import type { WireSample } from './model.ts'

/** A stretch of a run, usually 10 s. Times in ms since its start. */
export interface Block {
  readonly fromMs: number
  readonly toMs: number
  readonly counters: { readonly [name: string]: number }
  readonly samples: { readonly [name: string]: WireSample }
}

export interface Batch {
  /** Batches of one phase, or of a few short ones, have the same number. */
  readonly stratum: number
  readonly seconds: number
  readonly counters: ReadonlyMap<string, number>
  readonly samples: ReadonlyMap<string, BatchSample>
}

export interface BatchSample {
  readonly count: number
  readonly sum: number
  readonly sumOfSquares: number
  /** Filled buckets: bucket, count, bucket, count, … of each block, in any order. */
  readonly pairs: readonly number[]
}

/** Fewer and longer ones tell more of slow drifts; phases of their own may add a few. */
const batchesWanted = 10

/**
 * @param blocks in order
 * @param borders where phases begin and the last one ends, ms, rising
 * @throws {RangeError} when a histogram is none
 */
export function batchesOf(blocks: readonly Block[], borders: readonly number[]): readonly Batch[] {
  const size = Math.ceil(blocks.length / batchesWanted)
  return strata(blocks, borders).flatMap((stratum, number) =>
    groups(stratum, size).map((group) => batchOf(group, number)),
  )
}

/** Blocks by the phase in which their middle lies; two at least, if there are two. */
function strata(blocks: readonly Block[], borders: readonly number[]): Block[][] {
  const found: Block[][] = []
  let phase = -1
  for (const block of blocks) {
    const middleMs = (block.fromMs + block.toMs) / 2
    const at = borders.filter((border) => border <= middleMs).length
    const last = found.at(-1)
    if (last && (at === phase || last.length < 2)) last.push(block)
    else found.push([block])
    phase = at
  }
  const last = found.at(-1)
  if (found.length > 1 && last!.length < 2) found.at(-2)!.push(...found.pop()!)
  return found
}

/** Neighbours together, `size` or more; two groups at least, if there are two blocks. */
function groups(blocks: readonly Block[], size: number): Block[][] {
  const count = Math.max(Math.min(2, blocks.length), Math.floor(blocks.length / size))
  return Array.from({ length: count }, (_, at) =>
    blocks.slice(
      Math.floor((at * blocks.length) / count),
      Math.floor(((at + 1) * blocks.length) / count),
    ),
  )
}

function batchOf(blocks: readonly Block[], stratum: number): Batch {
  const counters = new Map<string, number>()
  const samples = new Map<string, { -readonly [Key in keyof BatchSample]: BatchSample[Key] }>()
  let ms = 0
  for (const block of blocks) {
    ms += block.toMs - block.fromMs
    for (const [name, value] of Object.entries(block.counters)) {
      counters.set(name, (counters.get(name) ?? 0) + value)
    }
    for (const [name, { count, mean, m2, histogram }] of Object.entries(block.samples)) {
      const { pairs } = decodeHistogram(histogram)
      const kept = samples.get(name) ?? { count: 0, sum: 0, sumOfSquares: 0, pairs: [] }
      kept.count += count
      kept.sum += count * mean
      kept.sumOfSquares += m2 + count * mean * mean
      kept.pairs = kept.pairs.length === 0 ? pairs : [...kept.pairs, ...pairs]
      samples.set(name, kept)
    }
  }
  return { stratum, seconds: ms / 1000, counters, samples }
}
