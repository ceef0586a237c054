import type { Client, SourceAddress } from '../model.ts'
import type { Report } from '../report.ts'
import type { XmlElement } from '../xml/tree.ts'
import { childrenOf, integerOf, isTrue, wordOf } from './values.ts'

/** Hosts that surely are the machine of the controller. */
const localHost = /^(localhost|127\.\d+\.\d+\.\d+|::1)$/

/** @param root the whole scenario */
export function parseClients(root: XmlElement, report: Report): readonly Client[] {
  const [section] = childrenOf(root, 'clients')
  let useControllerVm = false
  const clients = childrenOf(section, 'client').map((element) => {
    // Once said, it holds for the clients that follow.
    useControllerVm ||= isTrue(element, 'use_controller_vm')
    return parseClient(element, useControllerVm, report)
  })
  refuseUnusable(section, clients, report)
  return clients
}

function parseClient(element: XmlElement, useControllerVm: boolean, report: Report): Client {
  const type = wordOf(element, 'type', ['machine', 'batch']) ?? 'machine'
  const host = element.attributes.get('host') ?? ''
  const batch = wordOf(element, 'batch', ['torque', 'pbs', 'lsf', 'oar'])
  if (type === 'batch') {
    if (batch === null) {
      const text = '<client type="batch"> needs the attribute batch'
      const hint = 'batch: torque, pbs, lsf or oar'
      report.error('E_CLIENT', text, element.position, hint)
    }
  } else if (host === '') {
    const text = '<client> needs the attribute host'
    report.unplayable('U_UNUSABLE', text, element.position, 'host="localhost" is this machine')
  }
  return {
    type,
    host: type === 'batch' ? '' : host,
    batch: type === 'batch' ? batch : null,
    weight: integerOf(element, 'weight') ?? 1,
    cpu: parseCpu(element, host, useControllerVm, report),
    maxUsers: parseMaxUsers(element, report),
    useControllerVm,
    addresses: parseAddresses(element, host, report),
    position: element.position,
  }
}

function parseMaxUsers(element: XmlElement, report: Report): number {
  const maxUsers = integerOf(element, 'maxusers') ?? 800
  if (maxUsers === 0) {
    const text = 'maxusers is 0: no launcher could play a user'
    report.unplayable('U_UNUSABLE', text, element.attributePosition('maxusers'))
  }
  return maxUsers
}

function parseCpu(
  element: XmlElement,
  host: string,
  useControllerVm: boolean,
  report: Report,
): number | 'auto' {
  const cpu = element.attributes.get('cpu') === 'auto' ? 'auto' : (integerOf(element, 'cpu') ?? 1)
  const isForced = useControllerVm && (isTrue(element, 'use_controller_vm') || localHost.test(host))
  if (!isForced || cpu === 1) return cpu
  const text = `use_controller_vm allows one launcher: cpu="${cpu}" counts as 1, as in Tsung`
  const hint = 'take use_controller_vm out to have more'
  report.warning('W_CPU', text, element.attributePosition('cpu'), hint)
  return 1
}

function parseAddresses(
  element: XmlElement,
  host: string,
  report: Report,
): readonly SourceAddress[] {
  return element.children.flatMap((child): readonly SourceAddress[] => {
    const value = child.attributes.get('value') ?? ''
    if (child.name === 'iprange') {
      const parts = parseRange(child, value, report)
      return parts === null ? [] : [{ type: 'range', parts }]
    }
    if (child.name !== 'ip') return []
    if (isTrue(child, 'scan')) return [{ type: 'scan', interface: value === '' ? 'eth0' : value }]
    if (value === '') {
      const position = child.attributePosition('value')
      report.error('E_ADDRESS', 'value of <ip> is empty', position, 'write an address')
      return []
    }
    return [{ type: 'ip', value: value === 'resolve' ? host : value }]
  })
}

/** Null after a report. */
function parseRange(
  element: XmlElement,
  value: string,
  report: Report,
): readonly (readonly [number, number])[] | null {
  const parts = value.split('.').map((part) => /^(\d+)(?:-(\d+))?$/.exec(part))
  const position = element.attributePosition('value')
  if (parts.length !== 4 || parts.some((part) => part === null)) {
    const text = `value of <iprange>: "${value}" is no range of IPv4 addresses`
    const hint = 'four parts, each a number up to 255 or two with a dash: 172.28.1-20.0-254'
    report.error('E_ADDRESS', text, position, hint)
    return null
  }
  const ranges = parts.map((part) => [Number(part?.[1]), Number(part?.[2] ?? part?.[1])] as const)
  if (ranges.every(([low, high]) => low <= high && high <= 255)) return ranges
  const text = `value of <iprange>: "${value}" holds no address`
  report.unplayable('U_UNUSABLE', text, position, 'the lower number first, none above 255')
  return null
}

function refuseUnusable(
  section: XmlElement | undefined,
  clients: readonly Client[],
  report: Report,
): void {
  if (clients.length > 0 && clients.every(({ weight }) => weight === 0)) {
    const position = section?.position ?? clients[0]!.position
    const text = 'every client has the weight 0: none could make load'
    report.unplayable('U_UNUSABLE', text, position)
  }
  const hosts = new Set<string>()
  for (const { host, type, position } of clients) {
    if (type === 'batch' || host === '') continue
    if (hosts.has(host)) {
      const text = `there are two clients host="${host}": each is used as it is written`
      const hint = 'Tsung gives the second one weight, addresses and maxusers of the first'
      report.warning('W_SAME_CLIENT', text, position, hint)
    }
    hosts.add(host)
  }
}
