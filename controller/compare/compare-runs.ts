/** Runs side by side with a verdict on each figure: the first is what the others are compared with. */
import { type Judged, judgePairs } from '../../core/stats/compare.ts'
import { type Batch, batchesOf } from '../../core/stats/compare-batches.ts'
import { doubts } from './comparable.ts'
import { type Figure, figuresOf, type Statistic } from './figures.ts'
import { type ComparedRun, readBlocks } from './read-blocks.ts'
import { type ExceededLimit, exceeded, type SlowerLimit, untold } from './slower-limits.ts'

/** Changes whenever a field of the JSON changes its meaning or goes away. */
export const comparisonVersion = 1

export interface Comparison {
  readonly version: typeof comparisonVersion
  /** How probable a wrong verdict may be, over all figures of all runs. */
  readonly alpha: number
  /** Smaller changes are not told, in parts of the earlier value. */
  readonly least: number
  readonly afterMs: number
  readonly runs: readonly RunLine[]
  readonly rows: readonly ComparedRow[]
  readonly limits: readonly SlowerLimit[]
  readonly exceeded: readonly ExceededLimit[]
  /** Limits of which nothing can be said, in words. */
  readonly untold: readonly string[]
}

export interface RunLine {
  /** Base name of its folder, or more of it where two have the same. */
  readonly name: string
  readonly folder: string
  /** ISO 8601, UTC. */
  readonly startedAt: string
  readonly scenario: string
  readonly verdict: string
  readonly startedUsers: number | null
  readonly durationMs: number
  readonly blocks: number
  /** Why it may not be comparable with the first, in words. */
  readonly doubts: readonly string[]
}

/** A figure of the first run and of a later one. Times in ms, rates per second, shares 0..1. */
export interface ComparedRow extends Omit<Judged, 'bounds'> {
  /** Name of the later run. */
  readonly run: string
  readonly metric: string
  readonly statistic: Statistic
  readonly isPart: boolean
  readonly before: number | null
  readonly after: number | null
  /** Bounds of the change. */
  readonly low: number | null
  readonly high: number | null
}

export interface CompareOptions {
  readonly alpha: number
  readonly least: number
  readonly afterMs: number
  readonly limits: readonly SlowerLimit[]
}

/**
 * @param folders two or more
 * @throws {ReportError} when one of them holds no run
 */
export async function compareRuns(
  folders: readonly string[],
  options: CompareOptions,
): Promise<Comparison> {
  const runs: ComparedRun[] = []
  for (const folder of folders) runs.push(await readBlocks(folder, options.afterMs))
  const named = distinct(runs)
  const [first, ...later] = named
  const rows = judgeAll(first!, later, options)
  return {
    version: comparisonVersion,
    alpha: options.alpha,
    least: options.least,
    afterMs: options.afterMs,
    runs: named.map((run) => runLine(run, run === first ? [] : doubts(first!, run))),
    rows,
    limits: options.limits,
    exceeded: exceeded(rows, options.limits),
    untold: untold(rows, options.limits),
  }
}

/**
 * The figures of whole runs share half of `alpha`, those of parts (transactions, tags) the other half: many parts do not
 * hide what the whole says.
 */
function judgeAll(
  first: ComparedRun,
  later: readonly ComparedRun[],
  { alpha, least }: CompareOptions,
): readonly ComparedRow[] {
  const figures = later.flatMap((run) => figuresFor(first, run).map((figure) => ({ run, figure })))
  const hasParts = figures.some(({ figure }) => figure.isPart)
  const judged = new Map<Figure, Judged>()
  for (const isPart of [false, true]) {
    const family = figures.map(({ figure }) => figure).filter((each) => each.isPart === isPart)
    const found = judgePairs(family, { alpha: hasParts ? alpha / 2 : alpha, least })
    family.forEach((figure, at) => {
      judged.set(figure, found[at]!)
    })
  }
  return figures.map(({ run, figure }) => rowOf(run, figure, judged.get(figure)!))
}

/** Runs of the same plan are compared stretch by stretch: the same one of both, when one of them took a little longer. */
function figuresFor(first: ComparedRun, run: ComparedRun): readonly Figure[] {
  const length = Math.min(first.blocks.length, run.blocks.length)
  const longer = Math.max(first.blocks.length, run.blocks.length)
  const paired = hasSamePlan(first, run) && length >= pairedShare * longer
  const batches = ({ blocks, borders }: ComparedRun): readonly Batch[] =>
    batchesOf(paired ? blocks.slice(0, length) : blocks, borders)
  return figuresOf(batches(first), batches(run), paired)
}

/** Of the longer run, that the shorter one must have. */
const pairedShare = 0.9

function hasSamePlan({ head: a }: ComparedRun, { head: b }: ComparedRun): boolean {
  return JSON.stringify(a.phases) === JSON.stringify(b.phases)
}

function rowOf(run: ComparedRun, figure: Figure, { bounds, ...judged }: Judged): ComparedRow {
  return {
    run: run.name,
    metric: figure.metric,
    statistic: figure.statistic,
    isPart: figure.isPart,
    before: figure.before?.value ?? null,
    after: figure.after?.value ?? null,
    low: bounds?.low ?? null,
    high: bounds?.high ?? null,
    ...judged,
  }
}

function runLine(run: ComparedRun, doubtsOf: readonly string[]): RunLine {
  const { name, folder, head, summary, blocks } = run
  return {
    name,
    folder,
    startedAt: new Date(head.startedAt).toISOString(),
    scenario: head.scenario.file,
    verdict: summary?.verdict.status ?? 'unfinished',
    startedUsers: summary?.load.startedUsers ?? null,
    durationMs: summary?.durationMs ?? blocks.at(-1)?.toMs ?? 0,
    blocks: blocks.length,
    doubts: doubtsOf,
  }
}

/** Names of their own, where folders in different places are called the same. */
function distinct(runs: readonly ComparedRun[]): readonly ComparedRun[] {
  return runs.map((run) => {
    const isAlone = runs.filter((each) => each.name === run.name).length === 1
    return isAlone ? run : { ...run, name: run.folder }
  })
}
