/**
 * What a run says of a figure, and between which bounds it lies: from the differences between its batches.
 *
 * Every figure is a ratio of sums over batches (a mean: time by requests; a rate: answers by seconds; a percentile:
 * the requests below it by all requests), whose variance is that of the residuals, phase by phase.
 *
 * Sources: Cochran, "Sampling techniques", 1977 (ratios, strata, clusters); Woodruff, "Confidence intervals for
 * medians and other position measures", 1952.
 */
import { highestMs } from './bucket-range.ts'
import type { Batch } from './compare-batches.ts'

export interface Estimate {
  readonly value: number
  /** Values it comes from. */
  readonly count: number
  /** Degrees of freedom: batches without strata. */
  readonly freedom: number
  /** How far each batch is from the whole, in standard errors of the figure: their squares add up to 1; none is 0. */
  readonly residuals: readonly Residual[]
  /** The part of the standard error that is chance within batches, 0..1: it has nothing in common with another run. */
  readonly ownShare: number
  /** So many standard errors to either side; an end that is not known is 0 or infinite. */
  bounds(errors: number): Bounds
}

export interface Residual {
  readonly stratum: number
  readonly value: number
}

export interface Bounds {
  readonly low: number
  readonly high: number
}

/** Fewer degrees of freedom say nothing: a run needs 40 s at least. */
const leastFreedom = 3
/** Values that must lie beyond a percentile. */
const leastBeyond = 10
/** Of a histogram's buckets. */
const precision = 0.001

/** One batch's part of a ratio of sums. */
interface Part {
  readonly stratum: number
  readonly y: number
  readonly x: number
}

interface Ratio {
  readonly value: number
  readonly error: number
  readonly freedom: number
  readonly residuals: readonly Residual[]
}

/** The mean of a sample, ms. @returns null: too little is known */
export function meanOf(batches: readonly Batch[], name: string): Estimate | null {
  const parts = partsOf(batches, name, ({ sum }) => sum)
  const found = ratioOf(parts)
  if (found === null) return null
  const count = totalOf(parts)
  let squares = 0
  for (const batch of batches) squares += batch.samples.get(name)?.sumOfSquares ?? 0
  const variance = Math.max(0, squares / count - found.value ** 2)
  if (found.value === 0) return null
  return symmetric(found, Math.sqrt(variance / count), count, 'ratio')
}

/** Values by seconds. */
export function rateOf(batches: readonly Batch[], of: (batch: Batch) => number): Estimate | null {
  const parts = batches.map((batch) => ({
    stratum: batch.stratum,
    y: of(batch),
    x: batch.seconds,
  }))
  const found = ratioOf(parts)
  const count = parts.reduce((sum, { y }) => sum + y, 0)
  return found === null || count < leastBeyond ? null : symmetric(found, 0, count, 'ratio')
}

/** The share of `of` in `all`, 0..1. */
export function shareOf(
  batches: readonly Batch[],
  of: (batch: Batch) => number,
  all: (batch: Batch) => number,
): Estimate | null {
  const parts = batches.map((batch) => ({ stratum: batch.stratum, y: of(batch), x: all(batch) }))
  const found = ratioOf(parts)
  if (found === null) return null
  const count = totalOf(parts)
  // Agresti and Coull: nothing seen in a few does not mean nothing.
  const likely = (found.value * count + 2) / (count + 4)
  return symmetric(found, Math.sqrt((likely * (1 - likely)) / (count + 4)), count, 'difference')
}

/** A percentile of a sample, ms. @param p 0 < p < 1 */
export function percentileOf(batches: readonly Batch[], name: string, p: number): Estimate | null {
  const whole = new Ranked(batches, name)
  const { total } = whole
  if (total * Math.min(p, 1 - p) < leastBeyond) return null
  const bucket = whole.bucketAt(p)
  const parts = partsOf(batches, name, ({ pairs }) => {
    let below = 0
    for (let at = 0; at < pairs.length; at += 2) if (pairs[at]! <= bucket) below += pairs[at + 1]!
    return below
  })
  const found = ratioOf(parts)
  if (found === null) return null
  const least = Math.sqrt((p * (1 - p)) / total)
  const error = Math.max(found.error, least)
  const { freedom, residuals } = found
  return {
    value: highestMs(bucket),
    count: total,
    freedom,
    // More values below a time mean a shorter percentile.
    residuals: residuals.map(({ stratum, value }) => ({ stratum, value: -value })),
    ownShare: least / error,
    bounds(errors) {
      const reach = errors * error
      return {
        low: p - reach <= 0 ? 0 : highestMs(whole.bucketAt(p - reach)) * (1 - precision),
        high:
          p + reach >= 1
            ? Number.POSITIVE_INFINITY
            : highestMs(whole.bucketAt(p + reach)) * (1 + precision),
      }
    },
  }
}

