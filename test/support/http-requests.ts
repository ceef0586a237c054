import assert from 'node:assert/strict'
import type {
  Json,
  ParseContext,
  ParsedRequest,
  ScenarioElement,
  Server,
  UserView,
} from '../../plugins/api.ts'
import { httpDeclaration } from '../../plugins/http/declaration.ts'
import { http } from '../../plugins/http/plugin.ts'
import { element } from './element.ts'

export const first: Server = { host: '127.0.0.1', port: 8081, transport: 'tcp', weight: 1 }
export const second: Server = { host: 'localhost', port: 8081, transport: 'tcp', weight: 1 }

export interface Setting {
  readonly subst?: ParseContext['subst']
  readonly servers?: readonly Server[]
  readonly options?: readonly ScenarioElement[]
  readonly file?: string
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
}

function contextOf(setting: Setting, told: Told[]): ParseContext {
  const tell = (severity: string) => (code: string, text: string) => {
    told.push({ severity, code, text })
  }
  return {
    subst: setting.subst ?? 'false',
    servers: setting.servers ?? [first],
    options: null,
    state: httpDeclaration.player!.newParseState(),
    readFile: () => setting.file ?? null,
    error: tell('error'),
    warning: tell('warning'),
    unplayable: tell('unplayable'),
  }
}

/** What the plugin makes of requests, and what it tells about them. */
export function parse(elements: readonly ScenarioElement[], setting: Setting = {}): Parsed {
  const told: Told[] = []
  const player = httpDeclaration.player!
  const context = contextOf(setting, told)
  const options = player.parseOptions(setting.options ?? [], context)
  const parsed = elements.map((each) => player.parseRequest(each, { ...context, options }))
  return { parsed, options, told }
}

/** What one user sends, connected anew whenever the target changes. */
export function sent(elements: readonly ScenarioElement[], setting: Setting = {}): string[] {
  const { parsed, options, told } = parse(elements, setting)
  assert.deepEqual(told, [])
  const view: UserView & { server: UserView['server'] } = {
    id: 1,
    server: (setting.servers ?? [first])[0]!,
    random: () => 0.5,
  }
  const user = http.newUser(view, options)
  return parsed.map((each) => {
    const data = JSON.parse(JSON.stringify(each!.data)) as Json
    const request = http.compile(data, options)
    view.server = http.target(request, user, view) ?? view.server
    return http.encode(request, user, http.newConnection(user), view)
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
