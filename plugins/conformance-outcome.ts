/** What came of an answer, for the conformance suite. */
import type { Progress } from './api.ts'

/** What a user and the statistics see of an answer. */
export interface Outcome {
  progress: string
  counters: { [name: string]: number }
  content: string
  replies: string
  /** Counter of the request that failed; empty: none did. */
  failure: string
  /** Bytes of the next request: shows what the user kept of the answer. */
  next: string
}

export const progresses: readonly string[] = [
  'more',
  'done',
  'close',
  'failed',
  'unexpected',
  'upgrade',
] satisfies readonly Progress[]

export function emptyOutcome(): Outcome {
  return { progress: 'more', counters: {}, content: '', replies: '', failure: '', next: '' }
}
