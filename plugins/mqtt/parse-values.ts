/** Numbers and words of `<mqtt>`. Where Tsung starts with a value and then fails, it is told as not playable. */
import type { ParseContext, ScenarioElement } from '../api.ts'

export function isTrue({ attributes }: ScenarioElement, name: string): boolean {
  return attributes.get(name) === 'true'
}

/** @returns null after a report */
export function wholeNumber(
  element: ScenarioElement,
  name: string,
  absent: number,
  max: number,
  context: ParseContext,
): number | null {
  const text = element.attributes.get(name)
  if (text === undefined) return absent
  const value = Number(text)
  if (Number.isInteger(value) && value >= 0 && value <= max) return value
  const place = element.attributePosition(name)
  const said = `<mqtt> ${name}="${text}" does not fit into a packet`
  context.unplayable('U_UNUSABLE', said, place, `write a whole number up to ${max}`)
  return null
}

/** A day is more than any wait needs; the timers go further. */
const maxSeconds = 1e9

/** @returns ms; null after a report */
export function secondsOf(
  element: ScenarioElement,
  name: string,
  absent: number,
  context: ParseContext,
): number | null {
  const text = element.attributes.get(name)
  if (text === undefined) return absent * 1000
  const value = Number(text)
  if (value >= 0 && value <= maxSeconds) return value * 1000
  const place = element.attributePosition(name)
  const said = `<mqtt> ${name}="${text}" is no time`
  context.unplayable('U_UNUSABLE', said, place, 'write a number of seconds')
  return null
}

/** @param names of elements that mean nothing in this request */
export function warnUnused(
  element: ScenarioElement,
  context: ParseContext,
  names: readonly string[],
): void {
  const type = element.attributes.get('type')
  for (const child of element.children) {
    if (!names.includes(child.name)) continue
    const text = `<${child.name}> does nothing in <mqtt type="${type}">`
    context.warning('W_UNUSED_ATTRIBUTE', text, child.position)
  }
}
