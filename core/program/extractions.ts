/** `<dyn_variable>`: what is kept of an answer, compiled. Source: reference tsung-core.md, 1.11. */
import { byteString, fromUtf8 } from '../byte-string.ts'
import type { Environment } from '../dynvars/environment.ts'
import type { Scope } from '../dynvars/template.ts'
import type { Value } from '../dynvars/value.ts'
import { formFieldPattern } from '../extract/form-field.ts'
import { compileHeader, type HeaderQuery } from '../extract/header.ts'
import { decodeEntities } from '../extract/html-entities.ts'
import { compileJsonPath, type JsonPathQuery } from '../extract/json-path.ts'
import { compileXPath, type XPathQuery } from '../extract/xpath.ts'
import { unreachable } from '../json.ts'
import { type CompiledRegexp, translateRegexp } from '../regexp/translate.ts'
import type { Extraction } from '../scenario/model.ts'
import type { Answer } from './answer.ts'
import { ChangingText } from './changing-text.ts'

/** One variable of one request. */
export interface CompiledExtraction {
  readonly name: string
  readonly slot: number
  readonly line: number
  /** @returns undefined: the variable stays as it is; what is wrong was counted */
  extract(answer: Answer, environment: Environment): Value | undefined
}

/**
 * @param subst whether markers in paths count: those of the request do
 * @returns null for what its protocol has to find itself
 */
export function compileExtraction(
  extraction: Extraction,
  subst: boolean,
  scope: Scope,
): CompiledExtraction | null {
  const { extractor, variable } = extraction
  switch (extractor.type) {
    case 'form':
      return new PatternExtraction(extraction, scope, formFieldPattern(variable), false)
    case 're': {
      const pattern = byteString(extractor.pattern)
      return new PatternExtraction(extraction, scope, pattern, extractor.decodesHtml)
    }
    case 'xpath':
      return new XPathExtraction(extraction, scope, extractor.expression, subst)
    case 'jsonpath':
      return new JsonPathExtraction(extraction, scope, extractor.expression, subst)
    case 'header': {
      const { name, parameter } = extractor
      const query = compileHeader(byteString(name), parameter && byteString(parameter))
      return new HeaderExtraction(extraction, scope, query)
    }
    case 'pgsql_expr':
      return null
    default:
      return unreachable(extractor)
  }
}

abstract class OneExtraction implements CompiledExtraction {
  readonly name: string
  readonly slot: number
  readonly line: number

  constructor({ variable, line }: Extraction, scope: Scope) {
    this.name = variable
    this.slot = scope.names.slot(variable)
    this.line = line
  }

  abstract extract(answer: Answer, environment: Environment): Value | undefined
}

class PatternExtraction extends OneExtraction {
  /** Null: the expression cannot be used, which was told by the scenario's checks. */
  readonly #regexp: CompiledRegexp | null
  readonly #decodesHtml: boolean

  constructor(extraction: Extraction, scope: Scope, pattern: string, decodesHtml: boolean) {
    super(extraction, scope)
    const regexp = translateRegexp(pattern)
    this.#regexp = 'type' in regexp ? null : regexp
    this.#decodesHtml = decodesHtml
  }

  /** Empty when nothing matches. */
  extract(answer: Answer): string | undefined {
    if (this.#regexp === null) {
      answer.observer.count('error_match_regexp')
      return undefined
    }
    const text = this.#regexp.firstGroup(answer.content) ?? ''
    return this.#decodesHtml ? decodeEntities(text) : text
  }
}

class HeaderExtraction extends OneExtraction {
  readonly #query: HeaderQuery

  constructor(extraction: Extraction, scope: Scope, query: HeaderQuery) {
    super(extraction, scope)
    this.#query = query
  }

  /** A parameter that is not there leaves the variable as it is, or empty when it never was set. */
  extract(answer: Answer, { variables }: Environment): string | undefined {
    const text = this.#query.find(answer.content)
    if (text !== null) return text
    return variables.get(this.slot) === undefined ? '' : undefined
  }
}

class XPathExtraction extends OneExtraction {
  readonly #query: ChangingText<XPathQuery | null>

  constructor(extraction: Extraction, scope: Scope, expression: string, subst: boolean) {
    super(extraction, scope)
    this.#query = new ChangingText(expression, subst, scope, compileXPath(expression), (bytes) =>
      compileXPath(fromUtf8(bytes)),
    )
  }

  extract(answer: Answer, environment: Environment): Value | undefined {
    const { html } = answer
    const value = html && this.#query.get(environment)?.evaluate(html)
    if (value !== null && value !== undefined) return value
    answer.observer.count('error_xml_not_parsed')
    return undefined
  }
}

class JsonPathExtraction extends OneExtraction {
  readonly #query: ChangingText<JsonPathQuery | null>

  constructor(extraction: Extraction, scope: Scope, expression: string, subst: boolean) {
    super(extraction, scope)
    this.#query = new ChangingText(expression, subst, scope, compileJsonPath(expression), (bytes) =>
      compileJsonPath(fromUtf8(bytes)),
    )
  }

  extract(answer: Answer, environment: Environment): Value | undefined {
    const { json } = answer
    const query = json === undefined ? null : this.#query.get(environment)
    if (json !== undefined && query !== null) return query.evaluate(json)
    answer.observer.count('error_json_not_parsed')
    return undefined
  }
}
