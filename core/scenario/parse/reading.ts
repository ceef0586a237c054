/** What sessions are read with. */
import type { Json } from '../../json.ts'
import type { ParseContext, PluginDeclaration } from '../declaration.ts'
import type { FileServer, Server } from '../model.ts'
import type { Report } from '../report.ts'
import type { Files } from './files.ts'
import type { Functions } from './functions.ts'
import type { CheckText } from './texts.ts'
import type { ThinkTimeDefaults } from './think-time.ts'
import type { VariableUses } from './variables.ts'

/** What the actions of all sessions are read with. */
export interface Reading {
  readonly report: Report
  readonly files: Files
  readonly functions: Functions
  /** Of the session that is being read. */
  readonly variables: VariableUses
  readonly checkText: CheckText
  readonly plugins: readonly PluginDeclaration[]
  readonly servers: readonly Server[]
  readonly thinkTime: ThinkTimeDefaults
  readonly hasGlobalNumber: boolean
  /** A phase has a `<rate>`. */
  readonly hasRate: boolean
  /** Requests with one of these tags are left out. */
  readonly excludeTags: ReadonlySet<string>
  readonly fileServers: readonly FileServer[]
  /** What each plugin made of its options, by session type. */
  readonly options: { readonly [type: string]: Json }
  /** Each plugin's memory over one session, by session type. */
  readonly states: Map<string, unknown>
}

/** What a plugin gets to read an element with. */
export function contextFor(
  plugin: PluginDeclaration,
  subst: ParseContext['subst'],
  options: Json,
  reading: Pick<Reading, 'report' | 'files' | 'servers' | 'states' | 'checkText'>,
): ParseContext {
  const { report, files, servers, states, checkText } = reading
  if (!states.has(plugin.type)) states.set(plugin.type, plugin.player?.newParseState())
  return {
    subst,
    servers,
    options,
    state: states.get(plugin.type),
    readFile: files.byteString,
    checkMarkers: checkText,
    error: (...finding) => report.add('error', ...finding),
    warning: (...finding) => report.add('warning', ...finding),
    unplayable: (...finding) => report.add('unplayable', ...finding),
  }
}
