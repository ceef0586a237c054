/**
 * What is looked for in an answer: variables first, then matches, in document order.
 *
 * Source: reference tsung-core.md, 1.11 and 6.
 */
import type { Environment } from '../dynvars/environment.ts'
import type { Scope } from '../dynvars/template.ts'
import type { Value } from '../dynvars/value.ts'
import type { Extraction, Match } from '../scenario/model.ts'

/** Compiled once with the request, shared by all users. */
export interface Checks {
  readonly extractions: readonly unknown[]
  readonly matches: readonly unknown[]
}

/** How often a user looped and restarted, over all its requests. */
export interface MatchCounts {
  loops: number
  restarts: number
}

/** Told of what is found. */
export interface ChecksObserver {
  count(name: string): void
  /** A line of match.log. @param event `match`, `nomatch`, `match_stop`, … */
  log(event: string, name: string): void
  /** Keeps the answer in a file (`do="dump"`). @param content byte string */
  dump(content: string): void
  /** For `tsts try`. @param value undefined: nothing was found, the variable stays as it was */
  extracted(line: number, name: string, value: Value | undefined): void
  /** For `tsts try`. */
  matched(line: number, pattern: string, isMatch: boolean, what: string): void
}

/** What the user does next. `loop`: after `ms` the action `back` actions before this request's own, 0: itself. */
export type Outcome =
  | { readonly type: 'continue' }
  | { readonly type: 'loop'; readonly ms: number; readonly back: number }
  | { readonly type: 'restart' }
  | { readonly type: 'abort' }
  | { readonly type: 'abort_test' }

export type CompileChecks = (
  extractions: readonly Extraction[],
  matches: readonly Match[],
  subst: boolean,
  scope: Scope,
) => Checks | null

/** @param content the whole decoded answer, a byte string */
export type RunChecks = (
  checks: Checks,
  content: string,
  counts: MatchCounts,
  environment: Environment,
  observer: ChecksObserver,
) => Outcome
