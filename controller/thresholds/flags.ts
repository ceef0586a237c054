/** `--fail-if`, `--abort-if`, `--verdict` and `--junit`. */
import { statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Options } from 'yargs'
import type { Scenario } from '../../core/scenario/model.ts'
import { faultOf, measuredNames } from '../../core/scenario/parse/threshold-names.ts'
import { metricNames } from '../../core/stats/names.ts'
import type { Condition, ThresholdKind } from '../../core/thresholds/model.ts'
import { parseThreshold } from '../../core/thresholds/parse.ts'
import { isThresholdError } from '../../core/thresholds/tokens.ts'
import type { PluginDeclaration } from '../../plugins/api.ts'
import { declarations } from '../../plugins/registry.ts'
import { type Args, textOf } from '../command.ts'
import type { JudgeOptions } from '../run-judge.ts'
import { UsageError } from '../usage-error.ts'
import { parseLimits } from '../verdict-limits.ts'

export const judgeFlags: { readonly [name: string]: Options } = {
  'fail-if': {
    type: 'string',
    array: true,
    requiresArg: true,
    describe: 'exit with 3 when this holds, e.g. "p99(request) > 250ms"; may be repeated',
  },
  'abort-if': {
    type: 'string',
    array: true,
    requiresArg: true,
    describe:
      'end the run, and exit with 3, as soon as this holds, e.g. "error_rate > 10% over 30s"',
  },
  verdict: {
    type: 'string',
    array: true,
    requiresArg: true,
    describe: 'other limits of the verdict, e.g. late_p99=20ms/200ms,cpu=off',
  },
  junit: {
    type: 'string',
    requiresArg: true,
    describe: 'write verdict and thresholds to a file in JUnit’s XML',
  },
}

/** @throws {UsageError} with a caret under what cannot be read */
export function judgeOptionsOf(args: Args): JudgeOptions {
  const junit = textOf(args, 'junit')
  if (junit !== null) refuseUnwritable(junit)
  return {
    thresholds: (['fail-if', 'abort-if'] as const).flatMap((kind) =>
      textsOf(args, kind).map((text) => conditionOf(kind, text)),
    ),
    limits: parseLimits(textsOf(args, 'verdict')),
    junit: junit === null ? null : resolve(junit),
  }
}

/**
 * @param plugins those that are not ours
 * @throws {UsageError} when one is about what this scenario does not measure
 */
export function checkThresholds(
  thresholds: readonly Condition[],
  { sessions, load }: Pick<Scenario, 'sessions' | 'load'>,
  plugins: readonly Pick<PluginDeclaration, 'counters'>[] = [],
): void {
  const metrics = metricNames.map(({ name }) => name)
  const measured = measuredNames(sessions, load.phases, [...declarations, ...plugins], metrics)
  for (const { kind, threshold } of thresholds) {
    const fault = faultOf(threshold, measured)
    if (fault === null) continue
    const at = Math.max(0, threshold.expression.indexOf(fault.word))
    throw placed(kind, threshold.expression, fault.text, at, fault.hint)
  }
}

function conditionOf(kind: ThresholdKind, text: string): Condition {
  try {
    return { kind, threshold: parseThreshold(text) }
  } catch (error) {
    if (!isThresholdError(error)) throw error
    throw placed(kind, text, error.message, error.at, error.hint)
  }
}

function placed(
  kind: ThresholdKind,
  text: string,
  what: string,
  at: number,
  hint: string | undefined,
): UsageError {
  const line = text.replace(/\s/g, ' ')
  const tail = hint === undefined ? '' : ` (${hint})`
  return new UsageError(`--${kind}: ${what}${tail}\n  ${line}\n  ${' '.repeat(at)}^`)
}

function textsOf(args: Args, name: string): readonly string[] {
  const value = args[name] ?? []
  const values: readonly unknown[] = Array.isArray(value) ? value : [value]
  return values.map(String)
}

function refuseUnwritable(path: string): void {
  const folder = statSync(dirname(path), { throwIfNoEntry: false })
  if (folder?.isDirectory() === true) return
  throw new UsageError(`--junit: there is no folder ${dirname(path)} for ${path}`)
}
