/** `<mqtt>` and what may stand in it. Source: reference tsung-protocols.md, 11. */
import type { AttributeDeclaration, ElementDeclaration } from '../api.ts'

/** Of `<mqtt>`: what Tsung has. */
const tsungAttributes: { readonly [name: string]: AttributeDeclaration } = {
  type: {
    type: 'identifier',
    required: true,
    values: [
      ...['connect', 'publish', 'subscribe', 'unsubscribe', 'waitForMessages', 'disconnect'],
    ],
    doc: 'what is done',
  },
  client_id: {
    type: 'string',
    substitutable: true,
    since: '1.8.0',
    doc: 'connect: who; without it, tsung- and 10 random letters',
  },
  username: { type: 'string', substitutable: true, doc: 'connect: the user name' },
  password: { type: 'string', substitutable: true, doc: 'connect: the password' },
  clean_start: { type: 'identifier', default: 'true', doc: 'connect: forget what was before' },
  keepalive: {
    type: 'number',
    unit: 's',
    default: '10',
    doc: 'connect: time between pings; 0: none are sent',
  },
  will_topic: {
    type: 'string',
    default: '',
    substitutable: true,
    doc: 'connect: where the will is published; empty: there is none',
  },
  will_msg: { type: 'string', default: '', doc: 'connect: what the will says' },
  will_qos: { type: 'number', default: '0', doc: 'connect: quality of service of the will' },
  will_retain: { type: 'boolean', anyWord: true, default: 'false', doc: 'connect: keep the will' },
  topic: {
    type: 'string',
    default: '',
    substitutable: true,
    doc: 'publish, subscribe, unsubscribe: the topic; $share/GROUP/FILTER subscribes together with others',
  },
  qos: { type: 'number', default: '0', doc: 'publish, subscribe: quality of service, 0 to 2' },
  retained: { type: 'boolean', default: 'false', doc: 'publish: keep the message' },
  stamped: {
    type: 'boolean',
    default: 'false',
    since: '1.8.0',
    doc: 'publish: put the time before the text, so that the way to a subscriber is measured',
  },
  timeout: { type: 'number', unit: 's', default: '1', doc: 'waitForMessages: how long' },
}

const ours = 'tsts'
const only = (...values: readonly string[]): AttributeDeclaration['onlyWith'] => {
  return { attribute: 'type', values }
}

const optionAttributes: { readonly [name: string]: AttributeDeclaration } = {
  no_local: {
    type: 'boolean',
    default: 'false',
    since: ours,
    doc: 'MQTT 5: what the user publishes itself does not come back',
  },
  retain_as_published: {
    type: 'boolean',
    default: 'false',
    since: ours,
    doc: 'MQTT 5: messages say whether they were kept',
  },
  retain_handling: {
    type: 'integer',
    min: 0,
    max: 2,
    default: '0',
    since: ours,
    doc: 'MQTT 5: kept messages come 0 always, 1 with a new subscription, 2 never',
  },
}

const ourAttributes: { readonly [name: string]: AttributeDeclaration } = {
  version: {
    type: 'enum',
    values: ['3.1', '3.1.1', '5'],
    default: '3.1',
    since: ours,
    doc: 'connect: the version that is spoken from here on',
  },
  session_expiry: {
    type: 'integer',
    unit: 's',
    max: 0xffff_ffff,
    onlyWith: only('connect', 'disconnect')!,
    since: ours,
    doc: 'MQTT 5: how long the server remembers the session; without it, as long as the connection',
  },
  max_packet_size: {
    type: 'integer',
    unit: 'bytes',
    min: 16,
    max: 0x1000_0000,
    default: '16777216',
    onlyWith: only('connect')!,
    since: ours,
    doc: 'the longest packet that is taken; with MQTT 5 the server is told, when it is given',
  },
  ack_timeout: {
    type: 'number',
    unit: 's',
    default: '600',
    onlyWith: only('connect', 'publish', 'subscribe', 'unsubscribe')!,
    since: ours,
    doc: 'the longest wait for the acknowledgement, whatever else comes meanwhile',
  },
  topic_alias: {
    type: 'boolean',
    default: 'false',
    onlyWith: only('publish')!,
    since: ours,
    doc: 'MQTT 5: sends a number for a topic that was sent before, as far as the server takes some',
  },
  count: {
    type: 'integer',
    min: 1,
    onlyWith: only('waitForMessages')!,
    since: ours,
    doc: 'goes on when so many messages have come since the last such wait, fails after timeout',
  },
  reason: {
    type: 'integer',
    max: 255,
    default: '0',
    onlyWith: only('disconnect')!,
    since: ours,
    doc: 'MQTT 5: why; 4 has the will published all the same',
  },
}

const subscribeOnly = Object.fromEntries(
  Object.entries(optionAttributes).map(([name, attribute]) => {
    return [name, { ...attribute, onlyWith: only('subscribe')! }]
  }),
)

const propertyOf: AttributeDeclaration = {
  type: 'enum',
  values: ['packet', 'will'],
  default: 'packet',
  since: ours,
  doc: 'what it belongs to: the packet, or the will of a connect',
}

export const mqttElements: readonly ElementDeclaration[] = [
  {
    name: 'mqtt',
    parents: ['request'],
    content: 'mixed',
    model: '(mqtt_topic*, mqtt_property*, mqtt_user_property*)',
    since: '1.5.1',
    doc: 'a step of the MQTT protocol; the text is what type="publish" publishes, before any element in it',
    attributes: { ...tsungAttributes, ...ourAttributes, ...subscribeOnly },
  },
  {
    name: 'mqtt_topic',
    parents: ['mqtt'],
    content: 'empty',
    since: ours,
    doc: 'one of several topics of type="subscribe" or "unsubscribe", besides the attribute topic',
    attributes: {
      topic: {
        type: 'string',
        required: true,
        substitutable: true,
        since: ours,
        doc: 'what is subscribed to',
      },
      qos: { type: 'integer', max: 2, default: '0', since: ours, doc: 'its quality of service' },
      ...optionAttributes,
    },
  },
  {
    name: 'mqtt_property',
    parents: ['mqtt'],
    content: 'empty',
    since: ours,
    doc: 'a property of MQTT 5, e.g. response-topic',
    attributes: {
      name: { type: 'string', required: true, since: ours, doc: 'its name, in words with hyphens' },
      value: { type: 'string', required: true, substitutable: true, since: ours, doc: 'its value' },
      of: propertyOf,
    },
  },
  {
    name: 'mqtt_user_property',
    parents: ['mqtt'],
    content: 'empty',
    since: ours,
    doc: 'a user property of MQTT 5: a name and a value of your own',
    attributes: {
      name: { type: 'string', required: true, substitutable: true, since: ours, doc: 'its name' },
      value: { type: 'string', required: true, substitutable: true, since: ours, doc: 'its value' },
      of: propertyOf,
    },
  },
]
