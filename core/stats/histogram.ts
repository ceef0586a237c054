/**
 * Histograms of times: hdr-histogram-js's layout with 3 significant digits, values in whole µs.
 *
 * Buckets are kept here as a plain array, because a launcher records millions of values and asks for no percentile
 * (`bench/merge.ts` prints what a value costs here and there); the library gives the percentiles. On the wire a histogram is a sparse list of
 * varint pairs, index delta and count.
 */
import { Float64Histogram, Int32Histogram } from 'hdr-histogram-js'

/** Values up to here fall into buckets of one µs. */
const linear = 2048
const halfBits = 10
const half = 1 << halfBits

const hourUs = 3_600_000_000
const dayUs = 24 * hourUs

/** `session` and transactions last up to a day, everything else up to an hour; longer counts as that. */
export function highestUs(metric: string): number {
  return metric === 'session' || metric.startsWith('tr_') ? dayUs : hourUs
}

/** Bucket of a value. @param us whole, ≥ 0 */
export function bucketOf(us: number): number {
  if (us < linear) return us
  if (us < 2 ** 32) {
    const shift = 31 - Math.clz32(us) - halfBits
    return shift * half + (us >>> shift)
  }
  const shift = 63 - Math.clz32(us / 2 ** 32) - halfBits
  return shift * half + Math.floor(us / 2 ** shift)
}

const lastBucket = bucketOf(dayUs)

/** Filled buckets as they travelled: bucket, count, bucket, count, … with rising buckets. */
export interface DecodedHistogram {
  readonly pairs: readonly number[]
  /** Of all counts. */
  readonly total: number
}

export class Histogram {
  readonly #highestUs: number
  /** Becomes wider when a bucket outgrows 32 bits. */
  #counts: Uint32Array | Float64Array
  /** Buckets outside [lowest, highest] are empty. */
  #lowest: number
  #highest = -1

  /** @param metric decides how far it reaches: 94 KB up to an hour, 115 KB up to a day */
  constructor(metric: string) {
    this.#highestUs = highestUs(metric)
    this.#counts = new Uint32Array(bucketOf(this.#highestUs) + 1)
    this.#lowest = this.#counts.length
  }

  /**
   * Buckets are not widened here: an interval holds fewer than 2³² values.
   *
   * @param ms ≥ 0; what is beyond the range counts at its end
   */
  record(ms: number): void {
    let us = Math.round(ms * 1000)
    if (us > this.#highestUs) us = this.#highestUs
    const bucket = bucketOf(us)
    this.#counts[bucket]!++
    if (bucket < this.#lowest) this.#lowest = bucket
    if (bucket > this.#highest) this.#highest = bucket
  }

  merge(other: Histogram): void {
    for (let bucket = other.#lowest; bucket <= other.#highest; bucket++) {
      const count = other.#counts[bucket]!
      if (count > 0) this.#add(bucket, count)
    }
  }

  mergeDecoded({ pairs }: DecodedHistogram): void {
    for (let at = 0; at < pairs.length; at += 2) this.#add(pairs[at]!, pairs[at + 1]!)
  }

  #add(bucket: number, count: number): void {
    const at = Math.min(bucket, this.#counts.length - 1)
    const sum = this.#counts[at]! + count
    if (sum > 0xffffffff && this.#counts instanceof Uint32Array) {
      this.#counts = Float64Array.from(this.#counts)
    }
    this.#counts[at] = sum
    if (at < this.#lowest) this.#lowest = at
    if (at > this.#highest) this.#highest = at
  }

  reset(): void {
    if (this.#highest >= 0) this.#counts.fill(0, this.#lowest, this.#highest + 1)
    this.#lowest = this.#counts.length
    this.#highest = -1
  }

  /**
   * @param list each 0..100
   * @returns ms, the upper end of a bucket; 0 when nothing was recorded
   */
  percentiles(list: readonly number[]): number[] {
    const total = this.#total()
    if (total === 0) return list.map(() => 0)
    const Library = total < 2 ** 31 ? Int32Histogram : Float64Histogram
    const library = new Library(1, this.#highestUs, 3)
    for (let bucket = this.#lowest; bucket <= this.#highest; bucket++) {
      const count = this.#counts[bucket]!
      if (count > 0) library.setCountAtIndex(bucket, count)
    }
    library.setTotalCount(total)
    return list.map((p) => library.getValueAtPercentile(p) / 1000)
  }

  #total(): number {
    let total = 0
    for (let bucket = this.#lowest; bucket <= this.#highest; bucket++) {
      total += this.#counts[bucket]!
    }
    return total
  }

  /** Base64 of varint pairs: distance to the last filled bucket (the first: to −1), count. */
  encode(): string {
    let bytes = ''
    let last = -1
    for (let bucket = this.#lowest; bucket <= this.#highest; bucket++) {
      const count = this.#counts[bucket]!
      if (count === 0) continue
      bytes += varint(bucket - last) + varint(count)
      last = bucket
    }
    return btoa(bytes)
  }
}

/** @throws {RangeError} when `text` is no histogram */
export function decodeHistogram(text: string): DecodedHistogram {
  const bytes = decodeBase64(text)
  const pairs: number[] = []
  let total = 0
  let bucket = -1
  let at = 0
  const next = (): number => {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes.charCodeAt(at++)
      if (Number.isNaN(byte) || scale > 2 ** 42) throw new RangeError('not a histogram')
      value += (byte & 127) * scale
      if (byte < 128) return value
    }
  }
  while (at < bytes.length) {
    const distance = next()
    const count = next()
    bucket += distance
    total += count
    if (distance === 0 || bucket > lastBucket || count === 0) {
      throw new RangeError('not a histogram')
    }
    pairs.push(bucket, count)
  }
  return { pairs, total }
}

function varint(value: number): string {
  if (value < 128) return String.fromCharCode(value)
  return String.fromCharCode((value % 128) | 128) + varint(Math.floor(value / 128))
}

function decodeBase64(text: string): string {
  try {
    return atob(text)
  } catch {
    throw new RangeError('not a histogram')
  }
}
