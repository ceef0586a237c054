/** The properties of MQTT 5. Source: MQTT 5.0, 2.2.2.2. */

export type PropertyType = 'byte' | 'int16' | 'int32' | 'varint' | 'string' | 'binary' | 'pair'

/** What a client may put a property into. */
export type Carrier = 'connect' | 'will' | 'publish' | 'subscribe' | 'unsubscribe' | 'disconnect'

export interface PropertyKind {
  readonly id: number
  readonly type: PropertyType
  readonly carriers: readonly Carrier[]
  /** Of a number. */
  readonly max?: number
}

const everywhere: readonly Carrier[] = [
  ...(['connect', 'will', 'publish'] as const),
  ...(['subscribe', 'unsubscribe', 'disconnect'] as const),
]
const message: readonly Carrier[] = ['publish', 'will']
const connect: readonly Carrier[] = ['connect']
const server: readonly Carrier[] = []

export const propertyKinds: { readonly [name: string]: PropertyKind } = {
  'payload-format-indicator': { id: 1, type: 'byte', max: 1, carriers: message },
  'message-expiry-interval': { id: 2, type: 'int32', carriers: message },
  'content-type': { id: 3, type: 'string', carriers: message },
  'response-topic': { id: 8, type: 'string', carriers: message },
  'correlation-data': { id: 9, type: 'binary', carriers: message },
  'subscription-identifier': { id: 11, type: 'varint', carriers: ['subscribe'] },
  'session-expiry-interval': { id: 17, type: 'int32', carriers: ['connect', 'disconnect'] },
  'assigned-client-identifier': { id: 18, type: 'string', carriers: server },
  'server-keep-alive': { id: 19, type: 'int16', carriers: server },
  'authentication-method': { id: 21, type: 'string', carriers: connect },
  'authentication-data': { id: 22, type: 'binary', carriers: connect },
  'request-problem-information': { id: 23, type: 'byte', max: 1, carriers: connect },
  'will-delay-interval': { id: 24, type: 'int32', carriers: ['will'] },
  'request-response-information': { id: 25, type: 'byte', max: 1, carriers: connect },
  'response-information': { id: 26, type: 'string', carriers: server },
  'server-reference': { id: 28, type: 'string', carriers: server },
  'reason-string': { id: 31, type: 'string', carriers: ['disconnect'] },
  'receive-maximum': { id: 33, type: 'int16', carriers: connect },
  'topic-alias-maximum': { id: 34, type: 'int16', carriers: connect },
  'topic-alias': { id: 35, type: 'int16', carriers: server },
  'maximum-qos': { id: 36, type: 'byte', carriers: server },
  'retain-available': { id: 37, type: 'byte', carriers: server },
  'user-property': { id: 38, type: 'pair', carriers: everywhere },
  'maximum-packet-size': { id: 39, type: 'int32', carriers: connect },
  'wildcard-subscription-available': { id: 40, type: 'byte', carriers: server },
  'subscription-identifier-available': { id: 41, type: 'byte', carriers: server },
  'shared-subscription-available': { id: 42, type: 'byte', carriers: server },
}

export const propertyId = {
  sessionExpiry: 17,
  serverKeepAlive: 19,
  reasonString: 31,
  topicAliasMaximum: 34,
  topicAlias: 35,
  user: 38,
  maximumPacketSize: 39,
} as const

const typesById: readonly (PropertyType | undefined)[] = byId()

function byId(): readonly (PropertyType | undefined)[] {
  const types: (PropertyType | undefined)[] = []
  for (const { id, type } of Object.values(propertyKinds)) types[id] = type
  return types
}

/** Undefined: MQTT has no such property. */
export function propertyType(id: number): PropertyType | undefined {
  return typesById[id]
}

const largest: { readonly [Type in PropertyType]: number } = {
  byte: 0xff,
  int16: 0xffff,
  int32: 0xffff_ffff,
  varint: 0x0fff_ffff,
  string: 0,
  binary: 0,
  pair: 0,
}

/** The largest number that it can hold; 0: it is no number. */
export function largestNumber({ type, max }: PropertyKind): number {
  return max ?? largest[type]
}
