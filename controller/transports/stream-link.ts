/** A link to an agent over a pair of byte streams: lines out as fast as the other side reads, lines in as messages. */
import type { Readable, Writable } from 'node:stream'
import { encodeLine, LineDecoder } from '../../core/wire/codec.ts'
import type { FromAgent, ToAgent } from '../../core/wire/messages.ts'
import type { AgentHandlers } from './transport.ts'

/** What of the agent's standard error is kept to explain its end, in characters. */
const keptStderr = 4000

/** The standard streams of the agent, seen from here. */
export interface AgentStreams {
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
}

export class StreamLink {
  readonly #handlers: AgentHandlers
  #stdin: Writable | null = null
  #queue: string[] = []
  #blocked = false
  #over = false
  #stderr = ''

  constructor(handlers: AgentHandlers) {
    this.#handlers = handlers
  }

  /** Begins to speak; what was sent before waits until then. */
  attach({ stdin, stdout, stderr }: AgentStreams): void {
    const decoder = new LineDecoder(
      (value) => this.#handlers.message(value as FromAgent),
      (text) => this.#handlers.stray(text),
    )
    this.#stdin = stdin
    stdout.on('data', (bytes: Buffer) => decoder.push(bytes))
    stderr.on('data', (bytes: Buffer) => {
      this.#stderr = (this.#stderr + bytes.toString()).slice(-keptStderr)
    })
    // The end of the agent breaks its pipe; the end itself is told by `ended`.
    stdin.on('error', () => undefined)
    stdin.on('drain', () => {
      this.#blocked = false
      this.#pump()
    })
    this.#pump()
  }

  /** Lines that wait because the other side does not read. */
  get backlog(): number {
    return this.#queue.length
  }

  get isOver(): boolean {
    return this.#over
  }

  /** Dropped once the link has ended. */
  send(message: ToAgent): void {
    if (this.#over) return
    this.#queue.push(...encodeLine(message))
    this.#pump()
  }

  /** The agent is gone; told once. @param how empty: in order */
  ended(how: string): void {
    if (this.#over) return
    this.#over = true
    this.#queue = []
    const told = this.#stderr.trim()
    this.#handlers.closed(how === '' || told === '' ? how : `${how}: ${told}`)
  }

  #pump(): void {
    if (this.#stdin === null) return
    let sent = 0
    while (!this.#blocked && sent < this.#queue.length) {
      this.#blocked = !this.#stdin.write(this.#queue[sent++]!)
    }
    if (sent > 0) this.#queue = this.#queue.slice(sent)
  }
}
