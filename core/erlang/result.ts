/** What Erlang code gives as what a variable can hold. Source: reference tsung-core.md, 1.12.1 and 2.2. */
import { byteString } from '../byte-string.ts'
import type { Value } from '../dynvars/value.ts'
import { asList, deepText, isCharacter, items } from './term/coerce.ts'
import { isPrintable, shortFloat } from './term/print.ts'
import {
  Atom,
  Binary,
  Cons,
  ErlangError,
  type Machine,
  Nil,
  type Term,
  VariableText,
} from './term/term.ts'

/**
 * A list of printable characters, or one that has texts and characters (as `io_lib:format` makes them), is a text;
 * any other list stays a list.
 *
 * @param variables how many get the result; with several, a list of just as many items gives one to each
 * @returns null for what no variable can hold: tuples, funs, processes
 */
export function resultValue(term: Term, variables: number, machine: Machine): Value | null {
  const list = asList(term)
  if (!(list instanceof Cons)) return oneValue(term)
  if (!isProper(list)) return null
  const found = items(list, machine)
  if (variables > 1 && found.length === variables) return allValues(found, machine)
  const text = listText(found, list, machine)
  if (text !== null) return byteString(text)
  // As Tsung: one variable gets the one item.
  const values = allValues(found, machine)
  return values !== null && variables === 1 && values.length === 1 ? values[0]! : values
}

function oneValue(term: Term): Value | null {
  if (typeof term === 'bigint') return String(term)
  if (typeof term === 'number') return shortFloat(term)
  if (term instanceof Atom) return byteString(term.name)
  if (term instanceof Binary) return term.bytes
  if (term instanceof VariableText) return term.text
  return term instanceof Nil ? '' : null
}

function allValues(found: readonly Term[], machine: Machine): Value | null {
  machine.enter()
  const values: Value[] = []
  for (const item of found) {
    const value = resultValue(item, 1, machine)
    if (value === null) return null
    values.push(value)
  }
  machine.leave()
  return values
}

/** Null when the list is none of a text. */
function listText(found: readonly Term[], list: Term, machine: Machine): string | null {
  const characters = found.filter((item) => typeof item === 'bigint')
  if (characters.length === 0) return null
  if (characters.length === found.length) {
    const isText = characters.every(
      (item) => isPrintable(item) || (isCharacter(item) && item > 255n),
    )
    return isText ? deepText(list, machine) : null
  }
  try {
    return deepText(list, machine)
  } catch (error) {
    if (!(error instanceof ErlangError)) throw error
    return null
  }
}

function isProper(list: Cons): boolean {
  let rest: Term = list
  while (rest instanceof Cons) rest = rest.tail
  return rest instanceof Nil
}
