/** Values of attributes. What is not of its type was reported before and counts as absent. */
import type { ScenarioElement } from '../declaration.ts'
import { isInteger, isNumber } from '../lexical.ts'
import { nearest } from '../suggest.ts'

export const unitMs: { readonly [unit: string]: number } = {
  millisecond: 1,
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
}

export function integerOf(element: ScenarioElement, name: string): number | null {
  const value = element.attributes.get(name)?.trim()
  return value !== undefined && isInteger(value) ? Number(value) : null
}

export function numberOf(element: ScenarioElement, name: string): number | null {
  const value = element.attributes.get(name)?.trim()
  return value !== undefined && isNumber(value) ? Number(value) : null
}

/** Whether the attribute says true. */
export function isTrue(element: ScenarioElement, name: string): boolean {
  return element.attributes.get(name) === 'true'
}

/** ms of the unit that the attribute `unit` names; null when it names none. */
export function unitOf(element: ScenarioElement, byDefault: string): number | null {
  return unitMs[element.attributes.get('unit') ?? byDefault] ?? null
}

/** The children of that name. */
export function childrenOf<T extends ScenarioElement>(
  element: { readonly children: readonly T[] } | undefined,
  name: string,
): readonly T[] {
  return element?.children.filter((child) => child.name === name) ?? []
}

/** The value if it is one of the allowed words. */
export function wordOf<T extends string>(
  element: ScenarioElement,
  name: string,
  words: readonly T[],
): T | null {
  const value = element.attributes.get(name)?.trim()
  return words.find((word) => word === value) ?? null
}

/** Whether an attribute looks like one of the names: it was told, so that its absence need not be. */
export function hasMisspelt(element: ScenarioElement, names: readonly string[]): boolean {
  return [...element.attributes.keys()].some(
    (name) => !names.includes(name) && nearest(name, names) !== null,
  )
}
