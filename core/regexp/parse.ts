/** PCRE text to a tree. Source: pcrepattern(3) of PCRE 8, which is in Erlang's `re`. */
import { anySet, dotSet, setOf } from './character-set.ts'
import { isPosix, readByteOrSet, readClass, single } from './class.ts'
import { Cursor } from './cursor.ts'
import { type Pattern, RegexpError } from './pattern.ts'

/** `(?imsxU)` */
interface Options {
  readonly i: boolean
  readonly m: boolean
  readonly s: boolean
  readonly x: boolean
  readonly U: boolean
  readonly J: boolean
}

const noOptions: Options = { i: false, m: false, s: false, x: false, U: false, J: false }
const maxRepeat = 65_535
/** Deeper ones PCRE refuses as well. */
const maxDepth = 250

const empty: Pattern = { type: 'sequence', items: [] }
const newlines: Pattern = {
  type: 'choice',
  items: [
    { type: 'sequence', items: [set(13), set(10)] },
    {
      type: 'sequence',
      items: [
        {
          type: 'look',
          way: 'ahead',
          isNegative: true,
          body: { type: 'sequence', items: [set(13), set(10)] },
        },
        { type: 'set', set: setOf([10, 13], [133, 133]) },
      ],
    },
  ],
}

/** @throws {RegexpError} */
export function parsePattern(text: string): Pattern {
  const parser = new Parser(text)
  return parser.parse()
}

class Parser {
  readonly #cursor: Cursor
  readonly #names = new Map<string, number>()
  /** References by name or number that a later group has to bear out. */
  readonly #promised: (string | number)[] = []
  readonly #lateReferences: { name: string; fill: (number: number) => void }[] = []
  #options = noOptions
  #groups = 0
  #depth = 0
  #isQuoted = false

  constructor(text: string) {
    this.#cursor = new Cursor(text)
  }

