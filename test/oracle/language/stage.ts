/** The servers that a language scenario plays against, and what each session sent to them. */
import { selfSigned } from '../../../controller/echo/certificate.ts'
import {
  type RecordingServer,
  refusingPort,
  startRecording,
} from '../../support/recording-server.ts'
import { answerTo } from './answers.ts'
import { type LineServer, startDatagrams, startLines } from './line-server.ts'

/** What came over one connection of a session, in order: HTTP requests, or all bytes of a raw connection as one. */
export interface Conversation {
  /** The name of the server's port in the scenario. */
  readonly server: string
  /** Byte strings; ports replaced by the names of their servers. */
  readonly requests: string[]
}

/** By the session's name: the connections in the order in which they began. */
export interface Conversations {
  [session: string]: Conversation[]
}

export class Stage {
  readonly conversations: Conversations = {}
  /** Moments of the requests of a session, in ms. */
  readonly moments: { [session: string]: number[] } = {}
  readonly #closing: { close(): Promise<void> }[] = []
  readonly #ports = new Map<string, number>()
  readonly #visits = new Map<string, number>()
  readonly #open = new Map<string, { session: string; conversation: Conversation }>()

  static async open(): Promise<Stage> {
    const stage = new Stage()
    await stage.#add('PORT-A', () => stage.#startHttp('PORT-A'))
    await stage.#add('PORT-B', () => stage.#startHttp('PORT-B'))
    await stage.#add('PORT-RAW', () => startLines(stage.#rawBytes('PORT-RAW'), null))
    await stage.#add('PORT-TLS', () => startLines(stage.#rawBytes('PORT-TLS'), selfSigned()))
    await stage.#add('PORT-UDP', () => startDatagrams(stage.#rawBytes('PORT-UDP')))
    stage.#ports.set('PORT-CLOSED', await refusingPort())
    return stage
  }

  /** Names of servers replaced by their ports: sizes are equal in each run because a port has five digits. */
  withPorts(text: string): string {
    let result = text
    for (const [name, port] of this.#ports) result = result.replaceAll(name, String(port))
    return result
  }

  /** The other way round. */
  withNames(bytes: string): string {
    let result = bytes
    for (const [name, port] of this.#ports) {
      result = result.replaceAll(new RegExp(`(?<!\\d)${port}(?!\\d)`, 'g'), name)
    }
    return result
  }

  async close(): Promise<void> {
    for (const server of this.#closing) await server.close()
  }

  async #add(name: string, start: () => Promise<LineServer | RecordingServer>): Promise<void> {
    const server = await start()
    this.#closing.push(server)
    if (server.port < 10_000) return this.#add(name, start)
    this.#ports.set(name, server.port)
  }

  async #startHttp(name: string): Promise<RecordingServer> {
    const server: RecordingServer = await startRecording((request, index) => {
      const { connection } = server.requests[index]!
      const session = this.#record(name, connection, request, false)
      const url = request.split(' ', 2)[1]!.replace(/\?.*/, '')
      const visits = this.#visits.get(`${session}${url}`) ?? 0
      this.#visits.set(`${session}${url}`, visits + 1)
      return answerTo(request, visits)
    })
    return server
  }

  #rawBytes(name: string): (connection: number, bytes: string) => void {
    return (connection, bytes) => this.#record(name, connection, bytes, true)
  }

  /** @returns the session: the first word of the first request of the connection */
  #record(server: string, connection: number, bytes: string, isRaw: boolean): string {
    const key = `${server} ${connection}`
    let open = this.#open.get(key)
    if (open === undefined) {
      const session = sessionOf(bytes, isRaw)
      open = { session, conversation: { server, requests: [] } }
      this.#open.set(key, open)
      this.conversations[session] ??= []
      this.conversations[session].push(open.conversation)
    }
    const { requests } = open.conversation
    if (isRaw && requests.length > 0) requests[0] += this.withNames(bytes)
    else requests.push(this.withNames(bytes))
    this.moments[open.session] ??= []
    this.moments[open.session]!.push(performance.now())
    return open.session
  }
}

function sessionOf(bytes: string, isRaw: boolean): string {
  const match = isRaw
    ? /^([\w-]+)/.exec(bytes)
    : /^\S+ (?:https?:\/\/[^/]*)?\/([^/?\s]*)/.exec(bytes)
  return match?.[1] ?? 'nobody'
}
