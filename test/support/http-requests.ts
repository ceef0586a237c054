import assert from 'node:assert/strict'
import type {
  Json,
  ParseContext,
  ParsedRequest,
  ScenarioElement,
  Server,
} from '../../plugins/api.ts'
import { httpDeclaration } from '../../plugins/http/declaration.ts'
import { type HttpRequest, http } from '../../plugins/http/plugin.ts'
import { element } from './element.ts'
import { compileContext, PluginUser } from './plugin-user.ts'
import { strictSink } from './strict-sink.ts'

export const first: Server = { host: '127.0.0.1', port: 8081, transport: 'tcp', weight: 1 }
export const second: Server = { host: 'localhost', port: 8081, transport: 'tcp', weight: 1 }

export interface Setting {
  readonly subst?: ParseContext['subst']
  readonly servers?: readonly Server[]
  readonly options?: readonly ScenarioElement[]
  readonly file?: string
  /** Of the user, by name. */
  readonly variables?: { readonly [name: string]: string }
}

interface Told {
  readonly severity: string
  readonly code: string
  readonly text: string
}

export interface Parsed {
  readonly parsed: readonly (ParsedRequest | null)[]
  readonly options: Json
  readonly told: readonly Told[]
  /** Texts whose markers were checked. */
  readonly checked: readonly string[]
}

function contextOf(setting: Setting, told: Told[], checked: string[]): ParseContext {
  const tell = (severity: string) => (code: string, text: string) => {
    told.push({ severity, code, text })
  }
  return {
    subst: setting.subst ?? 'false',
    servers: setting.servers ?? [first],
    options: null,
    state: httpDeclaration.player!.newParseState(),
    readFile: () => setting.file ?? null,
    checkMarkers: (text) => {
      checked.push(text)
    },
    error: tell('error'),
    warning: tell('warning'),
    unplayable: tell('unplayable'),
  }
}

/** What the plugin makes of requests, and what it tells about them. */
export function parse(elements: readonly ScenarioElement[], setting: Setting = {}): Parsed {
  const told: Told[] = []
  const checked: string[] = []
  const player = httpDeclaration.player!
  const context = contextOf(setting, told, checked)
  const options = player.parseOptions(setting.options ?? [], context)
  const parsed = elements.map((each) => player.parseRequest(each, { ...context, options }))
  return { parsed: parsed as (ParsedRequest | null)[], options, told, checked }
}

/** The requests of one session. */
export function compiled(
  { parsed, options }: Parsed,
  user: PluginUser,
  subst: string,
): HttpRequest[] {
  const context = compileContext(user.variables.names, options, subst as ParseContext['subst'])
  return parsed.map((each) => http.compile(JSON.parse(JSON.stringify(each!.data)) as Json, context))
}

/** What one user sends, connected anew whenever the target changes. */
export function sent(elements: readonly ScenarioElement[], setting: Setting = {}): string[] {
  const all = parse(elements, setting)
  assert.deepEqual(all.told, [])
  const view = new PluginUser((setting.servers ?? [first])[0]!, setting.variables)
  const user = http.newUser(view, all.options)
  return compiled(all, view, setting.subst ?? 'false').map((request) => {
    http.prepare!(request, user, view)
    view.server = http.target(request, user, view) ?? view.server
    return http.encode(request, user, http.newConnection(user), view, strictSink)
  })
}

export function request(
  attributes: { readonly [name: string]: string },
  ...children: ScenarioElement[]
): ScenarioElement {
  return element('http', attributes, children)
}

export function header(name: string, value: string, encoding?: string): ScenarioElement {
  const encoded = encoding === undefined ? {} : { encoding }
  return element('http_header', { name, value, ...encoded })
}

export function cookie(
  key: string,
  value: string,
  more: { readonly [name: string]: string } = {},
): ScenarioElement {
  return element('add_cookie', { key, value, ...more })
}

export function option(
  name: string,
  children: readonly ScenarioElement[] = [],
  value: string = 'true',
): ScenarioElement {
  return element('option', { type: 'ts_http', name, value }, children)
}