  parse(): Pattern {
    const pattern = this.#choice()
    if (!this.#cursor.atEnd) throw new RegexpError('invalid', 'a ")" closes nothing')
    for (const { name, fill } of this.#lateReferences) {
      const number = this.#names.get(name)
      if (number === undefined) throw new RegexpError('invalid', `no group is called ${name}`)
      fill(number)
    }
    for (const number of this.#promised) {
      if (Number(number) > this.#groups) {
        throw new RegexpError('invalid', `there is no group ${number}`)
      }
    }
    return pattern
  }

  /** Up to a `)` or the end. Options set inside hold to its end. */
  #choice(): Pattern {
    const options = this.#options
    if (++this.#depth > maxDepth) throw new RegexpError('invalid', 'too many brackets in brackets')
    const items = [this.#sequence()]
    while (this.#cursor.take('|')) items.push(this.#sequence())
    this.#options = options
    this.#depth--
    return items.length === 1 ? items[0]! : { type: 'choice', items }
  }

  #sequence(): Pattern {
    const items: Pattern[] = []
    const cursor = this.#cursor
    for (;;) {
      this.#skipIgnored()
      if (cursor.atEnd) break
      if (!this.#isQuoted && (cursor.sees('|') || cursor.sees(')'))) break
      const atom = this.#isQuoted ? this.#literal(cursor.next()) : this.#atom()
      if (atom !== null) items.push(this.#quantified(atom))
    }
    return items.length === 1 ? items[0]! : { type: 'sequence', items }
  }

  /** Comments, ends of quotes, and under `(?x)` blanks. */
  #skipIgnored(): void {
    const cursor = this.#cursor
    for (;;) {
      if (this.#isQuoted) {
        if (!cursor.take('\\E')) return
        this.#isQuoted = false
      } else if (cursor.take('\\Q')) this.#isQuoted = true
      else if (cursor.take('(?#')) {
        if (cursor.match(/[^)]*\)/y) === null)
          throw new RegexpError('invalid', 'a comment does not end')
      } else if (!cursor.take('\\E')) {
        if (!this.#options.x || cursor.match(/[ \t-\r]+|#[^\n]*(\n|$)/y) === null) return
      }
    }
  }

  /** Null: it stands for nothing and cannot be repeated, as `(?i)`. */
  #atom(): Pattern | null {
    const cursor = this.#cursor
    if (/^(?:[*+?]|\{\d+(?:,\d*)?\})/.test(cursor.text.slice(cursor.at, cursor.at + 16))) {
      throw new RegexpError('invalid', `"${cursor.text[cursor.at]}" repeats nothing`)
    }
    const byte = cursor.next()
    switch (String.fromCharCode(byte)) {
      case '.':
        return { type: 'set', set: this.#options.s ? anySet : dotSet }
      case '^':
        return this.#assertion(this.#options.m ? 'line-start' : 'start')
      case '$':
        return this.#assertion(this.#options.m ? 'line-end' : 'last-line-end')
      case '[':
        if (cursor.sees('[:<:]]') || cursor.sees('[:>:]]')) {
          throw new RegexpError('unsupported', '[[:<:]] and [[:>:]] (write \\b)')
        }
        if (isPosix(cursor.text.slice(cursor.at - 1))) {
          throw new RegexpError('invalid', '[:…:] stands only inside of […]')
        }
        return { type: 'set', set: readClass(cursor, this.#options.i) }
      case '(':
        return this.#bracket()
      case '\\':
        return this.#escape()
      default:
        return this.#literal(byte)
    }
  }

  #literal(byte: number): Pattern {
    return { type: 'set', set: single(byte, this.#options.i) }
  }

  #assertion(kind: Extract<Pattern, { type: 'assertion' }>['kind']): Pattern {
    return { type: 'assertion', kind }
  }

  #escape(): Pattern {
    const cursor = this.#cursor
    if (cursor.atEnd) throw new RegexpError('invalid', 'it ends with a backslash')
    const reference = this.#reference()
    if (reference !== null) return reference
    switch (cursor.text[cursor.at]) {
      case 'A':
      case 'G':
        cursor.at++
        return this.#assertion('start')
      case 'z':
        cursor.at++
        return this.#assertion('end')
      case 'Z':
        cursor.at++
        return this.#assertion('last-line-end')
      case 'b':
        cursor.at++
        return this.#assertion('word-boundary')
      case 'B':
        cursor.at++
        return this.#assertion('no-word-boundary')
      case 'N':
        cursor.at++
        if (cursor.match(/\{(?!\d+(?:,\d*)?\})/y) !== null)
          throw new RegexpError('invalid', 'PCRE knows no \\N{name}')
        return { type: 'set', set: dotSet }
      case 'R':
        cursor.at++
        return wrapped(newlines)
      case 'C':
        cursor.at++
        return { type: 'set', set: anySet }
      case 'K':
      case 'X':
        throw new RegexpError('unsupported', `\\${cursor.text[cursor.at]}`)
      default: {
        const item = readByteOrSet(cursor)
        return typeof item === 'number' ? this.#literal(item) : { type: 'set', set: item }
      }
    }
  }

  /** `\1`, `\g{1}`, `\g{-1}`, `\k<name>` and the like; null: it is none. */
  #reference(): Pattern | null {
    const cursor = this.#cursor
    if (cursor.sees('g<') || cursor.sees("g'")) {
      throw new RegexpError('unsupported', 'a group called like a function')
    }
    if (cursor.sees('g')) {
      const [, sign, digits, name] = cursor.expect(/g(?:\{(?=[-+\w]+\}))?(-?)(?:(\d+)|(\w+))\}?/y)
      if (name !== undefined) return this.#named(name)
      const number = sign === '-' ? this.#groups + 1 - Number(digits) : Number(digits)
      if (number < 1) throw new RegexpError('invalid', `there is no group ${sign}${digits}`)
      return this.#numbered(number)
    }
    if (cursor.sees('k')) {
      const found = cursor.expect(/k(?:\{(\w+)\}|<(\w+)>|'(\w+)')/y)
      return this.#named(found[1] ?? found[2] ?? found[3]!)
    }
    const digits = /^[1-9]\d*/.exec(cursor.text.slice(cursor.at, cursor.at + 12))?.[0]
    if (digits === undefined) return null
    const number = Number(digits)
    if (number >= 8 && number > this.#groups) return null
    cursor.at += digits.length
    return this.#numbered(number)
  }

  #numbered(number: number): Pattern {
    this.#promised.push(number)
    return { type: 'backreference', number, ignoresCase: this.#options.i }
  }

  #named(name: string): Pattern {
    const reference = { type: 'backreference' as const, number: 0, ignoresCase: this.#options.i }
    this.#lateReferences.push({
      name,
      fill: (number) => {
        reference.number = number
      },
    })
    return reference
  }

