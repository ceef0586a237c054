/** Plain data for the conformance suite. */
import type { Json } from './api.ts'

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
