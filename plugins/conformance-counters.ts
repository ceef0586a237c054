/** Names of counters, for the conformance suite. */
import type { AnyPlugin, CounterDeclaration } from './api.ts'

/** What the plugin says of a name that it counts under; undefined: nothing. */
export function counterOf(
  { declaration }: AnyPlugin,
  name: string,
): CounterDeclaration | undefined {
  return declaration.counters.find((each) => each.name === name || isOfFamily(name, each.name))
}

/** Whether a code stands in the name where the family has its place for one. */
function isOfFamily(name: string, family: string): boolean {
  const digits = /NNNN?/.exec(family)?.[0]
  if (digits === undefined) return false
  const pattern = `[1-9]\\d{${digits.length - 1}}`
  return new RegExp(`^${family.replace(digits, pattern)}$`).test(name)
}
