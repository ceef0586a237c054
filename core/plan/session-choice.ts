import type { Rng } from '../random.ts'

/**
 * Draws an index with a probability proportional to its share. Where only one has a share, nothing is drawn.
 *
 * Shares are added up in document order; Tsung walks its list backwards, which gives the same probabilities and, with
 * another generator, no more reason for the same choices. Source: reference tsung-core.md, 3.9.
 *
 * @param shares ≥ 0, at least one > 0
 */
export function chooseIndex(shares: readonly number[], random: Rng): number {
  let total = 0
  let candidates = 0
  let last = 0
  for (let at = 0; at < shares.length; at++) {
    if (shares[at]! <= 0) continue
    total += shares[at]!
    candidates++
    last = at
  }
  if (candidates <= 1) return last
  let rest = random() * total
  for (let at = 0; at < last; at++) {
    rest -= shares[at]!
    if (rest < 0 && shares[at]! > 0) return at
  }
  return last
}
