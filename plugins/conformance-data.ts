/** Plain data for the conformance suite. */
import type { AnyPlugin, Json } from './api.ts'

export function roundTrip(data: Json): Json {
  return JSON.parse(JSON.stringify(data)) as Json
}

/** A write to it throws from now on. */
export function frozen(data: Json): Json {
  if (typeof data === 'object' && data !== null) {
    for (const value of Object.values(data)) frozen(value)
    Object.freeze(data)
  }
  return data
}

/** Deep equality of plain data; a property that is undefined is not the same as none. */
export function isSame(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false
  const names = Object.keys(a)
  if (names.length !== Object.keys(b).length) return false
  return names.every((name) =>
    isSame((a as Record<string, unknown>)[name], (b as Record<string, unknown>)[name]),
  )
}

/** Whether a plugin may count under that name. */
export function isDeclared({ declaration }: AnyPlugin, name: string): boolean {
  return declaration.counters.some((each) => each.name === name || isOfFamily(each.name, name))
}

/** @param declared with `NNN` for a number of three digits */
function isOfFamily(declared: string, name: string): boolean {
  if (!declared.includes('NNN')) return false
  return new RegExp(`^${declared.replace('NNN', '[1-9]\\d\\d')}$`).test(name)
}
