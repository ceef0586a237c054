/** From `<websocket>` to plain data. Source: reference tsung-protocols.md, 5; Tsung 1.7, run. */
import { byteString } from '../../core/byte-string.ts'
import { translateRegexp } from '../../core/regexp/translate.ts'
import type { Json, ParseContext, ParsedRequest, ScenarioElement } from '../api.ts'
import type { Compression, Expected, SessionNeeds, WebsocketData } from './data.ts'
import { isCloseCode } from './frames.ts'

/** Characters of a label. */
const labelLength = 40

/** Headers that the handshake has of its own. Source: reference tsung-protocols.md, 5.1. */
const ownHeaders: readonly string[] = [
  'host',
  'upgrade',
  'connection',
  'origin',
  'sec-websocket-key',
  'sec-websocket-version',
  'sec-websocket-protocol',
  'sec-websocket-extensions',
]

/** What the requests of a session mean for its connections. */
export function newParseState(): SessionNeeds {
  return { keeps: false, measures: false }
}

export function parseRequest(
  element: ScenarioElement,
  context: ParseContext,
): ParsedRequest | null {
  const { attributes } = element
  const needs = context.state as SessionNeeds
  if (attributes.get('stamped') === 'true') needs.measures = true
  if (context.subst === 'true') checkMarkers(element, context)
  const data = dataOf(element, context, needs)
  if (data === null) return null
  const isAwaited = attributes.get('ack') !== 'no_ack' || !hasAck.includes(data.type)
  return {
    ack: isAwaited ? 'parse' : 'no_ack',
    data: data as unknown as Json,
    label: labelOf(data),
  }
}

/** Types whose answer need not be waited for. */
const hasAck: readonly WebsocketData['type'][] = ['message', 'ping']

function dataOf(
  element: ScenarioElement,
  context: ParseContext,
  needs: SessionNeeds,
): WebsocketData | null {
  const { attributes } = element
  const deadlineMs = msOf(element, 'deadline')
  const isAwaited = attributes.get('ack') !== 'no_ack'
  switch (attributes.get('type')) {
    case 'connect':
      return connectOf(element, context, deadlineMs, needs)
    case 'message': {
      const expected = expectedOf(element, context, deadlineMs)
      if (expected === null) return null
      return {
        type: 'message',
        text: textOf(element),
        isText: attributes.get('frame') === 'text',
        fragmentBytes: Number(attributes.get('fragment') ?? 0),
        stream: attributes.get('stamped') === 'true' ? (attributes.get('stream') ?? '') : null,
        expected: isAwaited ? expected : null,
      }
    }
    case 'receive': {
      needs.keeps = true
      const expected = expectedOf(element, context, deadlineMs)
      return expected === null ? null : { type: 'receive', expected }
    }
    case 'ping':
      return { type: 'ping', text: textOf(element), isAwaited, deadlineMs }
    default:
      return closeOf(element, context, deadlineMs)
  }
}

function connectOf(
  element: ScenarioElement,
  context: ParseContext,
  deadlineMs: number,
  needs: SessionNeeds,
): WebsocketData {
  const { attributes } = element
  return {
    type: 'connect',
    path: attributes.get('path') ?? '/',
    origin: attributes.get('origin') ?? '',
    subprotocols: attributes.get('subprotocols') ?? '',
    headers: headersOf(element, context),
    compression: (attributes.get('compression') ?? 'off') as Compression,
    keepaliveMs: msOf(element, 'keepalive'),
    deadlineMs,
    needs,
  }
}

function headersOf(
  element: ScenarioElement,
  context: ParseContext,
): readonly (readonly [string, string])[] {
  const headers: (readonly [string, string])[] = []
  for (const header of element.children) {
    const name = header.attributes.get('name') ?? ''
    if (ownHeaders.includes(name.toLowerCase())) {
      const text = `the handshake has its own ${name}: this one is not sent`
      context.warning('W_UNUSED_ATTRIBUTE', text, header.attributePosition('name'))
      continue
    }
    const value = header.attributes.get('value') ?? ''
    const isEncoded = header.attributes.get('encoding') === 'base64'
    headers.push([name, isEncoded ? btoa(byteString(value)) : value])
  }
  return headers
}

/** Null after a report. */
function expectedOf(
  element: ScenarioElement,
  context: ParseContext,
  deadlineMs: number,
): Expected | null {
  const filter = element.attributes.get('expecting') ?? ''
  const isOpen = context.subst === 'true' && filter.includes('%%')
  const fault = isOpen ? null : translateRegexp(byteString(filter), 'test')
  if (fault !== null && 'type' in fault) {
    const text = `expecting of <websocket> cannot be used: ${fault.text}`
    const place = element.attributePosition('expecting')
    if (fault.type === 'invalid') context.error('E_REGEXP', text, place)
    else context.unplayable('U_REGEXP', text, place)
    return null
  }
  const count = Number(element.attributes.get('expect') ?? 1)
  return { count, filter: byteString(filter), deadlineMs }
}

function closeOf(
  element: ScenarioElement,
  context: ParseContext,
  deadlineMs: number,
): WebsocketData | null {
  const code = Number(element.attributes.get('code') ?? 1000)
  if (!isCloseCode(code)) {
    const text = `${code} is no code that a close frame may have`
    const hint = 'it can be 1000 to 1003, 1007 to 1014, or 3000 to 4999'
    context.error('E_BAD_ATTRIBUTE', text, element.attributePosition('code'), hint)
    return null
  }
  const reason = element.attributes.get('reason') ?? 'close'
  return { type: 'close', code, reason, deadlineMs }
}

/** Tsung takes the spaces at both ends away, and leaves line ends. */
function textOf({ text }: ScenarioElement): string {
  return text.replace(/^ +| +$/g, '')
}

function msOf({ attributes }: ScenarioElement, name: string): number {
  return Math.round(Number(attributes.get(name) ?? 0) * 1000)
}

const substituted: readonly string[] = [
  'path',
  'origin',
  'subprotocols',
  'expecting',
  'reason',
  'stream',
]

function checkMarkers(element: ScenarioElement, context: ParseContext): void {
  for (const name of substituted) {
    const text = element.attributes.get(name)
    if (text !== undefined) context.checkMarkers(text, element.attributePosition(name))
  }
  for (const header of element.children) {
    const value = header.attributes.get('value')
    if (value !== undefined) context.checkMarkers(value, header.attributePosition('value'))
  }
  context.checkMarkers(element.text, element.position)
}

function labelOf(data: WebsocketData): string {
  switch (data.type) {
    case 'connect':
      return `connect ${data.path}`
    case 'message':
      return `message ${shortened(data.text)}`
    case 'receive':
      return `receive ${data.expected.count}`
    default:
      return data.type
  }
}

function shortened(text: string): string {
  const line = text.trim()
  return line.length <= labelLength ? line : `${line.slice(0, labelLength)}…`
}
