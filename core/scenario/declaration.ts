/**
 * The declarative tables behind parsing, error messages, `tsts help`, the schema and the docs: one declaration per
 * element, attribute, option and counter. Core elements stand in elements.ts, a protocol's in its plugin.
 */
import type { Json } from '../json.ts'
import type { Ack, Position, RequestAction, Server, Transport } from './model.ts'

export type AttributeType =
  | 'string'
  /** Digits only, as Tsung's reader wants them. */
  | 'integer'
  /** `10`, `0.5`, `1.0e3`. */
  | 'number'
  | 'boolean'
  /** One of `values`; with another type, `values` are words that are taken besides it. */
  | 'enum'
  /** Erlang atom: lower-case letter first, then letters, digits, `_`, `@`; or quoted. */
  | 'identifier'
  /** An integer or one `%%_variable%%`. */
  | 'integer_or_variable'
  | 'ip_range'
  | 'regexp'
  | 'path'

export interface AttributeDeclaration {
  readonly type: AttributeType
  readonly doc: string
  readonly required?: true
  /** The value that holds when the attribute is absent, as written in XML. */
  readonly default?: string
  readonly values?: readonly string[]
  readonly unit?: string
  readonly min?: number
  readonly max?: number
  /** An XML token (Nmtoken): blanks around it are dropped, blanks and most punctuation inside are errors. */
  readonly token?: true
  /** A boolean for which Tsung takes any identifier: all but `true` count as false. */
  readonly anyWord?: true
  /** For an identifier: what Tsung puts before it, so that any letter or digit may begin it. */
  readonly prefix?: string
  /** `%%…%%` is replaced in it; in requests when they say `subst`. A number may be one such marker. */
  readonly substitutable?: true
  /** It means something only where another attribute of the element has one of these values; told elsewhere. */
  readonly onlyWith?: { readonly attribute: string; readonly values: readonly string[] }
  /** The version of Tsung that brought it, or `tsts`: Tsung does not have it. */
  readonly since?: string
}

export interface ElementDeclaration {
  readonly name: string
  readonly parents: readonly string[]
  readonly content: 'empty' | 'text' | 'elements' | 'mixed'
  /** Order and number of children as a DTD content model over their names, e.g. `(match*, dyn_variable*, http)`. */
  readonly model?: string
  readonly attributes: { readonly [name: string]: AttributeDeclaration }
  readonly doc: string
  /** As with attributes. */
  readonly since?: string
}

export interface OptionDeclaration {
  readonly name: string
  readonly doc: string
  /** The attributes of `<option>` that it reads besides `name` and `type`. */
  readonly attributes: { readonly [name: string]: AttributeDeclaration }
}

export interface CounterDeclaration {
  /** As it appears in the logs; `NNN` or `NNNN` for a family of codes of so many digits. */
  readonly name: string
  readonly kind: 'count' | 'sum' | 'sample'
  readonly isError: boolean
  readonly doc: string
}

/** Since when there is an element or attribute, for people. */
export function sinceText(since: string): string {
  return since === 'tsts' ? 'ours: Tsung does not know it' : `since Tsung ${since}`
}

/** An element of the scenario after entities were expanded and attributes normalised. */
export interface ScenarioElement {
  readonly name: string
  readonly position: Position
  readonly attributes: ReadonlyMap<string, string>
  readonly children: readonly ScenarioElement[]
  /** Text of the first text node, as Tsung takes it; empty when there is none. */
  readonly text: string
  /**
   * Where the value of an attribute begins, or what is `at` characters into it; the element's own place when it is
   * absent.
   */
  readonly attributePosition: (name: string, at?: number) => Position
}

export interface ParseContext {
  readonly subst: RequestAction['subst']
  readonly servers: readonly Server[]
  /** What `parseOptions` made, or null. */
  readonly options: Json
  /** The plugin's own memory over one session, from `newParseState`: later requests may depend on earlier ones. */
  readonly state: unknown
  /**
   * Reads a file named by the scenario, relative to its folder or absolute, as a byte string (a character per byte).
   * Null after a reported error when it cannot be read.
   */
  readonly readFile: (path: string, position: Position) => string | null
  /**
   * Checks the `%%…%%` markers of a text that will be replaced: calls of functions that do not exist are told.
   * Plugins call it for each such text unless `subst` is false.
   */
  readonly checkMarkers: (text: string, position: Position) => void
  readonly error: (code: string, text: string, position: Position, hint?: string) => void
  readonly warning: (code: string, text: string, position: Position, hint?: string) => void
  readonly unplayable: (code: string, text: string, position: Position, hint?: string) => void
}

export interface ParsedRequest {
  readonly ack: Ack
  readonly data: Json
  readonly label: string
}

/** A step of a request that only waits, as a think time does. */
export interface ParsedPause {
  readonly type: 'pause'
  readonly ms: number
}

/** What an element asks; several steps are played one after the other, each an action of its own. */
export type ParsedSteps = ParsedRequest | ParsedPause | readonly (ParsedRequest | ParsedPause)[]

/** What the request of a protocol that cannot be played yet is checked with. */
export type RequestCheck = (
  element: ScenarioElement,
  error: (code: string, text: string, position: Position, hint?: string) => void,
) => void

/** What a protocol tells the scenario's reader about itself. */
export interface PluginDeclaration {
  /** Session type, e.g. `ts_http`. */
  readonly type: string
  /** Its element inside `<request>`, e.g. `http`. */
  readonly requestElement: string
  readonly elements: readonly ElementDeclaration[]
  readonly options: readonly OptionDeclaration[]
  readonly counters: readonly CounterDeclaration[]
  readonly defaults: { readonly persistent: boolean; readonly bidi: boolean }
  readonly transports: readonly Transport[]
  /** Present when this version can play the protocol. */
  readonly player?: PluginParser
  /** Without a player: tells what Tsung's reader refuses in a request besides the table of elements. */
  readonly checkRequest?: RequestCheck
  readonly doc: string
}

/** The controller's half of a playable protocol: element to plain data. */
export interface PluginParser {
  readonly newParseState: () => unknown
  /** All `<option type=…>` elements of this plugin, in order, to one value; null when there is none. */
  readonly parseOptions: (elements: readonly ScenarioElement[], context: ParseContext) => Json
  /**
   * Null after a reported error. Matches and extractions of several steps belong to the last one that is no pause.
   */
  readonly parseRequest: (element: ScenarioElement, context: ParseContext) => ParsedSteps | null
}
