/** What a plan will ask of each host, and what of it the host has: ports, descriptors, memory. */
import type { HostLimits } from '../core/host-limits.ts'
import type { Plan } from '../core/plan/model.ts'
import { countAddresses, type PredictedHost, predict } from '../core/plan/predict.ts'
import type { Scenario, SourceAddress } from '../core/scenario/model.ts'

import type { KnownHost } from './host-record.ts'
import type { PortRules } from './port-record.ts'

/** What is known of a host. */
export type KnownLimits = Omit<HostLimits, 'cores'> & { readonly addresses: readonly string[] }

export interface HostNeeds {
  /** As the scenario names it. */
  readonly host: string
  readonly launchers: number
  /** Launchers, and those that they hand over to. */
  readonly processes: number
  readonly peakUsers: number
  /** Open connections at once. */
  readonly sockets: number
  readonly ports: PortNeeds
  /** Of one launcher. */
  readonly descriptors: number
  readonly memoryBytes: number
  /** Of all its clients, each once. */
  readonly addresses: readonly SourceAddress[]
}

export interface PortNeeds {
  /** At once; those in TIME_WAIT count unless they are used again. */
  readonly needed: number
  /** For each source address and server. */
  readonly available: number
  /** Ports of one address to one server, both ends included. */
  readonly range: readonly [number, number]
  /** The range is the scenario's (`ports_range`), not the system's. */
  readonly isOption: boolean
  /** Ports in TIME_WAIT are used again. */
  readonly isReused: boolean
}

/** Descriptors of a launcher that are no connections. */
export const ownDescriptors = 40

/**
 * By host; null where nothing is known of it, or nothing of the plan is played on it.
 *
 * @param ofClient index of each client's host
 * @param known by host
 */
export function hostNeeds(
  scenario: Scenario,
  plan: Plan,
  ofClient: readonly number[],
  known: readonly (KnownLimits | null)[],
): readonly (HostNeeds | null)[] {
  const byClient = ofClient.map((host) => known[host] ?? null)
  const { hosts } = predict(scenario, plan, undefined, byClient)
  return known.map((limits, host) => {
    const clients = hosts.filter(({ client }) => ofClient[client] === host)
    return limits === null || clients.length === 0 ? null : needsOf(scenario, clients, limits)
  })
}

/** A host whose record is kept. */
export interface Recorded {
  readonly known: KnownHost
  readonly rules: PortRules
  /** Indices of the clients that are played on it. */
  readonly clients: readonly number[]
}

/**
 * What there is of each host, for its record.
 *
 * @param names of the hosts
 * @param facts by host; null: it was not reached
 */
export function knownHosts(
  scenario: Scenario,
  plan: Plan,
  { names, ofClient }: { readonly names: readonly string[]; readonly ofClient: readonly number[] },
  facts: readonly ((KnownLimits & Pick<HostLimits, 'cores'>) | null)[],
): readonly Recorded[] {
  const needs = hostNeeds(scenario, plan, ofClient, facts)
  return names.flatMap((host, at) => {
    const limits = facts[at] ?? null
    if (limits === null) return []
    const { cores, memoryBytes, addresses } = limits
    const { ports, addresses: own = [] } = needs[at] ?? {}
    const known = {
      host,
      cores,
      memoryBytes,
      addresses: Math.max(1, sumOf(own, addresses)),
      portsAvailable: Math.round(ports?.available ?? 0),
    }
    const clients = [...ofClient.keys()].filter((client) => ofClient[client] === at)
    return [{ known, rules: portRules(scenario, limits), clients }]
  })
}

/** What bounds the ports of a host. @param limits of the host */
export function portRules(
  scenario: Scenario,
  { tcpTwReuse = 0 }: Pick<KnownLimits, 'tcpTwReuse'>,
): PortRules {
  const targets = new Set(scenario.servers.map(({ host, port }) => `${host}:${port}`))
  return { targets: Math.max(1, targets.size), isReused: isReused(scenario, tcpTwReuse) }
}

function isReused(scenario: Scenario, tcpTwReuse: number): boolean {
  return tcpTwReuse === 1 || (tcpTwReuse === 2 && targetsLoopback(scenario))
}

function sumOf(own: readonly SourceAddress[], addresses: readonly string[]): number {
  return own.reduce((total, each) => total + countAddresses(each, { addresses }), 0)
}

function needsOf(
  scenario: Scenario,
  clients: readonly PredictedHost[],
  limits: KnownLimits,
): HostNeeds {
  const addresses = clients.flatMap(({ client }) => scenario.clients[client]!.addresses)
  return {
    host: clients[0]!.host,
    launchers: sum(clients, ({ launchers }) => launchers),
    processes: sum(clients, ({ launchers, successors }) => launchers + successors),
    peakUsers: sum(clients, ({ peakUsers }) => peakUsers),
    sockets: sum(clients, ({ sockets }) => sockets),
    ports: portNeeds(scenario, clients, limits),
    descriptors: descriptorsOf(scenario, clients),
    memoryBytes: sum(clients, ({ memoryBytes }) => memoryBytes),
    addresses: [...new Map(addresses.map((each) => [JSON.stringify(each), each])).values()],
  }
}

function portNeeds(
  scenario: Scenario,
  clients: readonly PredictedHost[],
  { portRange, tcpTwReuse = 0 }: KnownLimits,
): PortNeeds {
  const reused = isReused(scenario, tcpTwReuse)
  const { portsRange } = scenario.options
  return {
    needed: sum(clients, ({ sockets, ports }) => (reused ? sockets : ports)),
    available: portsTogether(scenario, clients),
    range: portsRange === null ? portRange : [portsRange.min, portsRange.max],
    isOption: portsRange !== null,
    isReused: reused,
  }
}

/** Clients of one host with the same addresses have the same ports. */
function portsTogether(scenario: Scenario, clients: readonly PredictedHost[]): number {
  const distinct = new Map<string, number>()
  for (const { client, portsAvailable } of clients) {
    const { addresses } = scenario.clients[client]!
    const names = addresses.length === 0 ? ['any'] : addresses.map(nameOf)
    for (const name of names) distinct.set(name, portsAvailable / names.length)
  }
  return [...distinct.values()].reduce((total, each) => total + each, 0)
}

function nameOf(address: SourceAddress): string {
  return JSON.stringify(address)
}

function descriptorsOf({ clients: all }: Scenario, clients: readonly PredictedHost[]): number {
  const most = clients.map(({ client, sockets, launchers }) =>
    Math.min(Math.ceil(sockets / launchers), all[client]!.maxUsers),
  )
  return Math.max(...most) + ownDescriptors
}

function targetsLoopback({ servers }: Scenario): boolean {
  return servers.every(
    ({ host }) => host === 'localhost' || host === '::1' || host.startsWith('127.'),
  )
}

function sum(clients: readonly PredictedHost[], of: (client: PredictedHost) => number): number {
  return clients.reduce((total, each) => total + of(each), 0)
}
