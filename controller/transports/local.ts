/** This machine's agent: a child process that speaks over its standard streams. */
import { type ChildProcess, spawn } from 'node:child_process'
import type { ToAgent } from '../../core/wire/messages.ts'
import { StreamLink } from './stream-link.ts'
import type { AgentHandlers, AgentLink, Transport } from './transport.ts'

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
  readonly #child: ChildProcess
  readonly #link: StreamLink
  readonly #gone: Promise<void>
  #closing = false

  constructor(program: readonly string[], handlers: AgentHandlers) {
    this.#link = new StreamLink(handlers)
    const [command, ...args] = program
    // A group of its own: Ctrl-C in the terminal reaches the controller alone, which decides what it means.
    const child = spawn(command!, args, { stdio: ['pipe', 'pipe', 'pipe'], detached: true })
    this.#child = child
    this.#link.attach(child)
    this.#gone = new Promise((resolve) => {
      const end = (how: string): void => {
        this.#link.ended(this.#closing ? '' : how)
        resolve()
      }
      child.on('error', (error) => end(`cannot be started: ${error.message}`))
      child.on('close', (code, signal) => end(howItEnded(code, signal)))
    })
  }

  get backlog(): number {
    return this.#link.backlog
  }

  send(message: ToAgent): void {
    this.#link.send(message)
  }

  async close(graceMs: number): Promise<void> {
    if (this.#link.isOver) return
    this.#closing = true
    this.send({ type: 'stop', graceMs })
    const kill = setTimeout(() => this.#child.kill('SIGKILL'), graceMs + closeSlackMs)
    await this.#gone
    clearTimeout(kill)
  }
}

function howItEnded(code: number | null, signal: NodeJS.Signals | null): string {
  return signal === null ? `ended with exit code ${code}` : `was killed by ${signal}`
}
