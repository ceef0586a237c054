/** What is compared of two runs: percentiles and means of every metric both have, rates, and the share of failures. */
import type { Pair } from '../../core/stats/compare.ts'
import type { Batch } from '../../core/stats/compare-batches.ts'
import {
  type Estimate,
  meanOf,
  percentileOf,
  rateOf,
  shareOf,
} from '../../core/stats/compare-estimate.ts'

export type Statistic = 'p50' | 'p95' | 'p99' | 'mean' | 'rate' | 'share'

export interface Figure extends Pair {
  /** A metric's name; `requests`, `users_count`, `error_rate`. */
  readonly metric: string
  readonly statistic: Statistic
  /** One of a transaction, a tag or a plugin: judged among its like. */
  readonly isPart: boolean
}

const percentiles = [
  ['p50', 0.5],
  ['p95', 0.95],
  ['p99', 0.99],
] as const

/** `late` is the generator's own. */
const leftOut: ReadonlySet<string> = new Set(['late', 'other'])
const wholeRun = ['response', 'request', 'page', 'ttfb', 'connect', 'tcp_connect', 'tls', 'session']

/** @param paired batches of both go together one by one */
export function figuresOf(
  before: readonly Batch[],
  after: readonly Batch[],
  paired: boolean,
): readonly Figure[] {
  const names = namesIn(before).filter((name) => namesIn(after).includes(name))
  const whole = wholeRun.filter((name) => names.includes(name))
  const parts = names.filter((name) => !wholeRun.includes(name) && !leftOut.has(name)).sort()
  const figures = [
    ...whole.flatMap((name) => timesOf(name, false, before, after)),
    ...countsOf(before, after),
    ...parts.flatMap((name) => timesOf(name, true, before, after)),
  ]
  return figures.map((figure) => ({ ...figure, paired }))
}

type Unpaired = Omit<Figure, 'paired'>

function timesOf(
  metric: string,
  isPart: boolean,
  before: readonly Batch[],
  after: readonly Batch[],
): readonly Unpaired[] {
  const figure = (
    statistic: Statistic,
    of: (batches: readonly Batch[]) => Estimate | null,
  ): Unpaired => ({
    metric,
    statistic,
    isPart,
    better: 'less',
    scale: 'ratio',
    before: of(before),
    after: of(after),
  })
  return [
    figure('mean', (batches) => meanOf(batches, metric)),
    ...percentiles.map(([statistic, p]) =>
      figure(statistic, (batches) => percentileOf(batches, metric, p)),
    ),
  ]
}

function countsOf(before: readonly Batch[], after: readonly Batch[]): readonly Unpaired[] {
  const whole = { isPart: false } as const
  const answers = counterOf('tsts_acknowledged')
  const failed = counterOf('tsts_failed')
  const started = counterOf('users_count')
  const share = (batches: readonly Batch[]): Estimate | null =>
    shareOf(batches, failed, (batch) => answers(batch) + failed(batch))
  return [
    {
      ...whole,
      metric: 'requests',
      statistic: 'rate',
      better: 'more',
      scale: 'ratio',
      before: rateOf(before, answers),
      after: rateOf(after, answers),
    },
    {
      ...whole,
      metric: 'users_count',
      statistic: 'rate',
      better: 'more',
      scale: 'ratio',
      before: rateOf(before, started),
      after: rateOf(after, started),
    },
    {
      ...whole,
      metric: 'error_rate',
      statistic: 'share',
      better: 'less',
      scale: 'difference',
      before: share(before),
      after: share(after),
    },
  ]
}

function counterOf(name: string): (batch: Batch) => number {
  return ({ counters }) => counters.get(name) ?? 0
}

function namesIn(batches: readonly Batch[]): readonly string[] {
  return [...new Set(batches.flatMap(({ samples }) => [...samples.keys()]))]
}
