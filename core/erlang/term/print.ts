/** Terms as Erlang writes them. */
import { asList, isCharacter } from './coerce.ts'
import { Atom, Binary, Cons, Fun, Nil, Opaque, type Term, Tuple } from './term.ts'

const reserved = new Set(
  `after and andalso band begin bnot bor bsl bsr bxor case catch cond div end fun if let maybe not of or orelse
  receive rem try when xor`.split(/\s+/),
)

/** As `~w` does: lists of characters as lists of numbers. */
export function write(term: Term): string {
  return print(term, false, 0)
}

/** As `~p` does, on one line: lists of printable characters and such binaries as texts. */
export function pretty(term: Term): string {
  return print(term, true, 0)
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

/** Deeper parts of a term are written as `...`. */
const maxDepth = 200

function print(term: Term, texts: boolean, depth: number): string {
  if (depth > maxDepth) return '...'
  if (typeof term === 'bigint') return String(term)
  if (typeof term === 'number') return shortFloat(term)
  if (term instanceof Atom) return printAtom(term.name)
  if (term instanceof Binary) return printBinary(term.bytes, texts)
  if (term instanceof Tuple) return printTuple(term, texts, depth)
  if (term instanceof Nil) return '[]'
  if (term instanceof Fun) return '#Fun<erl_eval>'
  if (term instanceof Opaque) return term.text
  return printList(asList(term), texts, depth)
}

function printTuple({ items }: Tuple, texts: boolean, depth: number): string {
  return `{${items.map((item) => print(item, texts, depth + 1)).join(',')}}`
}

function printList(list: Term, texts: boolean, depth: number): string {
  if (list instanceof Nil) return '[]'
  const parts: string[] = []
  let isText = texts
  let text = ''
  let rest: Term = list
  while (rest instanceof Cons) {
    isText &&= isPrintable(rest.head)
    if (isText) text += String.fromCodePoint(Number(rest.head))
    parts.push(print(rest.head, texts, depth + 1))
    rest = rest.tail
  }
  if (!(rest instanceof Nil)) return `[${parts.join(',')}|${print(rest, texts, depth + 1)}]`
  return isText && parts.length > 0 ? quote(text, '"') : `[${parts.join(',')}]`
}

function printBinary(bytes: string, texts: boolean): string {
  const codes = Array.from(bytes, (byte) => BigInt(byte.charCodeAt(0)))
  if (texts && bytes !== '' && codes.every(isPrintable)) return `<<${quote(bytes, '"')}>>`
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