/** All values of a sample by size. */
class Ranked {
  readonly total: number
  readonly #buckets: Float64Array
  /** Values up to the bucket's end. */
  readonly #below: Float64Array

  constructor(batches: readonly Batch[], name: string) {
    const counts = new Map<number, number>()
    for (const { samples } of batches) {
      const pairs = samples.get(name)?.pairs ?? []
      for (let at = 0; at < pairs.length; at += 2) {
        counts.set(pairs[at]!, (counts.get(pairs[at]!) ?? 0) + pairs[at + 1]!)
      }
    }
    this.#buckets = Float64Array.from(counts.keys()).sort()
    this.#below = new Float64Array(this.#buckets.length)
    let total = 0
    this.#buckets.forEach((bucket, at) => {
      total += counts.get(bucket)!
      this.#below[at] = total
    })
    this.total = total
  }

  /** The first one that has the share `p` of all values below its end. */
  bucketAt(p: number): number {
    const wanted = p * this.total
    let low = 0
    let high = this.#below.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#below[middle]! >= wanted) high = middle
      else low = middle + 1
    }
    return this.#buckets[low]!
  }
}

/** One a batch; where there is no value, x is 0. */
function partsOf(
  batches: readonly Batch[],
  name: string,
  of: (sample: { readonly sum: number; readonly pairs: readonly number[] }) => number,
): Part[] {
  return batches.map(({ stratum, samples }) => {
    const sample = samples.get(name)
    return { stratum, y: sample ? of(sample) : 0, x: sample?.count ?? 0 }
  })
}

function totalOf(parts: readonly Part[]): number {
  return parts.reduce((sum, { x }) => sum + x, 0)
}

function ratioOf(parts: readonly Part[]): Ratio | null {
  const total = totalOf(parts)
  if (total === 0) return null
  const value = parts.reduce((sum, { y }) => sum + y, 0) / total
  const strata = new Map<number, { count: number; sum: number }>()
  for (const { stratum, y, x } of parts) {
    if (x === 0) continue
    const kept = strata.get(stratum) ?? { count: 0, sum: 0 }
    strata.set(stratum, { count: kept.count + 1, sum: kept.sum + y - value * x })
  }
  const away = parts.map(({ stratum, y, x }) => {
    if (x === 0) return { stratum, value: 0 }
    const { count, sum } = strata.get(stratum)!
    // One alone has no mean of its own to differ from: all of it counts as chance.
    if (count === 1) return { stratum, value: sum }
    return { stratum, value: (y - value * x - sum / count) * Math.sqrt(count / (count - 1)) }
  })
  const error = Math.sqrt(away.reduce((sum, each) => sum + each.value ** 2, 0))
  const freedom = [...strata.values()].reduce((sum, { count }) => sum + count - 1, 0)
  if (freedom < leastFreedom) return null
  const residuals = away.map((each) => ({
    stratum: each.stratum,
    value: error > 0 ? each.value / error : 0,
  }))
  return { value, error: error / total, freedom, residuals }
}

/**
 * @param leastError what chance alone does when all values are independent
 * @param scale on which its bounds are as far to both sides: `ratio`, that of logarithms
 */
function symmetric(
  found: Ratio,
  leastError: number,
  count: number,
  scale: 'ratio' | 'difference',
): Estimate {
  const { value, freedom, residuals } = found
  const error = Math.max(found.error, leastError)
  return {
    value,
    count,
    freedom,
    residuals,
    ownShare: error > 0 ? leastError / error : 1,
    bounds(errors) {
      if (scale === 'difference')
        return { low: value - errors * error, high: value + errors * error }
      const factor = Math.exp((errors * error) / value)
      return { low: value / factor, high: value * factor }
    },
  }
}
