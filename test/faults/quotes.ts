/** docs/faults.md promises what a user sees of each fault: what was seen is compared with it. */
import assert from 'node:assert/strict'
import { ofBusyMachine } from '../support/busy-machine.ts'
import { assertQuoted, promisedRow, quotesIn } from '../support/quotes.ts'

interface Promised {
  /** In this order; `…` stands for anything, and a number for any number. */
  readonly quotes: readonly string[]
  readonly exitCode: number
}

/** The row of a fault. @throws when there is none */
function promised(fault: string): Promised {
  const [seen = '', exitCode = ''] = promisedRow('docs/faults.md', fault)
  assert.match(exitCode, /^\d+$/, `the exit code of "${fault}" in docs/faults.md`)
  return { quotes: quotesIn(seen), exitCode: Number(exitCode) }
}

/** What of a run is compared. */
interface Outcome {
  readonly code: number | null
  /** All that a user has seen. */
  readonly seen: string
  readonly summary: { readonly verdict: { readonly reasons: readonly { readonly code: string }[] } }
}

/** A slow machine is late, which a run that is asked for nothing else tells with exit code 4. */
export function assertAsPromised(fault: string, { code, seen, summary }: Outcome): void {
  const { exitCode } = promised(fault)
  const isOnlyLate = summary.verdict.reasons.every(({ code: each }) => ofBusyMachine.has(each))
  if (exitCode === 0 && code === 4 && isOnlyLate) {
    assertSeen(fault, seen.replace(/: (?:suspect|invalid), exit code 4/, ': valid, exit code 0'))
    return
  }
  assert.equal(code, exitCode, seen)
  assertSeen(fault, seen)
}

function assertSeen(fault: string, seen: string): void {
  assertQuoted(promised(fault).quotes, seen)
}
