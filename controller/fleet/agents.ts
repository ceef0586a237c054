/** The agents of a run, one per host: connected, greeted, pinged, closed. */
import type {
  AgentFacts,
  AgentMessage,
  FromAgent,
  LauncherMessage,
  ToAgent,
} from '../../core/wire/messages.ts'
import { protocolVersion } from '../../core/wire/messages.ts'
import type { AgentLink, Transport } from '../transports/transport.ts'
import { Change } from './change.ts'
import type { FleetDeadlines } from './model.ts'

export interface AgentsListener {
  launcherMessage(launcher: number, message: LauncherMessage): void
  /** Told once; its launchers are gone with it. */
  agentGone(agent: number, reason: string): void
  warning(text: string): void
}

interface Agent {
  readonly transport: Transport
  readonly link: AgentLink
  facts: AgentFacts | null
  gone: boolean
  /** Our clock when it was last heard of, ms. */
  heardMs: number
  silenceTold: boolean
}

export class Agents {
  readonly #transports: readonly Transport[]
  readonly #listener: AgentsListener
  readonly #deadlines: FleetDeadlines
  readonly #agents: Agent[] = []
  readonly #change = new Change()

  constructor(
    transports: readonly Transport[],
    listener: AgentsListener,
    deadlines: FleetDeadlines,
  ) {
    this.#transports = transports
    this.#listener = listener
    this.#deadlines = deadlines
  }

  /** @returns what each told of its host, in the order of the transports; null when it could not be reached */
  async connect(): Promise<readonly (AgentFacts | null)[]> {
    for (const [index, transport] of this.#transports.entries()) {
      const link = transport.connect({
        message: (message) => this.#onMessage(index, message),
        stray: (text) => this.#listener.warning(`the agent on ${transport.host} said: ${text}`),
        closed: (reason) => this.#gone(index, reason),
      })
      const heardMs = performance.now()
      this.#agents.push({ transport, link, facts: null, gone: false, heardMs, silenceTold: false })
    }
    const greeted = (agent: Agent): boolean => agent.gone || agent.facts !== null
    await this.#change.until(() => this.#agents.every(greeted), this.#deadlines.helloMs)
    for (const [index, agent] of this.#agents.entries()) {
      if (!greeted(agent)) this.#gone(index, 'did not say hello in time')
    }
    return this.#agents.map((agent) => (agent.gone ? null : agent.facts))
  }

  host(agent: number): string {
    return this.#transports[agent]!.host
  }

  send(agent: number, message: ToAgent): void {
    this.#agents[agent]!.link.send(message)
  }

  /** A ping that would only wait behind other lines tells nothing. */
  pingable(agent: number): boolean {
    const { gone, link } = this.#agents[agent]!
    return !gone && link.backlog === 0
  }

  /**
   * Pings all, and tells of those that have been silent.
   *
   * @param deafMs how long we did not listen ourselves
   */
  beat(nowMs: number, deafMs: number): void {
    for (const [index, agent] of this.#agents.entries()) {
      if (agent.gone) continue
      agent.heardMs += deafMs
      if (this.pingable(index)) agent.link.send({ type: 'ping', t1: nowMs })
      const silentMs = nowMs - agent.heardMs
      if (agent.silenceTold || silentMs < this.#deadlines.silentMs) continue
      agent.silenceTold = true
      const forSeconds = (silentMs / 1000).toFixed(1)
      this.#listener.warning(
        `the agent on ${agent.transport.host} has been silent for ${forSeconds} s`,
      )
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#agents.map((agent) => agent.link.close(0)))
  }

  #onMessage(index: number, message: FromAgent): void {
    const agent = this.#agents[index]!
    agent.heardMs = performance.now()
    agent.silenceTold = false
    if ('launcher' in message && 'message' in message) {
      this.#listener.launcherMessage(message.launcher, message.message)
    } else this.#onAgentMessage(index, message)
  }

  #onAgentMessage(index: number, message: AgentMessage): void {
    const agent = this.#agents[index]!
    switch (message.type) {
      case 'hello':
        if (message.version === protocolVersion) agent.facts = message.facts
        else this.#gone(index, otherVersion(message.version))
        this.#change.notify()
        return
      case 'ping':
        agent.link.send({ type: 'pong', t1: message.t1, t2: performance.now() })
        return
      case 'stray':
        this.#listener.warning(strayText(agent.transport.host, message.launcher, message.text))
        return
      default:
        return
    }
  }

  #gone(index: number, reason: string): void {
    const agent = this.#agents[index]!
    if (agent.gone) return
    agent.gone = true
    if (reason !== '') {
      this.#listener.agentGone(index, `the agent on ${agent.transport.host} ${reason}`)
    }
    this.#change.notify()
  }
}

/** Why another version is refused. */
export function otherVersion(version: number): string {
  return `speaks version ${version} of the protocol, this tsts speaks ${protocolVersion}`
}

function strayText(host: string, launcher: number, text: string): string {
  const who = launcher === 0 ? `the agent on ${host}` : `launcher ${launcher} on ${host}`
  return `${who} met a line that is no message: ${text.slice(0, 200)}`
}
