/** JSON of answers, and what its values are as values of variables. */
import { fromUtf8 } from '../byte-string.ts'
import type { Value } from '../dynvars/value.ts'
import { lower, raise } from './characters.ts'

/** What JSON text says. Whole numbers too long for a double are texts behind `longNumber`. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue }

/** For private use: no text of an answer begins with it. */
const longNumber = '\ue001'
/** Strings, and whole numbers of 16 digits or more. */
const longNumbers = /"(?:[^"\\]|\\.)*"|(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/g

/**
 * @param text a byte string; UTF-8, but other bytes come out as they are
 * @returns undefined when it is no JSON
 */
export function parseJson(text: string): JsonValue | undefined {
  const unicode = unicodeOf(text)
  try {
    return JSON.parse(
      /\d{16}/.test(unicode) ? unicode.replace(longNumbers, marked) : unicode,
    ) as JsonValue
  } catch {
    return undefined
  }
}

function unicodeOf(text: string): string {
  if (!/[\x80-\xff]/.test(text)) return text
  const unicode = fromUtf8(text)
  return unicode.includes('\ufffd') ? raise(text) : unicode
}

function marked(token: string): string {
  return token.startsWith('"') ? token : `"${longNumber}${token}"`
}

/** Lists stay lists, objects become compact JSON, everything else its text. */
export function toValue(json: JsonValue): Value {
  return Array.isArray(json) ? json.map(toValue) : toText(json)
}

/** A byte string. Numbers are as short as they can be; `null`, `true` and `false` by name. */
export function toText(json: JsonValue): string {
  if (typeof json === 'string') {
    return lower(json.startsWith(longNumber) ? json.slice(longNumber.length) : json)
  }
  if (typeof json !== 'object' || json === null) return String(json)
  return lower(JSON.stringify(json).replace(new RegExp(`"${longNumber}(-?\\d+)"`, 'g'), '$1'))
}
