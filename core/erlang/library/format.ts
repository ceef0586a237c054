/** `io_lib:format`. Source: stdlib reference manual, "io:fwrite". The text is flat, where Erlang's has lists inside. */
import { fromUtf8 } from '../../byte-string.ts'
import { asNumber, deepText, integer, items, small } from '../term/coerce.ts'
import { pretty, write } from '../term/print.ts'
import {
  Atom,
  Binary,
  badarg,
  type Library,
  type Machine,
  ok,
  stringTerm,
  type Term,
} from '../term/term.ts'
import { bytes } from './conversions.ts'

export const format: Library = {
  'io_lib:format/2': ([text, args], machine) => stringTerm(formatted(text, args, machine)),
  'io_lib:fwrite/2': ([text, args], machine) => stringTerm(formatted(text, args, machine)),
  'io_lib:write/1': ([term], machine) => stringTerm(written(term, machine)),
  'io_lib:print/1': ([term], machine) => stringTerm(shown(term, machine)),
  // What Tsung writes to the output of its own process goes nowhere here.
  'io:format/1': ([text], machine) => print(text, stringTerm(''), machine),
  'io:format/2': ([text, args], machine) => print(text, args, machine),
  'io:fwrite/1': ([text], machine) => print(text, stringTerm(''), machine),
  'io:fwrite/2': ([text, args], machine) => print(text, args, machine),
}

/** `~[-width][.precision][.pad][modifiers]letter`. */
const directive =
  /~(?:(-?)(\d+|\*))?(?:\.(\d+|\*)?)?(?:\.(\*|.))?([tlkK]*)([~cfegswpWPbBxX#+ni])/suy

/** Characters that one directive may make. */
const maxWidth = 100_000

interface Directive {
  readonly letter: string
  /** Below 0: the text stands on the left. Null: as wide as the text. */
  readonly width: number | null
  readonly precision: number | null
  readonly pad: string
  readonly isUnicode: boolean
}

function print(text: Term, args: Term, machine: Machine): Term {
  formatted(text, args, machine)
  return ok
}

function formatted(text: Term, args: Term, machine: Machine): string {
  const source = text instanceof Atom ? text.name : deepText(text, machine)
  const left = items(args, machine).reverse()
  const next = (): Term => {
    const arg = left.pop()
    if (arg === undefined) throw badarg()
    return arg
  }
  let result = ''
  for (let at = 0; at < source.length; ) {
    if (source[at] !== '~') {
      result += source[at++]
      continue
    }
    directive.lastIndex = at
    const match = directive.exec(source)
    if (match === null) throw badarg()
    at += match[0].length
    result += apply(readDirective(match, next), next, machine)
    machine.spend(result.length / 64)
  }
  if (left.length > 0) throw badarg()
  return result
}

function readDirective(match: RegExpExecArray, next: () => Term): Directive {
  const [, minus, width, precision, pad, modifiers = '', letter] = match
  const number = (text: string): number => {
    const value = Number(integer(text === '*' ? next() : BigInt(text)))
    if (Math.abs(value) > maxWidth) throw badarg()
    return value
  }
  const wide = width === undefined ? null : number(width)
  return {
    letter: letter!,
    width: wide === null ? null : minus === '-' ? -wide : wide,
    precision: precision === undefined ? null : number(precision),
    pad: pad === undefined ? ' ' : pad === '*' ? String.fromCodePoint(small(next())) : pad,
    isUnicode: modifiers.includes('t'),
  }
}

function apply(spec: Directive, next: () => Term, machine: Machine): string {
  const { precision, width } = spec
  switch (spec.letter) {
    case '~':
      return '~'.repeat(Math.abs(width ?? 1))
    case 'n':
      return '\n'.repeat(Math.abs(width ?? 1))
    case 'i':
      next()
      return ''
    case 'c': {
      const character = String.fromCodePoint(small(next()))
      const text = character.repeat(precision ?? Math.abs(width ?? 1))
      return field(text, spec)
    }
    case 's':
      return textField(textOf(next(), spec.isUnicode, machine), spec)
    case 'w':
      return field(written(next(), machine), spec)
    case 'p':
      return shown(next(), machine)
    case 'W':
    case 'P': {
      const term = next()
      small(next())
      return spec.letter === 'P' ? shown(term, machine) : field(written(term, machine), spec)
    }
    case 'f':
    case 'e':
    case 'g':
      return field(floatText(spec.letter, float(next()), precision ?? 6), spec)
    default:
      return field(integerText(spec, next, machine), spec)
  }
}

function written(term: Term, machine: Machine): string {
  return paid(write(term), machine)
}

function shown(term: Term, machine: Machine): string {
  return paid(pretty(term), machine)
}

function paid(text: string, machine: Machine): string {
  machine.spend(text.length / 4)
  return text
}

function integerText(spec: Directive, next: () => Term, machine: Machine): string {
  const value = integer(next())
  const base = spec.precision ?? 10
  if (base < 2 || base > 36) throw badarg()
  const isUpper = ['B', 'X', '#'].includes(spec.letter)
  const hasPrefix = ['x', 'X'].includes(spec.letter)
  let prefix = ''
  if (hasPrefix) prefix = textOf(next(), true, machine)
  if (spec.letter === '#' || spec.letter === '+') prefix = `${base}#`
  const digits = (value < 0n ? -value : value).toString(base)
  return `${value < 0n ? '-' : ''}${prefix}${isUpper ? digits.toUpperCase() : digits}`
}

function float(term: Term): number {
  const value = asNumber(term)
  if (typeof value !== 'number' && typeof value !== 'bigint') throw badarg()
  return Number(value)
}

function floatText(letter: string, value: number, precision: number): string {
  const size = Math.abs(value)
  if (precision > 100) throw badarg()
  if (letter === 'f') {
    if (precision < 1) throw badarg()
    return size < 1e21 ? value.toFixed(precision) : `${BigInt(value)}.${'0'.repeat(precision)}`
  }
  if (precision < 2) throw badarg()
  if (letter === 'e') return value.toExponential(precision - 1)
  // `g` keeps `precision` digits in all, and leaves small and large numbers to `e`.
  if (size !== 0 && (size < 0.1 || size >= 1e4)) return value.toExponential(precision - 1)
  const whole = size < 1 ? 1 : Math.floor(Math.log10(size)) + 1
  return value.toFixed(Math.max(1, precision - whole))
}

function textOf(term: Term, isUnicode: boolean, machine: Machine): string {
  if (term instanceof Atom) return term.name
  if (term instanceof Binary) return isUnicode ? fromUtf8(bytes(term)) : term.bytes
  return deepText(term, machine)
}

/** `~s`: a text that is too long is cut. */
function textField(text: string, spec: Directive): string {
  const characters = Array.from(text)
  const kept = spec.precision ?? (spec.width === null ? characters.length : Math.abs(spec.width))
  const cut = characters.slice(0, kept).join('')
  return field(cut.padEnd(spec.precision === null ? 0 : kept, spec.pad), spec)
}

/** In its width; asterisks when it is too long for it. */
function field(text: string, { width, pad }: Directive): string {
  if (width === null) return text
  const size = Math.abs(width)
  const { length } = Array.from(text)
  if (length > size) return '*'.repeat(size)
  const fill = pad.repeat(size - length)
  return width < 0 ? text + fill : fill + text
}
