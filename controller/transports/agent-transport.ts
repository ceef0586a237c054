/**
 * The link to one agent, which outlives the connections that carry it.
 *
 * ```
 * opening --hello--> linked --connection ends, or is given up--> cut --hello again--> linked
 *    |                  |                                         |
 *    '--fails-----------+--closed by us---------------------------+--no agent, or grace over--> over
 * ```
 */
import { encodeLine, LineDecoder } from '../../core/wire/codec.ts'
import type { FromAgent, ToAgent } from '../../core/wire/messages.ts'
import type { RemoteProcess } from '../ssh/shell.ts'
import type { AgentHandlers, AgentLink, LinkDeadlines, Role, Transport, Way } from './transport.ts'

/** What of the relay's standard error is kept to explain its end, in characters. */
const keptStderr = 4000
/** The relay's exit code when it should rejoin an agent and there is none. */
const noAgent = 3

export class AgentTransport implements Transport {
  readonly host: string
  readonly isLocal: boolean
  readonly moves: () => number
  readonly #open: () => Promise<Way>
  readonly #deadlines: LinkDeadlines

  /** @param open opens a way to the host; called again after each cut */
  constructor(
    { host, isLocal, moves }: Pick<Transport, 'host' | 'isLocal' | 'moves'>,
    open: () => Promise<Way>,
    deadlines: LinkDeadlines,
  ) {
    this.host = host
    this.isLocal = isLocal
    this.moves = moves ?? (() => 0)
    this.#open = open
    this.#deadlines = deadlines
  }

  connect(handlers: AgentHandlers, role: Role = 'relay'): AgentLink {
    return new Link(this.#open, this.#deadlines, handlers, role)
  }
}

class Link implements AgentLink {
  readonly #open: () => Promise<Way>
  readonly #deadlines: LinkDeadlines
  readonly #handlers: AgentHandlers
  readonly #over: Promise<void>
  #relay: RemoteProcess | null = null
  #queue: string[] = []
  #blocked = false
  /** It is there, or was: from then on cuts are mended. */
  #joined: boolean
  #closing = false
  #isOver = false
  #giveUp: (reason: string) => void = () => undefined
  /** Ends the wait between two attempts. */
  #hurry: () => void = () => undefined

  constructor(
    open: () => Promise<Way>,
    deadlines: LinkDeadlines,
    handlers: AgentHandlers,
    role: Role,
  ) {
    this.#open = open
    this.#deadlines = deadlines
    this.#handlers = handlers
    this.#joined = role === 'rejoin'
    this.#over = this.#live(role)
  }

  get backlog(): number {
    return this.#queue.length
  }

  send(message: ToAgent): void {
    // Before the first hello it waits; while the link is cut it would come too late.
    if (this.#isOver || (this.#relay === null && this.#joined)) return
    this.#queue.push(...encodeLine(message))
    this.#pump()
  }

  reopen(reason: string): void {
    this.#giveUp(reason)
  }

  async close(graceMs: number): Promise<void> {
    if (this.#isOver) return
    this.#closing = true
    this.send({ type: 'stop', graceMs })
    this.#hurry()
    const slackMs = graceMs + this.#deadlines.closeSlackMs
    const timer = setTimeout(() => this.#giveUp('it did not end in time'), slackMs)
    await this.#over
    clearTimeout(timer)
  }

  /** From the first connection to the end of the last. */
  async #live(role: Role): Promise<void> {
    let end = await this.#connection(role)
    let deadlineMs = performance.now() + this.#deadlines.graceMs
    while (!end.isFinal && !this.#closing && performance.now() < deadlineMs) {
      if (end.wasJoined) {
        deadlineMs = performance.now() + this.#deadlines.graceMs
        this.#handlers.cut(end.reason)
      } else await this.#pause()
      if (this.#closing) break
      end = await this.#connection('rejoin')
    }
    this.#isOver = true
    this.#queue = []
    this.#handlers.closed(this.#closing ? '' : end.reason, end.error ?? null)
  }

  /** One connection, from its opening to its end. */
  async #connection(role: Role): Promise<ConnectionEnd> {
    const given = new Promise<string>((resolve) => {
      this.#giveUp = resolve
    })
    let wasJoined = false
    let way: Way | null = null
    try {
      const opening = this.#open()
      const opened = await Promise.race([opening, given])
      if (typeof opened === 'string') {
        // It comes too late, and is not wanted any more.
        opening.then((each) => each.close()).catch(() => undefined)
        return { reason: opened, isFinal: false, wasJoined }
      }
      way = opened
      const relay = await way.run(role)
      const stderr = this.#attach(relay, () => {
        wasJoined = true
      })
      const [reason, code] = await Promise.race([
        relay.ended.then(({ code: each, signal }) => [howItEnded(each, signal), each] as const),
        way.lost.then((why) => [`is cut off: ${why}`, null] as const),
        given.then((why) => [why, null] as const),
      ])
      const told = stderr().trim()
      return {
        reason: told === '' ? reason : `${reason}: ${told}`,
        isFinal: code === noAgent || !this.#joined,
        wasJoined,
      }
    } catch (error) {
      const reason = `was not started: ${textOf(error)}`
      return { reason, error: error as Error, isFinal: !this.#joined, wasJoined }
    } finally {
      this.#relay = null
      this.#blocked = false
      this.#queue = []
      way?.close()
    }
  }

  /** @returns what the relay said on its standard error so far */
  #attach(relay: RemoteProcess, onHello: () => void): () => string {
    let stderr = ''
    const decoder = new LineDecoder(
      (value) => {
        const message = value as FromAgent
        if ('type' in message && message.type === 'hello') {
          this.#joined = true
          onHello()
        }
        if (this.#relay === relay) this.#handlers.message(message)
      },
      (text) => this.#handlers.stray(text),
    )
    this.#relay = relay
    relay.stdout.on('data', (bytes: Buffer) => decoder.push(bytes))
    relay.stderr.on('data', (bytes: Buffer) => {
      stderr = (stderr + bytes.toString()).slice(-keptStderr)
    })
    // The end of the relay breaks its pipe; the end itself is told by `ended`.
    relay.stdin.on('error', () => undefined)
    relay.stdin.on('drain', () => {
      this.#blocked = false
      this.#pump()
    })
    this.#pump()
    return () => stderr
  }

  #pump(): void {
    const relay = this.#relay
    if (relay === null) return
    let sent = 0
    while (!this.#blocked && sent < this.#queue.length) {
      this.#blocked = !relay.stdin.write(this.#queue[sent++]!)
    }
    if (sent > 0) this.#queue = this.#queue.slice(sent)
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.#deadlines.retryMs)
      this.#hurry = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}

interface ConnectionEnd {
  readonly reason: string
  /** What kept it from being opened. */
  readonly error?: Error
  /** Nothing will come of another attempt. */
  readonly isFinal: boolean
  /** The agent said hello on it. */
  readonly wasJoined: boolean
}

function howItEnded(code: number | null, signal: string | null): string {
  if (signal !== null) return `was killed by ${signal}`
  if (code === 0) return 'closed its connection'
  return code === null ? 'is cut off' : `ended with exit code ${code}`
}

function textOf(error: unknown): string {
  const { message, hint } = error as { readonly message: string; readonly hint?: string | null }
  return hint ? `${message} (${hint})` : message
}
