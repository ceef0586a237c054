/** Erlang's order of terms: number < atom < fun < process < tuple < list < binary. */
import { asBinary, asList, asNumber } from './coerce.ts'
import {
  Atom,
  Binary,
  Cons,
  DynVars,
  Fun,
  type Machine,
  Nil,
  Opaque,
  type Term,
  Tuple,
  VariableText,
} from './term.ts'

/** As `==` and `<`: an integer and a float of the same value are equal. Below 0: `left` comes first. */
export function compare(left: Term, right: Term, machine: Machine): number {
  machine.spend(1)
  const a = settle(left, right, machine)
  const b = settle(right, left, machine)
  const order = rank(a) - rank(b)
  if (order !== 0) return order
  if (isNumber(a) && isNumber(b)) return a < b ? -1 : a > b ? 1 : 0
  if (a instanceof Atom && b instanceof Atom) return compareText(a.name, b.name)
  if (a instanceof Binary && b instanceof Binary) return compareText(a.bytes, b.bytes)
  if (a instanceof VariableText && b instanceof VariableText) return compareText(a.text, b.text)
  if (a instanceof Tuple && b instanceof Tuple) return compareTuples(a, b, machine)
  if (a instanceof Cons && b instanceof Cons) return compareLists(a, b, machine)
  return a === b ? 0 : identity(a) - identity(b)
}

/** As `=:=`: 1 and 1.0 differ. */
export function identical(left: Term, right: Term, machine: Machine): boolean {
  machine.spend(1)
  const a = settle(left, right, machine)
  const b = settle(right, left, machine)
  if (isNumber(a) && isNumber(b)) return a === b
  if (a instanceof Tuple && b instanceof Tuple) {
    machine.enter()
    const isSame =
      a.items.length === b.items.length &&
      a.items.every((item, at) => identical(item, b.items[at]!, machine))
    machine.leave()
    return isSame
  }
  if (a instanceof Cons && b instanceof Cons) return areListsIdentical(a, b, machine)
  return compare(a, b, machine) === 0
}

function areListsIdentical(a: Cons, b: Cons, machine: Machine): boolean {
  machine.enter()
  let restA: Term = a
  let restB: Term = b
  let isSame = true
  while (restA instanceof Cons && restB instanceof Cons && isSame) {
    isSame = identical(restA.head, restB.head, machine)
    restA = restA.tail
    restB = restB.tail
  }
  if (isSame) isSame = identical(restA, restB, machine)
  machine.leave()
  return isSame
}

/** A variable's text, or all variables, as what it is compared with. */
function settle(term: Term, other: Term, machine: Machine): Term {
  if (term instanceof Binary) machine.spend(term.bytes.length / 64)
  if (term instanceof DynVars) return other instanceof DynVars ? term : asList(term)
  if (!(term instanceof VariableText)) return term
  machine.spend(term.text.length / 16)
  if (isNumber(other)) return asNumber(term)
  if (other instanceof Atom) return new Atom(term.text)
  if (other instanceof Binary) return asBinary(term)
  if (other instanceof Cons || other instanceof Nil) return asList(term)
  if (other instanceof VariableText && isNumber(asNumber(other))) return asNumber(term)
  return term
}

function isNumber(term: Term): term is bigint | number {
  return typeof term === 'bigint' || typeof term === 'number'
}

function rank(term: Term): number {
  if (isNumber(term)) return 0
  if (term instanceof Atom) return 1
  if (term instanceof Fun) return 2
  if (term instanceof Opaque) return 3
  if (term instanceof Tuple) return 4
  if (term instanceof Nil) return 5
  if (term instanceof Cons || term instanceof DynVars) return 6
  return 7
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function compareTuples(a: Tuple, b: Tuple, machine: Machine): number {
  if (a.items.length !== b.items.length) return a.items.length - b.items.length
  machine.enter()
  let order = 0
  for (let at = 0; at < a.items.length && order === 0; at++) {
    order = compare(a.items[at]!, b.items[at]!, machine)
  }
  machine.leave()
  return order
}

function compareLists(a: Cons, b: Cons, machine: Machine): number {
  machine.enter()
  let restA: Term = a
  let restB: Term = b
  let order = 0
  while (restA instanceof Cons && restB instanceof Cons && order === 0) {
    order = compare(restA.head, restB.head, machine)
    restA = restA.tail
    restB = restB.tail
  }
  if (order === 0) order = compare(restA, restB, machine)
  machine.leave()
  return order
}

const identities = new WeakMap<object, number>()
let nextIdentity = 1

/** Funs and the like have an order of no meaning. */
function identity(term: Term): number {
  if (typeof term !== 'object' || term instanceof Nil) return 0
  let number = identities.get(term)
  if (number === undefined) {
    number = nextIdentity++
    identities.set(term, number)
  }
  return number
}
