/**
 * Histograms of times: hdr-histogram-js's layout with 3 significant digits, values in whole µs.
 *
 * Buckets are kept here as a plain array, because a launcher records millions of values and asks for no percentile;
 * the library gives the percentiles. On the wire a histogram is a sparse list of varint pairs, index delta and count.
 */
import { Int32Histogram } from 'hdr-histogram-js'

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
  if (us < 0x80000000) {
    const shift = 31 - Math.clz32(us) - halfBits
    return shift * half + (us >>> shift)
  }
  const shift = Math.floor(Math.log2(us)) - halfBits
  return shift * half + Math.floor(us / 2 ** shift)
}

export class Histogram {
  readonly #highestUs: number
  readonly #counts: Uint32Array
  /** Buckets outside [lowest, highest] are empty. */
  #lowest: number
  #highest = -1

  /** @param metric decides how far it reaches: 94 KB up to an hour, 115 KB up to a day */
  constructor(metric: string) {
    this.#highestUs = highestUs(metric)
    this.#counts = new Uint32Array(bucketOf(this.#highestUs) + 1)
    this.#lowest = this.#counts.length
  }

  /** @param ms ≥ 0; what is beyond the range counts at its end */
  record(ms: number): void {
    let us = Math.round(ms * 1000)
    if (us > this.#highestUs) us = this.#highestUs
    else if (!(us >= 0)) us = 0
    const bucket = bucketOf(us)
    this.#counts[bucket]!++
    if (bucket < this.#lowest) this.#lowest = bucket
    if (bucket > this.#highest) this.#highest = bucket
  }

  merge(other: Histogram): void {
    for (let bucket = other.#lowest; bucket <= other.#highest; bucket++) {
      this.#add(bucket, other.#counts[bucket]!)
    }
  }

  #add(bucket: number, count: number): void {
    if (count === 0) return
    const at = Math.min(bucket, this.#counts.length - 1)
    this.#counts[at]! += count
    if (at < this.#lowest) this.#lowest = at
    if (at > this.#highest) this.#highest = at
  }

  reset(): void {
    if (this.#highest >= 0) this.#counts.fill(0, this.#lowest, this.#highest + 1)
    this.#lowest = this.#counts.length
    this.#highest = -1
  }

  /** @param p 0..100 @returns ms; 0 when nothing was recorded */
  percentiles(list: readonly number[]): number[] {
    const library = new Int32Histogram(1, this.#highestUs, 3)
    let total = 0
    for (let bucket = this.#lowest; bucket <= this.#highest; bucket++) {
      const count = this.#counts[bucket]!
      if (count === 0) continue
      library.setCountAtIndex(bucket, count)
      total += count
    }
    library.setTotalCount(total)
    return list.map((p) => (total === 0 ? 0 : library.getValueAtPercentile(p) / 1000))
  }

  /** Base64 of varint pairs: distance to the last filled bucket, count. */
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

  /** @throws {RangeError} when `text` is no histogram */
  mergeEncoded(text: string): void {
    const bytes = decodeBase64(text)
    let at = 0
    const next = (): number => {
      let value = 0
      for (let scale = 1; ; scale *= 128) {
        const byte = bytes.charCodeAt(at++)
        if (Number.isNaN(byte) || scale > 2 ** 35) throw new RangeError('not a histogram')
        value += (byte & 127) * scale
        if (byte < 128) return value
      }
    }
    let bucket = -1
    while (at < bytes.length) {
      bucket += next()
      if (bucket > bucketOf(dayUs)) throw new RangeError('not a histogram')
      this.#add(bucket, next())
    }
  }
}

function varint(value: number): string {
  let text = ''
  let rest = value
  while (rest > 127) {
    text += String.fromCharCode((rest % 128) | 128)
    rest = Math.floor(rest / 128)
  }
  return text + String.fromCharCode(rest)
}

function decodeBase64(text: string): string {
  try {
    return atob(text)
  } catch {
    throw new RangeError('not a histogram')
  }
}
