/** Module `lists`, but for lists of tuples (keys.ts). Source: stdlib reference manual. */

import { isTrue, operate } from '../operators.ts'
import { asList, isFun, items, small, stringText } from '../term/coerce.ts'
import { compare, identical } from '../term/compare.ts'
import { longFloat } from '../term/print.ts'
import {
  Atom,
  atom,
  badarg,
  bool,
  Cons,
  fault,
  type Library,
  listOf,
  type Machine,
  nil,
  ok,
  type Term,
  Tuple,
  tuple,
  VariableText,
} from '../term/term.ts'

export const lists: Library = {
  'lists:nth/2': ([index, list], machine) => nthTail(list, small(index) - 1, machine).head,
  'lists:nthtail/2': ([count, list], machine) =>
    small(count) === 0 ? asList(list) : nthTail(list, small(count) - 1, machine).tail,
  'lists:last/1': ([list], machine) => items(list, machine).at(-1) ?? raiseNoClause(),
  'lists:droplast/1': ([list], machine) => {
    const found = items(list, machine)
    return found.length === 0 ? raiseNoClause() : listOf(found.slice(0, -1))
  },
  'lists:sublist/2': ([list, length], machine) =>
    listOf(items(list, machine).slice(0, small(length))),
  'lists:sublist/3': ([list, start, length], machine) => {
    const from = small(start, 1) - 1
    return listOf(items(list, machine).slice(from, from + small(length)))
  },
  'lists:split/2': ([count, list], machine) => {
    const found = items(list, machine)
    const at = small(count)
    if (at > found.length) throw badarg()
    return tuple(listOf(found.slice(0, at)), listOf(found.slice(at)))
  },
  'lists:reverse/1': ([list], machine) => listOf(items(list, machine).reverse()),
  'lists:reverse/2': ([list, tail], machine) =>
    listOf(items(list, machine).reverse(), asList(tail)),
  'lists:append/1': ([list], machine) => {
    const parts = items(list, machine)
    const last = parts.pop() ?? nil
    return parts.reduceRight<Term>((tail, part) => listOf(items(part, machine), tail), asList(last))
  },
  'lists:append/2': ([left, right], machine) => operate('++', left, right, machine),
  'lists:subtract/2': ([left, right], machine) => operate('--', left, right, machine),
  'lists:flatten/1': ([list], machine) => {
    const found: Term[] = []
    flatten(list, found, machine)
    return listOf(found)
  },
  'lists:concat/1': ([list], machine) => {
    const parts = items(list, machine).map((item) => listOf(thingItems(item, machine)))
    return parts.reduceRight<Term>((tail, part) => listOf(items(part, machine), tail), nil)
  },
  'lists:join/2': ([separator, list], machine) => {
    const found = items(list, machine)
    return listOf(found.flatMap((item, at) => (at === 0 ? [item] : [separator, item])))
  },
  'lists:duplicate/2': ([count, item], machine) => {
    machine.spend(small(count))
    return listOf(new Array<Term>(small(count)).fill(item))
  },
  'lists:seq/2': ([from, to], machine) => sequence(from, to, 1n, machine),
  'lists:seq/3': ([from, to, step], machine) =>
    sequence(from, to, BigInt(small(step, -1e9)), machine),
  'lists:member/2': ([item, list], machine) =>
    bool(items(list, machine).some((each) => identical(each, item, machine))),
  'lists:delete/2': ([item, list], machine) => {
    const found = items(list, machine)
    const at = found.findIndex((each) => identical(each, item, machine))
    if (at >= 0) found.splice(at, 1)
    return listOf(found)
  },
  'lists:prefix/2': ([prefix, list], machine) => {
    const [front, whole] = [items(prefix, machine), items(list, machine)]
    return isSame(front, whole.slice(0, front.length), machine)
  },
  'lists:suffix/2': ([suffix, list], machine) => {
    const [back, whole] = [items(suffix, machine), items(list, machine)]
    return isSame(back, whole.slice(Math.max(0, whole.length - back.length)), machine)
  },
  'lists:sum/1': ([list], machine) =>
    items(list, machine).reduce<Term>((sum, item) => operate('+', sum, item, machine), 0n),
  'lists:max/1': ([list], machine) => extreme(list, 1, machine),
  'lists:min/1': ([list], machine) => extreme(list, -1, machine),
  'lists:sort/1': ([list], machine) => listOf(sorted(items(list, machine), machine)),
  'lists:usort/1': ([list], machine) =>
    listOf(unique(sorted(items(list, machine), machine), machine)),
  'lists:sort/2': ([before, list], machine) => {
    const order = (a: Term, b: Term): number => (isTrue(machine.apply(before, [a, b])) ? -1 : 1)
    return listOf(items(list, machine).sort(order))
  },
  'lists:uniq/1': ([list], machine) => {
    const found: Term[] = []
    for (const item of items(list, machine)) {
      if (!found.some((each) => identical(each, item, machine))) found.push(item)
    }
    return listOf(found)
  },
  'lists:map/2': ([fun, list], machine) =>
    listOf(each(fun, list, machine).map((item) => machine.apply(fun, [item]))),
  'lists:flatmap/2': ([fun, list], machine) =>
    listOf(each(fun, list, machine).flatMap((item) => items(machine.apply(fun, [item]), machine))),
  'lists:foreach/2': ([fun, list], machine) => {
    for (const item of each(fun, list, machine)) machine.apply(fun, [item])
    return ok
  },
  'lists:filter/2': ([fun, list], machine) =>
    listOf(each(fun, list, machine).filter((item) => isTrue(machine.apply(fun, [item])))),
  'lists:filtermap/2': ([fun, list], machine) => {
    const results: Term[] = []
    for (const item of each(fun, list, machine)) {
      const result = machine.apply(fun, [item])
      if (isTrue(result)) results.push(item)
      else if (result instanceof Tuple && isTrue(result.items[0]!)) results.push(result.items[1]!)
    }
    return listOf(results)
  },
  'lists:partition/2': ([fun, list], machine) => {
    const yesItems: Term[] = []
    const noItems: Term[] = []
    for (const item of each(fun, list, machine)) {
      if (isTrue(machine.apply(fun, [item]))) yesItems.push(item)
      else noItems.push(item)
    }
    return tuple(listOf(yesItems), listOf(noItems))
  },
  'lists:any/2': ([fun, list], machine) =>
    bool(each(fun, list, machine).some((item) => isTrue(machine.apply(fun, [item])))),
  'lists:all/2': ([fun, list], machine) =>
    bool(each(fun, list, machine).every((item) => isTrue(machine.apply(fun, [item])))),
  'lists:search/2': ([fun, list], machine) => {
    const found = each(fun, list, machine).find((item) => isTrue(machine.apply(fun, [item])))
    return found === undefined ? bool(false) : tuple(atom('value'), found)
  },
  'lists:takewhile/2': ([fun, list], machine) => splitWhile(fun, list, machine)[0],
  'lists:dropwhile/2': ([fun, list], machine) => splitWhile(fun, list, machine)[1],
  'lists:splitwith/2': ([fun, list], machine) => tuple(...splitWhile(fun, list, machine)),
  'lists:foldl/3': ([fun, start, list], machine) =>
    items(list, machine).reduce((result, item) => machine.apply(fun, [item, result]), start),
  'lists:foldr/3': ([fun, start, list], machine) =>
    items(list, machine).reduceRight((result, item) => machine.apply(fun, [item, result]), start),
  'lists:mapfoldl/3': ([fun, start, list], machine) => {
    let result = start
    const mapped = items(list, machine).map((item) => {
      const pair = machine.apply(fun, [item, result])
      if (!(pair instanceof Tuple) || pair.items.length !== 2) throw fault('badmatch', pair)
      result = pair.items[1]!
      return pair.items[0]!
    })
    return tuple(listOf(mapped), result)
  },
  'lists:zip/2': ([left, right], machine) =>
    listOf(pairs(left, right, machine).map(([a, b]) => tuple(a, b))),
  'lists:zipwith/3': ([fun, left, right], machine) =>
    listOf(pairs(left, right, machine).map((pair) => machine.apply(fun, pair))),
  'lists:unzip/1': ([list], machine) => {
    const found = items(list, machine).map((item) => {
      return item instanceof Tuple && item.items.length === 2 ? item.items : raiseNoClause()
    })
    return tuple(listOf(found.map(([a]) => a!)), listOf(found.map(([, b]) => b!)))
  },
}

