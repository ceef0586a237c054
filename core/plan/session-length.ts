/** How long a session is expected to last, as far as its scenario says. */
import { unreachable } from '../json.ts'
import type { Action, ThinkTime } from '../scenario/model.ts'

export interface SessionLength {
  /** All think times, loops unrolled, each at its mean. */
  readonly thinkMs: number
  readonly requests: number
  /** It waits for other users or for the target somewhere, for as long as that takes. */
  readonly openEnded: boolean
}

export function expectedLength(actions: readonly Action[]): SessionLength {
  let thinkMs = 0
  let requests = 0
  let openEnded = false
  const add = (part: SessionLength, times: number): void => {
    thinkMs += part.thinkMs * times
    requests += part.requests * times
    openEnded ||= part.openEnded
  }
  for (const action of actions) {
    switch (action.type) {
      case 'request':
        requests++
        break
      case 'thinktime':
        add(thinkLength(action.thinkTime), 1)
        break
      case 'transaction':
        add(expectedLength(action.actions), 1)
        break
      case 'for': {
        const { from, to, increment } = action
        // The body is played before the end is looked at.
        const times = from < to ? 1 + Math.ceil((to - from) / increment) : 1
        add(expectedLength(action.actions), times)
        break
      }
      case 'set_option':
        break
      default:
        unreachable(action)
    }
  }
  return { thinkMs, requests, openEnded }
}

function thinkLength(thinkTime: ThinkTime): SessionLength {
  switch (thinkTime.type) {
    case 'constant':
      return lengthOf(thinkTime.ms)
    case 'exponential':
      return lengthOf(thinkTime.meanMs)
    case 'uniform':
      return lengthOf((thinkTime.minMs + thinkTime.maxMs) / 2)
    case 'wait_global':
    case 'wait_bidi':
      return { thinkMs: 0, requests: 0, openEnded: true }
    default:
      return unreachable(thinkTime)
  }
}

function lengthOf(thinkMs: number): SessionLength {
  return { thinkMs, requests: 0, openEnded: false }
}
