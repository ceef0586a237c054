/** From `<http>` and the options of ts_http to plain data. Source: reference tsung-protocols.md, 3.1 to 3.4. */
import { byteString } from '../../core/byte-string.ts'
import type {
  Endpoint,
  Json,
  ParseContext,
  ParsedRequest,
  ScenarioElement,
  Server,
  Transport,
} from '../api.ts'
import type { HttpData, HttpOptions } from './data.ts'
import { bodilessMethods, bodyMethods, defaultContentType } from './elements.ts'

/** Where a path belongs depends on the absolute URLs that stand before it. */
export interface HttpParseState {
  lastOrigin: { readonly prefix: string; readonly host: string } | null
}

export function parseOptions(elements: readonly ScenarioElement[], context: ParseContext): Json {
  let useServerAsProxy = false
  const userAgents: { probability: number; text: string }[] = []
  for (const element of elements) {
    const name = element.attributes.get('name')
    if (name === 'http_use_server_as_proxy') useServerAsProxy = true
    else if (name === 'user_agent') {
      for (const child of element.children) {
        const probability = Number(child.attributes.get('probability'))
        userAgents.push({ probability, text: child.text.trim() })
      }
      const sum = userAgents.reduce((total, { probability }) => total + probability, 0)
      if (sum !== 100) {
        const text = `Total sum of user agents frequency is not equal to 100 (it is ${sum})`
        const hint = 'Tsung reads such a file, but does not start'
        context.unplayable('U_BAD_SUM', text, element.position, hint)
      }
    } else {
      const text = `ts_http has no option "${name}"`
      const hint = 'it knows user_agent and http_use_server_as_proxy'
      context.error('E_UNKNOWN_OPTION', text, element.attributePosition('name'), hint)
    }
  }
  return elements.length === 0 ? null : { useServerAsProxy, userAgents }
}

export function parseRequest(
  element: ScenarioElement,
  context: ParseContext,
): ParsedRequest | null {
  const method = element.attributes.get('method') ?? 'GET'
  if (refusesMethod(element, context, method) || refusesMarkers(element, context)) return null
  const place = locate(element, context)
  const body = bodyMethods.includes(method) ? bodyOf(element, context) : null
  if (place === null || body === undefined || refusesEncoding(element, context)) return null
  const isConditional = bodilessMethods.includes(method)
  const soap = child(element, 'soap')
  const basic = child(element, 'www_authenticate')
  const data: HttpData = {
    method,
    version: element.attributes.get('version') ?? '1.1',
    ...place,
    body,
    contentType: element.attributes.get('content_type') ?? defaultContentType,
    ifModifiedSince: isConditional ? (element.attributes.get('if_modified_since') ?? null) : null,
    soapAction: soap?.attributes.get('action') ?? null,
    basic:
      basic === undefined
        ? null
        : { userid: basic.attributes.get('userid')!, passwd: basic.attributes.get('passwd')! },
    headers: headersOf(element, context.subst !== 'false'),
    cookies: cookiesOf(element, context.subst !== 'false'),
  }
  return { ack: 'parse', data: data as unknown as Json, label: `${method} ${place.url}` }
}

function child(element: ScenarioElement, name: string): ScenarioElement | undefined {
  return element.children.find((each) => each.name === name)
}

/** What this version cannot play, or ts_http never could. */
function refusesMethod(element: ScenarioElement, context: ParseContext, method: string): boolean {
  if (!bodyMethods.includes(method) && !bodilessMethods.includes(method)) {
    const text = `ts_http cannot play the method ${method}`
    const hint = 'give the session the type ts_webdav'
    context.unplayable('U_METHOD', text, element.attributePosition('method'), hint)
    return true
  }
  const authenticate = child(element, 'www_authenticate')
  if (authenticate?.attributes.get('type') === 'digest') {
    const place = authenticate.attributePosition('type')
    context.unplayable('U_NOT_YET', 'digest authentication cannot be played yet', place)
    return true
  }
  const oauth = child(element, 'oauth')
  if (oauth !== undefined) {
    context.unplayable('U_NOT_YET', '<oauth> cannot be played yet', oauth.position)
    return true
  }
  return false
}

function refusesEncoding(element: ScenarioElement, context: ParseContext): boolean {
  let found = false
  for (const header of element.children) {
    const encoding = header.attributes.get('encoding')
    if (header.name !== 'http_header' || encoding === undefined || encoding === 'base64') continue
    const text = `<http_header encoding="${encoding}"> is not known`
    const place = header.attributePosition('encoding')
    context.error('E_BAD_ATTRIBUTE', text, place, 'it can be base64, or left out')
    found = true
  }
  return found
}

const substituted: { readonly [element: string]: readonly string[] } = {
  http: ['url', 'contents', 'content_type'],
  http_header: ['value'],
  add_cookie: ['value'],
  www_authenticate: ['userid', 'passwd'],
}

