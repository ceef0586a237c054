/** Missing numbers [from, to) of a stream. */
interface Gap {
  from: number
  to: number
  /** When it was noticed, ms. */
  readonly sinceMs: number
  /** The receiver was not there: nobody has lost them. */
  readonly isExcused: boolean
}

/** Gaps of a stream that may be open at a time: the first closes when there are more. */
export const maxOpenGaps = 32
/** What is missing for so long is lost. */
export const lostAfterMs = 30_000

/**
 * `next`: in order, what was left out in between is missing. `late`: one that was missing, or from before the first.
 * `again`: it was there before. `unknown`: so old that it was counted as lost, or came before; which, is not known.
 */
export type Arrival = 'next' | 'late' | 'again' | 'unknown'

/**
 * What one receiver has seen of one stream. Its first message is where it joined: what was before is no affair of it.
 * Memory is bounded: two numbers, and up to `maxOpenGaps` gaps while something is missing.
 */
export class SeenStream {
  /** Messages found lost since it was set to 0. */
  lost = 0
  /** When a message came last, ms. */
  lastMs = 0
  #first = 0
  #highest = 0
  /** Of its receiver, as it was when the highest came. */
  #joins: number
  /** Below it nothing is known any more. */
  #floor = 0
  /** In rising order; null: nothing is missing. */
  #gaps: Gap[] | null = null

  /** @param joins how often its receiver has joined anew */
  constructor(joins: number) {
    this.#joins = joins
  }

  get openGaps(): number {
    return this.#gaps === null ? 0 : this.#gaps.length
  }

  /**
   * @param number of the message in its stream, from 1
   * @param joins what its receiver missed before it joined anew is excused
   * @param maxGaps at most `maxOpenGaps`
   */
  take(number: number, nowMs: number, joins: number, maxGaps: number = maxOpenGaps): Arrival {
    this.lastMs = nowMs
    const arrival = this.#place(number, nowMs, joins)
    if (this.#gaps !== null) this.#closeOld(nowMs, maxGaps)
    return arrival
  }

  /** The stream or its receiver ends: what is missing is lost. */
  end(): void {
    while (this.#gaps !== null) this.#closeFirst()
  }

  #place(number: number, nowMs: number, joins: number): Arrival {
    if (number > this.#highest) {
      this.#rise(number, nowMs, joins)
      return 'next'
    }
    if (number < this.#floor) return 'unknown'
    if (number >= this.#first) return this.#fill(number) ? 'late' : 'again'
    const from = number + 1
    if (from < this.#first) {
      this.#gaps ??= []
      this.#gaps.unshift({ from, to: this.#first, sinceMs: nowMs, isExcused: false })
    }
    this.#first = number
    return 'late'
  }

  #rise(number: number, nowMs: number, joins: number): void {
    const from = this.#highest + 1
    if (from === 1) this.#first = number
    else if (from < number) {
      this.#gaps ??= []
      this.#gaps.push({ from, to: number, sinceMs: nowMs, isExcused: joins !== this.#joins })
    }
    this.#highest = number
    this.#joins = joins
  }

  /** @returns false: it was not missing */
  #fill(number: number): boolean {
    const gaps = this.#gaps
    if (gaps === null) return false
    let index = gaps.length - 1
    while (index >= 0 && gaps[index]!.from > number) index--
    const gap = gaps[index]
    if (gap === undefined || number >= gap.to) return false
    if (number === gap.from) gap.from++
    else if (number === gap.to - 1) gap.to--
    else {
      gaps.splice(index, 0, { ...gap, to: number })
      gap.from = number + 1
    }
    if (gap.from === gap.to) gaps.splice(index, 1)
    if (gaps.length === 0) this.#gaps = null
    return true
  }

  #closeOld(nowMs: number, maxGaps: number): void {
    while (this.#gaps !== null) {
      const isOld = this.#gaps[0]!.sinceMs <= nowMs - lostAfterMs
      if (!isOld && this.#gaps.length <= maxGaps) return
      this.#closeFirst()
    }
  }

  #closeFirst(): void {
    const { from, to, isExcused } = this.#gaps!.shift()!
    if (!isExcused) this.lost += to - from
    this.#floor = to
    if (this.#gaps!.length === 0) this.#gaps = null
  }
}
