/** The hosts in the live view: of many, the one that fares worst in each respect. */
import type { HostStanding } from '../host-record.ts'
import { bytesText, countText, printable } from '../outputs/format.ts'
import { shareOf } from '../port-record.ts'
import { defaultLimits } from '../verdict-limits.ts'
import type { Row, Segment } from './frame.ts'

/** Little is left of a host beyond one of these: CPU of all cores, and memory that is available. */
const tight = { cpu: 0.9, memoryAvailable: 0.1 } as const

/** Two rows; none as long as no host has told. */
export function hostRows(hosts: readonly HostStanding[]): readonly Row[] {
  if (hosts.length === 0) return []
  const sum = (of: (host: HostStanding) => number): number =>
    hosts.reduce((total, each) => total + of(each), 0)
  const cpu = worst(hosts, (host) => host.cpu)
  const steal = worst(hosts, (host) => host.steal)
  const memory = worst(hosts, (host) => -host.memoryAvailableBytes / Math.max(1, host.memoryBytes))
  const free = memory.memoryAvailableBytes
  const named = (host: HostStanding): string =>
    hosts.length === 1 ? '' : ` (${printable(host.host)})`
  return [
    [
      'hosts     ',
      hosts.length === 1 ? `${printable(cpu.host)}: ` : `${countText(hosts.length)}, worst: `,
      alarming(cpu.cpu > tight.cpu, `CPU ${percent(cpu.cpu)}${named(cpu)}`),
      ', ',
      alarming(steal.steal > limitOf('steal'), `steal ${percent(steal.steal)}${named(steal)}`),
      ', ',
      alarming(
        free < tight.memoryAvailable * memory.memoryBytes,
        `${bytesText(free)} free${named(memory)}`,
      ),
    ],
    [
      ' '.repeat(10),
      ...portSegments(hosts),
      `in ${bytesText(sum((host) => host.receivedBytesPerSecond))}/s`,
      `, out ${bytesText(sum((host) => host.sentBytesPerSecond))}/s`,
      `, ${countText(sum((host) => host.descriptors))} descriptors`,
    ],
  ]
}

/** Of the fullest source address, by its name, or by its host's where it is the system's choice. */
function portSegments(hosts: readonly HostStanding[]): readonly Segment[] {
  const fullest = worst(hosts, portShare)
  if (fullest.ports === null) return []
  const share = portShare(fullest)
  const whose = fullest.ports.address || (hosts.length === 1 ? '' : printable(fullest.host))
  const told = whose === '' ? '' : ` (${whose})`
  return [alarming(share > limitOf('ports'), `ports ${percent(share)}${told}`), ', ']
}

function portShare({ ports }: HostStanding): number {
  return ports === null ? 0 : shareOf(ports)
}

/** As it is unless `--verdict` has another one: that is told in the verdict so far. */
function limitOf(name: 'steal' | 'ports'): number {
  return defaultLimits[name].suspect ?? Infinity
}

function worst(hosts: readonly HostStanding[], of: (host: HostStanding) => number): HostStanding {
  return hosts.reduce((a, b) => (of(b) > of(a) ? b : a))
}

function alarming(isBad: boolean, text: string): Segment {
  return isBad ? ['red', text] : text
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`
}
