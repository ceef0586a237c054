/** Terms as what a function wants them to be; `badarg` when they are not. */
import type { Value } from '../../dynvars/value.ts'
import {
  Atom,
  atom,
  Binary,
  badarg,
  Cons,
  DynVars,
  Fun,
  fault,
  listOf,
  type Machine,
  Nil,
  stringTerm,
  type Term,
  tuple,
  VariableText,
} from './term.ts'

/** More bits than that are a `system_limit`. */
const maxBits = 8_192n
const maxInteger = 1n << maxBits

const wholeNumber = /^[+-]?\d{1,2000}$/
const decimalNumber = /^[+-]?\d{1,300}\.\d{1,300}([eE][+-]?\d{1,3})?$/

/** What a variable holds, as a term. */
export function variableTerm(value: Value): Term {
  return typeof value === 'string' ? new VariableText(value) : listOf(value.map(variableTerm))
}

/** A variable's text as a number when it is one, and the list of variables as a list; else the term itself. */
export function asNumber(term: Term): Term {
  if (!(term instanceof VariableText)) return term
  if (wholeNumber.test(term.text)) return BigInt(term.text)
  return decimalNumber.test(term.text) ? Number(term.text) : term
}

/** A variable's text and the list of variables as lists; else the term itself. */
export function asList(term: Term): Term {
  if (term instanceof VariableText) return stringTerm(term.text)
  if (!(term instanceof DynVars)) return term
  const entries = term.environment.variables.entries()
  return listOf(entries.map(([name, value]) => tuple(atom(name), variableTerm(value))))
}

export function asBinary(term: Term): Term {
  return term instanceof VariableText ? new Binary(term.text) : term
}

export function integer(term: Term): bigint {
  const number = asNumber(term)
  if (typeof number === 'bigint') return number
  throw badarg()
}

/** An integer that a count or a position may be. */
export function small(term: Term, lowest: number = 0): number {
  const number = Number(integer(term))
  if (number >= lowest && Number.isSafeInteger(number)) return number
  throw badarg()
}

/** Refuses integers that would fill the memory. */
export function bounded(value: bigint): bigint {
  if (value < maxInteger && value > -maxInteger) return value
  throw fault('system_limit')
}

/** For shifts: how many bits the result has at most. */
export function checkBits(bits: bigint): void {
  if (bits > maxBits) throw fault('system_limit')
}

/** The items of a proper list. */
export function items(term: Term, machine: Machine): Term[] {
  const found: Term[] = []
  let rest = asList(term)
  while (rest instanceof Cons) {
    found.push(rest.head)
    rest = rest.tail
  }
  machine.spend(1 + found.length / 4)
  if (!(rest instanceof Nil)) throw badarg()
  return found
}

/** The text of a list of characters, flat. */
export function stringText(term: Term, machine: Machine): string {
  if (term instanceof VariableText) return paid(term.text, machine)
  let text = ''
  for (const item of items(term, machine)) text += character(item)
  return text
}

/** Characters, binaries (bytes) and lists of them, at any depth: what Erlang calls `iodata` and `chardata`. */
export function deepText(term: Term, machine: Machine): string {
  if (term instanceof VariableText) return paid(term.text, machine)
  if (term instanceof Binary) return paid(term.bytes, machine)
  const parts: string[] = []
  collect(asList(term), parts, machine)
  return parts.join('')
}

/** As `deepText`, bytes alone. */
export function deepBytes(term: Term, machine: Machine): string {
  const text = deepText(term, machine)
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 255) throw badarg()
  return text
}

/** Reading a text costs. */
function paid(text: string, machine: Machine): string {
  machine.spend(text.length / 16)
  return text
}

function collect(term: Term, parts: string[], machine: Machine): void {
  machine.enter()
  let rest = term
  while (rest instanceof Cons) {
    machine.spend(1)
    const { head } = rest
    if (head instanceof Binary) parts.push(paid(head.bytes, machine))
    else if (head instanceof VariableText) parts.push(paid(head.text, machine))
    else if (head instanceof Cons || head instanceof Nil) collect(head, parts, machine)
    else parts.push(character(head))
    rest = rest.tail
  }
  if (rest instanceof Binary) parts.push(paid(rest.bytes, machine))
  else if (!(rest instanceof Nil)) throw badarg()
  machine.leave()
}

export function isCharacter(term: Term): term is bigint {
  return typeof term === 'bigint' && term >= 0n && term <= 0x10ffffn
}

function character(term: Term): string {
  if (isCharacter(term)) return String.fromCodePoint(Number(term))
  throw badarg()
}

export function atomName(term: Term): string {
  if (term instanceof Atom) return term.name
  if (term instanceof VariableText) return term.text
  throw badarg()
}

export function isFun(term: Term, arity: number): boolean {
  return term instanceof Fun && term.arity === arity
}
