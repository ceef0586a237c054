/**
 * A line of InfluxDB's line protocol. Source: InfluxData, "Line protocol reference".
 */

export interface Point {
  readonly measurement: string
  /** Empty ones are left out. */
  readonly tags: { readonly [key: string]: string }
  readonly fields: { readonly [key: string]: number | string }
  /** Epoch ms. */
  readonly epochMs: number
  /** Sets points of the same ms and tags apart, which would replace each other; less than a million. */
  readonly ns?: number
}

/** With its line end. Numbers are floats all: the type of a field never changes. */
export function lineOf({ measurement, tags, fields, epochMs, ns = 0 }: Point): string {
  const tagged = Object.entries(tags)
    .map(([key, value]) => [key, escaped(value)] as const)
    .filter(([, value]) => value !== '')
    .map(([key, value]) => `,${key}=${value}`)
  const told = Object.entries(fields).map(([key, value]) => `${key}=${fieldText(value)}`)
  const time = `${Math.round(epochMs)}${String(ns).padStart(6, '0')}`
  return `${measurement}${tagged.join('')} ${told.join(',')} ${time}\n`
}

/** Tags know no control characters, and no backslash at their end. */
function escaped(tag: string): string {
  return onOneLine(tag).replace(/\\+$/, '').replace(/[,= ]/g, '\\$&')
}

function fieldText(value: number | string): string {
  if (typeof value === 'number') return String(value)
  return `"${onOneLine(value).replace(/["\\]/g, '\\$&')}"`
}

function onOneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is replaced
  return text.replace(/[\u0000-\u001f\u007f]/g, ' ')
}
