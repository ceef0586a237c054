/** Data files among the hosts of a run: agents that have a file give it to the others. */
import { randomBytes } from 'node:crypto'
import type { AgentCommand, AgentMessage, FileOffer } from '../../core/wire/messages.ts'
import { type Giver, SpreadTree } from '../spread/tree.ts'

/** An agent that files are brought to. */
export interface SpreadAgent {
  readonly agent: number
  readonly host: string
  send(command: AgentCommand): void
  /** Sends the file from here. */
  sendFile(): Promise<void>
}

/** For an agent to open its listener, behind everything that it is being sent, in ms. */
const offerMs = 120_000
/** For a download, which ends by itself when it stands still, in ms. */
const fetchMs = 1_800_000

interface Pending {
  readonly agent: number
  readonly settle: (message: AgentMessage | null) => void
}

export class FileSpread {
  readonly #tree: SpreadTree
  /** By token of an offer, or hash of a file. */
  readonly #pending = new Map<string, Pending>()

  /** @param onFallback told why a file was sent from here after all */
  constructor(onFallback: (text: string) => void) {
    this.#tree = new SpreadTree(onFallback)
  }

  /** @throws the system's error when the file cannot be read here */
  async bring(sha256: string, agents: readonly SpreadAgent[]): Promise<void> {
    try {
      await Promise.all(agents.map((agent) => this.#bringTo(sha256, agent)))
    } finally {
      for (const { send } of agents) send({ type: 'unoffer' })
    }
  }

  /** An agent has answered. */
  onMessage(agent: number, message: AgentMessage): void {
    if (message.type === 'offered') this.#settle(keyOf(agent, message.token), message)
    if (message.type === 'fetched') this.#settle(keyOf(agent, message.sha256), message)
  }

  /** Its link is cut, or it is gone: no answer comes. */
  lost(agent: number): void {
    for (const [key, pending] of this.#pending) {
      if (pending.agent === agent) this.#settle(key, null)
    }
  }

  async #bringTo(sha256: string, to: SpreadAgent): Promise<void> {
    const { host } = to
    try {
      await this.#tree.bring(host, sha256, {
        fetch: (offer) => this.#fetch(sha256, to, offer),
        send: () => to.sendFile(),
      })
      this.#tree.ready(host, this.#giver(to), [sha256])
    } catch (error) {
      this.#tree.failed(host)
      throw error
    }
  }

  #giver({ agent, host, send }: SpreadAgent): Giver {
    return {
      host,
      give: async (sha256) => {
        const token = randomBytes(24).toString('hex')
        const answer = this.#answer(agent, token, offerMs)
        send({ type: 'offer', sha256, token })
        const message = await answer
        const offer = message?.type === 'offered' ? message.offer : null
        if (offer === null) throw new Error('it opens no listener')
        return offer
      },
      close: () => send({ type: 'unoffer' }),
    }
  }

  async #fetch(sha256: string, { agent, send }: SpreadAgent, offer: FileOffer): Promise<void> {
    const answer = this.#answer(agent, sha256, fetchMs)
    send({ type: 'fetch', sha256, offer })
    const message = await answer
    const why = message?.type === 'fetched' ? message.why : 'its agent does not answer'
    if (why !== null) throw new Error(why)
  }

  #answer(agent: number, what: string, deadlineMs: number): Promise<AgentMessage | null> {
    const key = keyOf(agent, what)
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#settle(key, null), deadlineMs)
      const settle = (message: AgentMessage | null): void => {
        clearTimeout(timer)
        resolve(message)
      }
      this.#pending.set(key, { agent, settle })
    })
  }

  #settle(key: string, message: AgentMessage | null): void {
    const pending = this.#pending.get(key)
    this.#pending.delete(key)
    pending?.settle(message)
  }
}

function keyOf(agent: number, what: string): string {
  return `${agent} ${what}`
}
