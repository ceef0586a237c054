/** How times are sorted for those who read them elsewhere: from the buckets of histogram.ts to coarser ones, bins. */
import { lowestMs } from '../../core/stats/bucket-range.ts'
import { bucketOf } from '../../core/stats/histogram.ts'

/** Which bin the values of a bucket go to. */
export interface Bins {
  readonly size: number
  /** Bin by bucket. */
  readonly ofBucket: Uint16Array
}

const dayUs = 24 * 3_600_000_000
const buckets = bucketOf(dayUs) + 1

/**
 * One bin up to each bound, which belongs to it, and one for what is beyond the last.
 *
 * A bucket that a bound cuts (they are 0.1 % wide) counts as up to that bound.
 *
 * @param boundsMs rising
 */
export function binsUpTo(boundsMs: readonly number[]): Bins {
  const ofBucket = new Uint16Array(buckets)
  let bin = 0
  for (let bucket = 0; bucket < buckets; bucket++) {
    while (bin < boundsMs.length && lowestMs(bucket) > boundsMs[bin]!) bin++
    ofBucket[bucket] = bin
  }
  return { size: boundsMs.length + 1, ofBucket }
}

/** Bins in each doubling, as a power of two. Wider than a bucket, so that hardly any of them is cut. */
const finestScale = 6
/** Most bins that are told of one metric: what SDKs of OpenTelemetry have. */
const mostTold = 160
/** Number of the bin that holds 1 µs; number i holds (2^(i/64), 2^((i+1)/64)] seconds. */
const firstNumber = numberOf(1e-6)

/** Bins for an exponential histogram in seconds; bin 0 is for values of less than 1 µs. */
export function exponentialBins(): Bins {
  const ofBucket = new Uint16Array(buckets)
  for (let bucket = 1; bucket < buckets; bucket++) {
    ofBucket[bucket] = numberOf(lowestMs(bucket) / 1000) - firstNumber + 1
  }
  return { size: ofBucket[buckets - 1]! + 1, ofBucket }
}

function numberOf(seconds: number): number {
  return Math.ceil(Math.log2(seconds) * 2 ** finestScale) - 1
}

/** Buckets of an exponential histogram as OpenTelemetry has it. */
export interface Exponential {
  readonly scale: number
  readonly zeroCount: number
  /** Number of the first of `counts`. */
  readonly offset: number
  readonly counts: readonly number[]
}

/**
 * The finest one that has not too many buckets.
 *
 * @param counts by bin of `exponentialBins`
 */
export function exponentialOf(counts: ArrayLike<number>): Exponential {
  let first = 1
  let last = counts.length - 1
  while (first <= last && counts[first] === 0) first++
  while (last >= first && counts[last] === 0) last--
  const zeroCount = counts[0] ?? 0
  if (first > last) return { scale: finestScale, zeroCount, offset: 0, counts: [] }
  let halvings = 0
  const numberAt = (bin: number): number => (bin - 1 + firstNumber) >> halvings
  while (numberAt(last) - numberAt(first) >= mostTold) halvings++
  const offset = numberAt(first)
  const told = new Array<number>(numberAt(last) - offset + 1).fill(0)
  for (let bin = first; bin <= last; bin++) told[numberAt(bin) - offset]! += counts[bin]!
  return { scale: finestScale - halvings, zeroCount, offset, counts: told }
}
