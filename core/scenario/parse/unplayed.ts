/** Actions that this version does not play: told at their place, with all that Tsung refuses in them. */
import { unquoted } from '../lexical.ts'
import type { XmlElement } from '../xml/tree.ts'
import type { Reading } from './reading.ts'
import { checkRegexp } from './regexp.ts'

const comparisons: readonly string[] = ['eq', 'neq', 'gt', 'gte', 'lt', 'lte']

/**
 * @param type session type that holds before the action
 * @returns session type that holds behind it
 */
export function checkUnplayed(element: XmlElement, type: string, reading: Reading): string {
  switch (element.name) {
    case 'setdynvars':
      checkSource(element, reading)
      break
    case 'repeat':
      checkRepeat(element, reading)
      break
    case 'if':
      checkComparison(element, reading)
      break
    case 'foreach':
      checkRegexp(element, 'include', reading.report)
      checkRegexp(element, 'exclude', reading.report)
      break
    case 'change_type':
    case 'interaction':
    case 'abort':
      break
    case 'while':
    case 'until':
      checkComparison(element, reading)
      return type
    default:
      // Not an action: reported before.
      return type
  }
  const text = `<${element.name}> cannot be played yet`
  reading.report.unplayable('U_NOT_YET', text, element.position)
  return element.name === 'change_type' ? (element.attributes.get('new_type') ?? type) : type
}

function checkComparison(element: XmlElement, { report }: Reading): void {
  const given = comparisons.filter((name) => element.attributes.has(name))
  if (given.length === 1) return
  const text =
    given.length === 0
      ? `<${element.name}> compares with nothing`
      : `<${element.name}> takes one comparison, not ${given.join(' and ')}`
  report.error('E_COMPARISON', text, element.position, `give one of ${comparisons.join(', ')}`)
}

function checkRepeat(element: XmlElement, { report }: Reading): void {
  const last = element.children.at(-1)
  if (last?.name === 'while' || last?.name === 'until') return
  const text = 'Last element inside a <repeat/> loop must be <while/> or <until/>'
  report.error('E_REPEAT', text, last?.position ?? element.position)
}

function checkSource(element: XmlElement, { report, fileIds }: Reading): void {
  const { attributes } = element
  const refuse = (name: string, text: string): void =>
    report.error('E_SETDYNVARS', text, element.attributePosition(name))
  switch (attributes.get('sourcetype')) {
    case 'file':
    case 'local_file': {
      const id = unquoted(attributes.get('fileid') ?? '')
      if (fileIds.has(id)) return
      const hint = `declare it: <option name="file_server" id="${id}" value="…"/>`
      const text = `Unknown_file_id ${id} in file setdynvars declaration: you forgot to add a file_server option`
      report.error('E_FILE_ID', text, element.attributePosition('fileid'), hint)
      return
    }
    case 'erlang':
      if (!/^[^:]+:[^:]+$/.test(attributes.get('callback') ?? '')) {
        refuse('callback', 'sourcetype="erlang" needs callback="module:function"')
      }
      return
    case 'eval':
      if ((attributes.get('code') ?? '').trim() === '') {
        refuse('code', 'sourcetype="eval" needs the attribute code')
      }
      return
    default:
      return
  }
}
