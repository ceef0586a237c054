/** Goodness of fit. */

/**
 * Kolmogorov–Smirnov test of one sample against a distribution.
 *
 * @param values any order
 * @param cdf of the distribution they should have, without parameters estimated from them
 * @returns how probable so great a distance, or a greater one, is if they have it; good from about 35 values on
 * Source: Stephens, "EDF statistics for goodness of fit", 1974 (the correction for finite samples).
 */
export function ksProbability(values: readonly number[], cdf: (value: number) => number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const n = sorted.length
  let distance = 0
  sorted.forEach((value, at) => {
    const expected = cdf(value)
    distance = Math.max(distance, expected - at / n, (at + 1) / n - expected)
  })
  return kolmogorov((Math.sqrt(n) + 0.12 + 0.11 / Math.sqrt(n)) * distance)
}

/** 1 − K(x): the limit of the distance's distribution. */
function kolmogorov(x: number): number {
  if (x < 0.2) return 1
  let sum = 0
  for (let k = 1; k <= 100; k++) {
    sum += (k % 2 === 1 ? 2 : -2) * Math.exp(-2 * k * k * x * x)
  }
  return Math.min(1, Math.max(0, sum))
}

export const uniformCdf =
  (to: number) =>
  (value: number): number =>
    Math.min(1, Math.max(0, value / to))

export const exponentialCdf =
  (rate: number) =>
  (value: number): number =>
    value <= 0 ? 0 : -Math.expm1(-rate * value)
