/** Names of counters, for the conformance suite. */
import type { AnyPlugin } from './api.ts'

/** Whether the plugin says that it counts under that name. */
export function isDeclared({ declaration }: AnyPlugin, name: string): boolean {
  return declaration.counters.some((each) => each.name === name || isOfFamily(name, each.name))
}

/** Whether a code stands in the name where the family has its place for one. */
function isOfFamily(name: string, family: string): boolean {
  const digits = /NNNN?/.exec(family)?.[0]
  if (digits === undefined) return false
  const pattern = `[1-9]\\d{${digits.length - 1}}`
  return new RegExp(`^${family.replace(digits, pattern)}$`).test(name)
}
