/** Attributes that name a function: `module:function`, or an Erlang fun. */
import { compileEval } from '../../erlang/eval.ts'
import type { Call } from '../model.ts'
import type { XmlElement } from '../xml/tree.ts'
import type { Reading } from './reading.ts'

/**
 * @param code of the finding when the attribute is missing or names no function
 * @returns null after a report
 */
export function parseCall(
  element: XmlElement,
  attribute: string,
  reading: Reading,
  code: 'E_SETDYNVARS' | 'U_UNUSABLE',
): Call | null {
  const value = element.attributes.get(attribute)?.trim() ?? ''
  const position = element.attributePosition(attribute)
  const parts = value.split(':').filter((part) => part !== '')
  const [module, name] = parts
  if (module === undefined || name === undefined || parts.length > 2) {
    const text = `<${element.name}> needs ${attribute}="module:function"`
    if (code === 'E_SETDYNVARS') reading.report.error(code, text, position)
    else reading.report.unplayable(code, text, position)
    return null
  }
  return reading.functions.check(module, name, position) ? { module, name } : null
}

/**
 * The code of `sourcetype="eval"`; null after a report.
 *
 * @param variables how many get its result
 */
export function parseEval(
  element: XmlElement,
  variables: number,
  { report }: Reading,
): string | null {
  const code = element.attributes.get('code') ?? ''
  const position = element.attributePosition('code')
  if (code.trim() === '') {
    report.error('E_SETDYNVARS', 'sourcetype="eval" needs the attribute code', position)
    return null
  }
  const compiled = compileEval(code, variables)
  if ('call' in compiled) return code
  const near = code.slice(compiled.offset, compiled.offset + 20).split('\n', 1)[0]!
  const text = `the Erlang code cannot be played, at "${near}": ${compiled.fault}`
  const hint =
    'write sourcetype="js" callback="mine:value", and in mine.mjs beside the scenario: export function value(variables, user) { return … }'
  report.unplayable('U_FUNCTION', text, position, hint)
  return null
}
