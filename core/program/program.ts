/**
 * A session as a flat array of operations with jump targets, so that a user needs one integer of control state.
 *
 * Requests are compiled once, by the plugin, and shared by all users.
 */
import { unreachable } from '../json.ts'
import type {
  Ack,
  Action,
  RequestAction,
  Session,
  SetOption,
  ThinkTime,
} from '../scenario/model.ts'

export interface Program {
  /** Index of the session in the scenario. */
  readonly session: number
  readonly name: string
  /** The plugin that plays it, e.g. `ts_http`. */
  readonly plugin: string
  readonly persistent: boolean
  readonly bidi: boolean
  readonly ops: readonly Op[]
  /** How many loop counters a user of this program needs. */
  readonly loops: number
}

export type Op =
  | RequestOp
  | { readonly type: 'thinktime'; readonly thinkTime: ThinkTime; readonly line: number }
  | { readonly type: 'transaction-start'; readonly metric: string; readonly line: number }
  | { readonly type: 'transaction-end'; readonly metric: string; readonly line: number }
  | {
      readonly type: 'for-start'
      readonly loop: number
      readonly from: number
      readonly line: number
    }
  | {
      readonly type: 'for-end'
      readonly loop: number
      readonly to: number
      readonly increment: number
      /** First operation of the body. */
      readonly body: number
      readonly line: number
    }
  | { readonly type: 'set-option'; readonly option: SetOption; readonly line: number }

export interface RequestOp {
  readonly type: 'request'
  /** What the plugin compiled. */
  readonly request: unknown
  readonly ack: Ack
  /** The last request of a page: no other follows directly. */
  readonly endsPage: boolean
  readonly label: string
  readonly tag: string
  readonly line: number
}

/**
 * @param session index of the session in the scenario
 * @param compileRequest the plugin's `compile`, bound to its options
 */
export function compileSession(
  index: number,
  session: Session,
  compileRequest: (action: RequestAction) => unknown,
): Program {
  const ops: Op[] = []
  let loops = 0

  const emit = (action: Action): void => {
    switch (action.type) {
      case 'request':
        ops.push(requestOp(action, compileRequest(action)))
        return
      case 'thinktime':
        ops.push({ type: 'thinktime', thinkTime: action.thinkTime, line: action.line })
        return
      case 'set_option':
        ops.push({ type: 'set-option', option: action.option, line: action.line })
        return
      case 'transaction': {
        const metric = `tr_${action.name}`
        ops.push({ type: 'transaction-start', metric, line: action.line })
        action.actions.forEach(emit)
        ops.push({ type: 'transaction-end', metric, line: action.line })
        return
      }
      case 'for': {
        const loop = loops++
        ops.push({ type: 'for-start', loop, from: action.from, line: action.line })
        const body = ops.length
        action.actions.forEach(emit)
        const { to, increment, line } = action
        ops.push({ type: 'for-end', loop, to, increment, body, line })
        return
      }
      default:
        unreachable(action)
    }
  }
  session.actions.forEach(emit)

  return {
    session: index,
    name: session.name,
    plugin: session.type,
    persistent: session.persistent,
    bidi: session.bidi,
    ops: ops.map((op, at) => (op.type === 'request' ? { ...op, endsPage: endsPage(ops, at) } : op)),
    loops,
  }
}

function requestOp(action: RequestAction, request: unknown): RequestOp {
  const { ack, label, tag, line } = action
  return { type: 'request', request, ack, endsPage: true, label, tag, line }
}

/**
 * Consecutive requests form a page; transaction marks in between are transparent, everything else ends it.
 *
 * Source: reference tsung-core.md, 5.4.
 */
function endsPage(ops: readonly Op[], at: number): boolean {
  for (let next = at + 1; next < ops.length; next++) {
    const type = ops[next]!.type
    if (type === 'request') return false
    if (type !== 'transaction-start' && type !== 'transaction-end') return true
  }
  return true
}
