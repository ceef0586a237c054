/** Where the dashboard listens, and whether only this machine can reach it. */
import { BlockList, isIP } from 'node:net'
import { UsageError } from '../usage-error.ts'

export interface Listen {
  /** Name or address. */
  readonly host: string
  /** 0: any that is free. */
  readonly port: number
}

/** Reached from this machine only; a free port. */
export const defaultListen: Listen = { host: '127.0.0.1', port: 0 }

/**
 * @param text `HOST:PORT`, `HOST`, `:PORT`, `[::1]:PORT`; empty: the default
 * @throws {UsageError}
 */
export function parseListen(text: string): Listen {
  const [, address, name, port] = /^(?:\[([^\]]+)\]|([^:]*))(?::(\d+))?$/.exec(text) ?? []
  const bare = isIP(text) === 6 ? text : undefined
  const host = bare ?? address ?? name
  if (host === undefined || Number(port ?? 0) > 65_535) {
    throw new UsageError(`--dashboard wants HOST:PORT, such as 127.0.0.1:8090, not "${text}"`)
  }
  return { host: host === '' ? defaultListen.host : host, port: Number(port ?? 0) }
}

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

/** Whether a name or address means this machine and is reached from it alone. */
export function isLoopback(host: string): boolean {
  const family = isIP(host)
  if (family === 0) return host.toLowerCase() === 'localhost'
  return loopback.check(host, family === 4 ? 'ipv4' : 'ipv6')
}

/** As it stands in an address of the web. */
export function urlHost(host: string): string {
  return isIP(host) === 6 ? `[${host}]` : host
}
