import type { ScenarioElement } from '../declaration.ts'
import type { Report } from '../report.ts'

/** Reports a regular expression that PCRE would surely refuse. What only JavaScript refuses is let through. */
export function checkRegexp(element: ScenarioElement, name: string, report: Report): void {
  const source = element.attributes.get(name)
  const fault = source === undefined ? null : bracketFault(source)
  if (fault === null) return
  const text = `${name} of <${element.name}> is no regular expression: ${fault}`
  report.error('E_REGEXP', text, element.attributePosition(name))
}

/** What is wrong with the brackets of an expression; null: nothing. */
function bracketFault(source: string): string | null {
  let open = 0
  let classStart = -1
  for (let at = 0; at < source.length; at++) {
    const character = source[at]
    if (character === '\\') {
      if (at === source.length - 1) return 'it ends with a backslash'
      // \Q…\E takes everything literally.
      const end = source[at + 1] === 'Q' ? source.indexOf('\\E', at) : at
      if (end < 0) return null
      at = end + 1
    } else if (classStart >= 0) {
      const first = source[classStart + 1] === '^' ? classStart + 2 : classStart + 1
      if (source.startsWith('[:', at) && source.includes(':]', at))
        at = source.indexOf(':]', at) + 1
      else if (character === ']' && at > first) classStart = -1
    } else if (character === '[') classStart = at
    else if (source.startsWith('(?#', at)) {
      at = source.indexOf(')', at)
      if (at < 0) return 'a comment does not end'
    } else if (character === '(') open++
    else if (character === ')' && --open < 0) return 'a ")" closes nothing'
  }
  if (classStart >= 0) return 'a "]" is missing'
  return open > 0 ? 'a ")" is missing' : null
}
