/** Whether the objective held at a rate, from everything that was measured at it. Pure. */
import type { Threshold } from '../../core/thresholds/model.ts'
import { rateText } from '../outputs/format.ts'
import { holds, valueText } from '../thresholds/judged.ts'
import { Measured, type Told } from '../thresholds/measured.ts'
import type { Finding, Objective } from './model.ts'
import type { WatchedSecond } from './step-watch.ts'

/** Measured seconds of one step. */
export type MeasuredStep = readonly WatchedSecond[]

export interface Judgement {
  readonly held: boolean
  readonly close: boolean
  /** Ever more requests wait, or turns. */
  readonly grows: boolean
  readonly findings: readonly Finding[]
  /** What no condition tells. */
  readonly reasons: readonly string[]
}

/** Slices of a step's measured time, whose values tell how far the whole may be trusted. */
const slicesPerStep = 8
/** Fewer of them tell nothing. */
const minSlices = 4
/** Standard errors to either side within which a limit is close: 90 % of a t distribution with some ten slices. */
const closeErrors = 1.8
/** Standard deviations of a backlog that is served as it comes, which its growth over a step must exceed. */
const strayedBacklogs = 4
/** Within this factor of what counts as growth another step says more. */
const closeGrowth = 1.6
/** A percentile rests on so many samples above it, a share on so many expected events. */
const samplesAbove = 10
const eventsExpected = 3
/** Samples for a mean. */
const samplesOfMean = 100

/**
 * @param steps all that were played at the rate and can be trusted; at least one
 * @param precision of the search: a backlog that grows by half of it is one that the target does not serve
 */
export function judgeSteps(
  objective: Objective,
  steps: readonly MeasuredStep[],
  precision: number,
): Judgement {
  const findings = objective.map((condition, at) => findingOf(condition, at, steps))
  const backlog = backlogOf(steps, precision)
  const grows = backlog?.grows === true
  return {
    held: !grows && findings.every(({ held }) => held),
    close: backlog?.close === true || (!grows && findings.some(({ close }) => close)),
    grows,
    findings,
    reasons: backlog !== null && grows ? [backlogText(backlog)] : [],
  }
}

/**
 * Samples that a condition needs to be told at all: ten above a percentile, three of what a share counts (when none
 * comes, the share is less with 95 %).
 */
export function wantedSamples({ value, limit }: Threshold): number {
  switch (value.type) {
    case 'percentile':
      return value.p < 100 ? samplesAbove / (1 - value.p / 100) : 0
    case 'share':
      return limit.number > 0 && limit.number < 1 ? eventsExpected / limit.number : 0
    case 'mean':
      return samplesOfMean
    default:
      return 0
  }
}

/** Samples that a condition had in these seconds. */
export function samplesOf({ value }: Threshold, told: readonly Told[]): number {
  if (value.type === 'share') return sumOf(told, ({ ended }) => ended)
  return sumOf(told, ({ sample, count }) => sample?.count ?? count)
}

function findingOf(condition: Threshold, at: number, steps: readonly MeasuredStep[]): Finding {
  const all = steps.flat().map(({ told }) => told[at]!)
  const value = measuredValue(condition, all)
  const { expression } = condition
  if (value === null) {
    const text = 'nothing was measured'
    return { expression, value, error: null, held: false, close: false, text }
  }
  const values = steps
    .flatMap((step) => slices(step.map(({ told }) => told[at]!)))
    .map((slice) => measuredValue(condition, slice))
    .filter((each) => each !== null)
  const error = values.length < minSlices ? null : standardError(values)
  const distance = Math.abs(value - condition.limit.number)
  return {
    expression,
    value,
    error,
    held: holds(condition, value),
    close: error !== null && distance < closeErrors * error,
    text: valueText(condition, value),
  }
}

function measuredValue(condition: Threshold, told: readonly Told[]): number | null {
  const measured = new Measured(condition.value)
  for (const each of told) measured.add(each)
  return measured.value(condition.limit.of === 'planned', null)
}

function slices(told: readonly Told[]): readonly (readonly Told[])[] {
  const count = Math.min(slicesPerStep, told.length)
  return Array.from({ length: count }, (_, slice) =>
    told.slice(
      Math.floor((slice * told.length) / count),
      Math.floor(((slice + 1) * told.length) / count),
    ),
  )
}

function standardError(values: readonly number[]): number {
  const mean = sumOf(values, (each) => each) / values.length
  const squares = sumOf(values, (each) => (each - mean) ** 2)
  return Math.sqrt(squares / (values.length - 1) / values.length)
}

interface Backlog {
  /** Requests that wait, more each second; of a constant rate the turns that were not taken yet as well. */
  readonly growth: number
  /** Requests that end in a second, or turns that are taken. */
  readonly served: number
  readonly ofTurns: boolean
  readonly grows: boolean
  /** It could as well be said otherwise. */
  readonly close: boolean
}

/**
 * Whether more requests wait at the end than at the start of what was measured: their times would go on growing,
 * however small they still are. What counts is growth that the search could tell from none (half its precision), that
 * is more than arrivals stray by chance, and more than requests that are served as they come stray by chance.
 *
 * @returns null: nothing can be said
 */
function backlogOf(steps: readonly MeasuredStep[], precision: number): Backlog | null {
  const told = steps.filter((seconds) => seconds.length >= minSlices)
  const ended = sumOf(told.flat(), (second) => second.turns?.taken ?? second.ended)
  if (ended === 0) return null
  const growth = sumOf(told, growthPerSecond) / told.length
  const seconds = sumOf(told.flat(), ({ lengthMs }) => lengthMs) / 1000
  const served = ended / seconds
  const atFirst = sumOf(told, ([first]) => waitingAt(first!))
  const least = Math.max(
    served * Math.max(precision / 2, 1 / Math.sqrt(ended)),
    (strayedBacklogs * Math.sqrt(Math.max(1, atFirst))) / seconds,
  )
  const close = growth > least / closeGrowth && growth < least * closeGrowth
  const ofTurns = told.flat().some(({ turns }) => turns !== null)
  return { growth, served, ofTurns, grows: growth > least, close }
}

function waitingAt({ inFlight, turns }: WatchedSecond): number {
  return inFlight + (turns?.owed ?? 0)
}

function backlogText({ growth, served, ofTurns }: Backlog): string {
  if (ofTurns) {
    return `turns that wait grow by ${rateText(growth)} a second: users get ${rateText(served)} a second`
  }
  return `requests that wait grow by ${rateText(growth)} a second: the target serves ${rateText(served)} a second`
}

/** Slope of the waiting requests over time, by least squares. */
function growthPerSecond(seconds: MeasuredStep): number {
  let atSeconds = 0
  const points = seconds.map((second) => {
    atSeconds += second.lengthMs / 1000
    return { x: atSeconds, y: waitingAt(second) }
  })
  const meanX = sumOf(points, ({ x }) => x) / points.length
  const meanY = sumOf(points, ({ y }) => y) / points.length
  const square = sumOf(points, ({ x }) => (x - meanX) ** 2)
  return square > 0 ? sumOf(points, ({ x, y }) => (x - meanX) * (y - meanY)) / square : 0
}

function sumOf<Each>(list: readonly Each[], value: (each: Each) => number): number {
  return list.reduce((sum, each) => sum + value(each), 0)
}
