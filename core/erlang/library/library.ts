/** What scenarios may call, by `module:name/arity`. */
import type { Library, LibraryFunction } from '../term/term.ts'
import { binaries } from './binaries.ts'
import { chance } from './chance.ts'
import { clock } from './clock.ts'
import { conversions } from './conversions.ts'
import { digests } from './digests.ts'
import { format } from './format.ts'
import { keys } from './keys.ts'
import { lists } from './lists.ts'
import { numbers } from './numbers.ts'
import { oldStrings } from './old-strings.ts'
import { strings } from './strings.ts'
import { tests } from './tests.ts'
import { tsung } from './tsung.ts'
import { web } from './web.ts'

const functions = new Map<string, LibraryFunction>()
const parts: readonly Library[] = [
  ...[binaries, chance, clock, conversions, digests, format, keys, lists, numbers],
  ...[oldStrings, strings, tests, tsung, web],
]
for (const part of parts) {
  for (const [key, call] of Object.entries(part)) functions.set(key, call)
}

/** Undefined when there is none of that name and number of arguments. */
export function findFunction(key: string): LibraryFunction | undefined {
  return functions.get(key)
}

/** All keys, for tests and documents. */
export function functionKeys(): readonly string[] {
  return [...functions.keys()].sort()
}
