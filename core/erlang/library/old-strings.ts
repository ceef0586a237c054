/** Module `string`, the functions for lists of characters. Source: stdlib reference manual, "Obsolete API functions". */
import { items, small, stringText } from '../term/coerce.ts'
import {
  atom,
  badarg,
  bool,
  type Library,
  listOf,
  type Machine,
  stringTerm,
  type Term,
  tuple,
} from '../term/term.ts'

export const oldStrings: Library = {
  'string:len/1': ([text], machine) => BigInt(items(text, machine).length),
  'string:concat/2': ([left, right], machine) => listOf(items(left, machine), right),
  'string:chr/2': ([text, code], machine) => position(characters(text, machine).indexOf(one(code))),
  'string:rchr/2': ([text, code], machine) =>
    position(characters(text, machine).lastIndexOf(one(code))),
  'string:str/2': ([text, part], machine) =>
    position(stringText(text, machine).indexOf(stringText(part, machine))),
  'string:rstr/2': ([text, part], machine) =>
    position(stringText(text, machine).lastIndexOf(stringText(part, machine))),
  'string:span/2': ([text, set], machine) => {
    const found = characters(text, machine)
    const accepted = characters(set, machine)
    const end = found.findIndex((character) => !accepted.includes(character))
    return BigInt(end < 0 ? found.length : end)
  },
  'string:cspan/2': ([text, set], machine) => {
    const found = characters(text, machine)
    const refused = characters(set, machine)
    const end = found.findIndex((character) => refused.includes(character))
    return BigInt(end < 0 ? found.length : end)
  },
  'string:substr/2': ([text, start], machine) =>
    listOf(items(text, machine).slice(small(start, 1) - 1)),
  'string:substr/3': ([text, start, length], machine) => {
    const from = small(start, 1) - 1
    return listOf(items(text, machine).slice(from, from + small(length)))
  },
  'string:sub_string/2': ([text, start], machine) =>
    listOf(items(text, machine).slice(small(start, 1) - 1)),
  'string:sub_string/3': ([text, start, stop], machine) =>
    listOf(items(text, machine).slice(small(start, 1) - 1, small(stop))),
  'string:tokens/2': ([text, separators], machine) => {
    const marks = characters(separators, machine)
    const found: string[] = []
    let token = ''
    for (const character of characters(text, machine)) {
      if (!marks.includes(character)) token += character
      else if (token !== '') {
        found.push(token)
        token = ''
      }
    }
    if (token !== '') found.push(token)
    return listOf(found.map(stringTerm))
  },
  'string:join/2': ([list, separator], machine) => {
    const mark = stringText(separator, machine)
    return stringTerm(
      items(list, machine)
        .map((each) => stringText(each, machine))
        .join(mark),
    )
  },
  'string:chars/2': ([code, count], machine) => repeated(one(code), count, machine),
  'string:copies/2': ([text, count], machine) =>
    repeated(stringText(text, machine), count, machine),
  'string:words/1': ([text], machine) => BigInt(words(text, ' ', machine).length),
  'string:words/2': ([text, code], machine) => BigInt(words(text, one(code), machine).length),
  'string:sub_word/2': ([text, index], machine) =>
    stringTerm(words(text, ' ', machine)[small(index, 1) - 1] ?? ''),
  'string:sub_word/3': ([text, index, code], machine) =>
    stringTerm(words(text, one(code), machine)[small(index, 1) - 1] ?? ''),
  'string:strip/1': ([text], machine) => strip(text, atom('both'), ' ', machine),
  'string:strip/2': ([text, side], machine) => strip(text, side, ' ', machine),
  'string:strip/3': ([text, side, code], machine) => strip(text, side, one(code), machine),
  'string:left/2': ([text, width], machine) => left(text, width, ' ', machine),
  'string:left/3': ([text, width, code], machine) => left(text, width, one(code), machine),
  'string:right/2': ([text, width], machine) => right(text, width, ' ', machine),
  'string:right/3': ([text, width, code], machine) => right(text, width, one(code), machine),
  'string:to_upper/1': ([text], machine) => changeCase(text, upper, machine),
  'string:to_lower/1': ([text], machine) => changeCase(text, lower, machine),
  'string:equal/2': ([a, b], machine) => bool(stringText(a, machine) === stringText(b, machine)),
  'string:to_integer/1': ([text], machine) => {
    const whole = stringText(text, machine)
    const digits = /^[+-]?\d+/.exec(whole)?.[0]
    if (digits === undefined) return tuple(atom('error'), atom('no_integer'))
    return tuple(BigInt(digits), stringTerm(whole.slice(digits.length)))
  },
  'string:to_float/1': ([text], machine) => {
    const whole = stringText(text, machine)
    const digits = /^[+-]?\d+[.,]\d+([eE][+-]?\d+)?/.exec(whole)?.[0]
    if (digits === undefined) return tuple(atom('error'), atom('no_float'))
    return tuple(Number(digits.replace(',', '.')), stringTerm(whole.slice(digits.length)))
  },
}

function characters(text: Term, machine: Machine): string[] {
  return Array.from(stringText(text, machine))
}

function one(code: Term): string {
  const number = small(code)
  if (number > 0x10ffff) throw badarg()
  return String.fromCodePoint(number)
}

/** From 1; 0: nowhere. */
function position(index: number): bigint {
  return BigInt(index + 1)
}

function repeated(text: string, count: Term, machine: Machine): Term {
  machine.spend(text.length * small(count))
  return stringTerm(text.repeat(small(count)))
}

function words(text: Term, separator: string, machine: Machine): string[] {
  return stringText(text, machine)
    .split(separator)
    .filter((word) => word !== '')
}

function strip(text: Term, side: Term, mark: string, machine: Machine): Term {
  const found = characters(text, machine)
  const isSide = (name: string): boolean => side === atom('both') || side === atom(name)
  let start = 0
  let end = found.length
  if (isSide('left')) while (start < end && found[start] === mark) start++
  if (isSide('right')) while (end > start && found[end - 1] === mark) end--
  return stringTerm(found.slice(start, end).join(''))
}

function left(text: Term, width: Term, mark: string, machine: Machine): Term {
  machine.spend(small(width))
  const found = characters(text, machine).slice(0, small(width))
  return stringTerm(found.join('') + mark.repeat(small(width) - found.length))
}

function right(text: Term, width: Term, mark: string, machine: Machine): Term {
  machine.spend(small(width))
  const found = characters(text, machine)
  const kept = found.slice(Math.max(0, found.length - small(width)))
  return stringTerm(mark.repeat(small(width) - kept.length) + kept.join(''))
}

/** A text, or one character. Latin-1 letters change case too. */
function changeCase(text: Term, change: (text: string) => string, machine: Machine): Term {
  if (typeof text === 'bigint') return BigInt(change(one(text)).codePointAt(0)!)
  return stringTerm(change(stringText(text, machine)))
}

export function upper(text: string): string {
  return text.replace(/[a-zà-öø-þ]/g, (letter) => letter.toUpperCase())
}

export function lower(text: string): string {
  return text.replace(/[A-ZÀ-ÖØ-Þ]/g, (letter) => letter.toLowerCase())
}
