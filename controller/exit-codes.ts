/** What the exit code of `tsts` says. */
import type { Verdict } from './model.ts'

export const exitCodes = {
  ok: 0,
  defect: 1,
  unusable: 2,
  threshold: 3,
  verdict: 4,
  lost: 5,
  interrupted: 130,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** In the order in which they are looked at: the first that holds is the exit code. */
export const exitCodeMeanings: readonly { readonly code: ExitCode; readonly meaning: string }[] = [
  { code: 1, meaning: 'a defect of tsts itself' },
  { code: 2, meaning: 'scenario, arguments or log folder unusable; nothing was run' },
  {
    code: 5,
    meaning: 'a host or launcher could not start or was lost (even if the others went on)',
  },
  { code: 130, meaning: 'interrupted (SIGINT, SIGTERM); the report is there all the same' },
  {
    code: 4,
    meaning: 'the verdict is suspect or invalid: planned load not delivered, or tsts was late',
  },
  { code: 3, meaning: 'a threshold failed (--fail-if), or ended the run (--abort-if)' },
  {
    code: 0,
    meaning: 'the run did what was asked, also when load/@duration or abort_test ended it',
  },
]

/** What counts at the end of a run that was started. */
export interface Outcome {
  /** A host or launcher could not start, or was lost. */
  readonly lost: boolean
  readonly interrupted: boolean
  readonly verdict: Verdict['status']
  readonly thresholdsFailed: boolean
}

export function exitCodeOf(outcome: Outcome): ExitCode {
  if (outcome.lost) return exitCodes.lost
  if (outcome.interrupted) return exitCodes.interrupted
  if (outcome.verdict !== 'valid') return exitCodes.verdict
  return outcome.thresholdsFailed ? exitCodes.threshold : exitCodes.ok
}

/** The table of `tsts help exit-codes`. */
export function exitCodesText(): string {
  const lines = exitCodeMeanings.map(
    ({ code, meaning }) => `  ${String(code).padStart(3)}  ${meaning}`,
  )
  return `Exit codes, the first that holds:\n\n${lines.join('\n')}\n`
}
