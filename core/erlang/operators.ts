/** Operators on values. Source: Erlang reference manual, "Expressions". */
import { asList, asNumber, bounded, checkBits, items } from './term/coerce.ts'
import { compare, identical } from './term/compare.ts'
import {
  badarg,
  bool,
  fault,
  isAtom,
  listOf,
  type Machine,
  type Term,
  VariableText,
} from './term/term.ts'

/** All but `andalso` and `orelse`, which do not always want their right side. */
export function operate(operator: string, left: Term, right: Term, machine: Machine): Term {
  switch (operator) {
    case '==':
      return bool(compare(left, right, machine) === 0)
    case '/=':
      return bool(compare(left, right, machine) !== 0)
    case '=<':
      return bool(compare(left, right, machine) <= 0)
    case '<':
      return bool(compare(left, right, machine) < 0)
    case '>=':
      return bool(compare(left, right, machine) >= 0)
    case '>':
      return bool(compare(left, right, machine) > 0)
    case '=:=':
      return bool(identical(left, right, machine))
    case '=/=':
      return bool(!identical(left, right, machine))
    case '++':
      return concatenate(left, right, machine)
    case '--':
      return subtract(left, right, machine)
    case 'and':
      return bool(truth(left) && truth(right))
    case 'or':
      return bool(truth(left) || truth(right))
    case 'xor':
      return bool(truth(left) !== truth(right))
    default:
      return calculate(operator, left, right, machine)
  }
}

export function operateUnary(operator: string, operand: Term): Term {
  if (operator === 'not') return bool(!truth(operand))
  const value = number(operand)
  if (operator === '+') return value
  if (operator === '-') return -value
  if (typeof value === 'bigint') return ~value
  throw fault('badarith')
}

/** @throws {ErlangError} `badarg` when it is neither true nor false */
export function truth(term: Term): boolean {
  if (isTrue(term)) return true
  if (isFalse(term)) return false
  throw badarg()
}

export function isTrue(term: Term): boolean {
  return isAtom(term, 'true') || (term instanceof VariableText && term.text === 'true')
}

export function isFalse(term: Term): boolean {
  return isAtom(term, 'false') || (term instanceof VariableText && term.text === 'false')
}

function calculate(operator: string, left: Term, right: Term, machine: Machine): Term {
  const a = number(left)
  const b = number(right)
  if (operator === '/') return real(divide(Number(a), Number(b)))
  if (typeof a === 'bigint' && typeof b === 'bigint') {
    if (isBig(a) || isBig(b)) machine.spend(30)
    return calculateIntegers(operator, a, b)
  }
  const x = Number(a)
  const y = Number(b)
  if (operator === '+') return real(x + y)
  if (operator === '-') return real(x - y)
  if (operator === '*') return real(x * y)
  throw fault('badarith')
}

function calculateIntegers(operator: string, a: bigint, b: bigint): bigint {
  switch (operator) {
    case '+':
      return bounded(a + b)
    case '-':
      return bounded(a - b)
    case '*':
      return bounded(a * b)
    case 'div':
      return a / divisor(b)
    case 'rem':
      return a % divisor(b)
    case 'band':
      return a & b
    case 'bor':
      return a | b
    case 'bxor':
      return a ^ b
    case 'bsl':
      checkBits(b)
      return bounded(a << b)
    case 'bsr':
      checkBits(-b)
      return bounded(a >> b)
    default:
      throw fault('badarith')
  }
}

const bigFrom = 2n ** 64n

function isBig(value: bigint): boolean {
  return value > bigFrom || value < -bigFrom
}

function number(term: Term): bigint | number {
  const value = asNumber(term)
  if (typeof value === 'bigint' || typeof value === 'number') return value
  throw fault('badarith')
}

function divisor(value: bigint): bigint {
  if (value === 0n) throw fault('badarith')
  return value
}

function divide(a: number, b: number): number {
  if (b === 0) throw fault('badarith')
  return a / b
}

function real(value: number): number {
  if (Number.isFinite(value)) return value
  throw fault('badarith')
}

function concatenate(left: Term, right: Term, machine: Machine): Term {
  const front = items(left, machine)
  machine.spend(front.length / 4)
  return listOf(front, asList(right))
}

/** Each item on the right takes its first equal away. */
function subtract(left: Term, right: Term, machine: Machine): Term {
  const rest = items(left, machine)
  for (const gone of items(right, machine)) {
    const at = rest.findIndex((item) => identical(item, gone, machine))
    if (at >= 0) rest.splice(at, 1)
  }
  return listOf(rest)
}
