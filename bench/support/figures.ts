/** What is said of repeated measurements. */
import { stream } from '../../core/random.ts'

export interface Quartiles {
  readonly low: number
  readonly median: number
  readonly high: number
}

/** @param values at least one, any order */
export function median(values: readonly number[]): number {
  return quantile(sorted(values), 0.5)
}

/** @param values at least one, any order */
export function quartiles(values: readonly number[]): Quartiles {
  const inOrder = sorted(values)
  return {
    low: quantile(inOrder, 0.25),
    median: quantile(inOrder, 0.5),
    high: quantile(inOrder, 0.75),
  }
}

/** `median (lower–upper quartile)`, thousands separated; of one value that alone. */
export function spread(values: readonly number[]): string {
  if (values.length === 1) return figure(values[0]!)
  const { low, median, high } = quartiles(values)
  return `${figure(median)} (${figure(low)}–${figure(high)})`
}

/** Three significant digits at least, thousands separated. */
export function figure(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return String(value)
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))))
  return value.toLocaleString('en', { maximumFractionDigits: Math.min(6, digits) })
}

/** Ratios of what was measured in the same pair. */
export function ratios(ours: readonly number[], theirs: readonly number[]): readonly number[] {
  return ours.slice(0, theirs.length).map((value, at) => value / theirs[at]!)
}

/** Closer than 10 % to one of `marks`: an interval has to say what the median alone cannot. */
export function isClose(ratio: number, marks: readonly number[]): boolean {
  return marks.some((mark) => Math.abs(ratio / mark - 1) < 0.1)
}

const resamples = 4000

/**
 * Percentile bootstrap: where the median lies with 95 % confidence, seeded by nothing but the count of values.
 *
 * @param values at least one; below some ten the interval is too narrow
 * Source: Efron, Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13.
 */
export function medianInterval(values: readonly number[]): {
  readonly low: number
  readonly high: number
} {
  const random = stream('bench', 'bootstrap', values.length)
  const medians = Array.from({ length: resamples }, () =>
    median(values.map(() => values[Math.floor(random() * values.length)]!)),
  ).sort((a, b) => a - b)
  return { low: quantile(medians, 0.025), high: quantile(medians, 0.975) }
}

export interface Slope {
  /** Units of y for each unit of x. */
  readonly slope: number
  readonly standardError: number
}

const batches = 20

/**
 * Least-squares slope of a series. Neighbouring values depend on each other (a heap grows and is collected), which would
 * make the plain standard error far too small: the line goes through the means of 20 batches in a row instead.
 *
 * @param points at least 40, x increasing
 * @throws {RangeError} when there are fewer
 */
export function slopeOf(points: readonly (readonly [x: number, y: number])[]): Slope {
  if (points.length < 2 * batches) {
    throw new RangeError(`a slope wants ${2 * batches} values, not ${points.length}`)
  }
  const means = Array.from({ length: batches }, (_, at) => {
    const from = Math.floor((at * points.length) / batches)
    const batch = points.slice(from, Math.floor(((at + 1) * points.length) / batches))
    return [mean(batch.map(([x]) => x)), mean(batch.map(([, y]) => y))] as const
  })
  const [middleX, middleY] = [mean(means.map(([x]) => x)), mean(means.map(([, y]) => y))]
  const squares = sum(means.map(([x]) => (x - middleX) ** 2))
  const slope = sum(means.map(([x, y]) => (x - middleX) * (y - middleY))) / squares
  const residual = sum(means.map(([x, y]) => (y - middleY - slope * (x - middleX)) ** 2))
  return { slope, standardError: Math.sqrt(residual / (batches - 2) / squares) }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length
}

function sorted(values: readonly number[]): number[] {
  return [...values].sort((a, b) => a - b)
}

/** Linear between the order statistics (type 7 of Hyndman and Fan). */
function quantile(inOrder: readonly number[], share: number): number {
  const at = share * (inOrder.length - 1)
  const below = inOrder[Math.floor(at)]!
  return below + (at - Math.floor(at)) * (inOrder[Math.ceil(at)]! - below)
}
