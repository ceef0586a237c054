/**
 * Where a session goes on: loops and branches.
 *
 * Loops keep their place in variables that the scenario can see, as in Tsung. Source: reference tsung-core.md, 1.12.
 */
import { type CompiledComparison, compare } from '../dynvars/comparison.ts'
import type { Environment } from '../dynvars/environment.ts'
import { numberOf } from '../dynvars/number.ts'
import { lookup } from '../dynvars/reference.ts'
import { renderTemplate, type Template } from '../dynvars/template.ts'
import { render, type Value } from '../dynvars/value.ts'
import { translateRegexp } from '../regexp/translate.ts'
import type { ForEndOp, Foreach, ForStartOp, IfOp, RepeatEndOp } from './ops.ts'

/** For `tsts try`. */
export interface FlowTrace {
  variable(name: string, value: Value | undefined): void
  branch(text: string): void
}

/** The user that plays. */
export interface Player extends Environment {
  count(name: string): void
  readonly flowTrace: FlowTrace | null
}

/** The items of a `<foreach>` that a user goes through, kept so that they are filtered once. */
export interface ForeachItems {
  /** The list as the variable had it. */
  readonly source: Value
  readonly items: readonly Value[]
}

/** A first value that is no number leaves the counter unset: the body is played once. */
export function startFor({ name, slot, from }: ForStartOp, player: Player): void {
  const first = numberIn(from, player)
  if (first === null) player.count('error_for')
  player.variables.set(slot, first === null ? undefined : String(first))
  player.flowTrace?.variable(name, player.variables.get(slot))
}

/** @returns whether the body is played once more */
export function againFor({ name, slot, to, increment }: ForEndOp, player: Player): boolean {
  const counter = numberAt(slot, player)
  if (counter === null) return false
  const last = numberIn(to, player)
  if (last === null) player.count('error_for')
  if (last === null || counter >= last) {
    player.flowTrace?.branch(`for ${name}: over at ${counter}`)
    return false
  }
  player.variables.set(slot, String(counter + increment))
  player.flowTrace?.branch(`for ${name}: once more with ${counter + increment}`)
  return true
}

/** @returns what is gone through; null: there is no such list */
export function foreachItems({ list, filter }: Foreach, player: Player): ForeachItems | null {
  const source = lookup(list, player)
  if (source === undefined) return null
  const all = itemsOf(source)
  if (filter === null) return { source, items: all }
  const regexp = translateRegexp(renderTemplate(filter.pattern, player), 'test')
  if ('type' in regexp) {
    player.count('error_match_regexp')
    return { source, items: filter.keeps === 'matching' ? [] : all }
  }
  const isKept = filter.keeps === 'matching'
  return { source, items: all.filter((item) => regexp.test(render(item)) === isKept) }
}

/** The empty text is what an extraction leaves that found nothing. */
function itemsOf(source: Value): readonly Value[] {
  if (typeof source !== 'string') return source
  return source === '' ? [] : [source]
}

/** Whether the list is still the one that was looked at. */
export function isCurrent({ source }: ForeachItems, { list }: Foreach, player: Player): boolean {
  return lookup(list, player) === source
}

/** @returns whether there is a first pass */
export function startForeach(
  foreach: Foreach,
  found: ForeachItems | null,
  player: Player,
): boolean {
  const { list, slot, name, iterSlot } = foreach
  if (found === null) player.count(`error_foreach_${list.name}undef`)
  const first = found?.items[0]
  if (first === undefined) {
    player.flowTrace?.branch(`foreach ${name}: ${found === null ? 'no' : 'an empty'} list`)
    return false
  }
  player.variables.set(slot, first)
  player.variables.set(iterSlot, '2')
  player.flowTrace?.variable(name, first)
  return true
}

/** @returns whether there is one more pass */
export function againForeach(
  { slot, iterSlot, name }: Foreach,
  found: ForeachItems | null,
  player: Player,
): boolean {
  const next = numberAt(iterSlot, player)
  const item = next === null ? undefined : found?.items[next - 1]
  if (item === undefined) {
    player.flowTrace?.branch(`foreach ${name}: over`)
    return false
  }
  player.variables.set(slot, item)
  player.variables.set(iterSlot, String(next! + 1))
  player.flowTrace?.variable(name, item)
  return true
}

/**
 * The counter goes on with every test: behind the loop it is one more than the passes, as in Tsung.
 *
 * @returns whether the body is played once more
 */
export function againRepeat(op: RepeatEndOp, player: Player): boolean {
  const { name, slot, maxRepeat, test, comparison } = op
  const pass = numberAt(slot, player) ?? 1
  const compared = compareFor(comparison, player)
  if (compared === 'undefined') {
    player.count(`error_repeat_${name}undef`)
    player.flowTrace?.branch(`repeat ${name}: left, ${comparison.ref.name} was never set`)
    return false
  }
  player.variables.set(slot, String(pass + 1))
  const isWanted = (compared === 'holds') === (test === 'while')
  const isAgain = isWanted && pass < maxRepeat
  if (isWanted && !isAgain) player.count('max_repeat')
  const what = isAgain ? 'once more' : `left after pass ${pass}`
  player.flowTrace?.branch(`repeat ${name}: ${what}, ${test} ${comparison.text}`)
  return isAgain
}

/** @returns whether the body is played: also when the variable was never set, as Tsung does */
export function entersIf({ comparison }: IfOp, player: Player): boolean {
  const compared = compareFor(comparison, player)
  if (compared === 'undefined') player.count('error_if_undef')
  const enters = compared === 'holds' || compared === 'undefined'
  player.flowTrace?.branch(`if ${comparison.text}: ${enters ? 'yes' : 'no'}`)
  return enters
}

function compareFor(
  comparison: CompiledComparison,
  player: Player,
): 'holds' | 'fails' | 'undefined' {
  const compared = compare(comparison, player)
  if (compared !== 'no-number') return compared
  player.count('error_if_not_a_number')
  return 'fails'
}

function numberIn(text: Template, player: Player): number | null {
  return numberOf(renderTemplate(text, player))
}

function numberAt(slot: number, player: Player): number | null {
  const value = player.variables.get(slot)
  return value === undefined ? null : numberOf(render(value))
}
