import { decodeHistogram } from '../../core/stats/histogram.ts'
import type { Sample } from '../../core/stats/sample.ts'
import type { Bins } from './bins.ts'

/** One metric over the whole run so far, sorted into bins; times in ms. */
export class TimeMeter {
  readonly #bins: Bins
  readonly #counts: Float64Array
  #count = 0
  #sumMs = 0
  #minMs = Number.POSITIVE_INFINITY
  #maxMs = 0

  constructor(bins: Bins) {
    this.#bins = bins
    this.#counts = new Float64Array(bins.size)
  }

  get count(): number {
    return this.#count
  }

  get sumMs(): number {
    return this.#sumMs
  }

  get minMs(): number {
    return this.#count === 0 ? 0 : this.#minMs
  }

  get maxMs(): number {
    return this.#maxMs
  }

  /** By bin; not to be changed. */
  get counts(): ArrayLike<number> {
    return this.#counts
  }

  add(sample: Sample): void {
    if (sample.count === 0) return
    const { pairs } = decodeHistogram(sample.encode().histogram)
    const { ofBucket } = this.#bins
    for (let at = 0; at < pairs.length; at += 2) {
      this.#counts[ofBucket[pairs[at]!]!]! += pairs[at + 1]!
    }
    this.#count += sample.count
    this.#sumMs += sample.mean * sample.count
    this.#minMs = Math.min(this.#minMs, sample.min)
    this.#maxMs = Math.max(this.#maxMs, sample.max)
  }
}
