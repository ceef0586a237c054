/** `<count>` and `<sum>`, which Tsung does not have: the scenario's own books. */
import type { Action } from '../model.ts'
import type { XmlElement } from '../xml/tree.ts'
import type { Reading } from './reading.ts'

/** Null when the name is missing, which was told. */
export function parseCount(element: XmlElement): Action | null {
  const name = element.attributes.get('name')
  return name === undefined ? null : { type: 'count', name, line: element.position.line }
}

/** Null after a report. */
export function parseSum(element: XmlElement, reading: Reading): Action | null {
  const { attributes } = element
  const name = attributes.get('name')
  const variable = attributes.get('var')
  const value = attributes.get('value')
  if ((variable === undefined) === (value === undefined)) {
    const text = '<sum> takes either var or value'
    reading.report.error('E_SUM', text, element.position, 'var="x" is value="%%_x%%"')
    return null
  }
  if (name === undefined) return null
  const text = value ?? `%%_${variable}%%`
  reading.checkText(text, element.attributePosition(value === undefined ? 'var' : 'value'))
  return { type: 'sum', name, value: text, line: element.position.line }
}
