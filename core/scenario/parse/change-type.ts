/** `<change_type>`: another protocol and server from here on. Source: reference tsung-core.md, 1.12. */
import type { Action, Transport } from '../model.ts'
import type { XmlElement } from '../xml/tree.ts'
import type { Reading } from './reading.ts'
import { isPlayable, transports } from './servers.ts'
import { isTrue, wordOf } from './values.ts'

/** Null after a report, or when something is missing, which was told. */
export function parseChangeType(element: XmlElement, reading: Reading): Action | null {
  const { attributes, attributePosition } = element
  const newType = attributes.get('new_type')
  const host = attributes.get('host')
  const port = attributes.get('port')?.trim()
  const transport = transportOf(element)
  if (newType === undefined || host === undefined || port === undefined || transport === null) {
    return null
  }
  reading.checkText(host, attributePosition('host'))
  reading.checkText(port, attributePosition('port'))
  const isKnown = [
    checkPort(element, port, reading),
    checkType(element, newType, reading),
    checkTransport(element, transport, reading),
  ].every(Boolean)
  if (!isKnown) return null
  return {
    type: 'change_type',
    newType,
    host,
    port,
    transport,
    store: isTrue(element, 'store'),
    restore: isTrue(element, 'restore'),
    bidi: isTrue(element, 'bidi'),
    line: element.position.line,
  }
}

function transportOf(element: XmlElement): Transport | null {
  switch (element.attributes.get('server_type')) {
    case 'ws':
      return 'websocket'
    case 'wss':
      return 'websocket_ssl'
    default:
      return wordOf(element, 'server_type', transports)
  }
}

function checkPort(element: XmlElement, port: string, { report }: Reading): boolean {
  if (port.includes('%%') || (/^\d+$/.test(port) && Number(port) > 0 && Number(port) <= 65_535)) {
    return true
  }
  const text = `port of <change_type>: "${port}" is no port`
  const hint = 'write a port from 1 to 65535, or %%_variable%%'
  report.unplayable('U_UNUSABLE', text, element.attributePosition('port'), hint)
  return false
}

function checkType(element: XmlElement, type: string, { plugins, report }: Reading): boolean {
  const plugin = plugins.find((each) => each.type === type)
  if (plugin?.player !== undefined) return true
  // A type that nobody knows was reported before.
  if (plugin !== undefined) {
    const text = `sessions of type ${type} cannot be played yet`
    report.unplayable('U_SESSION_TYPE', text, element.attributePosition('new_type'))
  }
  return false
}

function checkTransport(element: XmlElement, transport: Transport, { report }: Reading): boolean {
  if (isPlayable(transport)) return true
  const text = `servers of type ${transport} cannot be played yet`
  report.unplayable('U_SERVER_TYPE', text, element.attributePosition('server_type'))
  return false
}
