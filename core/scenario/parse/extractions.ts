/** `<dyn_variable>`: what to keep of the answer. Source: reference tsung-core.md, 1.11. */
import type { Extraction, Extractor } from '../model.ts'
import type { Report } from '../report.ts'
import type { XmlElement } from '../xml/tree.ts'
import { checkPath } from './paths.ts'
import type { Reading } from './reading.ts'
import { checkRegexp, regexpFault } from './regexp.ts'
import { childrenOf } from './values.ts'

/** Of which a `<dyn_variable>` has one at most, in Tsung. */
const extractors: readonly string[] = ['re', 'xpath', 'jsonpath', 'header', 'pgsql_expr']

/**
 * Those of a request, in order, without those that were reported.
 *
 * @param type session type of the request
 * @param hasMarkers whether the request replaces markers
 */
export function parseExtractions(
  request: XmlElement,
  type: string,
  hasMarkers: boolean,
  reading: Reading,
): readonly Extraction[] {
  return childrenOf(request, 'dyn_variable').flatMap((element) => {
    const variable = element.attributes.get('name')
    if (variable === undefined) return []
    reading.variables.sets(variable)
    checkName(element, variable, reading)
    const extractor = parseExtractor(element, type, hasMarkers, reading)
    return extractor === null ? [] : [{ variable, extractor, line: element.position.line }]
  })
}

function checkName(element: XmlElement, name: string, { report }: Reading): void {
  if (/^(?:[^'\\]|\\.)*$/s.test(name)) return
  const text = `name of <dyn_variable>: "${name}" may not have single quotes, nor end with a backslash`
  report.error('E_BAD_ATTRIBUTE', text, element.attributePosition('name'))
}

function parseExtractor(
  element: XmlElement,
  type: string,
  hasMarkers: boolean,
  reading: Reading,
): Extractor | null {
  const { attributes, attributePosition } = element
  const { report } = reading
  const given = extractors.filter((name) => attributes.has(name))
  if (given.length > 1) {
    const text = `<dyn_variable> takes one extractor, not ${given.join(' and ')}`
    report.error('E_EXTRACTORS', text, element.position)
    return null
  }
  const name = given[0] ?? (attributes.has('regexp') ? 'regexp' : 'form')
  tellUnused(element, name, reading)
  switch (name) {
    case 're':
      return checkRegexp(element, name, 'group', report) ? regexpExtractor(element, name) : null
    case 'regexp':
      return isUsableRegexp(element, report) ? regexpExtractor(element, name) : null
    case 'xpath':
    case 'jsonpath': {
      if (!checkPath(element, name, hasMarkers, reading)) return null
      return { type: name, expression: attributes.get(name)! }
    }
    case 'header': {
      const [header, parameter] = attributes.get(name)!.split('/', 2)
      return { type: 'header', name: header!, parameter: parameter ?? null }
    }
    case 'pgsql_expr':
      if (type === 'ts_pgsql') {
        return { type: 'pgsql_expr', expression: attributes.get(name)! }
      }
      report.unplayable(
        'U_OTHER_PROTOCOL',
        `pgsql_expr looks into answers of PostgreSQL, which a session of type ${type} has not`,
        attributePosition(name),
      )
      return null
    default:
      return { type: 'form' }
  }
}

function regexpExtractor(element: XmlElement, name: string): Extractor {
  const decodesHtml = element.attributes.get('decode') === 'html_entities'
  return { type: 're', pattern: element.attributes.get(name)!, decodesHtml }
}

/** Tsung does not look at it, so that nothing in it is an error. */
function isUsableRegexp(element: XmlElement, report: Report): boolean {
  const fault = regexpFault(element.attributes.get('regexp')!, 'group')
  if (fault === null) return true
  const text = `regexp of <dyn_variable> cannot be used: ${fault.text}`
  report.unplayable('U_REGEXP', text, element.attributePosition('regexp'))
  return false
}

function tellUnused(element: XmlElement, extractor: string, { report }: Reading): void {
  if (element.attributes.has('regexp') && extractor !== 'regexp') {
    const text = `regexp does nothing beside ${extractor}`
    report.warning('W_UNUSED_ATTRIBUTE', text, element.attributePosition('regexp'))
  }
  const decodes = element.attributes.get('decode') === 'html_entities'
  if (decodes && extractor !== 're' && extractor !== 'regexp') {
    const text = 'decode does nothing without re'
    report.warning('W_UNUSED_ATTRIBUTE', text, element.attributePosition('decode'))
  }
}
