/** Patterns against terms. */
import { readSegment } from './binaries.ts'
import { BitReader } from './bits.ts'
import { patternVariables } from './check.ts'
import type { Expression, Segment } from './syntax.ts'
import { asBinary, asList } from './term/coerce.ts'
import { identical } from './term/compare.ts'
import { Binary, Cons, type Machine, Nil, type Term, Tuple } from './term/term.ts'

/** Values of variables. An Erlang variable is bound once. */
export type Bindings = Map<string, Term>

/** How a pattern's sizes and strings get their values. */
export interface Matcher {
  readonly machine: Machine
  evaluate(expression: Expression, bindings: Bindings): Term
}

/** Names that a try to match has bound: taken back when it fails. */
export type Bound = string[]

/** Whether the term has the pattern's form; variables that are not bound yet are bound. */
export function matches(
  pattern: Expression,
  term: Term,
  bindings: Bindings,
  bound: Bound,
  matcher: Matcher,
): boolean {
  switch (pattern.type) {
    case 'literal':
      return identical(term, pattern.value, matcher.machine)
    case 'variable':
      return matchVariable(pattern.name, term, bindings, bound, matcher)
    case 'tuple':
      return (
        term instanceof Tuple &&
        term.items.length === pattern.items.length &&
        pattern.items.every((item, at) => matches(item, term.items[at]!, bindings, bound, matcher))
      )
    case 'list':
      return matchList(pattern, term, bindings, bound, matcher)
    case 'binary':
      return matchBinary(pattern.segments, term, bindings, bound, matcher)
    case 'match':
      return (
        matches(pattern.left, term, bindings, bound, matcher) &&
        matches(pattern.right, term, bindings, bound, matcher)
      )
    case 'operation':
      if (pattern.operator === '++') return matchPrefix(pattern, term, bindings, bound, matcher)
      return identical(term, matcher.evaluate(pattern, bindings), matcher.machine)
    default:
      return identical(term, matcher.evaluate(pattern, bindings), matcher.machine)
  }
}

/** The names of a fun's or a generator's pattern are new ones, whatever is outside. */
export function shadow(pattern: Expression, bindings: Bindings): void {
  for (const name of patternVariables(pattern)) bindings.delete(name)
}

export function takeBack(bindings: Bindings, bound: Bound): void {
  for (const name of bound) bindings.delete(name)
}

function matchVariable(
  name: string,
  term: Term,
  bindings: Bindings,
  bound: Bound,
  matcher: Matcher,
): boolean {
  if (name === '_') return true
  const known = bindings.get(name)
  if (known !== undefined) return identical(known, term, matcher.machine)
  bindings.set(name, term)
  bound.push(name)
  return true
}

function matchList(
  pattern: Extract<Expression, { type: 'list' }>,
  term: Term,
  bindings: Bindings,
  bound: Bound,
  matcher: Matcher,
): boolean {
  let rest = asList(term)
  for (const item of pattern.items) {
    if (!(rest instanceof Cons) || !matches(item, rest.head, bindings, bound, matcher)) return false
    rest = rest.tail
  }
  if (pattern.tail === null) return rest instanceof Nil
  return matches(pattern.tail, rest, bindings, bound, matcher)
}

/** `"text" ++ Rest`. */
function matchPrefix(
  pattern: Extract<Expression, { type: 'operation' }>,
  term: Term,
  bindings: Bindings,
  bound: Bound,
  matcher: Matcher,
): boolean {
  let rest = asList(term)
  let prefix = asList(matcher.evaluate(pattern.left, bindings))
  while (prefix instanceof Cons) {
    if (!(rest instanceof Cons) || !identical(prefix.head, rest.head, matcher.machine)) return false
    prefix = prefix.tail
    rest = rest.tail
  }
  return matches(pattern.right, rest, bindings, bound, matcher)
}

function matchBinary(
  segments: readonly Segment[],
  term: Term,
  bindings: Bindings,
  bound: Bound,
  matcher: Matcher,
): boolean {
  const binary = asBinary(term)
  if (!(binary instanceof Binary)) return false
  const reader = new BitReader(binary.bytes)
  for (const segment of segments) {
    const value = readSegment(segment, reader, bindings, matcher)
    if (value === null || !matches(segment.value, value, bindings, bound, matcher)) return false
  }
  return reader.leftBits === 0
}
