import { byteString } from '../byte-string.ts'

/**
 * The expression that finds the value of an HTML form field. Source: reference tsung-core.md, 1.11.
 *
 * @param name Unicode; Tsung takes it for an expression, so that `user[name]` finds nothing
 * @returns PCRE, a byte string; its first group is the value
 */
export function formFieldPattern(name: string): string {
  const literal = byteString(name).replace(/[^A-Za-z0-9_]/g, '\\$&')
  return `name=["']${literal}["'] (?:[^>]* )?value=["']([^"']*)["']`
}
