/** Where tsts deliberately does not do what Tsung 1.7 was seen to do: nothing else may differ. */

/** Changes of what one session sends: the requests of its last connection. */
export interface Edit {
  /** How many of Tsung's requests stay; null: all. */
  readonly keep: number | null
  /** What follows them. */
  readonly then: readonly string[]
}

export interface Difference {
  readonly reason: string
  readonly edits?: { readonly [session: string]: Edit }
  /** Added to Tsung's totals. Requests, status codes and sizes follow from `edits`. */
  readonly totals?: { readonly [name: string]: number }
  /** Lines of match.log that are missing and new. */
  readonly matches?: { readonly without: readonly string[]; readonly with: readonly string[] }
  readonly dump?: { readonly without: readonly string[]; readonly with: readonly string[] }
}

export const differences: { readonly [scenario: string]: readonly Difference[] } = {}
