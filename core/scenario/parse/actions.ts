/** What a session does, element by element. Source: reference tsung-core.md, 1.12. */
import { unquoted } from '../lexical.ts'
import type { Action } from '../model.ts'
import type { XmlElement } from '../xml/tree.ts'
import { parseChangeType } from './change-type.ts'
import { parseIf } from './comparison.ts'
import { parseCount, parseSum } from './counting.ts'
import { parseFor, parseForeach, parseRepeat } from './loops.ts'
import { parsePace } from './pace.ts'
import type { Reading } from './reading.ts'
import { parseRequest } from './request.ts'
import { parseSetOption } from './set-option.ts'
import { parseSetDynVars } from './setdynvars.ts'
import { parseThinkTime } from './think-time.ts'
import { wordOf } from './values.ts'

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
      return { actions: parseRequest(element, type, reading), type }
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
    case 'foreach':
    case 'repeat':
    case 'if': {
      const inner = parseActions(element.children, type, reading)
      const action = parseContainer(element, inner.actions, reading)
      return { actions: action === null ? [] : [action], type: inner.type }
    }
    case 'change_type':
      return {
        ...one(parseChangeType(element, reading)),
        type: element.attributes.get('new_type') ?? type,
      }
    default:
      return one(parseSimple(element, reading))
  }
}

function parseContainer(
  element: XmlElement,
  actions: readonly Action[],
  reading: Reading,
): Action | null {
  switch (element.name) {
    case 'for':
      return parseFor(element, actions, reading)
    case 'foreach':
      return parseForeach(element, actions, reading)
    case 'repeat':
      return parseRepeat(element, actions, reading)
    default:
      return parseIf(element, actions, reading)
  }
}

/** Actions that hold no others, in a session of any type. */
function parseSimple(element: XmlElement, reading: Reading): Action | null {
  const { line } = element.position
  switch (element.name) {
    case 'setdynvars':
      return parseSetDynVars(element, reading)
    case 'interaction': {
      const action = wordOf(element, 'action', ['send', 'receive'])
      const id = element.attributes.get('id')?.trim()
      return action === null || id === undefined ? null : { type: 'interaction', action, id, line }
    }
    case 'abort': {
      const what = wordOf(element, 'type', ['session', 'all']) ?? 'session'
      return { type: 'abort', what, line }
    }
    case 'count':
      return parseCount(element)
    case 'sum':
      return parseSum(element, reading)
    case 'pace':
      return parsePace(element, reading)
    default:
      // A while or until, which belongs to its repeat; or no action, which was told.
      return null
  }
}

function thinkTimeAction(element: XmlElement, reading: Reading): Action | null {
  const thinkTime = parseThinkTime(element, reading)
  if (thinkTime === null) return null
  if (thinkTime.type === 'wait_global' && !reading.hasGlobalNumber) {
    const text = 'wait_global without the option global_number: 100 users wait for each other'
    const hint = 'in Tsung they would wait for ever'
    reading.report.warning('W_GLOBAL_NUMBER', text, element.position, hint)
  }
  return { type: 'thinktime', thinkTime, line: element.position.line }
}
