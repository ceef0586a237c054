/** Character classes: what stands in `[…]`, and escapes that name one byte or a set of bytes. */
import {
  add,
  type CharacterSet,
  complement,
  emptySet,
  escapeSets,
  ignoringCase,
  posixSets,
  setOf,
} from './character-set.ts'
import type { Cursor } from './cursor.ts'
import { RegexpError } from './pattern.ts'

const controls: { readonly [letter: string]: number } = { a: 7, e: 27, f: 12, n: 10, r: 13, t: 9 }

/** @param cursor behind the `[`; is left behind the `]` */
export function readClass(cursor: Cursor, ignoresCase: boolean): CharacterSet {
  const isNegated = cursor.take('^')
  const literals = emptySet()
  const others = emptySet()
  // The first byte of what may become a range; -1: none.
  let from = -1
  let isFirst = true
  let isQuoted = false
  for (; ; isFirst = false) {
    if (cursor.atEnd) throw new RegexpError('invalid', 'a "]" is missing')
    if (isQuoted ? cursor.take('\\E') : cursor.take('\\Q')) {
      isQuoted = !isQuoted
      continue
    }
    if (!isQuoted && cursor.take('\\E')) continue
    if (!isQuoted && !isFirst && cursor.take(']')) break
    const item = isQuoted ? cursor.next() : readItem(cursor, ignoresCase)
    if (typeof item !== 'number') {
      if (from >= 0) throw new RegexpError('invalid', 'a range of a class ends with a class')
      add(others, item)
      continue
    }
    const to = from < 0 ? -1 : item
    if (to < 0) literals[item] = 1
    else {
      if (to < from) throw new RegexpError('invalid', 'a range of a class ends before it begins')
      literals.fill(1, from, to + 1)
    }
    from = to < 0 && isRange(cursor, isQuoted) ? item : -1
  }
  const all = ignoresCase ? ignoringCase(literals) : literals
  add(all, others)
  return isNegated ? complement(all) : all
}

/** Takes the hyphen of a range; before the end of the class it stands for itself. */
function isRange(cursor: Cursor, isQuoted: boolean): boolean {
  if (isQuoted || !cursor.sees('-')) return false
  const next = cursor.text.slice(cursor.at + 1)
  if (next === '' || next.startsWith(']') || next.startsWith('\\E')) return false
  cursor.at++
  return true
}

function readItem(cursor: Cursor, ignoresCase: boolean): number | CharacterSet {
  if (cursor.sees('[') && isPosix(cursor.text.slice(cursor.at)))
    return readPosix(cursor, ignoresCase)
  if (!cursor.take('\\')) return cursor.next()
  if (cursor.atEnd) throw new RegexpError('invalid', 'it ends with a backslash')
  if (cursor.take('b')) return 8
  if (cursor.take('N')) throw new RegexpError('invalid', '\\N in a class')
  if (cursor.sees('8') || cursor.sees('9')) return cursor.next()
  return readByteOrSet(cursor)
}

/** Whether a text begins as `[:alpha:]` does. */
export function isPosix(text: string): boolean {
  return /^\[([:.=])[^\\\]]*?\1\]/.test(text)
}

function readPosix(cursor: Cursor, ignoresCase: boolean): CharacterSet {
  const [whole, kind, not, name] = cursor.expect(/\[([:.=])(\^?)([^\\\]]*?)\1\]/y)
  if (kind !== ':') throw new RegexpError('invalid', `${whole} in a class`)
  const known = ignoresCase && (name === 'lower' || name === 'upper') ? 'alpha' : name!
  const set = Object.hasOwn(posixSets, known) ? posixSets[known] : undefined
  if (set === undefined) throw new RegexpError('invalid', `there is no class [:${name}:]`)
  return not === '^' ? complement(set) : set
}

/**
 * What follows a backslash, inside of classes and outside.
 *
 * @param cursor behind the backslash, not at the end
 */
export function readByteOrSet(cursor: Cursor): number | CharacterSet {
  const letter = String.fromCharCode(cursor.next())
  if (Object.hasOwn(escapeSets, letter)) return escapeSets[letter]!
  if (Object.hasOwn(controls, letter)) return controls[letter]!
  switch (letter) {
    case 'x':
      return readHex(cursor)
    case 'o':
      return byte(cursor.expect(/\{([0-7]+)\}/y)[1]!, 8)
    case 'c':
      return readControl(cursor)
    case 'p':
    case 'P':
      return readProperty(cursor, letter === 'P')
    case 'L':
    case 'l':
    case 'U':
    case 'u':
      throw new RegexpError('invalid', `PCRE knows no \\${letter}`)
    default:
  }
  if (!/[0-7]/.test(letter)) return letter.charCodeAt(0)
  cursor.at--
  return byte(cursor.expect(/[0-7]{1,3}/y)[0]!, 8)
}

function readHex(cursor: Cursor): number {
  if (cursor.sees('{')) return byte(cursor.expect(/\{([0-9A-Fa-f]+)\}/y)[1]!, 16)
  return byte(cursor.expect(/[0-9A-Fa-f]{0,2}/y)[0]!, 16)
}

function readControl(cursor: Cursor): number {
  const character = cursor.atEnd ? 128 : cursor.next()
  if (character > 127)
    throw new RegexpError('invalid', '\\c has to be followed by an ASCII character')
  return String.fromCharCode(character).toUpperCase().charCodeAt(0) ^ 64
}

/** The bytes with a property of Unicode. */
function readProperty(cursor: Cursor, isUpper: boolean): CharacterSet {
  const [, not, long, short] = cursor.expect(/\{(\^?)([A-Za-z_&]+)\}|([A-Za-z])/y)
  const name = long ?? short!
  const set = emptySet()
  const test = property(name)
  for (let at = 0; at < 256; at++) if (test.test(String.fromCharCode(at))) set[at] = 1
  return isUpper === (not === '^') ? set : complement(set)
}

const ownProperties: { readonly [name: string]: string } = {
  Any: '[^]',
  'L&': '[\\p{Lu}\\p{Ll}\\p{Lt}]',
  Xan: '[\\p{L}\\p{N}]',
  Xwd: '[\\p{L}\\p{N}_]',
  Xsp: '[\\p{Z}\\t\\n\\v\\f\\r]',
  Xps: '[\\p{Z}\\t\\n\\v\\f\\r]',
}

function property(name: string): RegExp {
  if (Object.hasOwn(ownProperties, name)) return new RegExp(ownProperties[name]!, 'u')
  const isCategory = /^([CLMNPSZ]|[A-Z][a-z])$/.test(name)
  try {
    return new RegExp(isCategory ? `\\p{${name}}` : `\\p{Script=${name}}`, 'u')
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause
    throw new RegexpError('invalid', `there is no property ${name}`)
  }
}

function byte(digits: string, base: number): number {
  const value = digits === '' ? 0 : Number.parseInt(digits, base)
  if (value > 255) throw new RegexpError('invalid', 'a character is more than a byte')
  return value
}

export function single(byte: number, ignoresCase: boolean): CharacterSet {
  const set = setOf([byte, byte])
  return ignoresCase ? ignoringCase(set) : set
}
