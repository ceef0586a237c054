/** The agent of another host: reached over a shell, brought there when it is not there yet, run as one command. */
import type { ToAgent } from '../../core/wire/messages.ts'
import { makeReady } from '../ssh/remote-host.ts'
import { type RemoteShell, shellWord } from '../ssh/shell.ts'
import { StreamLink } from './stream-link.ts'
import type { AgentHandlers, AgentLink, Transport } from './transport.ts'

/** How much longer than its grace an agent may take to end before its connection is closed, in ms. */
const closeSlackMs = 3000

export interface RemoteOptions {
  /** Opens the shell. @throws {SshError} */
  readonly open: () => Promise<RemoteShell>
  /** What runs on the host. */
  readonly bundle: Buffer
  /** Path of Node there; null: it is looked for. */
  readonly node: string | null
}

export class RemoteTransport implements Transport {
  readonly host: string
  readonly #options: RemoteOptions

  constructor(host: string, options: RemoteOptions) {
    this.host = host
    this.#options = options
  }

  connect(handlers: AgentHandlers): AgentLink {
    return new RemoteLink(this.#options, handlers)
  }
}

class RemoteLink implements AgentLink {
  readonly #link: StreamLink
  readonly #opened: Promise<void>
  #shell: RemoteShell | null = null
  #closing = false

  constructor(options: RemoteOptions, handlers: AgentHandlers) {
    this.#link = new StreamLink(handlers)
    this.#opened = this.#run(options).catch((error: Error & { hint?: string | null }) => {
      const hint = error.hint ? ` (${error.hint})` : ''
      this.#end(`was not started: ${error.message}${hint}`)
    })
  }

  get backlog(): number {
    return this.#link.backlog
  }

  send(message: ToAgent): void {
    this.#link.send(message)
  }

  async close(graceMs: number): Promise<void> {
    this.#closing = true
    this.send({ type: 'stop', graceMs })
    const cut = setTimeout(() => this.#shell?.close(), graceMs + closeSlackMs)
    await this.#opened
    clearTimeout(cut)
    this.#shell?.close()
  }

  /** From the first packet to the end of the agent. */
  async #run({ open, bundle, node }: RemoteOptions): Promise<void> {
    const shell = await open()
    this.#shell = shell
    if (this.#closing) {
      shell.close()
      this.#end('')
      return
    }
    const ready = await makeReady(shell, bundle, node)
    const agent = await shell.run(`exec ${shellWord(ready.node)} ${shellWord(ready.bundle)} agent`)
    this.#link.attach(agent)
    const lost = shell.lost.then((why) => ({ why }))
    const end = await Promise.race([agent.ended.then((each) => ({ each })), lost])
    if ('why' in end) this.#end(`is cut off: ${end.why}`)
    else {
      const { code, signal } = end.each
      this.#end(signal === null ? `ended with exit code ${code}` : `was killed by ${signal}`)
    }
  }

  #end(how: string): void {
    this.#link.ended(this.#closing ? '' : how)
  }
}
