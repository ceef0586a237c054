/** A metric: count, mean, deviation, min, max and percentiles; values in ms. */
export interface Sample {
  readonly count: number
  readonly mean: number
  readonly stddev: number
  readonly min: number
  readonly max: number
  /** @param p 0..100 */
  percentile(p: number): number
}
