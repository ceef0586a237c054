/** A tree to the source of a JavaScript expression. */
import { anySet, dotSet, ignoringCase, source, wordSet } from './character-set.ts'
import { children, isNullable } from './judge.ts'
import { type Assertion, type Pattern, RegexpError } from './pattern.ts'

export interface Emitted {
  readonly source: string
  readonly flags: string
  /** The number of PCRE's first group among JavaScript's; 0: there is none. */
  readonly firstGroup: number
}

/** @throws {RegexpError} */
export function emit(pattern: Pattern): Emitted {
  const emitter = new Emitter()
  const text = anchor(pattern) + emitter.text(pattern)
  return { source: text, flags: flags(pattern), firstGroup: emitter.numbers.get(1) ?? 0 }
}

/**
 * What begins with `.*` matches from the beginning of a line if anywhere in it; without this JavaScript would look for it
 * from each byte again.
 */
function anchor(pattern: Pattern): string {
  if (someReference(pattern)) return ''
  switch (pattern.type) {
    case 'repeat': {
      if (pattern.max !== Infinity || pattern.body.type !== 'set') return ''
      const { set } = pattern.body
      return set === dotSet ? '(?<![^\\n])' : set === anySet ? '^' : ''
    }
    case 'sequence':
      return pattern.items.length === 0 ? '' : anchor(pattern.items[0]!)
    case 'group':
      return anchor(pattern.body)
    default:
      return ''
  }
}

/** Sets hold both cases already: only references without regard to case need JavaScript's flag, which is for all. */
function flags(pattern: Pattern): string {
  if (!someReference(pattern, true)) return ''
  if (isCaseless(pattern)) return 'i'
  throw new RegexpError('unsupported', 'a reference that ignores case beside what does not')
}

function someReference(pattern: Pattern, isCaseless = false): boolean {
  if (pattern.type === 'backreference') return pattern.ignoresCase || !isCaseless
  return children(pattern).some((child) => someReference(child, isCaseless))
}

function isCaseless(pattern: Pattern): boolean {
  if (pattern.type === 'backreference') return pattern.ignoresCase
  if (pattern.type !== 'set') return children(pattern).every(isCaseless)
  const both = ignoringCase(pattern.set)
  return both.every((isIn, byte) => isIn === pattern.set[byte])
}

const word = source(wordSet)

const assertions: { readonly [kind in Assertion]: string } = {
  start: '^',
  end: '$',
  'last-line-end': '(?=\\n?$)',
  'line-start': '(?:^|(?<=\\n)(?!$))',
  'line-end': '(?=\\n|$)',
  'word-boundary': `(?:(?<=${word})(?!${word})|(?<!${word})(?=${word}))`,
  'no-word-boundary': `(?:(?<=${word})(?=${word})|(?<!${word})(?!${word}))`,
}

class Emitter {
  /** JavaScript's numbers of groups, by PCRE's: atomic groups need groups of their own. */
  readonly numbers = new Map<number, number>()
  #groups = 0

  text(pattern: Pattern): string {
    switch (pattern.type) {
      case 'set':
        return source(pattern.set)
      case 'sequence':
        return this.#sequence(pattern.items)
      case 'choice':
        return `(?:${pattern.items.map((item) => this.text(item)).join('|')})`
      case 'group':
        this.numbers.set(pattern.number, ++this.#groups)
        return `(${this.text(pattern.body)})`
      case 'atomic': {
        const number = ++this.#groups
        return `(?=(${this.text(pattern.body)}))(?:\\${number})`
      }
      case 'repeat':
        return this.#repeat(pattern)
      case 'look': {
        const sign = `${pattern.way === 'behind' ? '<' : ''}${pattern.isNegative ? '!' : '='}`
        return `(?${sign}${this.text(pattern.body)})`
      }
      case 'assertion':
        return assertions[pattern.kind]
      case 'backreference':
        return `(?:\\${this.numbers.get(pattern.number)})`
    }
  }

  #sequence(items: readonly Pattern[]): string {
    let text = ''
    for (const item of items) text += this.text(item)
    return text
  }

  #repeat({ body, min, max, isLazy }: Extract<Pattern, { type: 'repeat' }>): string {
    const inner = this.text(body)
    // JavaScript makes no optional pass that matches nothing.
    if (min === 0 && max === 1 && isNullable(body))
      return isLazy ? `(?:|${inner})` : `(?:${inner}|)`
    const atom = body.type === 'set' || body.type === 'group' ? inner : `(?:${inner})`
    // PCRE repeats what takes no byte once at most.
    const most = body.type === 'look' ? 1 : max
    return `${atom}${quantifier(Math.min(min, most), most)}${isLazy ? '?' : ''}`
  }
}

function quantifier(min: number, max: number): string {
  if (max === Infinity) return min === 0 ? '*' : min === 1 ? '+' : `{${min},}`
  if (min === 0 && max === 1) return '?'
  return min === max ? `{${min}}` : `{${min},${max}}`
}