function raiseNoClause(): never {
  throw fault('function_clause')
}

function nthTail(list: Term, count: number, machine: Machine): Cons {
  if (count < 0) raiseNoClause()
  let rest = asList(list)
  for (let left = count; left > 0; left--) {
    machine.spend(1)
    if (!(rest instanceof Cons)) raiseNoClause()
    rest = rest.tail
  }
  return rest instanceof Cons ? rest : raiseNoClause()
}

/** The items, after a check that the fun takes one. */
function each(fun: Term, list: Term, machine: Machine): Term[] {
  return isFun(fun, 1) ? items(list, machine) : raiseNoClause()
}

function flatten(list: Term, found: Term[], machine: Machine): void {
  machine.enter()
  for (const item of items(list, machine)) {
    const inner = asList(item)
    if (inner instanceof Cons || inner === nil) flatten(inner, found, machine)
    else found.push(item)
  }
  machine.leave()
}

/** What `lists:concat` makes of an item. */
function thingItems(item: Term, machine: Machine): Term[] {
  if (item instanceof Cons || item === nil) return items(item, machine)
  let text: string
  if (item instanceof VariableText) text = stringText(item, machine)
  else if (item instanceof Atom) text = item.name
  else if (typeof item === 'bigint') text = String(item)
  else if (typeof item === 'number') text = longFloat(item)
  else throw fault('function_clause')
  return Array.from(text, (character) => BigInt(character.codePointAt(0)!))
}

