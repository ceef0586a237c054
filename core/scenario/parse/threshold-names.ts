/** What thresholds may be about: names that a run of the scenario can measure, and its phases. */
import type { Threshold } from '../../thresholds/model.ts'
import type { PluginDeclaration } from '../declaration.ts'
import type { Action, Phase, Session } from '../model.ts'
import { suggestion } from '../suggest.ts'

export interface MeasuredNames {
  /** Whole names, and families with `…` for a part that varies. */
  readonly names: ReadonlySet<string>
  readonly phases: readonly number[]
}

/** What is wrong with a threshold that can be read; `word` is where. */
export interface NameFault {
  readonly text: string
  readonly word: string
  readonly hint: string | undefined
}

/** Families that only the scenario or a plugin fills: what is not in it never comes. */
const ofScenario =
  /^(tr_|request\.tr_|response\.tr_|failed\.tr_|match\.|count\.|sum\.)…$|\.tag_…$|^…/

/** What may be measured of messages to many receivers. */
const fanOutEnds = ['_first', '_median', '_last']

/** @param metrics of the core */
export function measuredNames(
  sessions: readonly Pick<Session, 'actions'>[],
  phases: readonly Pick<Phase, 'phase'>[],
  plugins: readonly Pick<PluginDeclaration, 'counters'>[],
  metrics: readonly string[],
): MeasuredNames {
  const names = new Set(metrics.filter((name) => !ofScenario.test(name)))
  for (const { counters } of plugins) {
    for (const { name, kind } of counters) {
      for (const each of codesOf(name)) names.add(each)
      if (kind === 'sample') for (const end of fanOutEnds) names.add(name + end)
    }
  }
  for (const { actions } of sessions) addNames(actions, names)
  return { names, phases: phases.map(({ phase }) => phase) }
}

/** Null: it can be looked at. */
export function faultOf(
  { value, phase }: Threshold,
  { names, phases }: MeasuredNames,
): NameFault | null {
  if (phase !== null && !phases.includes(phase)) {
    const hint = phases.length === 0 ? 'it has no phases' : `it has ${phases.join(', ')}`
    return { text: `the scenario has no phase ${phase}`, word: `phase ${phase}`, hint }
  }
  if (!('name' in value) || isMeasured(value.name, names)) return null
  const text = `nothing called ${value.name} is measured by this scenario`
  return { text, word: value.name, hint: suggestion(value.name, names) }
}

function isMeasured(name: string, names: ReadonlySet<string>): boolean {
  if (names.has(name)) return true
  const pattern = name.includes('*') ? patternOf(name, '*') : null
  for (const known of names) {
    if (known.includes('…')) {
      if (patternOf(known, '…').test(name)) return true
    } else if (pattern?.test(known) === true) return true
  }
  return false
}

/** @param any stands for any text */
function patternOf(name: string, any: string): RegExp {
  const parts = name.split(any).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`, 's')
}

/** A counter, or the codes of its family. */
function codesOf(name: string): readonly string[] {
  if (!name.includes('NNN')) return [name]
  return Array.from({ length: 900 }, (_, at) => name.replace('NNN', String(at + 100)))
}

function addNames(actions: readonly Action[], names: Set<string>): void {
  for (const action of actions) {
    if (action.type === 'transaction')
      addDimension(`tr_${action.name}`, names).add(`tr_${action.name}`)
    else if (action.type === 'count' || action.type === 'sum')
      names.add(`${action.type}.${action.name}`)
    else if (action.type === 'request') {
      if (action.tag !== '') addDimension(`tag_${action.tag}`, names)
      for (const { name } of action.matches) if (name !== '-') names.add(`match.${name}`)
    }
    if ('actions' in action) addNames(action.actions, names)
  }
}

function addDimension(name: string, names: Set<string>): Set<string> {
  return names.add(`request.${name}`).add(`response.${name}`).add(`failed.${name}`)
}
