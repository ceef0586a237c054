/** What the verdict of a step's own run means for the step. Pure. */
import type { RunResult } from '../model.ts'
import type { Finding, Objective } from './model.ts'

/** So many times the lateness of its launchers a time must lie above its limit to be the target's doing. */
const beyondLateness = 10

/**
 * A run that was late, and nothing else, still shows that a rate is too high when a time lies far above its limit: a
 * loop that wakes late adds about its lateness to what it measures. That a rate holds it does not show.
 */
export function isMissedAnyway(
  { verdict, launchers }: RunResult,
  objective: Objective,
  findings: readonly Finding[],
): boolean {
  if (verdict.reasons.some(({ code }) => code !== 'V_LATE')) return false
  const lateMs = launchers.reduce((most, { lateP99Ms }) => Math.max(most, lateP99Ms), 0)
  return objective.some(({ comparison, limit }, at) => {
    const { value = null } = findings[at] ?? {}
    const isUpper = comparison === '<' || comparison === '<='
    return (
      limit.of === 'ms' &&
      isUpper &&
      value !== null &&
      value - limit.number > beyondLateness * lateMs
    )
  })
}
