/** What `<setdynvars>` makes up, and how values are dealt out to variables. Source: reference tsung-core.md, 1.12.1. */
import type { Value } from './value.ts'
import type { Variables } from './variables.ts'

/** Whose stream is drawn from. */
interface Drawer {
  /** Uniform in [0, 1). */
  random(): number
}

/** A whole number, both ends included. */
export function randomNumber(start: number, end: number, drawer: Drawer): string {
  return String(start + Math.floor(drawer.random() * (end - start + 1)))
}

const letters = 26
const firstLetter = 'a'.charCodeAt(0)

/** Letters `a` to `z` (Tsung never draws `a`). */
export function randomString(length: number, drawer: Drawer): string {
  let text = ''
  for (let at = 0; at < length; at++) {
    text += String.fromCharCode(firstLetter + Math.floor(drawer.random() * letters))
  }
  return text
}

/** What Tsung's `urandom_string` repeats: it is quick, not random. */
const pattern = 'qxvmvtglimieyhemzlxc'

export function fixedString(length: number): string {
  return pattern.repeat(Math.ceil(length / pattern.length)).slice(0, length)
}

/**
 * One variable gets the whole value, a list of one its item. Two or more get the items from left to right: missing ones
 * are empty, others dropped.
 */
export function assign(variables: Variables, slots: readonly number[], value: Value): void {
  if (slots.length === 1) {
    variables.set(slots[0]!, typeof value !== 'string' && value.length === 1 ? value[0]! : value)
    return
  }
  if (typeof value === 'string') {
    for (let at = 0; at < slots.length; at++) variables.set(slots[at]!, at === 0 ? value : '')
    return
  }
  for (let at = 0; at < slots.length; at++) variables.set(slots[at]!, value[at] ?? '')
}
