/**
 * Student's t distribution.
 *
 * Source: Press et al., "Numerical Recipes", 6.1 (gamma function by Lanczos) and 6.4 (incomplete beta function by its
 * continued fraction).
 */

/**
 * How far from 0 a value of t must lie to be exceeded, on either side, with the probability `alpha`.
 *
 * @param alpha 0 < alpha ≤ 1
 * @param df degrees of freedom, > 0
 */
export function studentLimit(alpha: number, df: number): number {
  // x = df / (df + t²); P(|T| > t) = I_x(df / 2, 1 / 2) rises with x.
  let low = 0
  let high = 1
  for (let round = 0; round < 70; round++) {
    const x = (low + high) / 2
    if (incompleteBeta(x, df / 2, 0.5) < alpha) low = x
    else high = x
  }
  return Math.sqrt((df * (1 - high)) / high)
}

/** I_x(a, b), 0 ≤ x ≤ 1. */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0
  if (x >= 1) return 1
  const front = Math.exp(
    logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x),
  )
  if (x < (a + 1) / (a + b + 2)) return (front * continuedFraction(x, a, b)) / a
  return 1 - (front * continuedFraction(1 - x, b, a)) / b
}

/** By Lentz's method. */
function continuedFraction(x: number, a: number, b: number): number {
  const tiny = 1e-300
  const away = (value: number): number => (Math.abs(value) < tiny ? tiny : value)
  let c = 1
  let d = 1 / away(1 - ((a + b) * x) / (a + 1))
  let result = d
  for (let m = 1; m <= 300; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / away(1 + even * d)
    c = away(1 + even / c)
    result *= d * c
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / away(1 + odd * d)
    c = away(1 + odd / c)
    result *= d * c
    if (Math.abs(d * c - 1) < 1e-12) break
  }
  return result
}

const lanczos = [
  76.18009172947146, -86.50532032941678, 24.01409824083091, -1.231739572450155,
  0.1208650973866179e-2, -0.5395239384953e-5,
] as const

function logGamma(x: number): number {
  const shifted = x + 5.5
  const sum = lanczos.reduce(
    (total, factor, at) => total + factor / (x + at + 1),
    1.000000000190015,
  )
  return (x + 0.5) * Math.log(shifted) - shifted + Math.log((2.5066282746310007 * sum) / x)
}
