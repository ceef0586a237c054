/** List and binary comprehensions. */
import { readSegment } from './binaries.ts'
import { BitReader, BitWriter } from './bits.ts'
import { type Bindings, type Matcher, matches, shadow } from './match.ts'
import { isTrue } from './operators.ts'
import type { Expression, Qualifier, Segment } from './syntax.ts'
import { asBinary, asList, items } from './term/coerce.ts'
import { Binary, badarg, Cons, fault, listOf, Nil, type Term } from './term/term.ts'

type Comprehension = Extract<Expression, { type: 'comprehension' }>

export function comprehend(
  { qualifiers, template, result }: Comprehension,
  bindings: Bindings,
  matcher: Matcher,
): Term {
  const results: Term[] = []
  qualify(qualifiers, 0, bindings, matcher, (inner) => {
    results.push(matcher.evaluate(template, inner))
  })
  if (result === 'list') return listOf(results)
  const writer = new BitWriter()
  for (const part of results) {
    if (!(part instanceof Binary)) throw badarg()
    writer.bytes(part.bytes)
  }
  return new Binary(writer.end())
}

/** What a qualifier counts as, for its functions on the stack. */
const levels = 4

type Visit = (bindings: Bindings) => void

/** Visits each combination that the generators from `at` on make and the filters let through. */
function qualify(
  qualifiers: readonly Qualifier[],
  at: number,
  bindings: Bindings,
  matcher: Matcher,
  visit: Visit,
): void {
  const qualifier = qualifiers[at]
  if (qualifier === undefined) {
    visit(bindings)
    return
  }
  const next = (inner: Bindings): void => {
    matcher.machine.enter(levels)
    qualify(qualifiers, at + 1, inner, matcher, visit)
    matcher.machine.leave(levels)
  }
  if (qualifier.type === 'filter') {
    if (isTrue(matcher.evaluate(qualifier.condition, bindings))) next(bindings)
    return
  }
  const { pattern } = qualifier
  const value = matcher.evaluate(qualifier.value, bindings)
  if (qualifier.source === 'binary') {
    if (pattern.type !== 'binary') throw badarg()
    eachOfBinary(pattern.segments, value, bindings, matcher, next)
    return
  }
  const list = asList(value)
  if (!(list instanceof Cons || list instanceof Nil)) throw fault('bad_generator', value)
  for (const item of items(list, matcher.machine)) {
    matcher.machine.spend(1)
    const inner = new Map(bindings)
    shadow(pattern, inner)
    if (matches(pattern, item, inner, [], matcher)) next(inner)
  }
}

/** As long as there are bits for all segments. */
function eachOfBinary(
  segments: readonly Segment[],
  value: Term,
  bindings: Bindings,
  matcher: Matcher,
  visit: Visit,
): void {
  const binary = asBinary(value)
  if (!(binary instanceof Binary)) throw badarg()
  const reader = new BitReader(binary.bytes)
  while (reader.leftBits > 0) {
    matcher.machine.spend(1)
    const inner = new Map(bindings)
    for (const segment of segments) shadow(segment.value, inner)
    let isMatch = true
    for (const segment of segments) {
      const read = readSegment(segment, reader, inner, matcher)
      if (read === null) return
      isMatch &&= matches(segment.value, read, inner, [], matcher)
    }
    if (isMatch) visit(inner)
  }
}
