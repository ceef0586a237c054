/**
 * What is looked for in an answer: variables first, then matches, in document order.
 *
 * Source: reference tsung-core.md, 1.11 and 6.
 */
import type { Environment } from '../dynvars/environment.ts'
import type { Scope } from '../dynvars/template.ts'
import type { Value } from '../dynvars/value.ts'
import type { Extraction, Match } from '../scenario/model.ts'
import { Answer } from './answer.ts'
import { type CompiledExtraction, compileExtraction } from './extractions.ts'
import { CompiledMatch, goOn } from './matches.ts'

/** Compiled once with the request, shared by all users. */
export interface Checks {
  /** In the order in which they are made: Tsung's, the last one first. */
  readonly extractions: readonly CompiledExtraction[]
  readonly matches: readonly CompiledMatch[]
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

/**
 * @param subst whether markers in paths of variables count: those of the request do
 * @returns null when there is nothing to look for
 */
export function compileChecks(
  extractions: readonly Extraction[],
  matches: readonly Match[],
  subst: boolean,
  scope: Scope,
): Checks | null {
  const compiled: CompiledExtraction[] = []
  for (const extraction of extractions.toReversed()) {
    const one = compileExtraction(extraction, subst, scope)
    if (one !== null) compiled.push(one)
  }
  if (compiled.length === 0 && matches.length === 0) return null
  return {
    extractions: compiled,
    matches: matches.map((match) => new CompiledMatch(match, scope)),
  }
}

/**
 * Sets the variables, then asks the matches until one of them decides.
 *
 * @param content the whole decoded answer, a byte string
 */
export function runChecks(
  checks: Checks,
  content: string,
  counts: MatchCounts,
  environment: Environment,
  observer: ChecksObserver,
): Outcome {
  const answer = new Answer(content, observer)
  const { extractions, matches } = checks
  for (let at = 0; at < extractions.length; at++) {
    const extraction = extractions[at]!
    const value = extraction.extract(answer, environment)
    if (value !== undefined) environment.variables.set(extraction.slot, value)
    observer.extracted(extraction.line, extraction.name, value)
  }
  for (let at = 0; at < matches.length; at++) {
    const outcome = matches[at]!.run(answer, counts, environment)
    if (outcome !== null) return outcome
  }
  return goOn
}
