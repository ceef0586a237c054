/** What operations do with a user's variables. */
import { numberOf } from '../core/dynvars/number.ts'
import { assign } from '../core/dynvars/sources.ts'
import { renderTemplate } from '../core/dynvars/template.ts'
import type { Value } from '../core/dynvars/value.ts'
import type { VariableNames } from '../core/dynvars/variables.ts'
import type { Player } from '../core/program/flow.ts'
import type { SetVariablesOp, SumOp } from '../core/program/ops.ts'
import { fieldsOf } from '../core/program/sources.ts'
import type { Engine, EngineUser, Trace } from './engine.ts'
import type { LineWaiter } from './lines.ts'

/** Texts that variables hold at first, by name. */
export function beginWith(
  texts: { readonly [name: string]: string },
  player: Player,
  names: VariableNames,
  trace: Trace | null,
): void {
  for (const [name, value] of Object.entries(texts)) {
    player.variables.set(names.slot(name), value)
    trace?.variable(name, value)
  }
}

/** @returns false: there is no line of its data file yet */
export function setVariables(
  { source, names, slots }: SetVariablesOp,
  player: Player & LineWaiter,
  { lines, trace }: Engine,
): boolean {
  let value: Value | undefined
  if (source.type === 'computed') value = source.values(player, slots.length)
  else {
    const { file, order } = source
    const line = order === 'random' ? lines.random(file, player.random()) : lines.next(file, player)
    if (line === null) return false
    value = fieldsOf(line, source.delimiter)
  }
  if (value === undefined) return true
  assign(player.variables, slots, value)
  if (trace === null) return true
  for (let at = 0; at < names.length; at++) {
    trace.variable(names[at]!, player.variables.get(slots[at]!))
  }
  return true
}

export function addSum(
  { counter, value }: SumOp,
  player: Player & EngineUser,
  engine: Engine,
): void {
  const number = numberOf(renderTemplate(value, player))
  if (number !== null) engine.recorder.add(counter, number)
  else engine.error(player, 'error_sum', counter, 'the value is no number')
}
