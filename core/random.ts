import seedrandom from 'seedrandom'

/** A stream of uniform numbers in [0, 1). */
export type Rng = () => number

/**
 * The stream of random numbers that belongs to `parts`: the same parts give the same stream.
 *
 * @param parts the seed of the run first, then what the stream is for, e.g. `(seed, 'user', 17)`
 */
export function stream(...parts: readonly (string | number)[]): Rng {
  return seedrandom.alea(parts.join('/'))
}
