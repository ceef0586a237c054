/** Runs of which it is known whether they differ. */
import { type Rng, stream } from '../../core/random.ts'
import { judgePairs, type Pair } from '../../core/stats/compare.ts'
import { type Batch, type Block, batchesOf } from '../../core/stats/compare-batches.ts'
import { meanOf, percentileOf, rateOf, shareOf } from '../../core/stats/compare-estimate.ts'
import { MutableSample } from '../../core/stats/sample.ts'

const sample = new MutableSample('request')

export interface MadeUp {
  readonly seed: string
  readonly blocks?: number
  readonly perBlock?: number
  readonly medianMs?: number
  /** Of the logarithm, from block to block, beside that of each value. */
  readonly drift?: number
  /** How much of a block's drift the next one keeps. */
  readonly kept?: number
  readonly failedShare?: number
  /** The later half is so many times as slow: another phase. */
  readonly laterFactor?: number
}

/** A run whose times are log-normal around a median that drifts. */
export function run(options: MadeUp): Block[] {
  const { blocks = 60, perBlock = 150, medianMs = 20, drift = 0.03, kept = 0.4 } = options
  const { failedShare = 0.01, laterFactor = 1 } = options
  const random = stream(options.seed)
  let away = 0
  return Array.from({ length: blocks }, (_, at) => {
    away = kept * away + drift * Math.sqrt(1 - kept ** 2) * normal(random)
    const factor = at >= blocks / 2 ? laterFactor : 1
    const count = Math.round(perBlock + Math.sqrt(perBlock) * normal(random))
    sample.reset()
    let failed = 0
    for (let index = 0; index < count; index++) {
      sample.record(medianMs * factor * Math.exp(away + 0.5 * normal(random)))
      if (random() < failedShare) failed++
    }
    return {
      fromMs: at * 10_000,
      toMs: (at + 1) * 10_000,
      counters: { tsts_acknowledged: count, tsts_failed: failed },
      samples: { request: sample.encode() },
    }
  })
}

/** Box-Muller. */
function normal(random: Rng): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

const counter = (name: string) => (batch: Batch) => batch.counters.get(name) ?? 0

/** What `tsts compare` looks at in a metric. */
export function pairs(before: readonly Batch[], after: readonly Batch[], paired: boolean): Pair[] {
  const both = <Value>(
    of: (batches: readonly Batch[]) => Value,
  ): { before: Value; after: Value } => ({
    before: of(before),
    after: of(after),
  })
  const less = { better: 'less', scale: 'ratio', paired } as const
  const issued = (batch: Batch): number =>
    counter('tsts_acknowledged')(batch) + counter('tsts_failed')(batch)
  return [
    { ...less, ...both((batches) => percentileOf(batches, 'request', 0.5)) },
    { ...less, ...both((batches) => percentileOf(batches, 'request', 0.95)) },
    { ...less, ...both((batches) => percentileOf(batches, 'request', 0.99)) },
    { ...less, ...both((batches) => meanOf(batches, 'request')) },
    {
      better: 'more',
      scale: 'ratio',
      paired,
      ...both((batches) => rateOf(batches, counter('tsts_acknowledged'))),
    },
    {
      better: 'less',
      scale: 'difference',
      paired,
      ...both((batches) => shareOf(batches, counter('tsts_failed'), issued)),
    },
  ]
}

export function verdicts(
  before: MadeUp,
  after: MadeUp,
  options: {
    readonly borders?: readonly number[]
    readonly least?: number
    readonly alpha?: number
    readonly paired?: boolean
  } = {},
): string[] {
  const { borders = [], least = 0, alpha = 0.05, paired = true } = options
  const judged = judgePairs(
    pairs(batchesOf(run(before), borders), batchesOf(run(after), borders), paired),
    { alpha, least },
  )
  return judged.map(({ verdict }) => verdict)
}

/** Kinds of runs: what they are, whether two of them have the same plan, and where its phases begin. */
export const equalRuns: readonly (readonly [
  string,
  Omit<MadeUp, 'seed'>,
  boolean,
  readonly number[],
])[] = [
  ['steady', { drift: 0 }, true, []],
  ['steady, of other plans', { drift: 0 }, false, []],
  ['drifting from block to block', { drift: 0.05, kept: 0.5 }, true, []],
  ['drifting, of other plans', { drift: 0.05, kept: 0.5 }, false, []],
  ['of one minute', { blocks: 6, drift: 0.03, kept: 0.3 }, true, []],
  ['of two phases', { blocks: 40, laterFactor: 2 }, true, [0, 200_000]],
  ['that become slower in the middle', { blocks: 40, laterFactor: 2 }, true, []],
]
