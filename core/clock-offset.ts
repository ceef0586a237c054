/** Tries of which the one counts that was least disturbed. */
const tries = 9

/**
 * How far one clock is ahead of another of the same machine.
 *
 * @param clock and `other`: read in the same unit
 */
export function clockOffset(clock: () => number, other: () => number): number {
  let offset = 0
  let least = Infinity
  for (let at = 0; at < tries; at++) {
    const before = other()
    const read = clock()
    const took = other() - before
    if (took >= least) continue
    least = took
    offset = read - (before + took / 2)
  }
  return offset
}
