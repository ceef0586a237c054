/** Actions of users that play `linePlugin`, and their play. */
import type {
  Action,
  Comparison,
  Match,
  RequestAction,
  ScriptModule,
  VariableSource,
} from '../../core/scenario/model.ts'
import { ask } from './line-plugin.ts'
import { type Answer, echo, LineTarget } from './line-target.ts'
import { type Played, type PlayOptions, playUsers } from './play.ts'
import { scenarioOf } from './scenario.ts'

export interface LinePlay extends PlayOptions {
  readonly actions: readonly Action[]
  readonly answer?: Answer
  readonly modules?: readonly ScriptModule[]
}

export type PlayedLines = Played & {
  readonly lines: readonly string[]
  /** Each with the number of its connection before it. */
  readonly placed: readonly string[]
}

const targets: LineTarget[] = []

export async function openTarget(answer: Answer = echo): Promise<LineTarget> {
  const target = await LineTarget.open(answer)
  targets.push(target)
  return target
}

/** For `afterEach`. */
export function closeTargets(): void {
  for (const target of targets.splice(0)) void target.close()
}

export async function playLines({
  actions,
  answer = echo,
  modules = [],
  ...rest
}: LinePlay): Promise<PlayedLines> {
  const target = await openTarget(answer)
  const scenario = { ...scenarioOf([{ actions }], target), modules }
  const played = await playUsers(scenario, rest)
  return { ...played, lines: target.lines, placed: target.placed }
}

/** A request with its markers replaced. */
export function tell(text: string, rest: Partial<RequestAction> = {}): RequestAction {
  return ask(text, 'parse', { subst: 'true', ...rest })
}

export function set(source: VariableSource, ...variables: string[]): Action {
  return { type: 'setdynvars', source, variables, line: 1 }
}

export function value(name: string, text: string): Action {
  return set({ type: 'value', value: text }, name)
}

export function when(variable: string, operator: Comparison['operator'], text: string): Comparison {
  return { variable, operator, value: text }
}

export function match(rest: Partial<Match>): Match {
  return {
    pattern: 'ok',
    subst: false,
    do: 'continue',
    when: 'match',
    name: '-',
    sleepLoopMs: 0,
    maxLoop: 20,
    loopBack: 0,
    maxRestart: 3,
    skipHeaders: false,
    applyToContent: null,
    line: 1,
    ...rest,
  }
}

/** Keeps the first group of an expression. */
export function extract(
  variable: string,
  pattern: string,
  line = 1,
): RequestAction['extractions'][0] {
  return { variable, extractor: { type: 're', pattern, decodesHtml: false }, line }
}

/** `xs` becomes the list that `text` holds, cut at commas; `split` has to be among the modules. */
export const list: Action = set({ type: 'call', call: { module: 'list', name: 'of' } }, 'xs')
export const split: ScriptModule = {
  name: 'list',
  source: 'export const of = (v) => v.text.split(",")',
}
