/** Questions about terms, and functions of `erlang` that are neither arithmetic nor conversions. */
import { asBinary, asList, asNumber, atomName, items, small } from '../term/coerce.ts'
import {
  Atom,
  Binary,
  badarg,
  bool,
  Cons,
  DynVars,
  ErlangError,
  Fun,
  type Library,
  listOf,
  nil,
  Opaque,
  type Term,
  Tuple,
  VariableText,
  yes,
} from '../term/term.ts'

/** The user's process: it can be handed on, no more. */
export const self: Opaque = new Opaque('<0.1.0>')

export const tests: Library = {
  'erlang:is_integer/1': ([term]) => bool(typeof asNumber(term) === 'bigint'),
  'erlang:is_float/1': ([term]) => bool(typeof asNumber(term) === 'number'),
  'erlang:is_number/1': ([term]) => bool(['bigint', 'number'].includes(typeof asNumber(term))),
  'erlang:is_atom/1': ([term]) => bool(term instanceof Atom),
  'erlang:is_boolean/1': ([term]) => bool(isBoolean(term)),
  'erlang:is_binary/1': ([term]) => bool(asBinary(term) instanceof Binary),
  'erlang:is_bitstring/1': ([term]) => bool(asBinary(term) instanceof Binary),
  'erlang:is_list/1': ([term]) => bool(isList(term)),
  'erlang:is_tuple/1': ([term]) => bool(term instanceof Tuple),
  'erlang:is_function/1': ([term]) => bool(term instanceof Fun),
  'erlang:is_function/2': ([term, arity]) =>
    bool(term instanceof Fun && term.arity === small(arity)),
  'erlang:is_pid/1': ([term]) => bool(term instanceof Opaque),
  'erlang:is_map/1': () => bool(false),
  'erlang:length/1': ([list], machine) => BigInt(items(list, machine).length),
  'erlang:hd/1': ([list]) => cons(list).head,
  'erlang:tl/1': ([list]) => cons(list).tail,
  'erlang:element/2': ([index, term]) => {
    const { items: found } = tupleOf(term)
    return found[small(index, 1) - 1] ?? raise()
  },
  'erlang:setelement/3': ([index, term, value]) => {
    const { items: found } = tupleOf(term)
    const at = small(index, 1) - 1
    return at < found.length ? new Tuple(found.with(at, value)) : raise()
  },
  'erlang:tuple_size/1': ([term]) => BigInt(tupleOf(term).items.length),
  'erlang:tuple_to_list/1': ([term]) => listOf(tupleOf(term).items),
  'erlang:list_to_tuple/1': ([list], machine) => new Tuple(items(list, machine)),
  'erlang:size/1': ([term]) => {
    const binary = asBinary(term)
    return BigInt(binary instanceof Binary ? binary.bytes.length : tupleOf(term).items.length)
  },
  'erlang:self/0': () => self,
  'erlang:pid_to_list/1': ([term]) => {
    if (!(term instanceof Opaque)) return raise()
    return listOf(Array.from(term.text, (character) => BigInt(character.charCodeAt(0))))
  },
  'erlang:apply/2': ([fun, args], machine) => machine.apply(fun, items(args, machine)),
  'erlang:throw/1': ([reason]) => {
    throw new ErlangError(reason, 'throw')
  },
  'erlang:error/1': ([reason]) => {
    throw new ErlangError(reason, 'error')
  },
  'erlang:exit/1': ([reason]) => {
    throw new ErlangError(reason, 'exit')
  },
  // There is no memory of a process here that could be collected.
  'erlang:garbage_collect/0': () => yes,
  'erlang:garbage_collect/1': () => yes,
  'erlang:garbage_collect/2': ([, options], machine) => {
    items(options, machine)
    return yes
  },
}

function raise(): never {
  throw badarg()
}

function isBoolean(term: Term): boolean {
  const isText = term instanceof Atom || term instanceof VariableText
  return isText && ['true', 'false'].includes(atomName(term))
}

function isList(term: Term): boolean {
  const list = asList(term)
  return list instanceof Cons || list === nil || term instanceof DynVars
}

function cons(term: Term): Cons {
  const list = asList(term)
  return list instanceof Cons ? list : raise()
}

function tupleOf(term: Term): Tuple {
  return term instanceof Tuple ? term : raise()
}
