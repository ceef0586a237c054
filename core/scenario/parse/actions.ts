/** What a session does, element by element. Source: reference tsung-core.md, 1.12. */
import { unquoted } from '../lexical.ts'
import type { Action } from '../model.ts'
import type { XmlElement } from '../xml/tree.ts'
import type { Reading } from './reading.ts'
import { parseRequest } from './request.ts'
import { parseSetOption } from './set-option.ts'
import { parseThinkTime } from './think-time.ts'
import { checkUnplayed } from './unplayed.ts'
import { integerOf } from './values.ts'

/** The actions, and the session type that holds behind them. */
interface Parsed {
  readonly actions: readonly Action[]
  readonly type: string
}

/**
 * @param type session type that holds before them: `<change_type>` changes it, in document order
 */
export function parseActions(
  elements: readonly XmlElement[],
  type: string,
  reading: Reading,
): Parsed {
  const actions: Action[] = []
  let current = type
  for (const element of elements) {
    const parsed = parseAction(element, current, reading)
    actions.push(...parsed.actions)
    current = parsed.type
  }
  return { actions, type: current }
}

function parseAction(element: XmlElement, type: string, reading: Reading): Parsed {
  const { line } = element.position
  const one = (action: Action | null): Parsed => ({
    actions: action === null ? [] : [action],
    type,
  })
  switch (element.name) {
    case 'request':
      return one(parseRequest(element, type, reading))
    case 'thinktime':
      return one(thinkTimeAction(element, reading))
    case 'set_option': {
      const option = parseSetOption(element, reading)
      return one(option === null ? null : { type: 'set_option', option, line })
    }
    case 'transaction': {
      const inner = parseActions(element.children, type, reading)
      const name = unquoted(element.attributes.get('name') ?? '')
      const { actions } = inner
      return { actions: [{ type: 'transaction', name, actions, line }], type: inner.type }
    }
    case 'for':
      return parseFor(element, type, reading)
    default: {
      // What cannot be played yet is read all the same: everything wrong in it is told.
      const after = checkUnplayed(element, type, reading)
      return { actions: [], type: parseActions(element.children, after, reading).type }
    }
  }
}

function thinkTimeAction(element: XmlElement, reading: Reading): Action | null {
  const thinkTime = parseThinkTime(element, reading.thinkTime, reading.report)
  if (thinkTime === null) return null
  if (thinkTime.type === 'wait_global' && !reading.hasGlobalNumber) {
    const text = 'wait_global without the option global_number: 100 users wait for each other'
    const hint = 'in Tsung they would wait for ever'
    reading.report.warning('W_GLOBAL_NUMBER', text, element.position, hint)
  }
  return { type: 'thinktime', thinkTime, line: element.position.line }
}

function parseFor(element: XmlElement, type: string, reading: Reading): Parsed {
  const inner = parseActions(element.children, type, reading)
  const bounds = parseBounds(element, reading)
  if (bounds === null) return { actions: [], type: inner.type }
  const variable = unquoted(element.attributes.get('var') ?? '')
  const { actions } = inner
  const { line } = element.position
  return { actions: [{ type: 'for', variable, ...bounds, actions, line }], type: inner.type }
}

interface Bounds {
  readonly from: number
  readonly to: number
  readonly increment: number
}

/** Null after a report: the loop cannot be played. */
function parseBounds(element: XmlElement, { report }: Reading): Bounds | null {
  const bounds: number[] = []
  let isText = false
  for (const name of ['from', 'to']) {
    const value = element.attributes.get(name)?.trim()
    const position = element.attributePosition(name)
    if (value === undefined) return null
    if (value.includes('%%')) {
      const text = `${name} of <for> from a variable cannot be played yet`
      report.unplayable('U_VARIABLE', text, position)
      return null
    }
    if (!/^-?\d+$/.test(value)) {
      const text = `${name} of <for>: "${value}" is no whole number; what the loop holds is done once, as in Tsung`
      report.warning('W_FOR_ONCE', text, position)
      isText = true
    }
    bounds.push(Number(value))
  }
  const increment = integerOf(element, 'incr') ?? 1
  const [from, to] = isText ? [1, 1] : (bounds as [number, number])
  if (increment === 0 && from < to) {
    const text = 'incr of <for> is 0: the loop would never end'
    report.unplayable('U_UNUSABLE', text, element.attributePosition('incr'))
    return null
  }
  if (from > to) {
    const text = `<for> counts upwards only: from ${from} to ${to} is done once, as in Tsung`
    report.warning('W_FOR_ONCE', text, element.attributePosition('from'))
  }
  return { from, to, increment }
}
