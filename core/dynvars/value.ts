/**
 * What a variable of a virtual user holds: a byte string (see byte-string.ts), or a list when several things matched.
 *
 * Numbers, booleans and JSON objects are kept as the text they are rendered as. Source: reference tsung-core.md, 2.2.
 */
export type Value = string | readonly Value[]

/** The text that stands for a value: the items of a list one after the other, as Tsung does. */
export function render(value: Value): string {
  if (typeof value === 'string') return value
  let text = ''
  for (const item of value) text += render(item)
  return text
}
