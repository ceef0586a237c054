/** From `<mqtt>` to plain data. Source: reference tsung-protocols.md, 11; Tsung 1.7, run. */
import type {
  Json,
  ParseContext,
  ParsedPause,
  ParsedRequest,
  ParsedSteps,
  ScenarioElement,
} from '../api.ts'
import type { ConnectData, MqttData, Topic, Version, Will } from './data.ts'
import { checkVersion, parseProperties } from './parse-properties.ts'
import { isTrue, secondsOf, warnUnused, wholeNumber } from './parse-values.ts'
import { propertyId } from './property-table.ts'

/** What earlier requests of a session said. */
interface ParseState {
  /** Of the last connect. */
  version: Version
  /** Those that were read so far: one that comes later may still change what they have to keep. */
  readonly connects: { keepsMessages: boolean }[]
  keepsMessages: boolean
}

export function newParseState(): ParseState {
  return { version: 3, connects: [], keepsMessages: false }
}

export function parseRequest(element: ScenarioElement, context: ParseContext): ParsedSteps | null {
  const state = context.state as ParseState
  const type = element.attributes.get('type')!
  switch (type) {
    case 'connect':
      return parseConnect(element, context, state)
    case 'publish':
      return parsePublish(element, context, state)
    case 'subscribe':
      return parseSubscribe(element, context, state)
    case 'unsubscribe':
      return parseUnsubscribe(element, context, state)
    case 'waitForMessages':
      return parseWait(element, context, state)
    case 'disconnect':
      return parseDisconnect(element, context, state)
    default: {
      const text = `<mqtt type="${type}"> is not known: Tsung’s user would end here`
      const hint = 'it can be connect, publish, subscribe, unsubscribe, waitForMessages, disconnect'
      context.unplayable('U_UNUSABLE', text, element.attributePosition('type'), hint)
      return null
    }
  }
}

const versions: { readonly [text: string]: Version } = { '3.1': 3, '3.1.1': 4, '5': 5 }

function parseConnect(
  element: ScenarioElement,
  context: ParseContext,
  state: ParseState,
): ParsedRequest | null {
  const { attributes } = element
  state.version = versions[attributes.get('version') ?? '3.1'] ?? 3
  checkTexts(element, ['client_id', 'username', 'password', 'will_topic'], context)
  warnUnused(element, context, ['mqtt_topic'])
  const keepalive = wholeNumber(element, 'keepalive', 10, 0xffff, context)
  const ackTimeoutMs = secondsOf(element, 'ack_timeout', 600, context)
  const will = parseWill(element, context, state)
  const properties = parseProperties(element, 'connect', context)
  if (keepalive === null || ackTimeoutMs === null || will === undefined || properties === null) {
    return null
  }
  checkVersion(element, ['session_expiry'], state.version, context)
  const own = ownProperties(element, state.version)
  const data: ConnectData & { keepsMessages: boolean } = {
    type: 'connect',
    version: state.version,
    clientId: attributes.get('client_id') ?? null,
    cleanStart: (attributes.get('clean_start') ?? 'true') === 'true',
    keepalive,
    username: attributes.get('username') ?? null,
    password: attributes.get('password') ?? null,
    will,
    properties: [...own, ...properties],
    maxPacketBytes: Number(attributes.get('max_packet_size') ?? defaultMaxPacketBytes),
    ackTimeoutMs,
    keepsMessages: state.keepsMessages,
  }
  state.connects.push(data)
  return request(data, 'parse', 'connect')
}

const defaultMaxPacketBytes = 16 * 1024 * 1024

/** The attributes that are properties. */
function ownProperties(
  { attributes }: ScenarioElement,
  version: Version,
): ConnectData['properties'] {
  if (version < 5) return []
  const { sessionExpiry, maximumPacketSize } = propertyId
  return [
    { id: sessionExpiry, name: '', value: attributes.get('session_expiry') ?? '' },
    { id: maximumPacketSize, name: '', value: attributes.get('max_packet_size') ?? '' },
  ].filter(({ value }) => value !== '')
}

/** @returns undefined after a report */
function parseWill(
  element: ScenarioElement,
  context: ParseContext,
  { version }: ParseState,
): Will | null | undefined {
  const { attributes } = element
  const qos = wholeNumber(element, 'will_qos', 0, 2, context)
  const properties = parseProperties(element, 'will', context)
  if (qos === null || properties === null) return undefined
  const topic = attributes.get('will_topic') ?? ''
  if (topic === '') return null
  return {
    topic,
    message: attributes.get('will_msg') ?? '',
    qos,
    retain: isTrue(element, 'will_retain'),
    properties: version === 5 ? properties : [],
  }
}

