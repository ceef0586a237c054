/**
 * Two runs, figure by figure: is the second one better, worse, or can no difference be told?
 *
 * Source: Zou and Donner, "Construction of confidence limits about effect measures", 2008 (bounds of a difference from
 * those of both sides); Holm, "A simple sequentially rejective multiple test procedure", 1979. docs/decisions/0006-comparison.md
 * says why.
 */
import type { Bounds, Estimate } from './compare-estimate.ts'

/** One figure of two runs. */
export interface Pair {
  /** The one it is compared with; null: too little is known. */
  readonly before: Estimate | null
  readonly after: Estimate | null
  readonly better: 'less' | 'more'
  /** What a change is told in: part of the earlier value, or the plain difference. */
  readonly scale: 'ratio' | 'difference'
}

export interface Judged {
  /** 0.05: 5 % more than before; null: not known. */
  readonly change: number | null
  /** Between these with the probability 1 − `alpha`; null: not known. */
  readonly bounds: Bounds | null
  /** What it was judged at, others beside it taken into account. */
  readonly alpha: number
  readonly verdict: 'better' | 'worse' | 'no-difference' | 'unknown'
}

export interface Strictness {
  /** How probable one wrong verdict, or more, may be over all pairs when nothing differs. */
  readonly alpha: number
  /** A smaller change of a ratio, in parts of the earlier value, is none worth telling. */
  readonly least: number
}

/** In the order of `pairs`. */
export function judgePairs(pairs: readonly Pair[], { alpha, least }: Strictness): Judged[] {
  const probabilities = pairs.map(probability)
  const levels = holm(probabilities, alpha)
  return pairs.map((pair, at) => {
    const level = levels[at]!
    const { before, after } = pair
    if (probabilities[at] === null || before === null || after === null) {
      return { change: null, bounds: null, alpha: level, verdict: 'unknown' }
    }
    const change = changeOf(pair, before.value, after.value)
    const bounds = boundsOf(pair, before, after, level)
    const isTold = bounds.low > 0 || bounds.high < 0
    const isWorthIt = pair.scale === 'difference' || Math.abs(change) >= least
    const isBetter = change < 0 === (pair.better === 'less')
    const verdict = isTold && isWorthIt ? (isBetter ? 'better' : 'worse') : 'no-difference'
    return { change, bounds, alpha: level, verdict }
  })
}

/**
 * How small alpha may be while the bounds still leave 0 out.
 *
 * @returns null when both sides together know too little for bounds at 5 %
 */
function probability(pair: Pair): number | null {
  const { before, after } = pair
  if (before === null || after === null) return null
  if (before.value === 0 && after.value === 0 && pair.scale === 'difference') return 1
  const usual = boundsOf(pair, before, after, 0.05)
  if (!Number.isFinite(usual.low) || !Number.isFinite(usual.high)) return null
  const isTold = (alpha: number): boolean => {
    const { low, high } = boundsOf(pair, before, after, alpha)
    return low > 0 || high < 0
  }
  let low = Math.log(1e-9)
  let high = 0
  if (isTold(Math.exp(low))) return Math.exp(low)
  for (let round = 0; round < 30; round++) {
    const middle = (low + high) / 2
    if (isTold(Math.exp(middle))) high = middle
    else low = middle
  }
  return Math.exp(high)
}

/** The level at which each is judged: the surest first, each later one with fewer beside it; after the first that fails all alike. */
function holm(probabilities: readonly (number | null)[], alpha: number): number[] {
  const order = probabilities
    .flatMap((value, at) => (value === null ? [] : [{ value, at }]))
    .sort((a, b) => a.value - b.value)
  const levels = probabilities.map(() => alpha / Math.max(1, order.length))
  let level = levels[0] ?? alpha
  let isOver = false
  order.forEach(({ value, at }, rank) => {
    if (!isOver) level = alpha / (order.length - rank)
    if (value > level) isOver = true
    levels[at] = level
  })
  return levels
}

function changeOf({ scale }: Pair, before: number, after: number): number {
  if (scale === 'difference') return after - before
  return before === 0 ? (after === 0 ? 0 : Number.POSITIVE_INFINITY) : after / before - 1
}

function boundsOf(pair: Pair, before: Estimate, after: Estimate, alpha: number): Bounds {
  const a = before.interval(alpha)
  const b = after.interval(alpha)
  if (pair.scale === 'difference') return moved(before.value, a, after.value, b)
  const { low, high } = moved(
    Math.log(before.value),
    { low: Math.log(a.low), high: Math.log(a.high) },
    Math.log(after.value),
    { low: Math.log(b.low), high: Math.log(b.high) },
  )
  return { low: Math.expm1(low), high: Math.expm1(high) }
}

function moved(before: number, a: Bounds, after: number, b: Bounds): Bounds {
  const difference = after - before
  return {
    low: difference - Math.hypot(after - b.low, a.high - before),
    high: difference + Math.hypot(b.high - after, before - a.low),
  }
}
