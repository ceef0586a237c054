/** How long the echo server waits before it answers: a distribution, drawn per request. */
import { unreachable } from '../../core/json.ts'
import type { Rng } from '../../core/random.ts'

/** Times in ms. */
export type Delay =
  | { readonly type: 'constant'; readonly ms: number }
  | { readonly type: 'uniform'; readonly minMs: number; readonly maxMs: number }
  | { readonly type: 'exponential'; readonly meanMs: number }
  /** Cut off below 0. */
  | { readonly type: 'normal'; readonly meanMs: number; readonly deviationMs: number }

export const noDelay: Delay = { type: 'constant', ms: 0 }

/** What `parseDelay` reads, for messages. */
export const delayForms: string = '20, uniform:10,30, exponential:20 or normal:20,5 (ms)'

/** @returns null when `text` is none of `delayForms` */
export function parseDelay(text: string): Delay | null {
  const match = /^(?:([a-z]+):)?([\d.]+)(?:,([\d.]+))?$/.exec(text.trim())
  if (match === null) return null
  const type = match[1] ?? 'constant'
  const first = Number(match[2])
  const second = match[3] === undefined ? null : Number(match[3])
  if (Number.isNaN(first) || Number.isNaN(second)) return null
  if (second === null) {
    if (type === 'constant') return { type, ms: first }
    return type === 'exponential' ? { type, meanMs: first } : null
  }
  if (type === 'uniform' && first <= second) return { type, minMs: first, maxMs: second }
  return type === 'normal' ? { type, meanMs: first, deviationMs: second } : null
}

/** One delay in ms, ≥ 0; a constant draws nothing. */
export function drawDelayMs(delay: Delay, random: Rng): number {
  switch (delay.type) {
    case 'constant':
      return delay.ms
    case 'uniform':
      return delay.minMs + random() * (delay.maxMs - delay.minMs)
    case 'exponential':
      return -Math.log(1 - random()) * delay.meanMs
    case 'normal': {
      // Box and Muller, 1958.
      const radius = Math.sqrt(-2 * Math.log(1 - random()))
      const angle = 2 * Math.PI * random()
      return Math.max(0, delay.meanMs + delay.deviationMs * radius * Math.cos(angle))
    }
    default:
      return unreachable(delay)
  }
}
