/** What the verdict and the errors of a step's own run mean for the step. Pure. */
import type { RunResult } from '../model.ts'
import { countText } from '../outputs/format.ts'
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

/** Errors that are told of a step. */
const errorsMax = 3

/** The most frequent errors of a run, in one line; none when there were none. */
export function errorsText({ totals }: Pick<RunResult, 'totals'>): readonly string[] {
  const errors = [...totals.counters]
    .filter(([name, count]) => name.startsWith('error_') && count > 0)
    .sort(([, a], [, b]) => b - a)
    .slice(0, errorsMax)
  if (errors.length === 0) return []
  return [errors.map(([name, count]) => `${name} ${countText(count)} times`).join(', ')]
}
