/** Reads `--slo`: conditions of the threshold language, all of which have to hold. */
import type { Scenario } from '../../core/scenario/model.ts'
import { faultOf, measuredNames } from '../../core/scenario/parse/threshold-names.ts'
import { metricNames } from '../../core/stats/names.ts'
import type { Threshold } from '../../core/thresholds/model.ts'
import { parseThreshold } from '../../core/thresholds/parse.ts'
import { isThresholdError } from '../../core/thresholds/tokens.ts'
import type { PluginDeclaration } from '../../plugins/api.ts'
import { declarations } from '../../plugins/registry.ts'
import { UsageError } from '../usage-error.ts'
import type { Objective } from './model.ts'

/**
 * @param text conditions with commas between them: `p99(request) < 250ms, error_rate < 0.1%`
 * @throws {UsageError} with a caret under what cannot be used
 */
export function parseObjective(text: string): Objective {
  const conditions = parts(text).map(({ text: part, at }) => conditionOf(text, part, at))
  if (conditions.length > 0) return conditions
  throw new UsageError('--slo: what has to hold? e.g. --slo "p99(request) < 250ms"')
}

/**
 * @param plugins those that are not ours
 * @throws {UsageError} when a condition is about what this scenario does not measure
 */
export function checkObjective(
  objective: Objective,
  { sessions }: Scenario,
  plugins: readonly Pick<PluginDeclaration, 'counters'>[] = [],
): void {
  const metrics = metricNames.map(({ name }) => name)
  const names = measuredNames(sessions, [], [...declarations, ...plugins], metrics)
  for (const condition of objective) {
    const fault = faultOf(condition, names)
    if (fault === null) continue
    const at = Math.max(0, condition.expression.indexOf(fault.word))
    throw placed(condition.expression, fault.text, at, fault.hint)
  }
}

function conditionOf(whole: string, part: string, from: number): Threshold {
  try {
    const condition = parseThreshold(part)
    const refusal = refusalOf(condition)
    if (refusal !== null) throw placed(whole, refusal, from, undefined)
    return condition
  } catch (error) {
    if (!isThresholdError(error)) throw error
    throw placed(whole, error.message, from + error.at, error.hint)
  }
}

/** What makes sense of a whole run only. */
function refusalOf({ phase, afterMs, overMs, value, limit }: Threshold): string | null {
  if (phase !== null) return 'a step has one phase: leave "in phase" out'
  if (afterMs > 0) return '--settle says what is left out, not "after"'
  if (overMs !== null) return '--step says how long is measured, not "over"'
  if (value.type === 'users' || (value.type === 'count' && limit.of === 'count')) {
    return 'a count depends on how long a step is: take rate(…), share(…) or error_rate'
  }
  return null
}

interface Part {
  readonly text: string
  /** Where it begins. */
  readonly at: number
}

/** Cut at commas that are not in quotes. */
function parts(text: string): readonly Part[] {
  const found: Part[] = []
  for (const match of text.matchAll(/(?:"[^"]*"|'[^']*'|[^,])+/g)) {
    const [part] = match
    if (part.trim() === '') continue
    const blanks = part.length - part.trimStart().length
    found.push({ text: part.trim(), at: match.index + blanks })
  }
  return found
}

function placed(text: string, what: string, at: number, hint: string | undefined): UsageError {
  const tail = hint === undefined ? '' : ` (${hint})`
  const line = text.replace(/\s/g, ' ')
  return new UsageError(`--slo: ${what}${tail}\n  ${line}\n  ${' '.repeat(at)}^`)
}
