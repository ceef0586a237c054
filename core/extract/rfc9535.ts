/** JSONPath as RFC 9535 has it. */
import { compile, type JSONPathQuery, type JSONValue } from 'json-p3'
import type { Value } from '../dynvars/value.ts'
import { type JsonValue, toValue } from './json.ts'

/** @returns null when it is no JSONPath */
export function compileRfc9535(
  expression: string,
): { evaluate(document: JsonValue): Value } | null {
  try {
    return new Rfc9535Query(compile(expression))
  } catch {
    return null
  }
}

class Rfc9535Query {
  readonly #query: JSONPathQuery
  readonly #isSingular: boolean

  constructor(query: JSONPathQuery) {
    this.#query = query
    this.#isSingular = query.singularQuery()
  }

  /** What a singular query (RFC 9535, 2.3.5.1) finds, or the empty text; a list otherwise. */
  evaluate(document: JsonValue): Value {
    const found = this.#find(document)
    if (!this.#isSingular) return found.map(toValue)
    return found.length === 0 ? '' : toValue(found[0]!)
  }

  #find(document: JsonValue): readonly JsonValue[] {
    try {
      return this.#query.query(document as JSONValue).values() as JsonValue[]
    } catch {
      // Deeper than the library goes.
      return []
    }
  }
}
