/**
 * Erlang's terms.
 *
 * A whole number is a `bigint`, a float is a `number`. Characters of strings are code points; bytes of binaries are
 * byte strings (see byte-string.ts).
 */
import type { Environment } from '../../dynvars/environment.ts'

export type Term =
  | bigint
  | number
  | Atom
  | Binary
  | Tuple
  | Cons
  | Nil
  | Fun
  | Opaque
  | VariableText
  | DynVars

export class Atom {
  readonly name: string
  constructor(name: string) {
    this.name = name
  }
}

export class Binary {
  readonly bytes: string
  constructor(bytes: string) {
    this.bytes = bytes
  }
}

export class Tuple {
  readonly items: readonly Term[]
  constructor(items: readonly Term[]) {
    this.items = items
  }
}

/** A list that is not empty; improper when its last tail is no list. */
export class Cons {
  readonly head: Term
  readonly tail: Term
  constructor(head: Term, tail: Term) {
    this.head = head
    this.tail = tail
  }
}

/** The empty list. */
export class Nil {
  readonly isNil = true
}

/** What a call of a function of the library needs. */
export interface Machine {
  readonly environment: Environment
  /** Pays for work; ends the call when too much was done. */
  spend(reductions: number): void
  /** Goes down into a term or a call by as many levels; ends the call when that is too deep. */
  enter(levels?: number): void
  leave(levels?: number): void
  apply(fun: Term, args: readonly Term[]): Term
}

/** As many as the function's arity says: the others are not there. */
export type Args = readonly [Term, Term, Term, Term, Term]

export type LibraryFunction = (args: Args, machine: Machine) => Term

/** Functions by `module:name/arity`. */
export interface Library {
  readonly [key: string]: LibraryFunction
}

/** `Body` is what the interpreter keeps of a fun of the scenario. */
export class Fun<Body = unknown> {
  readonly arity: number
  readonly body: Body | LibraryFunction
  constructor(arity: number, body: Body | LibraryFunction) {
    this.arity = arity
    this.body = body
  }
}

/** A process, or something else that nothing can be done with. */
export class Opaque {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

/**
 * The text of a variable. Tsung remembers whether it was an integer, a string or a binary; here it is whatever the
 * code treats it as.
 */
export class VariableText {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

/** All variables of the user: the second argument of the scenario's fun. In Tsung a list of pairs. */
export class DynVars {
  readonly environment: Environment
  constructor(environment: Environment) {
    this.environment = environment
  }
}

/** What Erlang calls an exception. Only the interpreter and its library throw and catch it. */
export class ErlangError extends Error {
  readonly kind: 'error' | 'throw' | 'exit'
  readonly reason: Term
  constructor(reason: Term, kind: 'error' | 'throw' | 'exit' = 'error') {
    super('an Erlang exception')
    this.kind = kind
    this.reason = reason
  }
}

/** The code does more than it may; it cannot catch this. */
export class LimitError extends Error {}

export const nil: Nil = new Nil()

const atoms = new Map<string, Atom>()
/** Beyond it atoms of one name are several objects; `sameAtom` compares names. */
const maxAtoms = 10_000

export function atom(name: string): Atom {
  let found = atoms.get(name)
  if (found === undefined) {
    found = new Atom(name)
    if (atoms.size < maxAtoms) atoms.set(name, found)
  }
  return found
}

export const yes: Atom = atom('true')
export const no: Atom = atom('false')
export const ok: Atom = atom('ok')
export const undefinedAtom: Atom = atom('undefined')

export function bool(value: boolean): Atom {
  return value ? yes : no
}

export function isAtom(term: Term, name: string): boolean {
  return term instanceof Atom && term.name === name
}

export function tuple(...items: readonly Term[]): Tuple {
  return new Tuple(items)
}

export function listOf(items: readonly Term[], tail: Term = nil): Term {
  let list = tail
  for (let at = items.length - 1; at >= 0; at--) list = new Cons(items[at]!, list)
  return list
}

/** The list of a text's characters. */
export function stringTerm(text: string): Term {
  return listOf(Array.from(text, (character) => BigInt(character.codePointAt(0)!)))
}

/** `error:REASON`, to be thrown. */
export function fault(reason: string, ...details: readonly Term[]): ErlangError {
  return new ErlangError(details.length === 0 ? atom(reason) : tuple(atom(reason), ...details))
}

export function badarg(): ErlangError {
  return fault('badarg')
}
