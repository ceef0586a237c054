/** Absolute URLs, as far as Tsung knows them: no user, no escapes. Source: reference tsung-protocols.md, 3.4. */

export interface AbsoluteUrl {
  readonly isTls: boolean
  /** Without the brackets of an IPv6 address. */
  readonly host: string
  readonly port: number
  /** The Host header: the port stands in it when it was written. */
  readonly header: string
  /** `http://host:port`, as it was written. */
  readonly prefix: string
  /** Path and query; begins with `/`. */
  readonly path: string
}

/** What is wrong with a URL. */
export type UrlFault = 'no host and port that can be read' | 'a user' | 'a bad port'

const pattern = /^(https?):\/\/(\[[^\]]*\]|[^/:?#]*)(?::(\d+))?([/?#].*)?$/s
const maxPort = 65_535

/** Whether a URL says where it leads. As Tsung: in lower case only. */
export function isAbsolute(url: string): boolean {
  return url.startsWith('http://') || url.startsWith('https://')
}

/**
 * Why Tsung's reader refuses a URL; null: it takes it.
 *
 * @param before what Tsung puts before a path to read it; empty: it reads absolute URLs only
 */
export function readerFault(url: string, before: string): string | null {
  const isPath = !url.startsWith('http')
  if (isPath && before === '') return null
  const whole = isPath ? before + url : url
  const authority = /^https?:\/\/([^/]*)/.exec(whole)?.[1]
  if (authority === undefined) return 'it begins with http, but not with http:// or https://'
  const inBrackets = /^\[[^\]]*\](.*)$/.exec(authority)
  return portFault(inBrackets === null ? authority : inBrackets[1]!)
}

function portFault(authority: string): string | null {
  const [, port, another] = authority.split(':')
  if (another !== undefined) return 'there is more than one ":" before its path'
  return port === undefined || /^[+-]?\d+$/.test(port) ? null : `its port "${port}" is none`
}

/** @param url that is absolute */
export function parseAbsolute(url: string): AbsoluteUrl | UrlFault {
  const match = pattern.exec(url)
  const host = match?.[2] ?? ''
  if (host.includes('@') || /^https?:\/\/[^/?#]*@/.test(url)) return 'a user'
  if (match === null || host === '' || host === '[]') return 'no host and port that can be read'
  const isTls = match[1] === 'https'
  const port = Number(match[3] ?? (isTls ? 443 : 80))
  if (port < 1 || port > maxPort) return 'a bad port'
  const rest = match[4] ?? '/'
  const header = match[3] === undefined ? host : `${host}:${match[3]}`
  return {
    isTls,
    host: host.replace(/^\[|\]$/g, ''),
    port,
    header,
    prefix: `${match[1]}://${header}`,
    path: rest.startsWith('/') ? rest : `/${rest}`,
  }
}
