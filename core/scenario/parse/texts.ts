/** Texts with `%%…%%` markers. Source: reference tsung-core.md, 2. */
import { parseTemplate } from '../../dynvars/template.ts'
import type { Position } from '../model.ts'
import type { Report } from '../report.ts'
import type { Functions } from './functions.ts'
import type { VariableUses } from './variables.ts'

export type CheckText = (text: string, position: Position) => void

/** Checks what texts call, and remembers which variables they read. */
export function textChecker(
  functions: Functions,
  variables: VariableUses,
  report: Report,
): CheckText {
  return (text, position) => {
    if (!text.includes('%%')) return
    for (const part of parseTemplate(text)) {
      if (typeof part === 'string') {
        if (part.includes('%%')) tellOpenMarker(part, position, report)
      } else if (part.type === 'call') {
        functions.check(part.module, part.name, position)
      } else {
        const index = part.index === null ? '' : `[${part.index}]`
        variables.reads(part.name + index, position)
      }
    }
  }
}

function tellOpenMarker(part: string, position: Position, report: Report): void {
  const from = part.indexOf('%%')
  const near = part.slice(from, from + 20)
  const text = `"${near}" begins no marker: it stays as it is; Tsung drops the text from there on`
  const [, name] = /^%%(\w+)%%/.exec(part.slice(from)) ?? []
  const hint =
    name === undefined
      ? 'a marker is %%_variable%% or %%module:function%%'
      : `did you mean %%_${name}%%?`
  report.warning('W_MARKER', text, position, hint)
}
