/** How long a session is expected to last, as far as its scenario says. */
import { unreachable } from '../json.ts'
import type { Action, ThinkTime } from '../scenario/model.ts'

export interface SessionLength {
  /** All think times, loops unrolled, each at its mean; those known only when they are played left out. */
  readonly thinkMs: number
  readonly requests: number
  /** It waits for other users or for the target somewhere, for as long as that takes. */
  readonly openEnded: boolean
}

/** @param turnMs how long a user waits for its turn at `<pace/>`, which a request before it is part of */
export function expectedLength(actions: readonly Action[], turnMs: number = 0): SessionLength {
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
      case 'pace':
        add(lengthOf(turnMs), 1)
        break
      case 'for':
        add(expectedLength(action.actions, turnMs), timesOf(action))
        break
      // What is known only when it is played counts once.
      case 'foreach':
      case 'repeat':
      case 'if':
      case 'transaction':
        add(expectedLength(action.actions, turnMs), 1)
        break
      case 'abort':
      case 'change_type':
      case 'count':
      case 'interaction':
      case 'set_option':
      case 'setdynvars':
      case 'sum':
        break
      default:
        unreachable(action)
    }
  }
  return { thinkMs, requests, openEnded }
}

/** The body is played before the end is looked at; bounds that are variables count as one pass. */
function timesOf({ from, to, increment }: Action & { readonly type: 'for' }): number {
  const [first, last] = [Number(from), Number(to)]
  return first < last ? 1 + Math.ceil((last - first) / increment) : 1
}

function thinkLength(thinkTime: ThinkTime): SessionLength {
  switch (thinkTime.type) {
    case 'constant':
      return lengthOf(thinkTime.ms)
    case 'exponential':
      return lengthOf(thinkTime.meanMs)
    case 'uniform':
      return lengthOf((thinkTime.minMs + thinkTime.maxMs) / 2)
    case 'text':
    case 'text-range':
      return lengthOf(0)
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
