/** What we send, read by a codec that is not ours; what servers send, in pieces and damaged. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { IConnectPacket, IPublishPacket, ISubscribePacket } from 'mqtt-packet'
import { toBytes } from '../../core/byte-string.ts'
import { VariableNames } from '../../core/dynvars/variables.ts'
import type { DecodeSink, Endpoint } from '../../plugins/api.ts'
import type { ConnectData, MqttData, Version } from '../../plugins/mqtt/data.ts'
import { mqtt } from '../../plugins/mqtt/plugin.ts'
import { propertyKinds } from '../../plugins/mqtt/property-table.ts'
import { compileContext, PluginUser } from '../support/plugin-user.ts'
import { strictSink } from '../support/strict-sink.ts'
import { ack, connack, message, parsed, pingresp, suback } from './packets.ts'
import { asJson, connectData, publishData, subscribeData } from './requests.ts'

const home: Endpoint = { host: '127.0.0.1', port: 1883, transport: 'tcp' }
const version = fc.constantFrom<Version>(3, 4, 5)
const qos = fc.constantFrom(0, 1, 2)
/** ASCII: the other codec knows text alone. */
const text = fc
  .string({ minLength: 1, maxLength: 200 })
  .map((value) => value.replace(/[^ -~]/g, '.'))
const optional = fc.option(text)

/** A user that has sent some requests. */
class Sender {
  readonly counters: { [name: string]: number } = {}
  replies = ''
  readonly user: ReturnType<typeof mqtt.newUser>
  readonly connection = mqtt.newConnection(undefined as never)
  readonly sink: DecodeSink
  readonly #view = new PluginUser(home)

