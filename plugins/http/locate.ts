/** Where a request goes, as far as its URL says so when the scenario is read. Source: reference tsung-protocols.md, 3.4. */
import type { ParseContext, ScenarioElement, Server, Transport } from '../api.ts'
import type { HttpData, HttpOptions } from './data.ts'
import { isAbsolute, parseAbsolute, readerFault } from './url.ts'
import { hostHeader } from './user.ts'

/** Where a path belongs depends on the URLs that stand before it. */
export interface HttpParseState {
  /** Of the last absolute URL without markers. */
  lastOrigin: { readonly prefix: string; readonly host: string } | null
  /** A path without markers stood before. */
  hasFixedPath: boolean
  /** After a path without markers, a URL with markers may have led elsewhere: later paths stay there. */
  mayHaveMoved: boolean
}

export function newParseState(): HttpParseState {
  return { lastOrigin: null, hasFixedPath: false, mayHaveMoved: false }
}

export type Place = Pick<HttpData, 'url' | 'path' | 'target' | 'host' | 'open'>

/** Null after a reported error. */
export function locate(element: ScenarioElement, context: ParseContext): Place | null {
  const raw = element.attributes.get('url')!
  const isSubstituted = context.subst !== 'false'
  const url = isSubstituted ? raw.replaceAll(' ', '%20') : raw
  const isProxied = (context.options as HttpOptions | null)?.useServerAsProxy === true
  const state = context.state as HttpParseState
  const { lastOrigin } = state
  const isOpen = isSubstituted && raw.includes('%%')
  if (isProxied && lastOrigin === null && (isOpen || !isAbsolute(url))) {
    const text = 'behind a proxy the first URL has to be absolute'
    tellUrl(element, context, text, 'write http://host:port/path, without a variable')
    return null
  }
  if (isOpen) {
    const place = url.startsWith('/') ? pathPlace(url, context) : anyPlace(url, context)
    const prefix = isProxied ? lastOrigin!.prefix : ''
    const isIpv6 = context.servers[0]?.transport.endsWith('6') === true
    return { ...place, url: raw, open: { isProxied, isIpv6, prefix } }
  }
  const before = isProxied ? '' : tsungPrefix(context)
  if (isUnreadable(element, url, before, context)) return null
  if (isAbsolute(url)) return absolutePlace(element, context, url, isProxied)
  const path = url === '' ? '/' : url
  if (isProxied) {
    const { prefix, host } = lastOrigin!
    return { url: prefix + path, path, target: null, host, open: null }
  }
  const place = pathPlace(path, context)
  state.hasFixedPath = true
  return place
}

/** What Tsung puts before the first path, when there is but one server; otherwise nothing. */
function tsungPrefix({ servers, state }: ParseContext): string {
  const { lastOrigin, hasFixedPath } = state as HttpParseState
  const [server, another] = servers
  if (server === undefined || another !== undefined || lastOrigin !== null || hasFixedPath)
    return ''
  return `${server.transport.startsWith('ssl') ? 'https' : 'http'}://${hostHeader(server)}`
}

function isUnreadable(
  element: ScenarioElement,
  url: string,
  before: string,
  context: ParseContext,
): boolean {
  const place = element.attributePosition('url')
  const hint = url.includes('@')
    ? 'put user and password into <www_authenticate>'
    : 'write /path or http://host:port/path'
  const fault = readerFault(url, before)
  if (fault !== null) {
    context.error('E_URL', `url="${url}" cannot be read: ${fault}`, place, hint)
    return true
  }
  if (before === '' || isAbsolute(url) || url === '' || url.startsWith('/')) return false
  const text = `url="${url}" is neither a path nor an absolute URL: Tsung looks for a server ${before}${url}`
  context.unplayable('U_UNUSABLE', text, place, hint)
  return true
}

function absolutePlace(
  element: ScenarioElement,
  context: ParseContext,
  url: string,
  isProxied: boolean,
): Place | null {
  const parsed = parseAbsolute(url)
  if (parsed === 'a bad port') {
    const text = `url="${url}" has a port that is none`
    const hint = 'write a port from 1 to 65535'
    context.unplayable('U_UNUSABLE', text, element.attributePosition('url'), hint)
    return null
  }
  if (typeof parsed === 'string') {
    const text = `url="${url}" has no host that could be found`
    const hint =
      parsed === 'a user'
        ? 'put user and password into <www_authenticate>'
        : 'write http://host:port/path'
    context.unplayable('U_UNUSABLE', text, element.attributePosition('url'), hint)
    return null
  }
  const { isTls, host, port, header, prefix, path } = parsed
  const state = context.state as HttpParseState
  state.lastOrigin = { prefix, host: header }
  if (isProxied) return { url, path, target: null, host: header, open: null }
  const transport = transportOf(isTls, context.servers[0])
  return { url: path, path, target: { host, port, transport }, host: header, open: null }
}

/** Before the first absolute URL a path belongs to the only server, even when a loop comes back to it. */
function pathPlace(path: string, context: ParseContext): Place {
  const { lastOrigin, mayHaveMoved } = context.state as HttpParseState
  const [server, another] = context.servers
  const isHome =
    lastOrigin === null && !mayHaveMoved && server !== undefined && another === undefined
  return { url: path, path, target: isHome ? 'home' : null, host: proxiedHost(context), open: null }
}

/** A URL of which not even the beginning is known: as a path it belongs to the user's current server. */
function anyPlace(url: string, context: ParseContext): Place {
  const state = context.state as HttpParseState
  if (state.hasFixedPath) state.mayHaveMoved = true
  return { url, path: url, target: null, host: proxiedHost(context), open: null }
}

/** Behind a proxy a path belongs to the last absolute URL. */
function proxiedHost({ options, state }: ParseContext): string | null {
  const isProxied = (options as HttpOptions | null)?.useServerAsProxy === true
  return isProxied ? (state as HttpParseState).lastOrigin!.host : null
}

/** IPv6 when the configured server is. */
function transportOf(isTls: boolean, server: Server | undefined): Transport {
  const suffix = server?.transport.endsWith('6') ? '6' : ''
  return isTls ? `ssl${suffix}` : `tcp${suffix}`
}

function tellUrl(
  element: ScenarioElement,
  context: ParseContext,
  text: string,
  hint: string,
): void {
  context.error('E_URL', text, element.attributePosition('url'), hint)
}
