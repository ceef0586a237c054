/** Whether the hosts have what a plan will ask of them: ports, descriptors, memory. Told before the start; it runs anyway. */
import type { Plan } from '../core/plan/model.ts'
import type { Scenario } from '../core/scenario/model.ts'
import { type HostNeeds, hostNeeds, type KnownLimits, ownDescriptors } from './host-needs.ts'
import { bytesText, countText, plural, printable } from './outputs/format.ts'

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
  return hostNeeds(scenario, plan, ofClient, known).flatMap((needs, host) => {
    if (needs === null) return []
    const limits = known[host]!
    const short = [
      ...portsShort(needs),
      ...descriptorsShort(needs, limits),
      ...memoryShort(needs, limits),
    ]
    if (short.length === 0) return []
    return [`${printable(needs.host) || 'a host'} will run short: ${short.join('; ')}`]
  })
}

function portsShort({ ports }: HostNeeds): string[] {
  const { needed, available, range, isOption, isReused } = ports
  if (needed <= available) return []
  const widen = isOption ? 'the option ports_range' : 'net.ipv4.ip_local_port_range'
  const waiting = isReused ? '' : ' (those in TIME_WAIT for 60 s included)'
  const reuse = isReused ? '' : ', or set net.ipv4.tcp_tw_reuse=1'
  return [
    `${countText(needed)} ports are needed at once${waiting} and there are ${countText(available)} ` +
      `(${range.join('-')} for each source address and server): give <client> more <ip> or an <iprange>, ` +
      `widen ${widen}${reuse}`,
  ]
}

function descriptorsShort(
  { descriptors: needed }: HostNeeds,
  { descriptorLimit }: KnownLimits,
): string[] {
  if (descriptorLimit === 0 || needed <= descriptorLimit) return []
  return [
    `a launcher needs ${countText(needed)} descriptors and may have ${countText(descriptorLimit)}: ` +
      `raise the limit of open files there (ulimit -Hn), give <client> more launchers (cpu), ` +
      `or set maxusers to ${countText(Math.max(1, descriptorLimit - ownDescriptors))} at most`,
  ]
}

function memoryShort({ memoryBytes: needed, processes }: HostNeeds, limits: KnownLimits): string[] {
  if (needed <= limits.memoryBytes) return []
  return [
    `${bytesText(needed)} of memory are needed for ${plural(processes, 'launcher')} and its users, ` +
      `and there are ${bytesText(limits.memoryBytes)}: add hosts, or lower the weight of this one`,
  ]
}
