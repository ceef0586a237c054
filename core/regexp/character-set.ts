/**
 * Sets of bytes: what a class, a `.` or a literal of an expression stands for.
 *
 * Letters and digits are those of ISO-8859-1, as in Erlang's `re`. Source: Erlang's manual of `re`, "Generic character types".
 */

/** 256 entries, 1 for each byte that is in the set. */
export type CharacterSet = Uint8Array

export function emptySet(): CharacterSet {
  return new Uint8Array(256)
}

/** @param ranges first and last byte of each range */
export function setOf(
  ...ranges: readonly (readonly [first: number, last: number])[]
): CharacterSet {
  const set = emptySet()
  for (const [first, last] of ranges) set.fill(1, first, last + 1)
  return set
}

export function complement(set: CharacterSet): CharacterSet {
  return set.map((isIn) => 1 - isIn)
}

/** Adds the bytes of another set. */
export function add(set: CharacterSet, other: CharacterSet): void {
  for (let byte = 0; byte < 256; byte++) if (other[byte] === 1) set[byte] = 1
}

/** The same set with the other case of its letters. */
export function ignoringCase(set: CharacterSet): CharacterSet {
  const both = set.slice()
  for (let byte = 0; byte < 256; byte++) if (set[byte] === 1) both[otherCase(byte)] = 1
  return both
}

/** Itself when it has none: ß, µ and ÿ among the letters. */
function otherCase(byte: number): number {
  const isUpper = (byte >= 65 && byte <= 90) || (byte >= 192 && byte <= 222 && byte !== 215)
  if (isUpper) return byte + 32
  const isLower = (byte >= 97 && byte <= 122) || (byte >= 224 && byte <= 254 && byte !== 247)
  return isLower ? byte - 32 : byte
}

const digits = setOf([48, 57])
const upper = setOf([65, 90], [192, 214], [216, 222])
const lower = setOf([97, 122], [170, 170], [181, 181], [186, 186], [223, 246], [248, 255])
const alpha = union(upper, lower)
const alnum = union(alpha, digits)
const graph = setOf([33, 126], [160, 255])
const spaces = setOf([9, 13], [32, 32])

export const wordSet: CharacterSet = union(alnum, setOf([95, 95]))
/** Everything but the newline. */
export const dotSet: CharacterSet = complement(setOf([10, 10]))
export const anySet: CharacterSet = setOf([0, 255])

/** What `\d` and the like stand for, by their letter. */
export const escapeSets: { readonly [letter: string]: CharacterSet } = withComplements({
  d: digits,
  s: spaces,
  w: wordSet,
  h: setOf([9, 9], [32, 32], [160, 160]),
  v: setOf([10, 13], [133, 133]),
})

/** What `[:alpha:]` and the like stand for. */
export const posixSets: { readonly [name: string]: CharacterSet } = {
  alnum,
  alpha,
  /** In Erlang. */
  ascii: setOf([0, 255]),
  blank: setOf([9, 9], [32, 32]),
  cntrl: setOf([0, 31], [127, 159]),
  digit: digits,
  graph,
  lower,
  print: union(graph, setOf([32, 32])),
  punct: setOf(
    [33, 47],
    [58, 64],
    [91, 96],
    [123, 126],
    [160, 169],
    [171, 180],
    [182, 185],
    [187, 191],
    [215, 215],
    [247, 247],
  ),
  space: spaces,
  upper,
  word: wordSet,
  xdigit: setOf([48, 57], [65, 70], [97, 102]),
}

/** A set as JavaScript's expressions write it. */
export function source(set: CharacterSet): string {
  const inside = ranges(set)
  if (inside === '') return '[]'
  const single = set.reduce((count, isIn) => count + isIn, 0) === 1
  if (single) return inside
  const outside = ranges(complement(set))
  if (outside === '') return '[^]'
  return outside.length < inside.length ? `[^${outside}]` : `[${inside}]`
}

function ranges(set: CharacterSet): string {
  let text = ''
  for (let byte = 0; byte < 256; byte++) {
    if (set[byte] !== 1) continue
    const first = byte
    while (byte < 255 && set[byte + 1] === 1) byte++
    text += escaped(first)
    if (byte > first) text += byte > first + 1 ? `-${escaped(byte)}` : escaped(byte)
  }
  return text
}

/** Letters and digits stand for themselves everywhere. */
function escaped(byte: number): string {
  const character = String.fromCharCode(byte)
  if (/[A-Za-z0-9 "'<>=:;,_%&#@!~`]/.test(character)) return character
  return `\\x${byte.toString(16).padStart(2, '0')}`
}

function union(...sets: readonly CharacterSet[]): CharacterSet {
  const all = emptySet()
  for (const set of sets) add(all, set)
  return all
}

function withComplements(sets: { readonly [letter: string]: CharacterSet }): {
  readonly [letter: string]: CharacterSet
} {
  const all: { [letter: string]: CharacterSet } = {}
  for (const [letter, set] of Object.entries(sets)) {
    all[letter] = set
    all[letter.toUpperCase()] = complement(set)
  }
  return all
}
