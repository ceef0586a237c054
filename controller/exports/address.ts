/** Where something of ours listens. */
import { isIP } from 'node:net'
import { UsageError } from '../usage-error.ts'

export interface ListenAddress {
  readonly host: string
  /** 0: any that is free. */
  readonly port: number
}

/**
 * `HOST:PORT`, `[ADDRESS]:PORT`, `HOST`, `ADDRESS`, `:PORT` or `PORT`; what is not given is as in `otherwise`.
 *
 * @param flag that it was given with, for errors
 * @throws {UsageError}
 */
export function listenAddress(text: string, flag: string, otherwise: ListenAddress): ListenAddress {
  if (isIP(text) === 6) return { ...otherwise, host: text }
  const bare = /^\d+$/.test(text) ? `:${text}` : text
  const [all, bracketed, plain, port] =
    /^(?:\[([0-9a-f:.%]+)\]|([a-z0-9_.-]*))(?::(\d{1,5}))?$/i.exec(bare) ?? []
  const number = port === undefined ? otherwise.port : Number(port)
  if (all === undefined || number > 65_535) {
    throw new UsageError(`${flag} wants HOST:PORT, e.g. ${flag}=127.0.0.1:9464, not "${text}"`)
  }
  return { host: bracketed ?? (plain || otherwise.host), port: number }
}

/** As it stands in a URL. */
export function addressText({ host, port }: ListenAddress): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}
