/**
 * Two runs, figure by figure: is the second one better, worse, or can no difference be told?
 *
 * Sources: Zou and Donner, "Construction of confidence limits about effect measures", 2008 (bounds of a difference from
 * those of both sides, correlated ones too); Holm, "A simple sequentially rejective multiple test procedure", 1979. docs/decisions/0006-comparison.md
 * says why.
 */
import type { Bounds, Estimate, Residual } from './compare-estimate.ts'
import { studentLimit } from './compare-student.ts'

/** One figure of two runs. */
export interface Pair {
  /** The one it is compared with; null: too little is known. */
  readonly before: Estimate | null
  readonly after: Estimate | null
  readonly better: 'less' | 'more'
  /** What a change is told in: part of the earlier value, or the plain difference. */
  readonly scale: 'ratio' | 'difference'
  /** Batches of both runs go together one by one: same plan, same times. What the plan does to both is then no chance. */
  readonly paired: boolean
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
    if (!isTold && isEndless(pair, bounds)) {
      return { change, bounds: null, alpha: level, verdict: 'unknown' }
    }
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

/** At this level, any change would be possible. */
function isEndless({ scale }: Pair, { low, high }: Bounds): boolean {
  return !Number.isFinite(high) || !Number.isFinite(low) || (scale === 'ratio' && low <= -1)
}

function changeOf({ scale }: Pair, before: number, after: number): number {
  if (scale === 'difference') return after - before
  return before === 0 ? (after === 0 ? 0 : Number.POSITIVE_INFINITY) : after / before - 1
}

function boundsOf(pair: Pair, before: Estimate, after: Estimate, alpha: number): Bounds {
  const isRatio = pair.scale === 'ratio'
  const scaled = (value: number): number => (isRatio ? Math.log(value) : value)
  const [widthA, widthB] = widths(pair, before, after, scaled)
  const freedom = Math.min(before.freedom, after.freedom)
  const limit = (estimate: Estimate): number =>
    studentLimit(alpha, pair.paired ? freedom : estimate.freedom)
  const a = reachOf(before, limit(before) * widthA, scaled)
  const b = reachOf(after, limit(after) * widthB, scaled)
  const difference = scaled(after.value) - scaled(before.value)
  const low = difference - Math.hypot(a.up, b.down)
  const high = difference + Math.hypot(a.down, b.up)
  return isRatio ? { low: Math.expm1(low), high: Math.expm1(high) } : { low, high }
}

/** From a value to its bounds. */
function reachOf(
  estimate: Estimate,
  errors: number,
  scaled: (value: number) => number,
): { readonly down: number; readonly up: number } {
  const { low, high } = estimate.bounds(errors)
  const middle = scaled(estimate.value)
  return { down: middle - scaled(low), up: scaled(high) - middle }
}

/**
 * What the standard errors of both sides are multiplied by: less than 1 for what both runs have in common, more where
 * neighbouring batches go together.
 */
function widths(
  { paired }: Pair,
  before: Estimate,
  after: Estimate,
  scaled: (value: number) => number,
): readonly [number, number] {
  const ofA = before.residuals
  const ofB = after.residuals
  if (!paired) return [Math.sqrt(lasting(ofA)), Math.sqrt(lasting(ofB))]
  const size = (estimate: Estimate): number => {
    const { down, up } = reachOf(estimate, 1, scaled)
    return (down + up) / 2
  }
  const a = size(before)
  const b = size(after)
  const all = a ** 2 + b ** 2
  if (!(all > 0) || !Number.isFinite(all)) return [1, 1]
  const common = ofA.reduce((sum, { value }, at) => sum + value * ofB[at]!.value, 0)
  const least = (a * before.ownShare) ** 2 + (b * after.ownShare) ** 2
  const differences = ofA.map(({ stratum, value }, at) => ({
    stratum,
    value: b * ofB[at]!.value - a * value,
  }))
  const square = Math.max(least, all - 2 * common * a * b) * lasting(differences)
  const width = Math.sqrt(square / all)
  return [width, width]
}

/**
 * By how much the variance is greater because neighbours go together: they tell less than so many batches should.
 *
 * Source: Marriott and Pope, "Bias in the estimation of autocorrelations", 1954 (few values make it look too small).
 */
function lasting(residuals: readonly Residual[]): number {
  let squares = 0
  let products = 0
  residuals.forEach(({ stratum, value }, at) => {
    const last = residuals[at - 1]
    squares += value ** 2
    if (last?.stratum === stratum) products += value * last.value
  })
  if (squares === 0) return 1
  const seen = products / squares
  return 1 + 2 * Math.max(0, seen + (1 + 3 * seen) / residuals.length)
}
