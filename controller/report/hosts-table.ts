/** How the hosts of a run fared, a row each. */
import type { HostReport } from '../host-record.ts'
import { bytesText, countText } from '../outputs/format.ts'
import { shareOf } from '../port-record.ts'
import { html, type Markup } from './html.ts'
import { table } from './tables.ts'

/** Rows at most; those with the least left come first then. */
const rowsMax = 100

const head = [
  'host',
  'cores',
  'CPU mean',
  'CPU',
  'stolen',
  'memory free',
  'received',
  'sent',
  'sockets',
  'TIME_WAIT',
  'ports in use',
  'address',
  'descriptors',
]

/** Nothing when no host has told. */
export function hostsTable(hosts: readonly HostReport[]): Markup | null {
  const told = hosts.filter((host) => host.told > 0)
  if (told.length === 0) return null
  const caption =
    told.length > rowsMax
      ? `${rowsMax} of ${countText(told.length)} hosts at their worst, those with the least left first; CPU in parts of all cores`
      : 'Hosts at their worst; CPU in parts of all cores'
  return table(caption, head, mostPressedFirst(told).map(row))
}

function row(host: HostReport): readonly (string | Markup)[] {
  return [
    host.host,
    String(Number(host.cores.toFixed(1))),
    percent(host.cpuMean),
    percent(host.cpuMax),
    percent(host.stealMax),
    bytesText(host.memoryAvailableBytesMin),
    `${bytesText(host.receivedBytesPerSecondMax)}/s`,
    `${bytesText(host.sentBytesPerSecondMax)}/s`,
    countText(host.socketsMax),
    countText(host.timeWaitMax),
    ...portCells(host),
    countText(host.descriptorsMax),
  ]
}

/** Folders of an earlier version do not tell them. */
function portCells({ ports }: Partial<HostReport>): readonly (string | Markup)[] {
  if (ports === undefined || ports === null) return ['', html`<td class="text"></td>`]
  const { address, open, waiting, available } = ports
  const whose = address === '' ? 'any' : address
  return [
    `${countText(open + waiting)} of ${countText(available)} (${percent(shareOf(ports))})`,
    html`<td class="text">${whose}</td>`,
  ]
}

function mostPressedFirst(hosts: readonly HostReport[]): readonly HostReport[] {
  if (hosts.length <= rowsMax) return hosts
  const pressure = ({ cpuMax, stealMax, ports }: HostReport): number =>
    Math.max(cpuMax + stealMax, ports === null ? 0 : shareOf(ports))
  return [...hosts].sort((a, b) => pressure(b) - pressure(a)).slice(0, rowsMax)
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`
}
