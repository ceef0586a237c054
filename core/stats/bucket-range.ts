/** Which times a bucket of histogram.ts holds. */
const linear = 2048
const halfBits = 10
const half = 1 << halfBits

/** The least time of a bucket, ms. */
export function lowestMs(bucket: number): number {
  if (bucket < linear) return bucket / 1000
  const shift = Math.floor(bucket / half) - 1
  return ((bucket - shift * half) * 2 ** shift) / 1000
}

/** The greatest time of a bucket, ms: what hdr-histogram-js tells as a percentile. */
export function highestMs(bucket: number): number {
  if (bucket < linear) return bucket / 1000
  const shift = Math.floor(bucket / half) - 1
  return ((bucket - shift * half + 1) * 2 ** shift - 1) / 1000
}
