/** `<for>`, `<foreach>`, `<repeat>`. Source: reference tsung-core.md, 1.12. */
import { unquoted } from '../lexical.ts'
import type { Action } from '../model.ts'
import type { XmlElement } from '../xml/tree.ts'
import { parseComparison } from './comparison.ts'
import type { Reading } from './reading.ts'
import { checkRegexp } from './regexp.ts'
import { integerOf } from './values.ts'

/** Null after a report. */
export function parseFor(
  element: XmlElement,
  actions: readonly Action[],
  reading: Reading,
): Action | null {
  const variable = unquoted(element.attributes.get('var') ?? '')
  reading.variables.sets(variable)
  const bounds = parseBounds(element, reading)
  if (bounds === null) return null
  return { type: 'for', variable, ...bounds, actions, line: element.position.line }
}

interface Bounds {
  readonly from: string
  readonly to: string
  readonly increment: number
}

function parseBounds(element: XmlElement, reading: Reading): Bounds | null {
  const from = boundOf(element, 'from', reading)
  const to = boundOf(element, 'to', reading)
  if (from === null || to === null) return null
  const { report } = reading
  const increment = integerOf(element, 'incr') ?? 1
  const areKnown = isWhole(from) && isWhole(to)
  if (increment === 0 && areKnown && Number(from) < Number(to)) {
    const text = 'incr of <for> is 0: the loop would never end'
    report.unplayable('U_UNUSABLE', text, element.attributePosition('incr'))
    return null
  }
  if (areKnown && Number(from) > Number(to)) {
    const text = `<for> counts upwards only: from ${from} to ${to} is done once, as in Tsung`
    report.warning('W_FOR_ONCE', text, element.attributePosition('from'))
  }
  return { from, to, increment }
}

/** Null when it is missing, which was told. */
function boundOf(element: XmlElement, name: 'from' | 'to', reading: Reading): string | null {
  const value = element.attributes.get(name)?.trim()
  if (value === undefined) return null
  const position = element.attributePosition(name)
  if (value.includes('%%')) reading.checkText(value, position)
  else if (!isWhole(value)) {
    const text = `${name} of <for>: "${value}" is no whole number; what the loop holds is done once, as in Tsung`
    reading.report.warning('W_FOR_ONCE', text, position)
  }
  return value
}

function isWhole(text: string): boolean {
  return /^-?\d+$/.test(text)
}

/** Null after a report. */
export function parseForeach(
  element: XmlElement,
  actions: readonly Action[],
  reading: Reading,
): Action | null {
  const { attributes } = element
  const variable = unquoted(attributes.get('name') ?? '')
  const list = unquoted(attributes.get('in') ?? '')
  reading.variables.sets(variable)
  reading.variables.sets(`${variable}_iter`)
  reading.variables.reads(list, element.attributePosition('in'))
  const include = attributes.get('include') ?? null
  const exclude = attributes.get('exclude') ?? null
  const isUsable = [
    checkRegexp(element, 'include', 'test', reading.report),
    checkRegexp(element, 'exclude', 'test', reading.report),
  ].every(Boolean)
  if (!isUsable) return null
  const { line } = element.position
  const action = { type: 'foreach', variable, list, include, actions, line } as const
  if (include === null || exclude === null) return { ...action, exclude }
  const text = 'exclude does nothing beside include'
  reading.report.warning('W_UNUSED_ATTRIBUTE', text, element.attributePosition('exclude'))
  return { ...action, exclude: null }
}

/** Null after a report. */
export function parseRepeat(
  element: XmlElement,
  actions: readonly Action[],
  reading: Reading,
): Action | null {
  const variable = element.attributes.get('name') ?? ''
  reading.variables.sets(variable)
  const last = element.children.at(-1)
  if (last === undefined || (last.name !== 'while' && last.name !== 'until')) {
    const text = 'Last element inside a <repeat/> loop must be <while/> or <until/>'
    reading.report.error('E_REPEAT', text, last?.position ?? element.position)
    return null
  }
  const comparison = parseComparison(last, reading)
  if (comparison === null) return null
  const maxRepeat = integerOf(element, 'max_repeat') ?? 20
  const test = last.name
  const { line } = element.position
  return { type: 'repeat', variable, maxRepeat, test, comparison, actions, line }
}
