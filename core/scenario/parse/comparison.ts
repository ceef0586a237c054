/** `<if>`, `<while>`, `<until>`: a variable against a text. Source: reference tsung-core.md, 1.12. */
import type { Action, Comparison } from '../model.ts'
import type { XmlElement } from '../xml/tree.ts'
import type { Reading } from './reading.ts'

const operators: readonly Comparison['operator'][] = ['eq', 'neq', 'gt', 'gte', 'lt', 'lte']

/** Null after a report, or when the variable is missing, which was told. */
export function parseComparison(element: XmlElement, reading: Reading): Comparison | null {
  const given = operators.filter((name) => element.attributes.has(name))
  const [operator] = given
  if (operator === undefined || given.length > 1) {
    const text =
      given.length === 0
        ? `<${element.name}> compares with nothing`
        : `<${element.name}> takes one comparison, not ${given.join(' and ')}`
    const hint = `give one of ${operators.join(', ')}`
    reading.report.error('E_COMPARISON', text, element.position, hint)
    return null
  }
  const variable = element.attributes.get('var')
  if (variable === undefined) return null
  reading.variables.reads(variable, element.attributePosition('var'))
  const value = element.attributes.get(operator)!
  reading.checkText(value, element.attributePosition(operator))
  return { variable, operator, value }
}

/** Null after a report. */
export function parseIf(
  element: XmlElement,
  actions: readonly Action[],
  reading: Reading,
): Action | null {
  const comparison = parseComparison(element, reading)
  if (comparison === null) return null
  return { type: 'if', comparison, actions, line: element.position.line }
}
