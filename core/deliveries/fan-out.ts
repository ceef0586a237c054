/** One message on its way to many receivers, as each launcher tells of those that are its own. */

/** What a launcher tells of the receivers that a message came to since it told last. */
export interface WireFanOut {
  readonly metric: string
  /** Who sent it. */
  readonly user: number
  readonly stream: number
  readonly sequence: number
  /** Receivers. */
  readonly count: number
  /** What it took to the first and to the last of them. */
  readonly firstMs: number
  readonly lastMs: number
  /** Bucket, count, bucket, count, … (`bucketOf`), rising. */
  readonly buckets: readonly number[]
}

/** Of a launcher's interval; left out when there is nothing to tell. */
export interface WireDeliveries {
  /** The greatest error of a clock that a message was measured with; null: all came from its own host. */
  readonly clockErrorMs: number | null
  readonly fanOuts: readonly WireFanOut[]
}

const hourUs = 3_600_000_000
/** Buckets of an octave, which is how right a median is: 1.6 %. */
const perOctave = 32
const octaveBits = 5

function bucketOf(ms: number): number {
  const us = Math.min(Math.round(ms * 1000), hourUs)
  if (us < 2 * perOctave) return us
  const shift = 31 - Math.clz32(us) - octaveBits
  return shift * perOctave + (us >>> shift)
}

const lastBucket = bucketOf(hourUs / 1000)

/** The middle of a bucket. */
function msOf(bucket: number): number {
  if (bucket < 2 * perOctave) return bucket / 1000
  const shift = Math.floor(bucket / perOctave) - 1
  const from = (bucket - shift * perOctave) * 2 ** shift
  return (from + 2 ** shift / 2) / 1000
}

/** Merging is associative and commutative. */
export class FanOut {
  count = 0
  firstMs: number = Infinity
  lastMs = 0
  readonly #buckets = new Map<number, number>()

  /** A receiver got it. @param ms ≥ 0 */
  record(ms: number): void {
    this.count++
    if (ms < this.firstMs) this.firstMs = ms
    if (ms > this.lastMs) this.lastMs = ms
    this.#add(bucketOf(ms), 1)
  }

  /** @param wire is sound (`checkFanOut`) */
  merge({ count, firstMs, lastMs, buckets }: WireFanOut): void {
    this.count += count
    this.firstMs = Math.min(this.firstMs, firstMs)
    this.lastMs = Math.max(this.lastMs, lastMs)
    for (let at = 0; at < buckets.length; at += 2) this.#add(buckets[at]!, buckets[at + 1]!)
  }

  /** What it took until half of the receivers had it; right to 1.6 %. */
  get medianMs(): number {
    let left = Math.ceil(this.count / 2)
    for (const [bucket, count] of this.#sorted()) {
      left -= count
      if (left <= 0) return Math.min(this.lastMs, Math.max(this.firstMs, msOf(bucket)))
    }
    return this.lastMs
  }

  encode(of: Pick<WireFanOut, 'metric' | 'user' | 'stream' | 'sequence'>): WireFanOut {
    const { metric, user, stream, sequence } = of
    const { count, firstMs, lastMs } = this
    const buckets = this.#sorted().flat()
    return { metric, user, stream, sequence, count, firstMs, lastMs, buckets }
  }

  #add(bucket: number, count: number): void {
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + count)
  }

  #sorted(): (readonly [bucket: number, count: number])[] {
    return [...this.#buckets].sort((a, b) => a[0] - b[0])
  }
}

/** @throws {RangeError} when it cannot be */
export function checkFanOut({ count, firstMs, lastMs, buckets }: WireFanOut): void {
  let sum = 0
  let last = -1
  for (let at = 0; at < buckets.length; at += 2) {
    const bucket = buckets[at]!
    const inside = buckets[at + 1] ?? 0
    const isSound = Number.isSafeInteger(bucket) && Number.isSafeInteger(inside) && inside > 0
    if (!isSound || bucket <= last || bucket > lastBucket) throw new RangeError('not a fan-out')
    last = bucket
    sum += inside
  }
  const isTime = firstMs >= 0 && lastMs >= firstMs && lastMs < Infinity
  if (!isTime || sum !== count || count === 0) throw new RangeError('not a fan-out')
}
