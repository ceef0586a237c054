/** `<thinktime>` and the option of that name. Source: reference tsung-core.md, 1.9 and 1.12. */
import type { ScenarioElement } from '../declaration.ts'
import { isInteger, isNumber } from '../lexical.ts'
import type { ThinkTime } from '../model.ts'
import type { Report } from '../report.ts'
import type { Reading } from './reading.ts'
import { integerOf, isTrue, numberOf } from './values.ts'

interface Range {
  readonly minMs: number
  readonly maxMs: number
}

/** What holds where a `<thinktime>` says nothing. */
export interface ThinkTimeDefaults {
  /** Of the option; null: Tsung's own 5 s, which it cannot use. */
  readonly valueS: number | null
  readonly random: boolean
  readonly range: Range | null
  readonly override: boolean
}

export const noDefaults: ThinkTimeDefaults = {
  valueS: null,
  random: false,
  range: null,
  override: false,
}

const builtInS = 5

/** The option; null after a reported error. */
export function parseThinkTimeOption(
  element: ScenarioElement,
  report: Report,
): ThinkTimeDefaults | null {
  const range = rangeOf(element, 0, 0)
  if (range === 'reported') return null
  if (range === 'bad') {
    const text = 'the option thinktime needs both min and max, with min <= max'
    report.error('E_THINKTIME', text, element.position)
    return null
  }
  return {
    valueS: numberOf(element, 'value'),
    random: isTrue(element, 'random'),
    range,
    override: isTrue(element, 'override'),
  }
}

/** Null after a report: nothing is waited for, or the value cannot be played. */
export function parseThinkTime(element: ScenarioElement, reading: Reading): ThinkTime | null {
  const { report, thinkTime: defaults } = reading
  const value = element.attributes.get('value')
  if (value === 'wait_global' || value === 'wait_bidi') return { type: value }
  if (hasMarkers(element)) return fromTexts(element, reading)
  if (defaults.override) return fromDefaults(element, defaults, report)
  const range = rangeOf(element, 1, 1)
  if (range === 'reported') return null
  if (range === 'bad' || (range !== null && value !== undefined)) {
    const text =
      range === 'bad'
        ? '<thinktime> needs both min and max, with 0 < min < max'
        : '<thinktime> takes either value or min and max'
    report.error('E_THINKTIME', text, element.position)
    return null
  }
  if (range !== null) return { type: 'uniform', ...range }
  const seconds = value === undefined ? null : secondsOf(element, value.trim(), report)
  if (value !== undefined && seconds === null) return null
  const random = element.attributes.get('random')
  if (random === undefined && defaults.range !== null) return { type: 'uniform', ...defaults.range }
  const isRandom = random === undefined ? defaults.random : random === 'true'
  return seconds === null
    ? fromDefaults(element, { ...defaults, random: isRandom, range: null }, report)
    : constantOrRandom(seconds, isRandom)
}

const durations: readonly string[] = ['value', 'min', 'max']

function hasMarkers(element: ScenarioElement): boolean {
  return durations.some((name) => element.attributes.get(name)?.includes('%%') === true)
}

/** Known when it is played: the option thinktime overrides no such value. */
function fromTexts(element: ScenarioElement, reading: Reading): ThinkTime | null {
  const [valueS, minS, maxS] = durations.map((name) => {
    const value = element.attributes.get(name)?.trim()
    if (value !== undefined) reading.checkText(value, element.attributePosition(name))
    return value
  })
  if (valueS !== undefined && minS === undefined && maxS === undefined) {
    return { type: 'text', valueS, random: isTrue(element, 'random') }
  }
  if (valueS === undefined && minS !== undefined && maxS !== undefined) {
    return { type: 'text-range', minS, maxS }
  }
  const text = '<thinktime> takes either value or both min and max'
  reading.report.error('E_THINKTIME', text, element.position)
  return null
}

function fromDefaults(
  element: ScenarioElement,
  { valueS, random, range }: ThinkTimeDefaults,
  report: Report,
): ThinkTime {
  if (range !== null) return { type: 'uniform', ...range }
  if (valueS !== null) return constantOrRandom(valueS, random)
  const text = `no think time is given: it is ${builtInS} s, as the manual says; Tsung refuses it`
  const hint = 'give value=, or the option thinktime'
  report.warning('W_THINKTIME', text, element.position, hint)
  return constantOrRandom(builtInS, random)
}

function secondsOf(element: ScenarioElement, value: string, report: Report): number | null {
  if (isNumber(value) && Number(value) > 0) return Number(value)
  const text = `value of <thinktime>: "${value}" is no number of seconds above 0`
  const hint = /^[.,]\d+$/.test(value) ? `write 0.${value.slice(1)}` : 'or wait_global, wait_bidi'
  report.error('E_THINKTIME', text, element.attributePosition('value'), hint)
  return null
}

function constantOrRandom(seconds: number, isRandom: boolean): ThinkTime {
  return isRandom
    ? { type: 'exponential', meanMs: seconds * 1000 }
    : { type: 'constant', ms: Math.round(seconds * 1000) }
}

/** `reported`: a bound is no whole number. */
function rangeOf(
  element: ScenarioElement,
  leastS: number,
  leastWidthS: number,
): Range | null | 'bad' | 'reported' {
  const given = [element.attributes.get('min'), element.attributes.get('max')]
  if (given.every((value) => value === undefined)) return null
  if (given.some((value) => value !== undefined && !isInteger(value))) return 'reported'
  const minS = integerOf(element, 'min')
  const maxS = integerOf(element, 'max')
  if (minS === null || maxS === null || minS < leastS || maxS < minS + leastWidthS || maxS === 0)
    return 'bad'
  return { minMs: minS * 1000, maxMs: maxS * 1000 }
}
