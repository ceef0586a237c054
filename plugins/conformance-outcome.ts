/** Compares what came of something with what the fixture says. */
import { isSame } from './conformance-data.ts'
import type { ConformanceOutcome } from './conformance-fixture.ts'
import type { Outcome, Trial } from './conformance-trial.ts'

/** @param where which part of the fixture; empty: its own answer */
export function checkOutcome(
  trial: Trial,
  got: Outcome,
  expected: ConformanceOutcome,
  where: string = '',
): void {
  const { progress, counters } = expected
  const fail = (what: string): never => trial.fail(`${where}${what}`)
  if (got.progress !== progress) fail(`ends with ${got.progress}, not ${progress}`)
  if (!isSame(got.counters, counters)) {
    fail(`counts ${JSON.stringify(got.counters)}, not ${JSON.stringify(counters)}`)
  }
  for (const name of ['replies', 'failure', 'goesOn', 'content'] as const) {
    const wanted = expected[name]
    if (wanted === undefined || wanted === got[name]) continue
    fail(`${words[name]} ${JSON.stringify(got[name])}, not ${JSON.stringify(wanted)}`)
  }
}

const words = {
  replies: 'replies',
  failure: 'fails with',
  goesOn: 'lets the user go on:',
  content: 'hands on',
} as const
