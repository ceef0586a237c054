/** The agents of a run, one per host: connected, greeted, pinged, closed. */
import { stat } from 'node:fs/promises'

import type { HostHealth } from '../../core/stats/model.ts'
import type {
  AgentCommand,
  AgentFacts,
  AgentLauncher,
  AgentMessage,
  FromAgent,
  LauncherMessage,
  ToAgent,
} from '../../core/wire/messages.ts'
import { protocolVersion } from '../../core/wire/messages.ts'
import type { AgentHandlers, AgentLink, Transport } from '../transports/transport.ts'
import { Change } from './change.ts'
import { FileSpread, type SpreadAgent } from './file-spread.ts'
import type { FleetDeadlines, SentFile } from './model.ts'
import { fileHash, sendFile } from './sent-files.ts'

/** Less is sent faster than a listener is opened for it. */
const leastSpreadBytes = 256 * 1024

export interface AgentsListener {
  launcherMessage(launcher: number, message: LauncherMessage): void
  /** Told once; its launchers are gone with it. */
  agentGone(agent: number, reason: string): void
  /** It is there again after a cut, with these launchers. */
  agentBack(agent: number, launchers: readonly AgentLauncher[]): void
  hostHealth(agent: number, health: HostHealth): void
  warning(text: string): void
}

/** An agent that another controller has started. */
export interface KnownAgent {
  readonly facts: AgentFacts
  readonly folder: string
}

interface Agent {
  readonly transport: Transport
  readonly link: AgentLink
  facts: AgentFacts | null
  /** Of the run on its host. */
  folder: string
  gone: boolean
  /** When its link was cut, on our clock in ms; null: it is not. */
  cutMs: number | null
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
  /** Null: every file is sent from here to every host. */
  readonly #spread: FileSpread | null
  /** Of the files that were sent, by path. */
  readonly #hashes = new Map<string, string>()

  /** @param spread hosts that have a file give it to the others */
  constructor(
    transports: readonly Transport[],
    listener: AgentsListener,
    deadlines: FleetDeadlines,
    spread: boolean = false,
  ) {
    this.#transports = transports
    this.#listener = listener
    this.#deadlines = deadlines
    const warn = (text: string): void => listener.warning(text)
    this.#spread = spread ? new FileSpread(warn) : null
  }

