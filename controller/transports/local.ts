/** This machine's agent: a child process that speaks over its standard streams. */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { encodeLine, LineDecoder } from '../../core/wire/codec.ts'
import type { FromAgent, ToAgent } from '../../core/wire/messages.ts'
import type { AgentHandlers, AgentLink, Transport } from './transport.ts'

/** What of the agent's standard error is kept to explain its end, in characters. */
const keptStderr = 4000
/** How much longer than its grace an agent may take to end before it is killed, in ms. */
const closeSlackMs = 3000

export class LocalTransport implements Transport {
  readonly host = 'localhost'
  readonly #program: readonly string[]

  /** @param program how the agent is started: command and arguments */
  constructor(program: readonly string[]) {
    this.#program = program
  }

  connect(handlers: AgentHandlers): AgentLink {
    return new LocalLink(this.#program, handlers)
  }
}

class LocalLink implements AgentLink {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>
  readonly #handlers: AgentHandlers
  readonly #gone: Promise<void>
  #queue: string[] = []
  #blocked = false
  #closing = false
  #over = false
  #stderr = ''

  constructor(program: readonly string[], handlers: AgentHandlers) {
    this.#handlers = handlers
    const [command, ...args] = program
    // A group of its own: Ctrl-C in the terminal reaches the controller alone, which decides what it means.
    this.#child = spawn(command!, args, { stdio: ['pipe', 'pipe', 'pipe'], detached: true })
    const decoder = new LineDecoder(
      (value) => handlers.message(value as FromAgent),
      (text) => handlers.stray(text),
    )
    this.#child.stdout.on('data', (bytes: Buffer) => decoder.push(bytes))
    this.#child.stderr.on('data', (bytes: Buffer) => {
      this.#stderr = (this.#stderr + bytes.toString()).slice(-keptStderr)
    })
    // The end of the agent breaks its pipe; the end itself is told below.
    this.#child.stdin.on('error', () => undefined)
    this.#child.stdin.on('drain', () => {
      this.#blocked = false
      this.#pump()
    })
    this.#gone = new Promise((resolve) => {
      this.#child.on('error', (error) => this.#end(`cannot be started: ${error.message}`, resolve))
      this.#child.on('close', (code, signal) => this.#end(howItEnded(code, signal), resolve))
    })
  }

  get backlog(): number {
    return this.#queue.length
  }

  send(message: ToAgent): void {
    if (this.#over) return
    this.#queue.push(...encodeLine(message))
    this.#pump()
  }

  async close(graceMs: number): Promise<void> {
    if (!this.#over) {
      this.#closing = true
      this.send({ type: 'stop', graceMs })
      const kill = setTimeout(() => this.#child.kill('SIGKILL'), graceMs + closeSlackMs)
      await this.#gone
      clearTimeout(kill)
    }
  }

  #pump(): void {
    let sent = 0
    while (!this.#blocked && sent < this.#queue.length) {
      this.#blocked = !this.#child.stdin.write(this.#queue[sent++]!)
    }
    if (sent > 0) this.#queue = this.#queue.slice(sent)
  }

  #end(how: string, resolve: () => void): void {
    if (this.#over) return
    this.#over = true
    this.#queue = []
    const told = this.#stderr.trim()
    const reason = told === '' ? how : `${how}: ${told}`
    this.#handlers.closed(this.#closing ? '' : reason)
    resolve()
  }
}

function howItEnded(code: number | null, signal: NodeJS.Signals | null): string {
  return signal === null ? `ended with exit code ${code}` : `was killed by ${signal}`
}
