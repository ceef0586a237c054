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
import { studentLimit } from './compare-student.ts'

export interface Estimate {
  readonly value: number
  /** Values it comes from. */
  readonly count: number
  /** Holds the true figure with the probability 1 − alpha; an end that is not known is 0 or infinite. */
  interval(alpha: number): Bounds
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
  return symmetric(found, Math.sqrt(variance / count), count)
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
  return found === null || count < leastBeyond ? null : symmetric(found, 0, count)
}

/** The share of `of` in `all`, 0..1. */
export function shareOf(
  batches: readonly Batch[],
  of: (batch: Batch) => number,
  all: (batch: Batch) => number,
): Estimate | null {
  const parts = batches
    .map((batch) => ({ stratum: batch.stratum, y: of(batch), x: all(batch) }))
    .filter(({ x }) => x > 0)
  const found = ratioOf(parts)
  if (found === null) return null
  const count = totalOf(parts)
  // Agresti and Coull: nothing seen in a few does not mean nothing.
  const likely = (found.value * count + 2) / (count + 4)
  return symmetric(found, Math.sqrt((likely * (1 - likely)) / (count + 4)), count)
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
  const error = Math.max(found.error, Math.sqrt((p * (1 - p)) / total))
  return {
    value: highestMs(bucket),
    count: total,
    interval(alpha) {
      const reach = studentLimit(alpha, found.freedom) * error
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

function partsOf(
  batches: readonly Batch[],
  name: string,
  of: (sample: { readonly sum: number; readonly pairs: readonly number[] }) => number,
): Part[] {
  return batches.flatMap(({ stratum, samples }) => {
    const sample = samples.get(name)
    return sample && sample.count > 0 ? [{ stratum, y: of(sample), x: sample.count }] : []
  })
}

function totalOf(parts: readonly Part[]): number {
  return parts.reduce((sum, { x }) => sum + x, 0)
}

function ratioOf(parts: readonly Part[]): Ratio | null {
  const total = totalOf(parts)
  if (total === 0) return null
  const value = parts.reduce((sum, { y }) => sum + y, 0) / total
  const residuals = new Map<number, number[]>()
  for (const { stratum, y, x } of parts) {
    const list = residuals.get(stratum) ?? []
    list.push(y - value * x)
    residuals.set(stratum, list)
  }
  let variance = 0
  let freedom = 0
  let squares = 0
  let products = 0
  for (const list of residuals.values()) {
    const mean = list.reduce((sum, each) => sum + each, 0) / list.length
    const own = list.reduce((sum, each) => sum + (each - mean) ** 2, 0)
    // One alone has no mean of its own to differ from: all of it counts as chance.
    variance += list.length === 1 ? mean ** 2 : (own * list.length) / (list.length - 1)
    freedom += list.length - 1
    squares += own
    list.forEach((each, at) => {
      if (at > 0) products += (each - mean) * (list[at - 1]! - mean)
    })
  }
  if (freedom < leastFreedom) return null
  // Neighbours that go together tell less than so many batches should.
  const kept = squares > 0 ? Math.max(0, products / squares) : 0
  return { value, error: Math.sqrt(variance * (1 + 2 * kept)) / total, freedom }
}

/** @param leastError what chance alone does when all values are independent */
function symmetric({ value, error, freedom }: Ratio, leastError: number, count: number): Estimate {
  const greater = Math.max(error, leastError)
  return {
    value,
    count,
    interval(alpha) {
      const reach = studentLimit(alpha, freedom) * greater
      return { low: Math.max(0, value - reach), high: value + reach }
    },
  }
}
