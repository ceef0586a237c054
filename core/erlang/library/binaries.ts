/** Module `binary`. Source: stdlib reference manual. */
import { hex } from '../../digest.ts'
import { integer, items, small } from '../term/coerce.ts'
import {
  atom,
  Binary,
  badarg,
  Cons,
  isAtom,
  type Library,
  listOf,
  type Machine,
  stringTerm,
  type Term,
  tuple,
} from '../term/term.ts'
import { bytes, conversions } from './conversions.ts'

export const binaries: Library = {
  'binary:split/2': ([text, part], machine) => split(text, part, false, machine),
  'binary:split/3': ([text, part, options], machine) =>
    split(text, part, hasGlobal(options, machine), machine),
  'binary:replace/3': ([text, part, by], machine) => replace(text, part, by, false, machine),
  'binary:replace/4': ([text, part, by, options], machine) =>
    replace(text, part, by, hasGlobal(options, machine), machine),
  'binary:part/3': ([text, start, length]) => {
    const from = small(start)
    const count = small(length)
    if (from + count > bytes(text).length) throw badarg()
    return new Binary(bytes(text).slice(from, from + count))
  },
  'binary:at/2': ([text, at]) => byte(text, small(at)),
  'binary:first/1': ([text]) => byte(text, 0),
  'binary:last/1': ([text]) => byte(text, bytes(text).length - 1),
  'binary:copy/1': ([text]) => new Binary(bytes(text)),
  'binary:copy/2': ([text, count], machine) => {
    machine.spend((bytes(text).length * small(count)) / 8)
    return new Binary(bytes(text).repeat(small(count)))
  },
  'binary:match/2': ([text, part], machine) => {
    machine.spend(bytes(text).length / 64)
    const found = next(bytes(text), patterns(part, machine), 0)
    if (found === null) return atom('nomatch')
    return tuple(BigInt(found.at), BigInt(found.length))
  },
  'binary:bin_to_list/1': conversions['erlang:binary_to_list/1']!,
  'binary:list_to_bin/1': conversions['erlang:list_to_binary/1']!,
  'binary:encode_hex/1': ([text]) => new Binary(hex(bytes(text)).toUpperCase()),
  'binary:decode_hex/1': ([text]) => new Binary(fromHex(bytes(text))),
  'binary:decode_unsigned/1': ([text]) => BigInt(`0x0${hex(bytes(text))}`),
  'binary:encode_unsigned/1': ([value]) => {
    const number = integer(value)
    if (number < 0n) throw badarg()
    const digits = number.toString(16)
    return new Binary(fromHex(digits.padStart(digits.length + (digits.length % 2), '0')))
  },
  'http_util:integer_to_hexlist/1': ([value]) =>
    stringTerm(integer(value).toString(16).toUpperCase()),
}

function byte(text: Term, at: number): bigint {
  const code = bytes(text).charCodeAt(at)
  if (Number.isNaN(code)) throw badarg()
  return BigInt(code)
}

function hasGlobal(options: Term, machine: Machine): boolean {
  return items(options, machine).some((option) => isAtom(option, 'global'))
}

/** One binary, or a list of them. */
function patterns(part: Term, machine: Machine): string[] {
  const found = part instanceof Cons ? items(part, machine).map(bytes) : [bytes(part)]
  if (found.includes('')) throw badarg()
  return found
}

/** The first place of any of the patterns, the longest of those there. */
function next(
  text: string,
  wanted: readonly string[],
  from: number,
): { readonly at: number; readonly length: number } | null {
  let best: { at: number; length: number } | null = null
  for (const pattern of wanted) {
    const at = text.indexOf(pattern, from)
    if (at < 0 || (best !== null && at > best.at)) continue
    if (best === null || at < best.at || pattern.length > best.length) {
      best = { at, length: pattern.length }
    }
  }
  return best
}

function pieces(text: Term, part: Term, isGlobal: boolean, machine: Machine): Binary[] {
  const whole = bytes(text)
  machine.spend(whole.length / 64)
  const wanted = patterns(part, machine)
  const found: Binary[] = []
  let from = 0
  for (let at = next(whole, wanted, 0); at !== null; at = next(whole, wanted, from)) {
    machine.spend(1 + at.at / 64)
    found.push(new Binary(whole.slice(from, at.at)))
    from = at.at + at.length
    if (!isGlobal) break
  }
  found.push(new Binary(whole.slice(from)))
  return found
}

function split(text: Term, part: Term, isGlobal: boolean, machine: Machine): Term {
  return listOf(pieces(text, part, isGlobal, machine))
}

function replace(text: Term, part: Term, by: Term, isGlobal: boolean, machine: Machine): Term {
  const found = pieces(text, part, isGlobal, machine)
  const middle = bytes(by)
  machine.spend((middle.length * found.length) / 8)
  return new Binary(found.map((piece) => piece.bytes).join(middle))
}

function fromHex(digits: string): string {
  if (digits.length % 2 !== 0 || /[^0-9a-f]/i.test(digits)) throw badarg()
  return digits.replace(/../g, (pair) => String.fromCharCode(Number.parseInt(pair, 16)))
}
