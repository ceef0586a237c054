/**
 * What packets cost in mqtt-packet and in the plugin's own codec: see docs/decisions/0009-mqtt.md.
 *
 * `npx tsx bench/mqtt-codec.ts [--messages 300000]`, pinned to a core by `taskset -c 1`.
 */
import { parseArgs } from 'node:util'
import mqttPacket from 'mqtt-packet'
import { constantTemplate } from '../core/dynvars/template.ts'
import type { CompileContext, UserView } from '../plugins/api.ts'
import { MqttConnection } from '../plugins/mqtt/connection.ts'
import { decode } from '../plugins/mqtt/decode.ts'
import { PublishRequest } from '../plugins/mqtt/encode-publish.ts'
import { MqttUser } from '../plugins/mqtt/user.ts'
import { publishData } from '../test/mqtt/requests.ts'
import { strictSink } from '../test/support/strict-sink.ts'
import { spread } from './support/figures.ts'

const { values } = parseArgs({ options: { messages: { type: 'string', default: '300000' } } })
const messages = Number(values.messages)
const rounds = 5
const payload = 'x'.repeat(64)

const sink = {
  ...strictSink,
  ...{ count: () => undefined, wakeAfter: () => undefined, goOn: () => undefined },
  ...{ delivered: () => false, reply: () => undefined, joins: () => undefined },
}
const view = { nowMs: () => performance.now() } as UserView
const user = new MqttUser(view)
const connection = new MqttConnection()
connection.isGreeted = true
const context = { subst: 'false', template: constantTemplate } as unknown as CompileContext
const request = new PublishRequest({ ...publishData, topic: 't/12345', payload, qos: 1 }, context)
const taken = Buffer.alloc(256)

const puback = Buffer.from([0x40, 2, 0, 1])
const publish = mqttPacket.generate({
  ...{ cmd: 'publish', topic: 't/12345', payload, qos: 1, messageId: 7, dup: false, retain: false },
})
let heard = 0
const parser = mqttPacket.parser({ protocolVersion: 4 })
parser.on('packet', ({ messageId }) => {
  heard += messageId ?? 0
})

compare('PUBLISH, QoS 1, to bytes that a socket takes', libraryEncodes, () => {
  taken.write(request.encode(user, connection, view, sink), 'latin1')
})
compare(
  'PUBACK, read',
  () => void parser.parse(puback),
  () => {
    connection.awaits = 4
    connection.awaitedId = 1
    decode(puback, connection, user, sink)
  },
)
compare(
  'PUBLISH, QoS 1, read',
  () => void parser.parse(publish),
  () => void decode(publish, connection, user, sink),
)
if (heard === 0) throw new Error('the library has read nothing')

function libraryEncodes(at: number): void {
  const bytes = mqttPacket.generate({
    ...{ cmd: 'publish', topic: 't/12345', payload, qos: 1, messageId: (at & 0x7fff) + 1 },
    ...{ dup: false, retain: false },
  })
  taken.write(bytes.toString('latin1'), 'latin1')
}

function compare(what: string, library: (at: number) => void, own: (at: number) => void): void {
  const figures = [library, own].map((each) =>
    Array.from({ length: rounds + 1 }, () => microseconds(each)).slice(1),
  )
  console.log(`${what}: mqtt-packet ${spread(figures[0]!)} µs, ours ${spread(figures[1]!)} µs`)
}

function microseconds(work: (at: number) => void): number {
  const startedMs = performance.now()
  for (let at = 0; at < messages; at++) work(at)
  return ((performance.now() - startedMs) / messages) * 1000
}
