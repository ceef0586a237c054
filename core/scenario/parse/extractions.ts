/** `<dyn_variable>`: what to keep of the answer. Source: reference tsung-core.md, 1.11. */
import { isIdentifier } from '../lexical.ts'
import type { Extraction, Extractor } from '../model.ts'
import type { XmlElement } from '../xml/tree.ts'
import type { Reading } from './reading.ts'
import { checkRegexp } from './regexp.ts'
import { childrenOf } from './values.ts'

/** Of which a `<dyn_variable>` has one at most, in Tsung. */
const extractors: readonly string[] = ['re', 'xpath', 'jsonpath', 'header', 'pgsql_expr']

/**
 * Those of a request, in order, without those that were reported.
 *
 * @param type session type of the request
 */
export function parseExtractions(
  request: XmlElement,
  type: string,
  reading: Reading,
): readonly Extraction[] {
  return childrenOf(request, 'dyn_variable').flatMap((element) => {
    const variable = element.attributes.get('name')
    if (variable === undefined) return []
    reading.variables.sets(variable)
    checkName(element, variable, reading)
    const extractor = parseExtractor(element, type, reading)
    return extractor === null ? [] : [{ variable, extractor, line: element.position.line }]
  })
}

function checkName(element: XmlElement, name: string, { report }: Reading): void {
  if (isIdentifier(`'${name}'`)) return
  const text = `name of <dyn_variable>: "${name}" may not have quotes or backslashes`
  report.error('E_BAD_ATTRIBUTE', text, element.attributePosition('name'))
}

function parseExtractor(element: XmlElement, type: string, reading: Reading): Extractor | null {
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
    case 'regexp': {
      if (!checkRegexp(element, name, 'group', report)) return null
      const decodesHtml = attributes.get('decode') === 'html_entities'
      return { type: 're', pattern: attributes.get(name)!, decodesHtml }
    }
    case 'xpath':
    case 'jsonpath': {
      const expression = attributes.get(name)!
      reading.checkText(expression, attributePosition(name))
      return { type: name, expression }
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
