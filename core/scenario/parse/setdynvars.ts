/** `<setdynvars>`: where variables get their values from. Source: reference tsung-core.md, 1.12.1. */
import { unquoted } from '../lexical.ts'
import type { Action, VariableSource } from '../model.ts'
import type { XmlElement } from '../xml/tree.ts'
import { parseCall, parseEval } from './calls.ts'
import { checkPath } from './paths.ts'
import type { Reading } from './reading.ts'
import { childrenOf, integerOf, wordOf } from './values.ts'

/** Null after a report. */
export function parseSetDynVars(element: XmlElement, reading: Reading): Action | null {
  const variables = childrenOf(element, 'var').map(({ attributes }) =>
    unquoted(attributes.get('name') ?? ''),
  )
  for (const name of variables) reading.variables.sets(name)
  const source = sourceOf(element, variables.length, reading)
  if (source === null) return null
  return { type: 'setdynvars', source, variables, line: element.position.line }
}

function sourceOf(element: XmlElement, variables: number, reading: Reading): VariableSource | null {
  const type = element.attributes.get('sourcetype')
  switch (type) {
    case 'random_number':
      return randomNumber(element, reading)
    case 'random_string':
    case 'urandom_string':
      return { type, length: integerOf(element, 'length') ?? 20 }
    case 'file':
    case 'local_file':
      return fileSource(element, type, reading)
    case 'value': {
      const value = element.attributes.get('value') ?? ''
      reading.checkText(value, element.attributePosition('value'))
      return { type, value }
    }
    case 'server':
      return { type }
    case 'jsonpath':
      return jsonPathSource(element, reading)
    case 'erlang':
    case 'js': {
      const call = parseCall(element, 'callback', reading, 'E_SETDYNVARS')
      return call === null ? null : { type: 'call', call }
    }
    case 'eval': {
      const code = parseEval(element, variables, reading)
      return code === null ? null : { type, code }
    }
    default:
      // Missing or unknown: reported before.
      return null
  }
}

function randomNumber(element: XmlElement, { report }: Reading): VariableSource | null {
  const start = integerOf(element, 'start') ?? 1
  const end = integerOf(element, 'end') ?? 10
  if (start <= end) return { type: 'random_number', start, end }
  const text = `there is no number from ${start} to ${end}: each user would end here`
  report.unplayable('U_UNUSABLE', text, element.position, 'start may not be more than end')
  return null
}

function fileSource(
  element: XmlElement,
  type: 'file' | 'local_file',
  { report, fileServers }: Reading,
): VariableSource | null {
  const { attributes } = element
  const id = unquoted(attributes.get('fileid') ?? '')
  const position = element.attributePosition('fileid')
  const known = fileServers.filter((server) => server.id === id)
  if (known.length === 0) {
    const hint = `declare it: <option name="file_server" id="${id}" value="…"/>`
    const text = `Unknown_file_id ${id} in file setdynvars declaration: you forgot to add a file_server option`
    report.error('E_FILE_ID', text, position, hint)
    return null
  }
  const order =
    type === 'local_file' ? 'random' : (wordOf(element, 'order', ['iter', 'random']) ?? 'iter')
  if (order === 'iter' && known.every(({ local }) => local)) {
    const text = `the lines of the local_file_server ${id} have no order`
    const hint = 'write order="random", or declare it as file_server'
    report.unplayable('U_UNUSABLE', text, position, hint)
    return null
  }
  return { type: 'file', file: id, order, delimiter: attributes.get('delimiter') ?? ';' }
}

function jsonPathSource(element: XmlElement, reading: Reading): VariableSource | null {
  const from = element.attributes.get('from')
  const expression = element.attributes.get('jsonpath')
  if (from === undefined || expression === undefined) {
    const missing = from === undefined ? 'from' : 'jsonpath'
    const text = `sourcetype="jsonpath" needs the attribute ${missing}`
    reading.report.unplayable('U_UNUSABLE', text, element.position)
    return null
  }
  const name = unquoted(from)
  reading.variables.reads(name, element.attributePosition('from'))
  if (!checkPath(element, 'jsonpath', true, reading)) return null
  return { type: 'jsonpath', from: name, expression }
}
