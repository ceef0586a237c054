/** How a scenario names a variable: `name`, or `name[2]` for the second item of a list. */
import type { Environment } from './environment.ts'
import type { Value } from './value.ts'
import type { VariableNames } from './variables.ts'

/** A variable, or one item of it. */
export interface VariableRef {
  readonly name: string
  readonly slot: number
  /** From 1; null: the whole value. */
  readonly index: number | null
  /** With an index: the variable whose own name looks like that; it goes first. */
  readonly literalSlot: number | null
}

/** @returns `index` null: there is none, or it is 0 and means nothing */
export function parseReference(text: string): { name: string; index: number | null } {
  const indexed = /^(.+)\[([1-9]\d{0,8})\]$/s.exec(text)
  if (indexed === null) return { name: text, index: null }
  return { name: indexed[1]!, index: Number(indexed[2]) }
}

export function compileReference(text: string, names: VariableNames): VariableRef {
  const { name, index } = parseReference(text)
  const literalSlot = index === null ? null : names.slot(text)
  return { name, slot: names.slot(name), index, literalSlot }
}

/** Undefined: it was never set, or has no such item. What is no list counts as a list of one. */
export function lookup(ref: VariableRef, { variables }: Environment): Value | undefined {
  if (ref.index === null) return variables.get(ref.slot)
  const literal = variables.get(ref.literalSlot!)
  if (literal !== undefined) return literal
  const value = variables.get(ref.slot)
  if (typeof value === 'string') return ref.index === 1 ? value : undefined
  return value?.[ref.index - 1]
}
