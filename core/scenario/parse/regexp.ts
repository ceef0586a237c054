import { byteString } from '../../byte-string.ts'
import { translateRegexp } from '../../regexp/translate.ts'
import type { ScenarioElement } from '../declaration.ts'
import type { Report } from '../report.ts'

/**
 * Whether an expression can be used; false after a report: an error when PCRE refuses it too.
 *
 * @param use `test`: only whether it matches
 */
export function checkRegexp(
  element: ScenarioElement,
  name: string,
  use: 'test' | 'group',
  report: Report,
): boolean {
  const source = element.attributes.get(name)
  const translated = source === undefined ? null : translateRegexp(byteString(source), use)
  if (translated === null || !('type' in translated)) return true
  const text = `${name} of <${element.name}> cannot be used: ${translated.text}`
  const position = element.attributePosition(name)
  if (translated.type === 'invalid') report.error('E_REGEXP', text, position)
  else report.unplayable('U_REGEXP', text, position)
  return false
}
