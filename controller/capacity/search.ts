/**
 * Which rate is tried next. Pure: told the outcome of each step, it knows nothing of runs.
 *
 *     nothing held, nothing missed     from
 *     held, nothing missed above       twice the highest that held, up to `to`
 *     missed, nothing held below       a quarter of the lowest that was missed
 *     both                             their geometric mean, until they are within the precision
 *     then                             the highest that held once more, if it was played once only
 *
 * A rate is repeated while a value is close to its limit, and while its run cannot be trusted, a few times each. A rate
 * whose runs never could be trusted is an upper bound too, of another kind: there the load generator is the limit.
 */
import type { Answer, Outcome, SearchLimits } from './model.ts'

/** Steps that decide about one rate at most, when it is close. */
export const playsPerRate = 3
/** Times in a row that one rate may give a run that cannot be trusted. */
export const untrustedPlays = 3
const rampFactor = 2
const descentFactor = 4
/** Part of `from` below which nothing is tried. */
const lowestPart = 1 / 4 ** 6

interface RateRecord {
  readonly rate: number
  outcome: Outcome
  /** Steps that counted. */
  plays: number
  untrusted: number
  close: boolean
}

export class Search {
  readonly #limits: SearchLimits
  readonly #rates = new Map<number, RateRecord>()

  constructor(limits: SearchLimits) {
    this.#limits = limits
  }

  /** @returns null: the search is over */
  next(): number | null {
    const unsettled = [...this.#rates.values()].find((each) => this.#wantsRepeat(each))
    if (unsettled !== undefined) return unsettled.rate
    const { from, to, precision } = this.#limits
    const held = this.#held
    const top = this.#top
    if (held === null && top === null) return from
    if (held === null) return this.#descent(top!)
    if (top === null) {
      if (to !== null && held.rate >= to) return this.#confirmation(held)
      return Math.min(held.rate * rampFactor, to ?? Number.POSITIVE_INFINITY)
    }
    if (top <= held.rate * (1 + precision)) return this.#confirmation(held)
    return Math.sqrt(held.rate * top)
  }

  /** Something was missed or could not be told: what is played now may decide. */
  get isNarrowing(): boolean {
    return this.#top !== null
  }

  /**
   * @param outcome of all that was measured at this rate so far
   * @param close a value is so near its limit that another step would say more
   * @param isFinal another run at this rate could not be trusted either
   */
  told(rate: number, outcome: Outcome, close: boolean, isFinal: boolean = false): void {
    const record = this.#rates.get(rate)
    if (record === undefined) {
      const isUntrusted = outcome === 'untrusted'
      const [plays, untrusted] = isUntrusted ? [0, isFinal ? untrustedPlays : 1] : [1, 0]
      this.#rates.set(rate, { rate, outcome, plays, untrusted, close })
      return
    }
    if (outcome === 'untrusted') {
      record.untrusted++
      // What was measured before it stands.
      if (record.plays > 0) return
    } else {
      record.plays++
      record.untrusted = 0
    }
    record.outcome = outcome
    record.close = close
  }

  /** @param ended why there was no next step; null: the search itself was over */
  answer(ended: 'budget' | 'interrupted' | null): Answer {
    const held = this.#held
    const missed = this.#lowest('missed')
    const untrusted = this.#lowest('untrusted')
    const bounds = {
      ratePerSecond: held?.rate ?? null,
      missedPerSecond: missed,
      untrustedPerSecond: untrusted,
    }
    if (ended !== null) return { kind: ended, ...bounds }
    const isGenerator = untrusted !== null && untrusted < (missed ?? Number.POSITIVE_INFINITY)
    if (isGenerator) return { kind: 'generator', ...bounds }
    if (held === null) return { kind: 'none', ...bounds }
    return { kind: missed === null ? 'to' : 'found', ...bounds }
  }

  #wantsRepeat({ outcome, plays, untrusted, close }: RateRecord): boolean {
    if (outcome === 'untrusted') return untrusted < untrustedPlays
    return close && plays < playsPerRate && untrusted < untrustedPlays
  }

  #descent(top: number): number | null {
    const rate = top / descentFactor
    return rate < this.#limits.from * lowestPart ? null : rate
  }

  /** One step alone may have been lucky. */
  #confirmation({ rate, plays, untrusted }: RateRecord): number | null {
    return plays < 2 && untrusted < untrustedPlays ? rate : null
  }

  /** The highest below all that was not. */
  get #held(): RateRecord | null {
    const top = this.#top ?? Number.POSITIVE_INFINITY
    const held = [...this.#rates.values()].filter(
      ({ outcome, rate }) => outcome === 'held' && rate < top,
    )
    return held.sort((a, b) => b.rate - a.rate)[0] ?? null
  }

  get #top(): number | null {
    const bounds = [this.#lowest('missed'), this.#lowest('untrusted')].filter(
      (each) => each !== null,
    )
    return bounds.length === 0 ? null : Math.min(...bounds)
  }

  #lowest(wanted: Outcome): number | null {
    const rates = [...this.#rates.values()].filter(({ outcome }) => outcome === wanted)
    return rates.length === 0 ? null : Math.min(...rates.map(({ rate }) => rate))
  }
}
