/** How the controller reaches the agent of a host: a child here, SSH or a dial-in elsewhere. */
import type { FromAgent, ToAgent } from '../../core/wire/messages.ts'

export interface Transport {
  /** The host, for people. */
  readonly host: string
  /** Starts the agent. Never throws: what goes wrong is told by `handlers.closed`. */
  connect(handlers: AgentHandlers): AgentLink
}

export interface AgentHandlers {
  message(message: FromAgent): void
  /** A line that is no message, or one of the agent's standard error. */
  stray(text: string): void
  /** The agent is gone; told once. Empty `reason`: it ended in order after `close`. */
  closed(reason: string): void
}

export interface AgentLink {
  /** Queued while the other side does not read; dropped once the link is closed. */
  send(message: ToAgent): void
  /** Lines that wait because the other side does not read. */
  readonly backlog: number
  /** Ends the agent and all it started; resolves when it is gone. */
  close(graceMs: number): Promise<void>
}
