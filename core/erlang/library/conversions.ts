/** Conversions of `erlang` and `unicode`. Source: ERTS reference manual. */
import { fromUtf8, utf8ByteString } from '../../byte-string.ts'
import {
  asNumber,
  atomName,
  bounded,
  deepBytes,
  deepText,
  integer,
  items,
  small,
  stringText,
} from '../term/coerce.ts'
import { longFloat, shortFloat } from '../term/print.ts'
import {
  atom,
  Binary,
  badarg,
  isAtom,
  type Library,
  type Machine,
  stringTerm,
  type Term,
  Tuple,
  VariableText,
} from '../term/term.ts'
import { parseInteger } from '../tokens.ts'

export const conversions: Library = {
  'erlang:integer_to_list/1': ([value]) => stringTerm(String(integer(value))),
  'erlang:integer_to_list/2': ([value, base]) => stringTerm(digits(value, base)),
  'erlang:integer_to_binary/1': ([value]) => new Binary(String(integer(value))),
  'erlang:integer_to_binary/2': ([value, base]) => new Binary(digits(value, base)),
  'erlang:list_to_integer/1': ([list], machine) => whole(stringText(list, machine), 10n),
  'erlang:list_to_integer/2': ([list, base], machine) => whole(stringText(list, machine), base),
  'erlang:binary_to_integer/1': ([binary]) => whole(bytes(binary), 10n),
  'erlang:binary_to_integer/2': ([binary, base]) => whole(bytes(binary), base),
  'erlang:float_to_list/1': ([value]) => stringTerm(longFloat(float(value))),
  'erlang:float_to_list/2': ([value, options], machine) =>
    stringTerm(floatText(float(value), options, machine)),
  'erlang:float_to_binary/1': ([value]) => new Binary(longFloat(float(value))),
  'erlang:float_to_binary/2': ([value, options], machine) =>
    new Binary(floatText(float(value), options, machine)),
  'erlang:list_to_float/1': ([list], machine) => real(stringText(list, machine)),
  'erlang:binary_to_float/1': ([binary]) => real(bytes(binary)),
  'erlang:atom_to_list/1': ([value]) => stringTerm(atomName(value)),
  'erlang:atom_to_binary/1': ([value]) => new Binary(utf8ByteString(atomName(value))),
  'erlang:atom_to_binary/2': ([value]) => new Binary(utf8ByteString(atomName(value))),
  'erlang:list_to_atom/1': ([list], machine) => atom(stringText(list, machine)),
  'erlang:list_to_existing_atom/1': ([list], machine) => atom(stringText(list, machine)),
  'erlang:binary_to_atom/1': ([binary]) => atom(fromUtf8(bytes(binary))),
  'erlang:binary_to_atom/2': ([binary]) => atom(fromUtf8(bytes(binary))),
  'erlang:list_to_binary/1': ([list], machine) => new Binary(deepBytes(notBinary(list), machine)),
  'erlang:iolist_to_binary/1': ([list], machine) => new Binary(deepBytes(list, machine)),
  'erlang:iolist_size/1': ([list], machine) => BigInt(deepBytes(list, machine).length),
  'erlang:binary_to_list/1': ([binary], machine) => {
    machine.spend(bytes(binary).length)
    return stringTerm(bytes(binary))
  },
  'erlang:binary_to_list/3': ([binary, start, stop]) => {
    const text = bytes(binary)
    const [from, to] = [small(start, 1), small(stop, 1)]
    if (from > to || to > text.length) throw badarg()
    return stringTerm(text.slice(from - 1, to))
  },
  'erlang:byte_size/1': ([binary]) => BigInt(bytes(binary).length),
  'erlang:bit_size/1': ([binary]) => BigInt(bytes(binary).length * 8),
  'unicode:characters_to_binary/1': ([data], machine) =>
    new Binary(utf8ByteString(characters(data, machine))),
  'unicode:characters_to_list/1': ([data], machine) => stringTerm(characters(data, machine)),
}

/** The bytes of a binary. */
export function bytes(term: Term): string {
  if (term instanceof Binary) return term.bytes
  if (term instanceof VariableText) return term.text
  throw badarg()
}

/** Characters, with binaries as the UTF-8 that they are. */
export function characters(term: Term, machine: Machine): string {
  return term instanceof Binary ? fromUtf8(term.bytes) : deepText(term, machine)
}

function notBinary(term: Term): Term {
  if (term instanceof Binary) throw badarg()
  return term
}

function digits(value: Term, base: Term): string {
  const radix = small(base, 2)
  if (radix > 36) throw badarg()
  return integer(value).toString(radix).toUpperCase()
}

/** More are no number that can be calculated with. */
const maxDigits = 8_192

function whole(text: string, base: Term): bigint {
  if (text.length > maxDigits) throw badarg()
  const value = parseInteger(text, small(base, 2))
  if (value === null) throw badarg()
  return bounded(value)
}

function real(text: string): number {
  const isFloat = /^[+-]?\d+\.\d+([eE][+-]?\d+)?$/.test(text)
  if (!isFloat || !Number.isFinite(Number(text))) throw badarg()
  return Number(text)
}

function float(term: Term): number {
  const value = asNumber(term)
  if (typeof value !== 'number') throw badarg()
  return value
}

/** Options `{decimals, N}`, `{scientific, N}`, `compact`, `short`. */
function floatText(value: number, options: Term, machine: Machine): string {
  let text = longFloat(value)
  let isCompact = false
  for (const option of items(options, machine)) {
    if (isAtom(option, 'compact')) isCompact = true
    else if (isAtom(option, 'short')) text = shortFloat(value)
    else if (!(option instanceof Tuple)) throw badarg()
    else if (isAtom(option.items[0]!, 'decimals')) text = value.toFixed(small(option.items[1]!))
    else if (isAtom(option.items[0]!, 'scientific'))
      text = longFloat(value, small(option.items[1]!))
    else throw badarg()
  }
  return isCompact ? text.replace(/(\.\d+?)0+$/, '$1') : text
}
