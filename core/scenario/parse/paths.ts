/** Attributes that hold XPath or JSONPath. */
import { compileJsonPath } from '../../extract/json-path.ts'
import { compileXPath } from '../../extract/xpath.ts'
import type { XmlElement } from '../xml/tree.ts'
import type { Reading } from './reading.ts'

/**
 * Whether the path can be used; false after a report: an error for XPath, which Tsung's reader parses.
 *
 * @param hasMarkers whether markers in it are replaced: then it is known only when it is played
 */
export function checkPath(
  element: XmlElement,
  attribute: 'xpath' | 'jsonpath',
  hasMarkers: boolean,
  { report, checkText }: Reading,
): boolean {
  const path = element.attributes.get(attribute)!
  const position = element.attributePosition(attribute)
  if (hasMarkers && path.includes('%%')) {
    checkText(path, position)
    return true
  }
  if (attribute === 'xpath') {
    if (compileXPath(path) !== null) return true
    const text = `xpath="${path}" cannot be read`
    // Tsung takes letters that the library does not.
    if (/^[ -~\s]*$/.test(path)) report.error('E_XPATH', text, position)
    else report.unplayable('U_PATH', text, position)
  } else {
    if (compileJsonPath(path) !== null) return true
    const text = `jsonpath="${path}" is neither Tsung’s JSONPath nor that of RFC 9535`
    report.unplayable('U_PATH', text, position)
  }
  return false
}
