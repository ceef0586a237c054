/** The target of the oracle scenarios: two recording servers whose answers are told by the path. */
import { type Answer, type RecordingServer, startRecording } from '../support/recording-server.ts'

/** A request as it came, ports replaced by the names of their servers. */
export interface Seen {
  readonly server: string
  /** From 0, by server. */
  readonly connection: number
  readonly bytes: string
}

const serverNames = ['PORT-A', 'PORT-B'] as const

export class OracleTarget {
  /** In the order of arrival, over both servers. */
  readonly seen: Seen[] = []
  readonly #servers: RecordingServer[] = []

  static async open(): Promise<OracleTarget> {
    const target = new OracleTarget()
    for (const name of serverNames) target.#servers.push(await target.#listen(name))
    return target
  }

  /** Names of servers replaced by their ports: sizes are equal in each run because a port has five digits. */
  withPorts(text: string): string {
    let result = text
    for (const [index, name] of serverNames.entries()) {
      result = result.replaceAll(name, String(this.#servers[index]!.port))
    }
    return result
  }

  async close(): Promise<void> {
    for (const server of this.#servers) await server.close()
  }

  async #listen(name: string): Promise<RecordingServer> {
    const server = await startRecording((request, index) => {
      const { connection } = server.requests[index]!
      this.seen.push({ server: name, connection, bytes: this.#withNames(request) })
      return answerTo(request)
    })
    if (server.port >= 10_000) return server
    await server.close()
    return this.#listen(name)
  }

  #withNames(bytes: string): string {
    let result = bytes
    for (const [index, name] of serverNames.entries()) {
      result = result.replaceAll(`:${this.#servers[index]!.port}`, `:${name}`)
    }
    return result
  }
}

const body = 'a body of no importance\n'
const withLength = `Content-Length: ${body.length}\r\n\r\n${body}`
const longBody = 'long '.repeat(300_000)

/** By the first part of the path; `ok` otherwise. Tsung 1.7 waits for the body that a HEAD's length promises. */
function answerTo(request: string): Answer {
  if (request.startsWith('HEAD ')) return { bytes: 'HTTP/1.1 200 OK\r\n\r\n' }
  const match = /^\S+ (?:https?:\/\/[^/]*)?\/([^/?\s]*)\/?([^?\s]*)\??(\S*)/.exec(request)
  const [, first = '', second = '', query = ''] = match ?? []
  switch (first) {
    case 'status': {
      const isEmpty = second === '204' || second === '304'
      return { bytes: `HTTP/1.1 ${second} Status\r\n${isEmpty ? '\r\n' : withLength}` }
    }
    case 'set-cookie':
      return {
        bytes: `HTTP/1.1 200 OK\r\nSet-Cookie: ${decodeURIComponent(query)}\r\n${withLength}`,
      }
    case 'set-two-cookies':
      return {
        bytes: `HTTP/1.1 200 OK\r\nSet-Cookie: x=1\r\nset-cookie: y=2; path=/\r\n${withLength}`,
      }
    case 'chunked': {
      const chunk = `${body.length.toString(16)}\r\n${body}\r\n`
      return {
        bytes: `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}${chunk}0\r\n\r\n`,
      }
    }
    case 'close-after':
      return {
        bytes: `HTTP/1.1 200 OK\r\nConnection: close\r\n${withLength}`,
        closes: true,
      }
    case 'until-close':
      return {
        bytes: `HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n${body}`,
        closes: true,
      }
    case 'http-1.0':
      return { bytes: `HTTP/1.0 200 OK\r\n${withLength}`, closes: true }
    case 'http-1.0-kept':
      return { bytes: `HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\n${withLength}` }
    case 'long':
      return {
        bytes: `HTTP/1.1 200 OK\r\nContent-Length: ${longBody.length}\r\n\r\n${longBody}`,
      }
    default:
      return 'ok'
  }
}
