/** Terms as Erlang writes them. */
import { asList, isCharacter } from './coerce.ts'
import { Atom, Binary, Cons, Fun, Nil, Opaque, type Term, Tuple } from './term.ts'

const reserved = new Set(
  `after and andalso band begin bnot bor bsl bsr bxor case catch cond div end fun if let maybe not of or orelse
  receive rem try when xor`.split(/\s+/),
)

/** Characters that are written of a term. */
const maxLength = 1_000_000
/** Deeper parts of a term are written as `...`. */
const maxDepth = 200

/** As `~w` does: lists of characters as lists of numbers. */
export function write(term: Term, length: number = maxLength): string {
  return new Printer(false, length).print(term)
}

/**
 * As `~p` does, on one line: lists of printable characters and such binaries as texts.
 *
 * @param length what is longer is cut, with `...`
 */
export function pretty(term: Term, length: number = maxLength): string {
  return new Printer(true, length).print(term)
}

/** The shortest text that gives the same float, as `~w` writes it. */
export function shortFloat(value: number): string {
  const match = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(value.toExponential())!
  const [, sign, first, rest = ''] = match
  const exponent = Number(match[4])
  const digits = first! + rest
  const scientific = `${first}.${rest === '' ? '0' : rest}e${exponent}`
  if (Math.abs(value) >= 2 ** 53) return sign + scientific
  const plain = plainFloat(digits, exponent)
  return sign + (plain.length <= scientific.length ? plain : scientific)
}

/** As `float_to_list`: 20 decimals. */
export function longFloat(value: number, decimals: number = 20): string {
  const [mantissa, exponent] = value.toExponential(decimals).split('e')
  const power = Number(exponent)
  return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`
}

/** `\n` and the like count; so does all of Latin-1. */
export function isPrintable(term: Term): boolean {
  if (!isCharacter(term)) return false
  const code = Number(term)
  return (code >= 32 && code <= 126) || (code >= 160 && code <= 255) || isLayout(code)
}

function isLayout(code: number): boolean {
  return (code >= 8 && code <= 13) || code === 27
}

function plainFloat(digits: string, exponent: number): string {
  if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${digits}`
  if (digits.length <= exponent + 1) return `${digits.padEnd(exponent + 1, '0')}.0`
  return `${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`
}

class Printer {
  readonly #hasTexts: boolean
  readonly #maxLength: number
  #text = ''

  constructor(hasTexts: boolean, length: number) {
    this.#hasTexts = hasTexts
    this.#maxLength = length
  }

  print(term: Term): string {
    this.#term(term, 0)
    return this.#isFull ? `${this.#text.slice(0, this.#maxLength)}...` : this.#text
  }

  get #isFull(): boolean {
    return this.#text.length > this.#maxLength
  }

  #term(term: Term, depth: number): void {
    if (this.#isFull) return
    if (depth > maxDepth) this.#text += '...'
    else if (term instanceof Tuple) this.#tuple(term, depth)
    else if (term instanceof Binary) this.#text += printBinary(term.bytes, this.#hasTexts)
    else {
      const simple = printSimple(term)
      if (simple === null) this.#list(asList(term), depth)
      else this.#text += simple
    }
  }

  #tuple({ items }: Tuple, depth: number): void {
    this.#text += '{'
    for (const [at, item] of items.entries()) {
      if (at > 0) this.#text += ','
      this.#term(item, depth + 1)
    }
    this.#text += '}'
  }

  #list(list: Term, depth: number): void {
    const text = this.#hasTexts ? printableText(list) : null
    if (text !== null) {
      this.#text += quote(text, '"')
      return
    }
    this.#text += '['
    let rest = list
    while (rest instanceof Cons && !this.#isFull) {
      if (rest !== list) this.#text += ','
      this.#term(rest.head, depth + 1)
      rest = rest.tail
    }
    if (!(rest instanceof Nil) && !(rest instanceof Cons)) {
      this.#text += '|'
      this.#term(rest, depth + 1)
    }
    this.#text += ']'
  }
}

/** Null for what has parts. */
function printSimple(term: Term): string | null {
  if (typeof term === 'bigint') return String(term)
  if (typeof term === 'number') return shortFloat(term)
  if (term instanceof Atom) return printAtom(term.name)
  if (term instanceof Fun) return '#Fun<erl_eval>'
  if (term instanceof Opaque) return term.text
  return term instanceof Nil ? '[]' : null
}

/** Null when the list is empty or has something else than printable characters. */
function printableText(list: Term): string | null {
  let text = ''
  let rest = list
  while (rest instanceof Cons) {
    if (!isPrintable(rest.head)) return null
    text += String.fromCodePoint(Number(rest.head))
    rest = rest.tail
  }
  return rest instanceof Nil && text !== '' ? text : null
}

function printBinary(bytes: string, hasTexts: boolean): string {
  const codes = Array.from(bytes, (byte) => BigInt(byte.charCodeAt(0)))
  if (hasTexts && bytes !== '' && codes.every(isPrintable)) return `<<${quote(bytes, '"')}>>`
  return `<<${codes.join(',')}>>`
}

function printAtom(name: string): string {
  const isBare = /^[a-zß-öø-ÿ][\w@À-ÖØ-öø-ÿ]*$/.test(name) && !reserved.has(name)
  return isBare ? name : quote(name, "'")
}

const escapes: { readonly [character: string]: string } = {
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '\x1b': '\\e',
  '\\': '\\\\',
}

function quote(text: string, mark: '"' | "'"): string {
  let quoted = mark as string
  for (const character of text) {
    quoted += character === mark ? `\\${mark}` : (escapes[character] ?? character)
  }
  return quoted + mark
}