function parsePublish(
  element: ScenarioElement,
  context: ParseContext,
  state: ParseState,
): ParsedRequest | null {
  const { attributes } = element
  checkTexts(element, ['topic'], context)
  warnUnused(element, context, ['mqtt_topic'])
  const payload = textOf(element)
  if (context.subst === 'true') context.checkMarkers(payload, element.position)
  const qos = wholeNumber(element, 'qos', 0, 2, context)
  const ackTimeoutMs = secondsOf(element, 'ack_timeout', 600, context)
  const properties = parseProperties(element, 'publish', context)
  if (qos === null || ackTimeoutMs === null || properties === null) return null
  checkVersion(element, ['topic_alias'], state.version, context)
  const topic = attributes.get('topic') ?? ''
  const data: MqttData = {
    type: 'publish',
    topic,
    payload,
    qos,
    retain: isTrue(element, 'retained'),
    stamped: isTrue(element, 'stamped'),
    usesAlias: isTrue(element, 'topic_alias'),
    properties,
    ackTimeoutMs,
  }
  return request(data, qos === 0 ? 'no_ack' : 'parse', `publish ${topic}`)
}

/** Without the blanks around it, as Tsung takes it; before elements without line ends either. */
function textOf({ text, children }: ScenarioElement): string {
  return children.length === 0 ? text.replace(/^ +| +$/g, '') : text.trim()
}

const optionNames = ['no_local', 'retain_as_published', 'retain_handling']

function parseSubscribe(
  element: ScenarioElement,
  context: ParseContext,
  { version }: ParseState,
): ParsedRequest | null {
  const qos = wholeNumber(element, 'qos', 0, 2, context)
  const ackTimeoutMs = secondsOf(element, 'ack_timeout', 600, context)
  const properties = parseProperties(element, 'subscribe', context)
  if (qos === null || ackTimeoutMs === null || properties === null) return null
  checkVersion(element, optionNames, version, context)
  const topics = topicElements(element).map((each): Topic => {
    checkTexts(each, ['topic'], context)
    if (each !== element) checkVersion(each, optionNames, version, context)
    const filter = each.attributes.get('topic') ?? ''
    const own = each === element ? qos : Number(each.attributes.get('qos') ?? 0)
    return { filter, options: own | optionBits(each) }
  })
  const data: MqttData = { type: 'subscribe', topics, properties, ackTimeoutMs }
  return request(data, 'parse', `subscribe ${topics.map(({ filter }) => filter).join(' ')}`)
}

/** Source: MQTT 5.0, 3.8.3.1. */
function optionBits(element: ScenarioElement): number {
  const handling = Number(element.attributes.get('retain_handling') ?? 0)
  const isPublished = isTrue(element, 'retain_as_published')
  return (isTrue(element, 'no_local') ? 4 : 0) | (isPublished ? 8 : 0) | (handling << 4)
}

/** Those that name a topic: the request, unless it leaves that to what stands in it. */
function topicElements(element: ScenarioElement): readonly ScenarioElement[] {
  const more = element.children.filter(({ name }) => name === 'mqtt_topic')
  return more.length > 0 && !element.attributes.has('topic') ? more : [element, ...more]
}

function parseUnsubscribe(
  element: ScenarioElement,
  context: ParseContext,
  { version }: ParseState,
): ParsedRequest | null {
  checkVersion(element, [], version, context)
  const ackTimeoutMs = secondsOf(element, 'ack_timeout', 600, context)
  const properties = parseProperties(element, 'unsubscribe', context)
  if (ackTimeoutMs === null || properties === null) return null
  const filters = topicElements(element).map((each) => {
    checkTexts(each, ['topic'], context)
    return each.attributes.get('topic') ?? ''
  })
  const data: MqttData = { type: 'unsubscribe', filters, properties, ackTimeoutMs }
  return request(data, 'parse', `unsubscribe ${filters.join(' ')}`)
}

/** Without a count it is a think time, as in Tsung. */
function parseWait(
  element: ScenarioElement,
  context: ParseContext,
  state: ParseState,
): ParsedRequest | ParsedPause | null {
  warnUnused(element, context, ['mqtt_topic', 'mqtt_property', 'mqtt_user_property'])
  const timeoutMs = secondsOf(element, 'timeout', 1, context)
  if (timeoutMs === null) return null
  const count = element.attributes.get('count')
  if (count === undefined) return { type: 'pause', ms: timeoutMs }
  state.keepsMessages = true
  for (const connect of state.connects) connect.keepsMessages = true
  const data: MqttData = { type: 'wait', count: Number(count), timeoutMs }
  return request(data, 'parse', `waitForMessages ${count}`)
}

function parseDisconnect(
  element: ScenarioElement,
  context: ParseContext,
  { version }: ParseState,
): ParsedRequest | null {
  warnUnused(element, context, ['mqtt_topic'])
  checkVersion(element, ['session_expiry', 'reason'], version, context)
  const properties = parseProperties(element, 'disconnect', context)
  if (properties === null) return null
  const data: MqttData = {
    type: 'disconnect',
    reason: Number(element.attributes.get('reason') ?? 0),
    properties: [...ownProperties(element, version), ...properties],
  }
  return request(data, 'no_ack', 'disconnect')
}

function request(data: MqttData, ack: ParsedRequest['ack'], label: string): ParsedRequest {
  return { ack, data: data as unknown as Json, label }
}

function checkTexts(
  element: ScenarioElement,
  names: readonly string[],
  context: ParseContext,
): void {
  if (context.subst !== 'true') return
  for (const name of names) {
    const text = element.attributes.get(name)
    if (text !== undefined) context.checkMarkers(text, element.attributePosition(name))
  }
}
