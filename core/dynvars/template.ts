/**
 * Text with `%%…%%` markers, parsed once and rendered for a user. Source: reference tsung-core.md, 2.
 *
 * `%%_name%%` is a variable, `%%_name[2]%%` the second item of a list, `%%module:function%%` a call. What only looks
 * like a marker stays as it is (Tsung drops the text from there on).
 */
import { byteString, utf8ByteString } from '../byte-string.ts'
import type { Environment, FindFunction, ScenarioFunction } from './environment.ts'
import { compileReference, lookup, parseReference, type VariableRef } from './reference.ts'
import { render } from './value.ts'
import type { VariableNames } from './variables.ts'

export type TemplatePart =
  | { readonly type: 'variable'; readonly ref: VariableRef }
  | { readonly type: 'call'; readonly call: ScenarioFunction }

export interface Template {
  /** The whole text when it has no markers; else null. */
  readonly constant: string | null
  /** Byte strings and what stands between them, in order. */
  readonly parts: readonly (string | TemplatePart)[]
}

/** What names in a session mean. */
export interface Scope {
  readonly names: VariableNames
  readonly findFunction: FindFunction
}

/** What a scenario's text says between markers, for its checks. */
export type Marker =
  | { readonly type: 'variable'; readonly name: string; readonly index: number | null }
  | { readonly type: 'call'; readonly module: string; readonly name: string }

/** The text of a variable that was never set. As Tsung. */
export const undefinedText: string = 'undefined'

const markers = /%%(?:_((?:(?!%%).)+)|([A-Za-z][\w@.-]*):([A-Za-z][\w@]*))%%/gs

export function parseTemplate(text: string): readonly (string | Marker)[] {
  const parts: (string | Marker)[] = []
  let from = 0
  for (const found of text.matchAll(markers)) {
    if (found.index > from) parts.push(text.slice(from, found.index))
    const [marker, variable, module, name] = found
    parts.push(
      variable === undefined
        ? { type: 'call', module: module!, name: name! }
        : { type: 'variable', ...parseReference(variable) },
    )
    from = found.index + marker.length
  }
  if (from < text.length) parts.push(text.slice(from))
  return parts
}

export function compileTemplate(text: string, scope: Scope): Template {
  if (!text.includes('%%')) return constantTemplate(text)
  const parsed = parseTemplate(text)
  if (parsed.every((part) => typeof part === 'string')) return constantTemplate(text)
  const encode = encodingOf(parsed)
  const parts = parsed.map((part) =>
    typeof part === 'string' ? encode(part) : compileMarker(part, scope),
  )
  return { constant: null, parts }
}

/** A text in which markers count for nothing. */
export function constantTemplate(text: string): Template {
  const constant = byteString(text)
  return { constant, parts: [constant] }
}

/** The text for a user, a byte string. What was never set reads `undefined`, a function without a value is empty. */
export function renderTemplate(template: Template, environment: Environment): string {
  if (template.constant !== null) return template.constant
  const { parts } = template
  let text = ''
  for (let at = 0; at < parts.length; at++) {
    const part = parts[at]!
    if (typeof part === 'string') {
      text += part
      continue
    }
    if (part.type === 'variable') {
      const value = lookup(part.ref, environment)
      text += value === undefined ? undefinedText : render(value)
    } else {
      const value = part.call(environment)
      if (value !== undefined) text += render(value)
    }
  }
  return text
}

/** One for all parts: as if the text were encoded as a whole. */
function encodingOf(parts: readonly (string | Marker)[]): (text: string) => string {
  const literal = parts.filter((part) => typeof part === 'string').join('')
  return byteString(literal) === literal ? (text) => text : utf8ByteString
}

function compileMarker(marker: Marker, scope: Scope): TemplatePart {
  if (marker.type === 'call') {
    return { type: 'call', call: functionOf(marker.module, marker.name, scope) }
  }
  const { name, index } = marker
  const text = index === null ? name : `${name}[${index}]`
  return { type: 'variable', ref: compileReference(text, scope.names) }
}

/** A function that does not exist fails when it is called: `check` told it before. */
export function functionOf(module: string, name: string, scope: Scope): ScenarioFunction {
  const found = scope.findFunction(module, name)
  if (found !== null) return found
  return (environment) => {
    environment.functionFailed(`${module}:${name}`, 'there is no such function')
    return undefined
  }
}
