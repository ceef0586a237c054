/** `<match>`: what to do when the answer has something, or has it not. Source: reference tsung-core.md, 1.11. */
import type { Match } from '../model.ts'
import type { XmlElement } from '../xml/tree.ts'
import { parseCall } from './calls.ts'
import type { Reading } from './reading.ts'
import { regexpFault } from './regexp.ts'
import { childrenOf, integerOf, isTrue, wordOf } from './values.ts'

const actions = ['continue', 'loop', 'abort', 'restart', 'log', 'dump', 'abort_test'] as const

/** Those of a request, in order, without those that were reported. */
export function parseMatches(request: XmlElement, reading: Reading): readonly Match[] {
  return childrenOf(request, 'match').flatMap((element) => {
    const match = parseMatch(element, reading)
    return match === null ? [] : [match]
  })
}

function parseMatch(element: XmlElement, reading: Reading): Match | null {
  const { attributes } = element
  const pattern = element.text.trim()
  const subst = isTrue(element, 'subst')
  if (subst) reading.checkText(pattern, element.position)
  const isUsable = (subst && pattern.includes('%%')) || checkPattern(element, pattern, reading)
  const skipped = attributes.get('skip_headers') ?? 'no'
  if (skipped !== 'no' && skipped !== 'http') {
    const text = `skip_headers="${skipped}" means nothing: headers are not skipped`
    const position = element.attributePosition('skip_headers')
    reading.report.warning('W_UNUSED_ATTRIBUTE', text, position, 'it can be no or http')
  }
  const isApplied = attributes.has('apply_to_content')
  const call = isApplied ? parseCall(element, 'apply_to_content', reading, 'U_UNUSABLE') : null
  if (!isUsable || (isApplied && call === null)) return null
  return {
    pattern,
    subst,
    do: wordOf(element, 'do', actions) ?? 'continue',
    when: wordOf(element, 'when', ['match', 'nomatch']) ?? 'match',
    name: attributes.get('name') ?? '-',
    sleepLoopMs: (integerOf(element, 'sleep_loop') ?? 5) * 1000,
    maxLoop: integerOf(element, 'max_loop') ?? 20,
    loopBack: integerOf(element, 'loop_back') ?? 0,
    maxRestart: integerOf(element, 'max_restart') ?? 3,
    skipHeaders: skipped === 'http',
    applyToContent: call,
    line: element.position.line,
  }
}

/** Tsung reads a scenario with a wrong expression; each user that comes to it ends there. */
function checkPattern(element: XmlElement, pattern: string, { report }: Reading): boolean {
  const fault = regexpFault(pattern, 'test')
  if (fault === null) return true
  const text = `the expression of <match> cannot be used: ${fault.text}`
  report.unplayable('U_REGEXP', text, element.position)
  return false
}
