/**
 * Content models as a DTD writes them: `(a?, (b | c)*, d+)`.
 *
 * Each place where a name stands in the model is a state; what may follow it is worked out once (Glushkov's
 * construction), so that a list of children is checked in one pass and what was expected is known.
 */

export interface ContentModel {
  readonly tree: ModelTree
  /** Every name in it, in order, once. */
  readonly names: readonly string[]
  readonly check: (children: readonly string[]) => ContentFault | null
}

/** A part of a model as it is written; `sign` is what stands behind it. */
export type ModelTree = { readonly sign: '' | '?' | '*' | '+' } & (
  | { readonly type: 'name'; readonly name: string }
  | { readonly type: 'choice' | 'sequence'; readonly parts: readonly ModelTree[] }
)

/** `index`: the first child that is not allowed where it stands; the number of children: one is missing at the end. */
export interface ContentFault {
  readonly index: number
  /** Names that would have been allowed there. */
  readonly expected: readonly string[]
}

/** @throws {SyntaxError} when the model cannot be read: a defect of a declaration */
export function compileModel(text: string): ContentModel {
  const tree = parseModel(text)
  const states: string[] = []
  const follow: Set<number>[] = []
  const whole = particleOf(tree, states, follow)
  const last = new Set(whole.last)
  const namesOf = (allowed: Iterable<number>): readonly string[] => [
    ...new Set([...allowed].map((state) => states[state]!)),
  ]
  const check = (children: readonly string[]): ContentFault | null => {
    let allowed: ReadonlySet<number> = new Set(whole.first)
    let mayEnd = whole.isOptional
    for (const [index, child] of children.entries()) {
      const state = [...allowed].find((each) => states[each] === child)
      if (state === undefined) return { index, expected: namesOf(allowed) }
      allowed = follow[state]!
      mayEnd = last.has(state)
    }
    return mayEnd ? null : { index: children.length, expected: namesOf(allowed) }
  }
  return { tree, names: [...new Set(states)], check }
}

function parseModel(text: string): ModelTree {
  const cursor = { tokens: text.match(/[\w#-]+|[(),|?*+]/g) ?? [], at: 0 }
  const tree = parsePart(cursor)
  if (cursor.at < cursor.tokens.length)
    throw new SyntaxError('a content model goes on behind its end')
  return tree
}

interface Cursor {
  readonly tokens: readonly string[]
  at: number
}

function parsePart(cursor: Cursor): ModelTree {
  const token = cursor.tokens[cursor.at++]
  if (token === undefined) throw new SyntaxError('a content model ends too early')
  if (token !== '(') return { type: 'name', name: token, sign: signAt(cursor) }
  const parts = [parsePart(cursor)]
  let separator: string | null = null
  for (;;) {
    const next = cursor.tokens[cursor.at++]
    if (next === ')') break
    if ((next !== ',' && next !== '|') || (separator ?? next) !== next) {
      throw new SyntaxError(`a content model has "${next}" where it may not stand`)
    }
    separator = next
    parts.push(parsePart(cursor))
  }
  return { type: separator === '|' ? 'choice' : 'sequence', parts, sign: signAt(cursor) }
}

function signAt(cursor: Cursor): ModelTree['sign'] {
  const sign = cursor.tokens[cursor.at]
  if (sign !== '?' && sign !== '*' && sign !== '+') return ''
  cursor.at++
  return sign
}

/** A part of a model: with which states it begins and ends, and whether it may be absent. */
interface Particle {
  readonly first: readonly number[]
  readonly last: readonly number[]
  readonly isOptional: boolean
}

function particleOf(tree: ModelTree, states: string[], follow: Set<number>[]): Particle {
  if (tree.type === 'name') {
    const state = states.push(tree.name) - 1
    follow.push(new Set())
    return repeated({ first: [state], last: [state], isOptional: false }, tree.sign, follow)
  }
  const parts = tree.parts.map((part) => particleOf(part, states, follow))
  const whole = tree.type === 'choice' ? choice(parts) : sequence(parts, follow)
  return repeated(whole, tree.sign, follow)
}

function choice(parts: readonly Particle[]): Particle {
  return {
    first: parts.flatMap(({ first }) => first),
    last: parts.flatMap(({ last }) => last),
    isOptional: parts.some(({ isOptional }) => isOptional),
  }
}

function sequence(parts: readonly Particle[], follow: readonly Set<number>[]): Particle {
  return parts.reduce((before, part) => {
    for (const state of before.last) for (const next of part.first) follow[state]!.add(next)
    return {
      first: before.isOptional ? [...before.first, ...part.first] : before.first,
      last: part.isOptional ? [...before.last, ...part.last] : part.last,
      isOptional: before.isOptional && part.isOptional,
    }
  })
}

function repeated(
  part: Particle,
  sign: ModelTree['sign'],
  follow: readonly Set<number>[],
): Particle {
  if (sign === '') return part
  if (sign !== '?') {
    for (const state of part.last) for (const next of part.first) follow[state]!.add(next)
  }
  return { ...part, isOptional: part.isOptional || sign !== '+' }
}