function sequence(first: Term, last: Term, step: bigint, machine: Machine): Term {
  const from = BigInt(small(first, -(2 ** 53)))
  const to = BigInt(small(last, -(2 ** 53)))
  if (step === 0n) return from === to ? listOf([from]) : raiseNoClause()
  const count = (to - from + step) / step
  if (count < 0n) return raiseNoClause()
  machine.spend(Number(count))
  return listOf(Array.from({ length: Number(count) }, (_, at) => from + BigInt(at) * step))
}

function isSame(left: readonly Term[], right: readonly Term[], machine: Machine): Term {
  return bool(
    left.length === right.length && left.every((item, at) => identical(item, right[at]!, machine)),
  )
}

function extreme(list: Term, sign: 1 | -1, machine: Machine): Term {
  const found = items(list, machine)
  if (found.length === 0) raiseNoClause()
  return found.reduce((best, item) => (compare(item, best, machine) * sign > 0 ? item : best))
}

export function sorted(found: readonly Term[], machine: Machine): Term[] {
  return found.toSorted((a, b) => compare(a, b, machine))
}

function unique(found: readonly Term[], machine: Machine): Term[] {
  return found.filter((item, at) => at === 0 || compare(found[at - 1]!, item, machine) !== 0)
}

function splitWhile(fun: Term, list: Term, machine: Machine): [Term, Term] {
  const found = each(fun, list, machine)
  const end = found.findIndex((item) => !isTrue(machine.apply(fun, [item])))
  const at = end < 0 ? found.length : end
  return [listOf(found.slice(0, at)), listOf(found.slice(at))]
}

function pairs(left: Term, right: Term, machine: Machine): (readonly [Term, Term])[] {
  const others = items(right, machine)
  const found = items(left, machine)
  if (found.length !== others.length) raiseNoClause()
  return found.map((item, at) => [item, others[at]!])
}
