/** From `<http>` and the options of ts_http to plain data. Source: reference tsung-protocols.md, 3.1 to 3.4. */
import { byteString } from '../../core/byte-string.ts'
import type { Json, ParseContext, ParsedRequest, ScenarioElement } from '../api.ts'
import type { HttpData } from './data.ts'
import { bodilessMethods, bodyMethods, defaultContentType } from './elements.ts'
import { locate } from './locate.ts'
import { parseAuthorization, parseOAuth } from './parse-authentication.ts'

export function parseOptions(elements: readonly ScenarioElement[], context: ParseContext): Json {
  let useServerAsProxy = false
  let version = '1.1'
  let usersPerConnection = 1
  const userAgents: { probability: number; text: string }[] = []
  for (const element of elements) {
    const name = element.attributes.get('name')
    const value = element.attributes.get('value')?.trim()
    if (name === 'http_use_server_as_proxy') useServerAsProxy = true
    else if (name === 'http_version') version = value ?? version
    else if (name === 'http2_users_per_connection') usersPerConnection = Number(value ?? 1)
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
      const hint =
        'it knows user_agent, http_use_server_as_proxy, http_version and http2_users_per_connection'
      context.error('E_UNKNOWN_OPTION', text, element.attributePosition('name'), hint)
    }
  }
  if (elements.length === 0) return null
  return { useServerAsProxy, userAgents, version, usersPerConnection }
}

export function parseRequest(
  element: ScenarioElement,
  context: ParseContext,
): ParsedRequest | null {
  const method = element.attributes.get('method') ?? 'GET'
  if (refusesMethod(element, context, method)) return null
  const place = locate(element, context)
  const body = bodyMethods.includes(method) ? bodyOf(element, context) : null
  if (place === null || body === undefined || refusesEncoding(element, context)) return null
  const authorization = parseAuthorization(child(element, 'www_authenticate'), context)
  const oauth = parseOAuth(child(element, 'oauth'), context)
  if (authorization === undefined || oauth === undefined) return null
  checkMarkers(element, context, body !== null)
  const isConditional = bodilessMethods.includes(method)
  const data: HttpData = {
    method,
    version: element.attributes.get('version') ?? '1.1',
    ...place,
    body,
    contentType: element.attributes.get('content_type') ?? defaultContentType,
    ifModifiedSince: isConditional ? (element.attributes.get('if_modified_since') ?? null) : null,
    soapAction: child(element, 'soap')?.attributes.get('action') ?? null,
    authorization,
    oauth,
    headers: headersOf(element, context.subst !== 'false'),
    cookies: cookiesOf(element, context.subst !== 'false'),
  }
  return { ack: 'parse', data: data as unknown as Json, label: `${method} ${place.url}` }
}

function child(element: ScenarioElement, name: string): ScenarioElement | undefined {
  return element.children.find((each) => each.name === name)
}

/** What ts_http never could play. */
function refusesMethod(element: ScenarioElement, context: ParseContext, method: string): boolean {
  if (bodyMethods.includes(method) || bodilessMethods.includes(method)) return false
  const text = `ts_http cannot play the method ${method}`
  const hint = 'give the session the type ts_webdav'
  context.unplayable('U_METHOD', text, element.attributePosition('method'), hint)
  return true
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
  http: ['url', 'content_type'],
  http_header: ['value'],
  add_cookie: ['value'],
}

/** Those of a body in a file are checked where it is read. */
function checkMarkers(element: ScenarioElement, context: ParseContext, hasBody: boolean): void {
  if (context.subst === 'false') return
  const check = (from: ScenarioElement, name: string): void => {
    const text = from.attributes.get(name)
    if (text !== undefined) context.checkMarkers(text, from.attributePosition(name))
  }
  for (const each of [element, ...element.children]) {
    if (each.attributes.get('encoding') === 'base64') tellEncoded(each, context)
    else for (const name of substituted[each.name] ?? []) check(each, name)
  }
  const isFile = element.attributes.has('contents_from_file')
  if (hasBody && !isFile && context.subst === 'true') check(element, 'contents')
}

function tellEncoded(header: ScenarioElement, context: ParseContext): void {
  if (header.attributes.get('value')?.includes('%%') !== true) return
  const text = 'the value is encoded as it is written: a variable in it is not replaced'
  context.warning('W_UNUSED_ATTRIBUTE', text, header.attributePosition('value'))
}

/** @returns undefined after a reported error */
function bodyOf(element: ScenarioElement, context: ParseContext): string | undefined {
  const path = element.attributes.get('contents_from_file')
  if (path === undefined) return byteString(element.attributes.get('contents') ?? '')
  const place = element.attributePosition('contents_from_file')
  const bytes = context.readFile(path, place)
  if (bytes === null) return undefined
  if (context.subst === 'true') context.checkMarkers(bytes, place)
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
