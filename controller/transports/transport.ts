/** How the controller reaches the agent of a host: through a relay process here, or over SSH elsewhere. */
import type { FromAgent, ToAgent } from '../../core/wire/messages.ts'
import type { RemoteProcess } from '../ssh/shell.ts'

export interface Transport {
  /** The host, for people. */
  readonly host: string
  /** Whether the agent sees this machine's files. */
  readonly isLocal: boolean
  /** How often something has moved while the host was made ready: whoever waits for it sees that it is not stuck. */
  readonly moves?: () => number
  /**
   * Never throws: what goes wrong is told by `handlers.closed`.
   *
   * @param role `relay`, the default, starts the agent; `rejoin`: it has to be there
   */
  connect(handlers: AgentHandlers, role?: Role): AgentLink
}

export interface AgentHandlers {
  message(message: FromAgent): void
  /** A line that is no message, or one of the agent's standard error. */
  stray(text: string): void
  /** The link is cut; what is sent now is lost. It is tried again, the agent says hello when it is there. */
  cut(reason: string): void
  /**
   * The agent is gone; told once. Empty `reason`: it ended in order after `close`.
   *
   * @param error what kept it from being started, e.g. an `SshError`; null: it was started
   */
  closed(reason: string, error?: Error | null): void
}

export interface AgentLink {
  /** Queued while the other side does not read; dropped while the link is cut and once it is closed. */
  send(message: ToAgent): void
  /** Lines that wait because the other side does not read. */
  readonly backlog: number
  /** Gives the connection up and tries another: nothing came over it for too long. */
  reopen(reason: string): void
  /** Ends the agent and all it started; resolves when it is gone. */
  close(graceMs: number): Promise<void>
}

export type Role = 'relay' | 'rejoin'

/** One way to a host: a connection, on which a relay can be run. */
export interface Way {
  /** Runs the relay (`relay`: starts the agent when there is none; `rejoin`: it has to be there). */
  run(role: Role): Promise<RemoteProcess>
  /** Resolves with the reason when the connection is gone. */
  readonly lost: Promise<string>
  close(): void
}

/** All in ms. */
export interface LinkDeadlines {
  /** An agent whose link is cut is waited for so long: as long as it waits itself. */
  readonly graceMs: number
  /** Between two attempts to reach it again. */
  readonly retryMs: number
  /** What an agent may take to end beyond the grace it was given. */
  readonly closeSlackMs: number
}

export const linkDeadlines: LinkDeadlines = { graceMs: 30_000, retryMs: 500, closeSlackMs: 3000 }
