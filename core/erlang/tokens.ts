/** Erlang text as tokens. Source: Erlang reference manual, "Character set" and "Data types". */

export type Token =
  | { readonly type: 'integer'; readonly value: bigint; readonly offset: number }
  | { readonly type: 'float'; readonly value: number; readonly offset: number }
  /** `name`: of an atom, a variable, an operator or a keyword; the characters of a string. */
  | { readonly type: TextType; readonly text: string; readonly offset: number }

type TextType = 'atom' | 'variable' | 'string' | 'symbol' | 'keyword' | 'end'

/** The code is not what the interpreter knows. */
export class CodeError extends Error {
  readonly offset: number
  constructor(message: string, offset: number) {
    super(message)
    this.offset = offset
  }
}

const keywords = new Set(
  `after and andalso band begin bnot bor bsl bsr bxor case catch div end fun if maybe not of or orelse receive rem try
  when xor`.split(/\s+/),
)

/** Longest first. */
const symbols = [
  ...['=:=', '=/=', '...'],
  ...['<<', '>>', '->', '<-', '<=', '==', '/=', '=<', '>=', '++', '--', '||', ':=', '=>', '::'],
  ...'()[]{}|,;.:=<>+-*/#!?'.split(''),
]

const blank = /(?:\s|%.*)+/y
const float = /\d+\.\d+(?:[eE][+-]?\d+)?/y
const based = /(\d+)#([0-9a-zA-Z]+)/y
const integer = /\d+(?:_\d+)*/y
const atomName = /[a-zß-öø-ÿ][\w@À-ÖØ-öø-ÿ]*/y
const variableName = /[A-Z_À-ÖØ-Þ][\w@À-ÖØ-öø-ÿ]*/y

/** @throws {CodeError} */
export function tokens(code: string): Token[] {
  const found: Token[] = []
  let offset = 0
  for (;;) {
    offset += match(blank, code, offset)?.[0].length ?? 0
    if (offset >= code.length) break
    const [token, end] = read(code, offset)
    found.push(token)
    offset = end
  }
  found.push({ type: 'end', text: 'the end', offset: code.length })
  return found
}

function read(code: string, offset: number): [Token, number] {
  const first = code[offset]!
  if (/\d/.test(first)) return number(code, offset)
  if (first === '"') return quoted(code, offset, 'string')
  if (first === "'") return quoted(code, offset, 'atom')
  if (first === '$') {
    const [character, end] = oneCharacter(code, offset + 1)
    return [{ type: 'integer', value: BigInt(character.codePointAt(0)!), offset }, end]
  }
  const atom = match(atomName, code, offset)?.[0]
  if (atom !== undefined) {
    const type = keywords.has(atom) ? 'keyword' : 'atom'
    return [{ type, text: atom, offset }, offset + atom.length]
  }
  const variable = match(variableName, code, offset)?.[0]
  if (variable !== undefined) {
    return [{ type: 'variable', text: variable, offset }, offset + variable.length]
  }
  const symbol = symbols.find((text) => code.startsWith(text, offset))
  if (symbol === undefined) throw new CodeError(`${first} is not Erlang`, offset)
  return [{ type: 'symbol', text: symbol, offset }, offset + symbol.length]
}

function number(code: string, offset: number): [Token, number] {
  const real = match(float, code, offset)?.[0]
  if (real !== undefined) {
    return [{ type: 'float', value: Number(real), offset }, offset + real.length]
  }
  const withBase = match(based, code, offset)
  if (withBase !== null) {
    const value = parseInteger(withBase[2]!, Number(withBase[1]))
    if (value === null) throw new CodeError(`${withBase[0]} is not a number`, offset)
    return [{ type: 'integer', value, offset }, offset + withBase[0].length]
  }
  const digits = match(integer, code, offset)![0]
  const value = BigInt(digits.replaceAll('_', ''))
  return [{ type: 'integer', value, offset }, offset + digits.length]
}

/** Null when a character is no digit of that base (2..36). */
export function parseInteger(text: string, base: number): bigint | null {
  const digits = /^([+-]?)([0-9a-z]+)$/i.exec(text)
  if (digits === null || !(base >= 2 && base <= 36)) return null
  let value = 0n
  for (const character of digits[2]!) {
    const digit = Number.parseInt(character, 36)
    if (digit >= base) return null
    value = value * BigInt(base) + BigInt(digit)
  }
  return digits[1] === '-' ? -value : value
}

function quoted(code: string, offset: number, type: 'string' | 'atom'): [Token, number] {
  const mark = code[offset]!
  let text = ''
  let at = offset + 1
  while (code[at] !== mark) {
    if (at >= code.length) throw new CodeError(`${mark} is not closed`, offset)
    const [character, end] = oneCharacter(code, at)
    text += character
    at = end
  }
  return [{ type, text, offset }, at + 1]
}

const controls: { readonly [letter: string]: string } = {
  b: '\b',
  d: '\x7f',
  e: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  s: ' ',
  t: '\t',
  v: '\v',
}

const escapePattern = /\\(?:x\{([0-9a-f]+)\}|x([0-9a-f]{2})|([0-7]{1,3})|\^(.)|(.))/isuy

/** A character, or an escape that stands for one. */
function oneCharacter(code: string, offset: number): [string, number] {
  const whole = code.codePointAt(offset)
  if (whole === undefined) throw new CodeError('a character is missing', offset)
  if (code[offset] !== '\\') {
    const character = String.fromCodePoint(whole)
    return [character, offset + character.length]
  }
  const found = match(escapePattern, code, offset)
  if (found === null) throw new CodeError('an escape is not complete', offset)
  const [text, long, short, octal, control, other] = found
  const end = offset + text.length
  if (control !== undefined) return [String.fromCharCode(control.charCodeAt(0) & 31), end]
  if (other !== undefined) return [controls[other] ?? other, end]
  const value =
    octal === undefined ? Number.parseInt(long ?? short!, 16) : Number.parseInt(octal, 8)
  if (value > 0x10ffff) throw new CodeError('there is no such character', offset)
  return [String.fromCodePoint(value), end]
}

function match(pattern: RegExp, code: string, offset: number): RegExpExecArray | null {
  pattern.lastIndex = offset
  return pattern.exec(code)
}