  constructor() {
    this.user = mqtt.newUser(this.#view, null)
    const count = (name: string): void => {
      this.counters[name] = (this.counters[name] ?? 0) + 1
    }
    this.sink = {
      ...strictSink,
      count,
      ...{ wakeAfter: () => undefined, goOn: () => undefined, joins: () => undefined },
      ...{ delivered: () => false, closeAfter: () => undefined },
      fail: (counter) => {
        count(counter)
        return 'failed'
      },
      reply: (bytes) => {
        this.replies += bytes
      },
    }
  }

  send(data: MqttData): string {
    const request = mqtt.compile(asJson(data), compileContext(new VariableNames()))
    mqtt.prepare!(request, this.user, this.#view)
    return mqtt.encode(request, this.user, this.connection, this.#view, this.sink)
  }

  receive(bytes: Uint8Array): string {
    try {
      return mqtt.decode(bytes, this.connection, this.user, this.sink)
    } catch (error) {
      const { code } = error as { readonly code: string }
      assert.ok(
        mqtt.declaration.counters.some(({ name }) => isCounter(name, code)),
        String(error),
      )
      return code
    }
  }
}

function isCounter(declared: string, name: string): boolean {
  return new RegExp(`^${declared.replace('NNN', '\\d{3}')}$`).test(name)
}

describe('what MQTT users send', () => {
  it('a CONNECT is read as it was meant', () => {
    const will = fc.option(
      fc.record({
        topic: text,
        message: text,
        qos,
        retain: fc.boolean(),
        properties: fc.constant([]),
      }),
    )
    const connects = fc.record({
      ...{ version, clientId: optional, cleanStart: fc.boolean(), username: optional },
      ...{ keepalive: fc.nat(0xffff), password: optional, will },
    })
    fc.assert(
      fc.property(connects, (some) => {
        const data: ConnectData = { ...connectData, ...some }
        const [read] = parsed(new Sender().send(data), data.version) as [IConnectPacket]
        assert.equal(read.protocolVersion, data.version)
        assert.equal(read.protocolId, data.version === 3 ? 'MQIsdp' : 'MQTT')
        assert.equal(read.clientId, data.clientId ?? 'tsung-nnnnnnnnnn')
        assert.equal(read.clean, data.cleanStart)
        assert.equal(read.keepalive, data.keepalive)
        const needsName = data.password !== null && data.version < 5
        assert.equal(read.username, data.username ?? (needsName ? '' : undefined))
        assert.equal(read.password?.toString(), data.password ?? undefined)
        assert.equal(read.will?.topic, data.will?.topic)
        assert.equal(read.will?.payload.toString(), data.will?.message)
        assert.equal(read.will?.qos, data.will?.qos)
        assert.equal(read.will?.retain, data.will?.retain)
      }),
      { seed: 1 },
    )
  })

  it('a PUBLISH is read as it was meant, whatever its length', () => {
    const publishes = fc.record({
      ...{ topic: text, qos, retain: fc.boolean() },
      payload: fc.oneof(
        text,
        fc.constantFrom(127, 128, 16_383, 16_384, 70_000).map((n) => 'x'.repeat(n)),
      ),
    })
    fc.assert(
      fc.property(version, publishes, (spoken, some) => {
        const sender = new Sender()
        sender.send({ ...connectData, version: spoken })
        const [read] = parsed(sender.send({ ...publishData, ...some }), spoken) as [IPublishPacket]
        const { topic, qos: readQos, retain, messageId, payload } = read
        assert.deepEqual(
          { topic, qos: readQos, retain, payload: payload.toString() },
          {
            ...{ topic: some.topic, qos: some.qos, retain: some.retain, payload: some.payload },
          },
        )
        assert.equal(messageId, some.qos === 0 ? undefined : 1)
      }),
      { seed: 1 },
    )
  })

  it('a SUBSCRIBE is read as it was meant', () => {
    const topics = fc.array(fc.record({ filter: text, options: qos }), {
      minLength: 1,
      maxLength: 5,
    })
    fc.assert(
      fc.property(version, topics, (spoken, some) => {
        const sender = new Sender()
        sender.send({ ...connectData, version: spoken })
        const bytes = sender.send({ ...subscribeData, topics: some })
        const [read] = parsed(bytes, spoken) as [ISubscribePacket]
        assert.deepEqual(
          read.subscriptions.map((each) => ({ filter: each.topic, options: each.qos })),
          some.map((each) => ({ ...each })),
        )
      }),
      { seed: 1 },
    )
  })

  it('each property of MQTT 5 is read as it was meant', () => {
    for (const [name, { id, type, carriers, max }] of Object.entries(propertyKinds)) {
      if (type === 'pair' || !carriers.includes('publish')) continue
      const isText = type === 'string' || type === 'binary'
      const value = isText ? 'some text' : String(max ?? 70_000)
      const sender = new Sender()
      sender.send({ ...connectData, version: 5 })
      const bytes = sender.send({ ...publishData, properties: [{ id, name: '', value }] })
      const [{ properties }] = parsed(bytes, 5) as [IPublishPacket]
      const [[read, got]] = Object.entries({ ...properties }) as [[string, unknown]]
      assert.equal(read.toLowerCase(), name.replaceAll('-', ''))
      assert.equal(Buffer.isBuffer(got) ? got.toString() : String(Number(got) || got), value)
    }
  })

  it('the packet ids of a user come round', () => {
    const sender = new Sender()
    const ids = new Set<number>()
    for (let count = 0; count < 65_536; count++) ids.add(sender.user.takeId())
    assert.equal(ids.size, 65_535)
    assert.ok(!ids.has(0))
  })
})

describe('what comes from MQTT servers', () => {
  const answers = [
    message('one'),
    message('two', 1, 2),
    message('three', 2, 3),
    message('three', 2, 3),
    ack('pubrel', 3),
    message('x'.repeat(300), 1, 4),
    pingresp,
    ack('puback', 9),
    suback(8, [1]),
  ]

  it('is the same however it is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...answers), { maxLength: 20 }),
        fc.array(fc.nat(3000), { maxLength: 20 }),
        (some, cuts) => {
          const bytes = toBytes(connack() + some.join('') + ack('puback', 1))
          assert.deepEqual(outcome(bytes, cuts), outcome(bytes, []))
        },
      ),
      { seed: 1 },
    )
  })

  it('may be anything at all: it is a declared error, or nothing, and little is kept', () => {
    const noise = fc.uint8Array({ maxLength: 200 })
    const damaged = fc
      .tuple(
        fc.array(fc.constantFrom(...answers), { minLength: 1 }),
        fc.array(fc.tuple(fc.nat(2000), fc.nat(255))),
      )
      .map(([some, changes]) => {
        const bytes = toBytes(some.join(''))
        for (const [at, value] of changes) bytes[at % bytes.length] = value
        return bytes
      })
    fc.assert(
      fc.property(version, fc.oneof(noise, damaged), fc.nat(200), (spoken, bytes, cut) => {
        const sender = new Sender()
        sender.send({ ...connectData, version: spoken })
        sender.receive(toBytes(connack(0, spoken)))
        sender.send({ ...publishData, qos: 1 })
        for (const part of [bytes.slice(0, cut), bytes.slice(cut)]) {
          if (/^error/.test(sender.receive(part))) break
        }
        const { partial } = sender.connection
        assert.ok(partial === null || partial.bytes.length <= Math.max(64, 2 * bytes.length))
      }),
      { seed: 1, numRuns: 3000 },
    )
  })

  it('a packet that promises 256 MiB is refused, one that promises 16 takes what has come', () => {
    const sender = new Sender()
    assert.equal(sender.receive(toBytes('\x30\xff\xff\xff\x7f')), 'error_mqtt_packet_too_large')
    const other = new Sender()
    other.receive(toBytes('\x30\xf0\xff\xff\x07'))
    other.receive(new Uint8Array(1000))
    assert.ok(other.connection.partial!.bytes.length < 4096)
  })

  function outcome(bytes: Uint8Array, cuts: readonly number[]): object {
    const sender = new Sender()
    sender.send(connectData)
    const at = [0, ...cuts.map((cut) => cut % bytes.length).sort((a, b) => a - b), bytes.length]
    const buffer = new Uint8Array(bytes.length)
    let sent = false
    let last = ''
    for (let index = 1; index < at.length; index++) {
      const part = buffer.subarray(0, at[index]! - at[index - 1]!)
      part.set(bytes.subarray(at[index - 1], at[index]))
      last = sender.receive(part)
      buffer.fill(0x58)
      sent ||= last === 'done'
    }
    return { counters: sender.counters, replies: sender.replies, unread: sender.user.unread, sent }
  }
})