  /** Behind a `(`. */
  #bracket(): Pattern | null {
    const cursor = this.#cursor
    if (cursor.match(/\*(?=[A-Z:])/y) !== null) throw new RegexpError('unsupported', '(*…)')
    if (!cursor.take('?')) return this.#group()
    if (cursor.take(':')) return wrapped(this.#closed())
    if (cursor.take('>')) return { type: 'atomic', body: this.#closed() }
    const look = cursor.match(/(<?)([=!])/y)
    if (look !== null) {
      const way = look[1] === '<' ? 'behind' : 'ahead'
      return { type: 'look', way, isNegative: look[2] === '!', body: this.#closed() }
    }
    const name = cursor.match(/P?<(\w*)>|'(\w*)'/y)
    if (name !== null) return this.#group(name[1] ?? name[2])
    const reference = cursor.match(/P=(\w+)\)/y)
    if (reference !== null) return this.#named(reference[1]!)
    if (cursor.take('|')) throw new RegexpError('unsupported', 'groups with the same number, (?|…)')
    if (cursor.take('(')) throw new RegexpError('unsupported', 'a condition, (?(…)…)')
    if (cursor.match(/R\)|[-+]?\d+\)|&\w+\)|P>\w+\)/y) !== null) {
      throw new RegexpError('unsupported', 'a group called like a function')
    }
    if (cursor.match(/C\d*\)/y) !== null) throw new RegexpError('unsupported', 'a callout, (?C)')
    return this.#optionGroup()
  }

  #optionGroup(): Pattern | null {
    const [, on, off, end] = this.#cursor.expect(/([imsxUJX]*)(?:-([imsxUJX]*))?([:)])/y)
    if (`${on}${off ?? ''}`.includes('X')) throw new RegexpError('unsupported', '(?X)')
    const before = this.#options
    const after: { [option: string]: boolean } = { ...before }
    for (const option of on!) after[option] = true
    for (const option of off ?? '') after[option] = false
    this.#options = { ...before, ...after }
    if (end === ')') return null
    const body = this.#closed()
    this.#options = before
    return wrapped(body)
  }

  #group(name?: string): Pattern {
    const number = ++this.#groups
    if (name !== undefined) {
      if (!/^[A-Za-z_]\w{0,31}$/.test(name))
        throw new RegexpError('invalid', `"${name}" names no group`)
      if (this.#names.has(name)) {
        if (!this.#options.J) throw new RegexpError('invalid', `two groups are called ${name}`)
        throw new RegexpError('unsupported', `two groups called ${name}`)
      }
      this.#names.set(name, number)
    }
    return { type: 'group', number, body: this.#closed() }
  }

  /** A choice and its `)`. */
  #closed(): Pattern {
    const body = this.#choice()
    if (!this.#cursor.take(')')) throw new RegexpError('invalid', 'a ")" is missing')
    return body
  }

  #quantified(atom: Pattern): Pattern {
    this.#skipIgnored()
    if (this.#isQuoted) return atom
    const cursor = this.#cursor
    const found = cursor.match(/[*+?]|\{(\d+)(?:(,)(\d*))?\}/y)
    if (found === null) return atom
    if (atom.type === 'assertion') {
      throw new RegexpError('invalid', `"${found[0]}" repeats nothing`)
    }
    const [min, max] = bounds(found)
    cursor.match(
      this.#options.x
        ? /(?:\(\?#[^)]*\)|[ \t-\r]|#[^\n]*(?:\n|$))+(?=[?+])/y
        : /(?:\(\?#[^)]*\))+(?=[?+])/y,
    )
    const isPossessive = cursor.take('+')
    const isLazy = !isPossessive && cursor.take('?') !== this.#options.U
    const body: Pattern = { type: 'repeat', body: atom, min, max, isLazy }
    if (max === 0) return empty
    return isPossessive ? { type: 'atomic', body } : body
  }
}

function bounds(found: RegExpExecArray): readonly [number, number] {
  if (found[0] === '*') return [0, Infinity]
  if (found[0] === '+') return [1, Infinity]
  if (found[0] === '?') return [0, 1]
  const min = Number(found[1])
  const max = found[2] === undefined ? min : found[3] === '' ? Infinity : Number(found[3])
  if (min > maxRepeat || (max > maxRepeat && max !== Infinity)) {
    throw new RegexpError('invalid', 'it repeats more than 65535 times')
  }
  if (max < min) throw new RegexpError('invalid', 'the most is less than the least of a repetition')
  return [min, max]
}

/** In brackets an assertion may be repeated, and the ways of a choice are none of the lookbehind around it. */
function wrapped(body: Pattern): Pattern {
  if (body.type !== 'assertion' && body.type !== 'choice') return body
  return { type: 'sequence', items: [body] }
}

function set(byte: number): Pattern {
  return { type: 'set', set: setOf([byte, byte]) }
}
