/**
 * How full the ports of a host's source addresses are, from what its launchers tell.
 *
 * Launchers of one client share its addresses: what the fullest address of each has taken is added up. Users are dealt
 * out to addresses in turn, so that these are as full as one another.
 */
import type { PortsTaken } from '../core/stats/model.ts'

/** Of the fullest source address of a host: `ports` of a host in summary.json. */
export interface PortsUse {
  /** Empty: the system's choice. */
  readonly address: string
  /** Of connections that are open, or being opened. */
  readonly open: number
  /** In TIME_WAIT, at most; 0 where the system uses them again. */
  readonly waiting: number
  /** What the address has, for all servers together. */
  readonly available: number
}

/** What bounds the ports of a host. */
export interface PortRules {
  /** Servers of the scenario, each with all ports of an address. */
  readonly targets: number
  /** Ports in TIME_WAIT are used again (`net.ipv4.tcp_tw_reuse`). */
  readonly isReused: boolean
}

/** Whose ports are told: its number, and the index of its client. */
export interface PortOwner {
  readonly launcher: number
  readonly client: number
}

export interface PortMoment {
  /** End of the interval in which it was so, since the run's start. */
  readonly atMs: number
  /** Sockets of the host in TIME_WAIT; null: not known. */
  readonly timeWait: number | null
}

/** Longest that a port is kept by the system after its connection was closed, in ms. */
const timeWaitMs = 60_000

interface Member {
  readonly ports: PortsTaken
  /** What it left in TIME_WAIT is over then, ms since the run's start; Infinity: it plays. */
  readonly untilMs: number
}

export class PortRecord {
  readonly #rules: PortRules
  /** By client, then by launcher. */
  readonly #clients = new Map<number, Map<number, Member>>()
  readonly #now = new Map<number, PortsUse>()
  #fullest: PortsUse | null = null

  constructor(rules: PortRules) {
    this.#rules = rules
  }

  /** The fullest that there was. */
  get fullest(): PortsUse | null {
    return this.#fullest
  }

  /** The fullest now. */
  get now(): PortsUse | null {
    let fullest: PortsUse | null = null
    for (const use of this.#now.values()) fullest = fuller(fullest, use)
    return fullest
  }

  add({ client, launcher }: PortOwner, ports: PortsTaken | null, moment: PortMoment): void {
    const { atMs, timeWait } = moment
    if (ports === null) return
    const members = this.#clients.get(client) ?? new Map<number, Member>()
    this.#clients.set(client, members.set(launcher, { ports, untilMs: Infinity }))
    for (const [number, { untilMs }] of members) if (untilMs < atMs) members.delete(number)
    const use = this.#sum([...members.values()], timeWait)
    this.#now.set(client, use)
    this.#fullest = fuller(this.#fullest, use)
  }

  /**
   * A launcher plays no more: its connections are closed.
   *
   * @param atMs since the run's start
   */
  end({ client, launcher }: PortOwner, { atMs, timeWait }: PortMoment): void {
    const members = this.#clients.get(client)
    const member = members?.get(launcher)
    if (members === undefined || member === undefined) return
    members.set(launcher, { ports: { ...member.ports, open: 0 }, untilMs: atMs + timeWaitMs })
    this.#now.set(client, this.#sum([...members.values()], timeWait))
  }

  #sum(members: readonly Member[], timeWait: number | null): PortsUse {
    const { targets, isReused } = this.#rules
    const most = members.reduce((a, b) => (taken(b) > taken(a) ? b : a))
    const opened = members.reduce((sum, { ports }) => sum + ports.open, 0)
    const closed = members.reduce((sum, { ports }) => sum + ports.closed, 0)
    const available = most.ports.size * targets
    // Those that find no port are counted as long as they look for one.
    const open = Math.min(opened, available)
    const waiting = isReused ? 0 : Math.min(closed, timeWait ?? closed, available - open)
    return { address: most.ports.address, open, waiting, available }
  }
}

/** Share of the ports of an address that is taken, 0..1. */
export function shareOf({ open, waiting, available }: PortsUse): number {
  return available > 0 ? (open + waiting) / available : 0
}

function fuller(before: PortsUse | null, now: PortsUse): PortsUse {
  return before === null || shareOf(now) > shareOf(before) ? now : before
}

function taken({ ports: { open, closed } }: Member): number {
  return open + closed
}
