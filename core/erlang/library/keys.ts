/** Lists of tuples: `lists:key…` and `proplists`. Source: stdlib reference manual. */
import { items, small } from '../term/coerce.ts'
import { compare } from '../term/compare.ts'
import {
  Atom,
  atom,
  bool,
  type Library,
  listOf,
  type Machine,
  no,
  type Term,
  Tuple,
  tuple,
  undefinedAtom,
  yes,
} from '../term/term.ts'
import { sorted } from './lists.ts'

export const keys: Library = {
  'lists:keyfind/3': ([key, index, list], machine) => find(key, index, list, machine) ?? no,
  'lists:keysearch/3': ([key, index, list], machine) => {
    const found = find(key, index, list, machine)
    return found === undefined ? no : tuple(atom('value'), found)
  },
  'lists:keymember/3': ([key, index, list], machine) =>
    bool(find(key, index, list, machine) !== undefined),
  'lists:keydelete/3': ([key, index, list], machine) => {
    const gone = find(key, index, list, machine)
    const at = items(list, machine).indexOf(gone ?? no)
    return listOf(items(list, machine).filter((_, each) => each !== at))
  },
  'lists:keyreplace/4': ([key, index, list, item], machine) => {
    const old = find(key, index, list, machine)
    return listOf(items(list, machine).map((each) => (each === old ? item : each)))
  },
  'lists:keystore/4': ([key, index, list, item], machine) => {
    const old = find(key, index, list, machine)
    const found = items(list, machine)
    return listOf(
      old === undefined ? [...found, item] : found.map((each) => (each === old ? item : each)),
    )
  },
  'lists:keysort/2': ([index, list], machine) => {
    const at = small(index, 1) - 1
    const order = (a: Term, b: Term): number => {
      return compare((a as Tuple).items[at]!, (b as Tuple).items[at]!, machine)
    }
    const found = items(list, machine)
    const isSortable = found.every((each) => each instanceof Tuple && each.items.length > at)
    return isSortable ? listOf(found.sort(order)) : listOf(sorted(found, machine))
  },
  'proplists:get_value/2': ([key, list], machine) => property(key, list, machine) ?? undefinedAtom,
  'proplists:get_value/3': ([key, list, otherwise], machine) =>
    property(key, list, machine) ?? otherwise,
  'proplists:is_defined/2': ([key, list], machine) =>
    bool(property(key, list, machine) !== undefined),
  'proplists:delete/2': ([key, list], machine) =>
    listOf(items(list, machine).filter((each) => !isProperty(key, each, machine))),
  'proplists:get_all_values/2': ([key, list], machine) => {
    const found = items(list, machine).filter((each) => isProperty(key, each, machine))
    return listOf(found.map(propertyValue))
  },
}

/** The first tuple whose item at `index` is the key. */
function find(key: Term, index: Term, list: Term, machine: Machine): Term | undefined {
  const at = small(index, 1) - 1
  return items(list, machine).find((each) => {
    return (
      each instanceof Tuple &&
      each.items.length > at &&
      compare(each.items[at]!, key, machine) === 0
    )
  })
}

function property(key: Term, list: Term, machine: Machine): Term | undefined {
  const found = items(list, machine).find((each) => isProperty(key, each, machine))
  return found === undefined ? undefined : propertyValue(found)
}

/** An atom alone stands for `{Atom, true}`. */
function isProperty(key: Term, each: Term, machine: Machine): boolean {
  if (each instanceof Atom) return compare(each, key, machine) === 0
  return (
    each instanceof Tuple && each.items.length > 0 && compare(each.items[0]!, key, machine) === 0
  )
}

function propertyValue(each: Term): Term {
  return each instanceof Tuple ? (each.items[1] ?? yes) : yes
}
