/**
 * What Tsung's reader takes for a number, an identifier and so on. Source: reference tsung-core.md, 1.2.
 */
import type { AttributeDeclaration } from './declaration.ts'
import { suggestion } from './suggest.ts'
import { isToken } from './xml/tag.ts'

/** Why a value is none of its type. */
export interface ValueFault {
  readonly text: string
  readonly hint?: string
}

const identifier = /^[a-zß-öø-ÿ][A-Za-z0-9_@À-ÖØ-öø-ÿ]*$/
const quoted = /^'[^'\\]*'$/
const reserved: ReadonlySet<string> = new Set(
  (
    'after and andalso band begin bnot bor bsl bsr bxor case catch cond div end fun if let maybe not of or ' +
    'orelse receive rem try when xor'
  ).split(' '),
)

/** Whether Erlang takes the word for an atom: what Tsung wants of names it looks up. */
export function isIdentifier(word: string): boolean {
  return quoted.test(word) || (identifier.test(word) && !reserved.has(word))
}

export function isInteger(text: string): boolean {
  return /^\d+$/.test(text)
}

/** `10`, `0.5`, `1.0e3`; empty counts as 0. */
export function isNumber(text: string): boolean {
  return text === '' || /^\d+(\.\d+([eE][+-]?\d+)?)?$/.test(text)
}

/** A name without the quotes that Erlang wants around unusual ones. */
export function unquoted(word: string): string {
  return quoted.test(word) ? word.slice(1, -1) : word
}

/**
 * @param value blanks around it already dropped where they do not count
 * @returns null when the value is of the declared type
 */
export function faultOf(value: string, declaration: AttributeDeclaration): ValueFault | null {
  const { type, token, values, prefix } = declaration
  if (token === true && value !== '' && !isToken(value)) return tokenFault(value)
  switch (type) {
    case 'integer':
      if (declaration.substitutable === true && value.includes('%%')) return null
      return values?.includes(value) ? null : integerFault(value, declaration)
    case 'number':
      return isNumber(value)
        ? rangeFault(Number(value), value, declaration)
        : { text: `"${value}" is not a number`, ...numberHint(value) }
    case 'boolean':
      return value === 'true' ||
        value === 'false' ||
        (declaration.anyWord === true && isIdentifier(value))
        ? null
        : { text: `"${value}" is neither true nor false` }
    case 'enum':
      return enumFault(value, values ?? [])
    case 'identifier':
      return isIdentifier((prefix ?? '') + value.trimEnd()) ? null : identifierFault(value, prefix)
    default:
      return null
  }
}

function tokenFault(value: string): ValueFault {
  const text = `"${value}" may only have letters, digits and . - _ :`
  return value.includes(' ') ? { text, hint: 'blanks cannot stand in it' } : { text }
}

function integerFault(value: string, declaration: AttributeDeclaration): ValueFault | null {
  if (isInteger(value)) return rangeFault(Number(value), value, declaration)
  const text =
    value === '' ? 'it is empty; a whole number is needed' : `"${value}" is not a whole number`
  const words = declaration.values
  if (words !== undefined) return { text, hint: `or write ${words.join(' or ')}` }
  return isNumber(value) ? { text, hint: 'use a smaller unit for fractions' } : { text }
}

function numberHint(value: string): { readonly hint?: string } {
  if (/^\.\d+$/.test(value)) return { hint: `write 0${value}` }
  if (/^\d+\.$/.test(value)) return { hint: `write ${value}0` }
  if (/^\d+[eE]\d+$/.test(value)) return { hint: `write ${value.replace(/[eE]/, '.0e')}` }
  if (/^\d+,\d+$/.test(value)) return { hint: `write ${value.replace(',', '.')}` }
  return {}
}

function rangeFault(
  number: number,
  value: string,
  { min, max, unit }: AttributeDeclaration,
): ValueFault | null {
  const of = unit === undefined ? '' : ` (${unit})`
  if (min !== undefined && number < min) return { text: `${value} is less than ${min}${of}` }
  if (max !== undefined && number > max) return { text: `${value} is more than ${max}${of}` }
  return null
}

function enumFault(value: string, values: readonly string[]): ValueFault | null {
  if (values.includes(value)) return null
  const all = values.length <= 14 ? `; it may be ${values.join(', ')}` : ''
  const hint = suggestion(value, values)
  return { text: `"${value}" is not known${all}`, ...(hint === undefined ? {} : { hint }) }
}

function identifierFault(value: string, prefix: string | undefined): ValueFault {
  if (reserved.has(value)) return { text: `"${value}" is a word that Tsung cannot use as a name` }
  const begin = prefix === undefined ? 'begin with a small letter and ' : ''
  const text = `"${value}" cannot be a name here: it has to ${begin}hold only letters, digits, _ and @`
  const better = value.replace(/[^A-Za-z0-9_@]/g, '_')
  const hint = prefix === undefined ? better.replace(/^[^a-z]+/i, '') : better
  const named = prefix === undefined ? hint.charAt(0).toLowerCase() + hint.slice(1) : hint
  return named === '' || !isIdentifier((prefix ?? '') + named)
    ? { text }
    : { text, hint: `for instance ${named}` }
}
