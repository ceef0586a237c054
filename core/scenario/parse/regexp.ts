import { byteString } from '../../byte-string.ts'
import { type RegexpFault, translateRegexp } from '../../regexp/translate.ts'
import type { ScenarioElement } from '../declaration.ts'
import type { Report } from '../report.ts'

/**
 * Whether the expression in an attribute can be used; false after a report: an error when PCRE refuses it too.
 *
 * @param use `test`: only whether it matches
 */
export function checkRegexp(
  element: ScenarioElement,
  name: string,
  use: 'test' | 'group',
  report: Report,
): boolean {
  const fault = regexpFault(element.attributes.get(name) ?? '', use)
  if (fault === null) return true
  const text = `${name} of <${element.name}> cannot be used: ${fault.text}`
  const position = element.attributePosition(name)
  if (fault.type === 'invalid') report.error('E_REGEXP', text, position)
  else report.unplayable('U_REGEXP', text, position)
  return false
}

/** Why an expression cannot be used; null: it can. */
export function regexpFault(source: string, use: 'test' | 'group'): RegexpFault | null {
  const translated = translateRegexp(byteString(source), use)
  return 'type' in translated ? translated : null
}
