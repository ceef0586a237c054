/** What PCRE refuses in a whole expression, and where JavaScript would catch something else. */
import { type Pattern, RegexpError } from './pattern.ts'

/** @throws {RegexpError} when a lookbehind has no fixed length */
export function judgeLookbehinds(pattern: Pattern): void {
  if (pattern.type === 'look' && pattern.way === 'behind') {
    const ways = pattern.body.type === 'choice' ? pattern.body.items : [pattern.body]
    if (ways.some((way) => fixedLength(way) === null)) {
      throw new RegexpError('invalid', 'what a lookbehind looks for has no fixed length')
    }
    if (hasAtomic(pattern.body)) {
      throw new RegexpError('unsupported', 'an atomic group in a lookbehind')
    }
  }
  for (const child of children(pattern)) judgeLookbehinds(child)
}

/** In bytes; null: it varies. */
function fixedLength(pattern: Pattern): number | null {
  switch (pattern.type) {
    case 'set':
      return 1
    case 'look':
    case 'assertion':
      return 0
    case 'backreference':
      return null
    case 'group':
    case 'atomic':
      return fixedLength(pattern.body)
    case 'repeat': {
      // PCRE repeats what takes no byte once at most.
      if (pattern.body.type === 'look') return pattern.min > 0 ? 0 : null
      const length = fixedLength(pattern.body)
      return length === null || pattern.min !== pattern.max ? null : length * pattern.min
    }
    case 'sequence':
      return pattern.items.reduce<number | null>((sum, item) => {
        const length = fixedLength(item)
        return sum === null || length === null ? null : sum + length
      }, 0)
    case 'choice': {
      const lengths = new Set(pattern.items.map(fixedLength))
      return lengths.size === 1 ? [...lengths][0]! : null
    }
  }
}

export function hasAtomic(pattern: Pattern): boolean {
  return pattern.type === 'atomic' || children(pattern).some(hasAtomic)
}

/**
 * A reference to a group that may not have matched: it fails in PCRE and matches nothing in JavaScript.
 *
 * @param set the groups that have surely matched before
 * @returns those that have surely matched after it
 * @throws {RegexpError}
 */
export function judgeReferences(pattern: Pattern, set: ReadonlySet<number>): ReadonlySet<number> {
  switch (pattern.type) {
    case 'set':
    case 'assertion':
      return set
    case 'backreference':
      if (set.has(pattern.number)) return set
      throw new RegexpError('unsupported', 'a reference to a group that may not have matched')
    case 'sequence':
      return pattern.items.reduce((before, item) => judgeReferences(item, before), set)
    case 'choice': {
      const [first, ...others] = pattern.items.map((item) => judgeReferences(item, set))
      return new Set([...first!].filter((group) => others.every((other) => other.has(group))))
    }
    case 'group':
      return new Set([...judgeReferences(pattern.body, set), pattern.number])
    case 'atomic':
      return judgeReferences(pattern.body, set)
    case 'repeat': {
      const after = judgeReferences(pattern.body, set)
      return pattern.min > 0 ? after : set
    }
    case 'look': {
      // Behind itself JavaScript looks from the right to the left.
      const after = judgeReferences(pattern.body, set)
      return pattern.isNegative ? set : after
    }
  }
}

/**
 * Repetitions after which the first group has in JavaScript not what it has in PCRE, or that end elsewhere: JavaScript
 * forgets what an earlier pass caught, and makes no pass that matches nothing.
 *
 * @throws {RegexpError}
 */
export function judgeRepeats(pattern: Pattern): void {
  if (pattern.type === 'repeat' && pattern.max > 1) {
    const { body } = pattern
    if (hasGroup(body, 1) && (isNullable(body) || !alwaysMatches(body, 1))) {
      throw new RegexpError('unsupported', 'its first group is in a repetition that may skip it')
    }
    if (isNullable(body) && !endsEmpty(body)) {
      throw new RegexpError('unsupported', 'a repetition of what may be nothing')
    }
  }
  for (const child of children(pattern)) judgeRepeats(child)
}

function hasGroup(pattern: Pattern, number: number): boolean {
  if (pattern.type === 'group' && pattern.number === number) return true
  return children(pattern).some((child) => hasGroup(child, number))
}

/** Whether each way through it goes through the group. */
function alwaysMatches(pattern: Pattern, number: number): boolean {
  switch (pattern.type) {
    case 'group':
      return pattern.number === number || alwaysMatches(pattern.body, number)
    case 'sequence':
      return pattern.items.some((item) => alwaysMatches(item, number))
    case 'choice':
      return pattern.items.every((item) => alwaysMatches(item, number))
    case 'atomic':
      return alwaysMatches(pattern.body, number)
    case 'repeat':
      return pattern.min > 0 && alwaysMatches(pattern.body, number)
    case 'look':
      return !pattern.isNegative && alwaysMatches(pattern.body, number)
    default:
      return false
  }
}

/** Whether it may match without taking a byte. */
export function isNullable(pattern: Pattern): boolean {
  switch (pattern.type) {
    case 'set':
      return false
    case 'sequence':
      return pattern.items.every(isNullable)
    case 'choice':
      return pattern.items.some(isNullable)
    case 'group':
    case 'atomic':
      return isNullable(pattern.body)
    case 'repeat':
      return pattern.min === 0 || isNullable(pattern.body)
    default:
      return true
  }
}

/** Whether it matches nothing only when there is no other way left. */
function endsEmpty(pattern: Pattern): boolean {
  switch (pattern.type) {
    case 'sequence':
      return pattern.items.every(endsEmpty)
    case 'choice':
      return pattern.items.every((item, at) =>
        at === pattern.items.length - 1 ? endsEmpty(item) : !isNullable(item),
      )
    case 'group':
    case 'atomic':
      return endsEmpty(pattern.body)
    case 'repeat':
      return !isNullable(pattern) || (!pattern.isLazy && endsEmpty(pattern.body))
    default:
      return true
  }
}

export function children(pattern: Pattern): readonly Pattern[] {
  switch (pattern.type) {
    case 'sequence':
    case 'choice':
      return pattern.items
    case 'group':
    case 'atomic':
    case 'repeat':
    case 'look':
      return [pattern.body]
    default:
      return []
  }
}