  /** @returns what each told of its host, in the order of the transports; null when it could not be reached */
  async connect(): Promise<readonly (AgentFacts | null)[]> {
    for (const [index, transport] of this.#transports.entries()) {
      const link = transport.connect(this.#handlers(index))
      const heardMs = performance.now()
      const heard = { cutMs: null, heardMs, silenceTold: false }
      this.#agents.push({ transport, link, facts: null, folder: '', gone: false, ...heard })
    }
    const greeted = (agent: Agent): boolean => agent.gone || agent.facts !== null
    const missing = (): number => this.#agents.filter((agent) => !greeted(agent)).length
    // Many hosts take their turn: those that wait for it are not late while others come.
    for (let before = missing(); before > 0; before = missing()) {
      const isBetter = (): boolean => missing() < before
      const moves = this.#moves()
      // What they need may take long on its way: so long as it moves, nobody is late.
      if (await this.#change.until(isBetter, this.#deadlines.helloMs)) continue
      if (this.#moves() === moves) break
    }
    for (const [index, agent] of this.#agents.entries()) {
      if (!greeted(agent)) this.#gone(index, 'did not say hello in time')
    }
    return this.#agents.map((agent) => (agent.gone ? null : agent.facts))
  }

  #moves(): number {
    return this.#transports.reduce((sum, { moves }) => sum + (moves?.() ?? 0), 0)
  }

  /** Agents that another controller has started: each is waited for as if its link had been cut now. */
  rejoin(known: readonly KnownAgent[]): void {
    for (const [index, transport] of this.#transports.entries()) {
      const { facts, folder } = known[index]!
      const link = transport.connect(this.#handlers(index), 'rejoin')
      const nowMs = performance.now()
      const heard = { cutMs: nowMs, heardMs: nowMs, silenceTold: false }
      this.#agents.push({ transport, link, facts, folder, gone: false, ...heard })
    }
  }

  /** What another controller would have to know of them. */
  get known(): readonly KnownAgent[] {
    return this.#agents.map(({ facts, folder }) => ({ facts: facts!, folder }))
  }

  #handlers(index: number): AgentHandlers {
    const { host } = this.#transports[index]!
    return {
      message: (message) => this.#onMessage(index, message),
      stray: (text) => this.#listener.warning(`the agent on ${host} said: ${text}`),
      cut: (reason) => this.#cut(index, reason),
      closed: (reason) => this.#gone(index, reason),
    }
  }

  /** Files that another controller has sent. @throws the system's error when one cannot be read */
  async recall(files: readonly SentFile[]): Promise<void> {
    const hasRemote = this.#transports.some(({ isLocal }) => !isLocal)
    for (const { path, sha256 } of files) {
      if (sha256 !== undefined) this.#hashes.set(path, sha256)
      else if (hasRemote) this.#hashes.set(path, await fileHash(path))
    }
  }

  host(agent: number): string {
    return this.#transports[agent]!.host
  }

  send(agent: number, message: ToAgent): void {
    this.#agents[agent]!.link.send(message)
  }

  /**
   * Brings files to the hosts that do not see ours, or have to have their own.
   *
   * @throws the system's error when one cannot be read
   */
  async sendFiles(files: readonly SentFile[]): Promise<void> {
    const there = this.#agents.filter(({ gone }) => !gone)
    const remote = there.filter(({ transport }) => !transport.isLocal)
    for (const { path, sha256 } of files) {
      const to = sha256 === undefined ? remote : there
      if (to.length === 0) continue
      const hash = sha256 ?? (await fileHash(path))
      this.#hashes.set(path, hash)
      const isSpread = this.#spread !== null && (await stat(path)).size >= leastSpreadBytes
      const direct = isSpread ? to.filter(({ transport }) => transport.isLocal) : to
      await Promise.all(direct.map(({ link }) => sendFile(path, hash, link)))
      if (isSpread) await this.#spread!.bring(hash, this.#spreadAgents(path, hash))
    }
  }

  #spreadAgents(path: string, hash: string): readonly SpreadAgent[] {
    return this.#agents.flatMap(({ transport, link, gone }, agent) => {
      if (transport.isLocal || gone) return []
      const { host } = transport
      const send = (command: AgentCommand): void => link.send(command)
      return [{ agent, host, send, sendFile: () => sendFile(path, hash, link) }]
    })
  }

  /** Where an agent's launchers find a file that was sent. */
  pathOf(agent: number, file: SentFile): string {
    const { transport, folder } = this.#agents[agent]!
    const isSeen = transport.isLocal && file.sha256 === undefined
    return isSeen ? file.path : `${folder}/files/${this.#hashes.get(file.path)}`
  }

  /** Indexes of those that can be reached now. */
  get there(): readonly number[] {
    return [...this.#agents.keys()].filter((agent) => this.isThere(agent))
  }

  /** It can be reached now. */
  isThere(agent: number): boolean {
    const { gone, cutMs } = this.#agents[agent]!
    return !gone && cutMs === null
  }

  /** A ping that would only wait behind other lines tells nothing. */
  pingable(agent: number): boolean {
    return this.isThere(agent) && this.#agents[agent]!.link.backlog === 0
  }

  /**
   * Pings all, and tells of those that have been silent.
   *
   * @param deafMs how long we did not listen ourselves
   */
  beat(nowMs: number, deafMs: number): void {
    for (const [index, agent] of this.#agents.entries()) {
      if (agent.facts === null || agent.gone || agent.cutMs !== null) continue
      agent.heardMs += deafMs
      if (this.pingable(index)) agent.link.send({ type: 'ping', t1: nowMs })
      const silentMs = nowMs - agent.heardMs
      if (agent.silenceTold || silentMs < this.#deadlines.silentMs) continue
      agent.silenceTold = true
      const forSeconds = (silentMs / 1000).toFixed(1)
      this.#listener.warning(
        `the agent on ${agent.transport.host} has been silent for ${forSeconds} s`,
      )
      agent.link.reopen(`said nothing for ${forSeconds} s`)
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
        this.#greet(index, message)
        return
      case 'ping':
        agent.link.send({ type: 'pong', t1: message.t1, t2: performance.now() })
        return
      case 'health':
        this.#listener.hostHealth(index, message.health)
        return
      case 'offered':
      case 'fetched':
        this.#spread?.onMessage(index, message)
        return
      case 'stray':
        this.#listener.warning(strayText(agent.transport.host, message.launcher, message.text))
        return
      default:
        return
    }
  }

  #greet(index: number, hello: AgentMessage & { readonly type: 'hello' }): void {
    const agent = this.#agents[index]!
    this.#change.notify()
    if (hello.version !== protocolVersion) {
      this.#gone(index, otherVersion(hello.version))
      return
    }
    const isBack = agent.facts !== null
    agent.facts = hello.facts
    agent.folder = hello.folder
    agent.link.send({ type: 'watch', graceMs: this.#deadlines.graceMs })
    if (!isBack) return
    const awaySeconds = ((performance.now() - (agent.cutMs ?? agent.heardMs)) / 1000).toFixed(1)
    agent.cutMs = null
    const text = `the agent on ${agent.transport.host} is there again after ${awaySeconds} s`
    this.#listener.warning(text)
    this.#listener.agentBack(index, hello.launchers)
  }

  #cut(index: number, reason: string): void {
    const agent = this.#agents[index]!
    agent.cutMs = performance.now()
    this.#spread?.lost(index)
    const graceS = this.#deadlines.graceMs / 1000
    this.#listener.warning(
      `the agent on ${agent.transport.host} ${reason}: its load goes on, it is waited for ${graceS} s`,
    )
  }

  #gone(index: number, reason: string): void {
    const agent = this.#agents[index]!
    if (agent.gone) return
    agent.gone = true
    this.#spread?.lost(index)
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