/** Variables cannot be played yet: each `%%` where one would be replaced is told. */
function refusesMarkers(element: ScenarioElement, context: ParseContext): boolean {
  if (context.subst === 'false') return false
  let found = false
  for (const each of [element, ...element.children]) {
    for (const name of substituted[each.name] ?? []) {
      if (name === 'contents' && context.subst === 'all_except_body') continue
      if (!each.attributes.get(name)?.includes('%%')) continue
      const text = `the variable in ${name} of <${each.name}> cannot be replaced yet`
      context.unplayable('U_VARIABLE', text, each.attributePosition(name))
      found = true
    }
  }
  return found
}

/** @returns undefined after a reported error */
function bodyOf(element: ScenarioElement, context: ParseContext): string | undefined {
  const path = element.attributes.get('contents_from_file')
  if (path === undefined) return byteString(element.attributes.get('contents') ?? '')
  const place = element.attributePosition('contents_from_file')
  const bytes = context.readFile(path, place)
  if (bytes === null) return undefined
  if (context.subst === 'true' && bytes.includes('%%')) {
    const text = `the variable in ${path} (contents_from_file) cannot be replaced yet`
    context.unplayable('U_VARIABLE', text, place)
    return undefined
  }
  return bytes
}

/** Tsung sends them in reverse document order, with substitution in document order. */
function headersOf(element: ScenarioElement, inOrder: boolean): HttpData['headers'] {
  const headers = element.children
    .filter(({ name }) => name === 'http_header')
    .map(({ attributes }): [string, string] => {
      const value = attributes.get('value') ?? ''
      const isEncoded = attributes.get('encoding') === 'base64'
      return [attributes.get('name')!, isEncoded ? btoa(byteString(value)) : value]
    })
  return inOrder ? headers : headers.reverse()
}

/** In the same order as headers. */
function cookiesOf(element: ScenarioElement, inOrder: boolean): HttpData['cookies'] {
  const cookies = element.children
    .filter(({ name }) => name === 'add_cookie')
    .map(({ attributes }) => ({
      key: attributes.get('key')!,
      value: attributes.get('value')!,
      path: attributes.get('path') ?? '/',
      domain: attributes.get('domain') ?? '.',
    }))
  return inOrder ? cookies : cookies.reverse()
}

type Place = Pick<HttpData, 'url' | 'path' | 'target' | 'host'>

const absoluteUrl = /^(https?):\/\/(\[[^\]]*\]|[^/:?#]*)(?::(\d+))?([/?#].*)?$/s

/** Where a request goes and what its first line says. Null after a reported error. */
function locate(element: ScenarioElement, context: ParseContext): Place | null {
  const raw = element.attributes.get('url')!
  const url = context.subst === 'false' ? raw : raw.replaceAll(' ', '%20')
  const state = context.state as HttpParseState
  const isProxied = (context.options as HttpOptions | null)?.useServerAsProxy === true
  if (!/^https?:\/\//.test(url)) {
    return isProxied ? behindProxy(element, context, url) : relative(context, url)
  }
  const match = absoluteUrl.exec(url)
  const host = match?.[2] ?? ''
  if (match === null || host === '' || host === '[]' || host.includes('@')) {
    const text = `url="${raw}" has no host and port that can be read`
    const hint = host.includes('@')
      ? 'put user and password into <www_authenticate>'
      : 'write http://host:port/path'
    context.error('E_URL', text, element.attributePosition('url'), hint)
    return null
  }
  const isTls = match[1] === 'https'
  const port = Number(match[3] ?? (isTls ? 443 : 80))
  if (port < 1 || port > 65_535) {
    const text = `url="${raw}": ${port} is no port`
    const hint = 'write a port from 1 to 65535'
    context.unplayable('U_UNUSABLE', text, element.attributePosition('url'), hint)
    return null
  }
  const rest = match[4] ?? '/'
  const inServer = rest.startsWith('/') ? rest : `/${rest}`
  const header = match[3] === undefined ? host : `${host}:${match[3]}`
  state.lastOrigin = { prefix: `${match[1]}://${header}`, host: header }
  if (isProxied) return { url, path: inServer, target: null, host: header }
  const target: Endpoint = {
    host: host.replace(/^\[|\]$/g, ''),
    port,
    transport: transportOf(isTls, context.servers),
  }
  return { url: inServer, path: inServer, target, host: header }
}

/** Before the first absolute URL a path belongs to the only server, even when a loop comes back to it. */
function relative(context: ParseContext, url: string): Place {
  const { lastOrigin } = context.state as HttpParseState
  const [server, another] = context.servers
  const isHome = lastOrigin === null && server !== undefined && another === undefined
  return { url, path: url, target: isHome ? 'home' : null, host: null }
}

function behindProxy(element: ScenarioElement, context: ParseContext, url: string): Place | null {
  const { lastOrigin } = context.state as HttpParseState
  if (lastOrigin === null) {
    const text = 'behind a proxy the first URL has to be absolute'
    context.error('E_URL', text, element.attributePosition('url'), 'write http://host:port/path')
    return null
  }
  return { url: lastOrigin.prefix + url, path: url, target: null, host: lastOrigin.host }
}

/** IPv6 when the configured server is. */
function transportOf(isTls: boolean, servers: readonly Server[]): Transport {
  const suffix = servers[0]?.transport.endsWith('6') ? '6' : ''
  return isTls ? `ssl${suffix}` : `tcp${suffix}`
}
