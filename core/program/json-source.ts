/** `<setdynvars sourcetype="jsonpath">`: what a JSON text in a variable says. Source: reference tsung-core.md, 2.4. */
import { fromUtf8 } from '../byte-string.ts'
import { compileReference, lookup, type VariableRef } from '../dynvars/reference.ts'
import { compileTemplate, renderTemplate, type Scope, type Template } from '../dynvars/template.ts'
import { render, type Value } from '../dynvars/value.ts'
import { parseJson } from '../extract/json.ts'
import { compileJsonPath, type JsonPathQuery } from '../extract/json-path.ts'
import type { Player } from './flow.ts'

export class JsonPathSource {
  readonly #from: VariableRef
  readonly #expression: Template
  /** What the query was compiled from, and the query; null: it is none. */
  #text: string
  #query: JsonPathQuery | null

  /** @param from the variable that holds the JSON text */
  constructor(from: string, expression: string, scope: Scope) {
    this.#from = compileReference(from, scope.names)
    this.#expression = compileTemplate(expression, scope)
    this.#text = expression
    this.#query = compileJsonPath(expression)
  }

  /**
   * @param count of the variables that want a value
   * @returns undefined when there is no JSON text or no such expression, which is counted
   */
  values(player: Player, count: number): Value | undefined {
    const from = lookup(this.#from, player)
    const json = from === undefined ? undefined : parseJson(render(from))
    if (json === undefined) player.count('error_json_unparsable')
    else {
      const query = this.#queryFor(player)
      if (query !== null) return query.evaluate(json)
    }
    for (let at = 0; at < count; at++) player.count('error_json_not_parsed')
    return undefined
  }

  #queryFor(player: Player): JsonPathQuery | null {
    if (this.#expression.constant !== null) return this.#query
    const text = fromUtf8(renderTemplate(this.#expression, player))
    if (text !== this.#text) {
      this.#text = text
      this.#query = compileJsonPath(text)
    }
    return this.#query
  }
}
