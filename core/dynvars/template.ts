/**
 * Text with `%%…%%` markers, parsed once and rendered for a user. Source: reference tsung-core.md, 2.
 *
 * `%%name%%` is a variable, `%%name[2]%%` the second item of a list, `%%module:function%%` a call. Markers that are
 * not closed stay as they are (Tsung drops the rest of the text).
 */
import type { Environment, FindFunction, ScenarioFunction } from './environment.ts'
import type { VariableNames } from './variables.ts'

/** A variable, or one item of it. */
export interface VariableRef {
  readonly name: string
  readonly slot: number
  /** From 1; null: the whole value. */
  readonly index: number | null
}

export type TemplatePart =
  | { readonly type: 'variable'; readonly ref: VariableRef }
  | { readonly type: 'call'; readonly name: string; readonly call: ScenarioFunction }

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

export type ParseTemplate = (text: string) => readonly (string | Marker)[]
export type CompileTemplate = (text: string, scope: Scope) => Template
export type RenderTemplate = (template: Template, environment: Environment) => string
