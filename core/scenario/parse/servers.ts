import type { Monitor, Server, Transport } from '../model.ts'
import type { Report } from '../report.ts'
import type { XmlElement } from '../xml/tree.ts'
import { childrenOf, integerOf, isTrue, numberOf, wordOf } from './values.ts'

const playable: readonly Transport[] = [
  ...(['tcp', 'tcp6', 'ssl', 'ssl6', 'udp', 'udp6'] as const),
  ...(['websocket', 'websocket_ssl'] as const),
]
export const transports: readonly Transport[] = [...playable, 'bosh', 'bosh_ssl', 'erlang']

/** Whether this version can connect so. */
export function isPlayable(transport: Transport): boolean {
  return playable.includes(transport)
}

const maxPort = 65_535

/** @param root the whole scenario */
export function parseServers(root: XmlElement, report: Report): readonly Server[] {
  const [section] = childrenOf(root, 'servers')
  const servers = childrenOf(section, 'server').flatMap((element) => {
    const server = parseServer(element, report)
    return server === null ? [] : [server]
  })
  if (servers.length > 1 && servers.every(({ weight }) => weight === 0)) {
    const position = section?.position ?? root.position
    const text = 'every server has the weight 0: none could be chosen'
    report.unplayable('U_UNUSABLE', text, position)
  }
  return servers
}

function parseServer(element: XmlElement, report: Report): Server | null {
  const host = element.attributes.get('host')
  const port = integerOf(element, 'port')
  const transport = wordOf(element, 'type', transports)
  if (host === undefined || port === null || transport === null) return null
  if (host === '') {
    const text = 'the server has no name: only requests with an absolute URL reach anything'
    report.warning('W_EMPTY_HOST', text, element.attributePosition('host'))
  }
  if (port > maxPort) {
    const text = `${port} is no port: there are none above ${maxPort}`
    report.unplayable('U_UNUSABLE', text, element.attributePosition('port'))
  }
  if (!isPlayable(transport)) {
    const text = `servers of type ${transport} cannot be played yet`
    report.unplayable('U_SERVER_TYPE', text, element.attributePosition('type'))
  }
  return { host, port, transport, weight: numberOf(element, 'weight') ?? 1 }
}

/** @param root the whole scenario */
export function parseMonitors(root: XmlElement, report: Report): readonly Monitor[] {
  const [section] = childrenOf(root, 'monitoring')
  if (section === undefined) return []
  const text = 'monitoring is not supported yet: the servers are not watched'
  report.warning('W_MONITORING', text, section.position)
  return childrenOf(section, 'monitor').flatMap((element) => {
    refuseOids(element, report)
    if (isTrue(element, 'batch')) return []
    const host = element.attributes.get('host')
    const type = wordOf(element, 'type', ['erlang', 'snmp', 'munin']) ?? 'erlang'
    return host === undefined ? [] : [{ host, type, position: element.position }]
  })
}

function refuseOids(monitor: XmlElement, report: Report): void {
  for (const snmp of childrenOf(monitor, 'snmp')) {
    for (const oid of childrenOf(snmp, 'oid')) {
      const value = oid.attributes.get('value') ?? '1'
      if (value.split('.').every((part) => /^[+-]?\d+$|^$/.test(part))) continue
      const text = `value of <oid>: "${value}" is no object identifier`
      const hint = 'numbers with dots, e.g. 1.3.6.1.2.1.1'
      report.error('E_BAD_ATTRIBUTE', text, oid.attributePosition('value'), hint)
    }
  }
}
