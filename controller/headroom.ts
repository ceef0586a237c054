/** Whether the hosts have what a plan will ask of them: ports, descriptors, memory. Told before the start; it runs anyway. */
import type { HostLimits } from '../core/host-limits.ts'
import type { Plan } from '../core/plan/model.ts'
import { type PredictedHost, predict } from '../core/plan/predict.ts'
import type { Scenario, SourceAddress } from '../core/scenario/model.ts'
import { bytesText, countText, plural, printable } from './outputs/format.ts'

/** What is known of a host. */
export type KnownLimits = Omit<HostLimits, 'cores'> & { readonly addresses: readonly string[] }

/** Descriptors of a launcher that are no connections. */
const ownDescriptors = 40

/**
 * One line for each host that will run short, with numbers and remedies.
 *
 * @param ofClient index of each client's host
 * @param known by host; null: nothing is known of it, and nothing is said
 */
export function headroomWarnings(
  scenario: Scenario,
  plan: Plan,
  ofClient: readonly number[],
  known: readonly (KnownLimits | null)[],
): readonly string[] {
  const byClient = ofClient.map((host) => known[host] ?? null)
  const { hosts } = predict(scenario, plan, undefined, byClient)
  return known.flatMap((limits, host) => {
    const clients = hosts.filter(({ client }) => ofClient[client] === host)
    if (limits === null || clients.length === 0) return []
    const short = [
      ...portsShort(scenario, clients, limits),
      ...descriptorsShort(scenario, clients, limits),
      ...memoryShort(clients, limits),
    ]
    if (short.length === 0) return []
    return [`${printable(clients[0]!.host) || 'a host'} will run short: ${short.join('; ')}`]
  })
}

function portsShort(
  scenario: Scenario,
  clients: readonly PredictedHost[],
  { portRange, tcpTwReuse = 0 }: KnownLimits,
): string[] {
  const isReused = tcpTwReuse === 1 || (tcpTwReuse === 2 && targetsLoopback(scenario))
  const needed = sum(clients, ({ sockets, ports }) => (isReused ? sockets : ports))
  const available = portsTogether(scenario, clients)
  if (needed <= available) return []
  const { portsRange } = scenario.options
  const range = portsRange === null ? portRange.join('-') : `${portsRange.min}-${portsRange.max}`
  const widen = portsRange === null ? 'net.ipv4.ip_local_port_range' : 'the option ports_range'
  const waiting = isReused ? '' : ' (those in TIME_WAIT for 60 s included)'
  const reuse = isReused ? '' : ', or set net.ipv4.tcp_tw_reuse=1'
  return [
    `${countText(needed)} ports are needed at once${waiting} and there are ${countText(available)} ` +
      `(${range} for each source address and server): give <client> more <ip> or an <iprange>, ` +
      `widen ${widen}${reuse}`,
  ]
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

function descriptorsShort(
  { clients: all }: Scenario,
  clients: readonly PredictedHost[],
  { descriptorLimit }: KnownLimits,
): string[] {
  if (descriptorLimit === 0) return []
  const most = clients.map(({ client, sockets, launchers }) =>
    Math.min(Math.ceil(sockets / launchers), all[client]!.maxUsers),
  )
  const needed = Math.max(...most) + ownDescriptors
  if (needed <= descriptorLimit) return []
  return [
    `a launcher needs ${countText(needed)} descriptors and may have ${countText(descriptorLimit)}: ` +
      `raise the limit of open files there (ulimit -Hn), give <client> more launchers (cpu), ` +
      `or set maxusers to ${countText(Math.max(1, descriptorLimit - ownDescriptors))} at most`,
  ]
}

function memoryShort(clients: readonly PredictedHost[], { memoryBytes }: KnownLimits): string[] {
  const needed = sum(clients, (each) => each.memoryBytes)
  if (needed <= memoryBytes) return []
  const processes = sum(clients, ({ launchers, successors }) => launchers + successors)
  return [
    `${bytesText(needed)} of memory are needed for ${plural(processes, 'launcher')} and its users, ` +
      `and there are ${bytesText(memoryBytes)}: add hosts, or lower the weight of this one`,
  ]
}

function targetsLoopback({ servers }: Scenario): boolean {
  return servers.every(
    ({ host }) => host === 'localhost' || host === '::1' || host.startsWith('127.'),
  )
}

function sum(clients: readonly PredictedHost[], of: (client: PredictedHost) => number): number {
  return clients.reduce((total, each) => total + of(each), 0)
}
