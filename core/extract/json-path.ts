/**
 * `<dyn_variable jsonpath>` and `<setdynvars sourcetype="jsonpath">`.
 *
 * An expression that Tsung knows means what it means to Tsung (reference tsung-core.md, 2.4): `$.` in front may be left out,
 * then keys, `[2]`, `[*]`, `[?key=value]`; `[-1]`, at which Tsung's users die, is the last item. Any other is RFC 9535's,
 * whose `$` may be left out as well.
 */
import { utf8ByteString } from '../byte-string.ts'
import type { Value } from '../dynvars/value.ts'
import { type JsonValue, toText, toValue } from './json.ts'
import { compileRfc9535 } from './rfc9535.ts'

export interface JsonPathQuery {
  /** @returns the empty text when nothing is found */
  evaluate(document: JsonValue): Value
}

/**
 * @param expression Unicode, as in the scenario
 * @returns null when it is neither Tsung's nor RFC 9535's
 */
export function compileJsonPath(expression: string): JsonPathQuery | null {
  const steps = tsungSteps(expression)
  if (steps !== null) return new TsungQuery(steps)
  return compileRfc9535(withRoot(expression))
}

function withRoot(expression: string): string {
  if (expression.startsWith('$')) return expression
  return /^[.[]/.test(expression) ? `$${expression}` : `$.${expression}`
}

type Step =
  | { readonly type: 'key'; readonly name: string; readonly index: number | null }
  | { readonly type: 'all' }
  /** @param value a byte string */
  | { readonly type: 'filter'; readonly key: string; readonly value: string }

/** One step: in brackets, or up to the next dot or bracket. */
const stepForm = /\.|\[([^[\]]*)\]|([^.[\]]+)/y
/** What RFC 9535 has in brackets, and Tsung has not. */
const notTsungs = /^['"(]|^\?\s*[@(!$]|^[^?]*[,:]/

/** Null: it is not in Tsung's dialect. */
function tsungSteps(expression: string): readonly Step[] | null {
  if (expression.includes('..') || /^\$(?!\.([^.]|$))/.test(expression)) return null
  const text = expression.replace(/^\$\./, '')
  const steps: Step[] = []
  for (let at = 0; at < text.length; at = stepForm.lastIndex) {
    stepForm.lastIndex = at
    const found = stepForm.exec(text)
    if (found === null) return null
    const [whole, inBrackets, plain] = found
    const words = inBrackets ?? plain
    if (words === undefined || words === '') {
      if (whole === '.' || whole === '[]') continue
      return null
    }
    if (inBrackets !== undefined && notTsungs.test(inBrackets)) return null
    const step = stepOf(words)
    if (step === null) return null
    steps.push(step)
  }
  return steps
}

function stepOf(text: string): Step | null {
  if (text === '*') return { type: 'all' }
  if (!text.startsWith('?')) {
    return { type: 'key', name: text, index: /^-?\d+$/.test(text) ? Number(text) : null }
  }
  const [, key, value] = /^\?([^=]+)=(.*)$/s.exec(text) ?? []
  if (key === undefined || value === undefined) return null
  return { type: 'filter', key, value: utf8ByteString(value) }
}

/** What a step leads to when there is nothing. */
const absent: unique symbol = Symbol('absent')

class TsungQuery implements JsonPathQuery {
  readonly #steps: readonly Step[]

  constructor(steps: readonly Step[]) {
    this.#steps = steps
  }

  evaluate(document: JsonValue): Value {
    const found = this.#walk(document, 0)
    return found === absent ? '' : found
  }

  #walk(json: JsonValue, at: number): Value | typeof absent {
    const step = this.#steps[at]
    if (step === undefined) return toValue(json)
    switch (step.type) {
      case 'key': {
        const child = childOf(json, step.name, step.index)
        return child === undefined ? absent : this.#walk(child, at + 1)
      }
      case 'all':
        return isList(json) ? this.#each(json, at + 1) : this.#walk(json, at + 1)
      case 'filter': {
        if (!isList(json)) return absent
        const hits = json.filter((item) => hasText(item, step.key, step.value))
        if (hits.length === 0) return absent
        return hits.length === 1 ? this.#walk(hits[0]!, at + 1) : this.#each(hits, at + 1)
      }
    }
  }

  /** What an item has not is `undefined` in the list, as in Tsung, so that lists of one document fit each other. */
  #each(items: readonly JsonValue[], at: number): Value {
    return items.map((item) => {
      const found = this.#walk(item, at)
      return found === absent ? 'undefined' : found
    })
  }
}

function childOf(json: JsonValue, name: string, index: number | null): JsonValue | undefined {
  if (isList(json)) return index === null ? undefined : json.at(index)
  if (typeof json !== 'object' || json === null) return undefined
  return Object.hasOwn(json, name) ? json[name] : undefined
}

function hasText(item: JsonValue, key: string, value: string): boolean {
  const child = childOf(item, key, null)
  return child !== undefined && toText(child) === value
}

function isList(json: JsonValue): json is readonly JsonValue[] {
  return Array.isArray(json)
}
