import { hexDigest } from '../digest.ts'
import { tokenLength } from './stamp.ts'

/** What the stamps of a run are known by. @param run a name that no other run has */
export function tokenOf(run: string): string {
  // 52 bits, as a whole number; its last digits are as random as its first ones.
  const number = Number.parseInt(hexDigest('sha256', run).slice(0, 13), 16)
  return number.toString(36).padStart(tokenLength, '0').slice(-tokenLength)
}
