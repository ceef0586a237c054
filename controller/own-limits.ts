/** Errors that are the generator's own: a limit of its host was reached, not one of the target. */
import type { ErrorExample } from './model.ts'

const ownLimits: ReadonlySet<string> = new Set(
  ['eaddrinuse', 'eaddrnotavail', 'emfile', 'enfile', 'enobufs', 'enomem'].map(
    (reason) => `error_connect_${reason}`,
  ),
)

export function isOwnLimit(name: string): boolean {
  return ownLimits.has(name)
}

/** What to tell of the first example of an error; null: it is the target's affair. */
export function ownLimitText({ name, detail }: ErrorExample, host: string): string | null {
  return isOwnLimit(name) ? `a limit of ${host} was reached (${name}): ${detail}` : null
}
