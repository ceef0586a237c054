import { type ConformanceFixture, checkPlugin } from '../../plugins/conformance.ts'
import type { MqttData } from '../../plugins/mqtt/data.ts'
import { mqtt } from '../../plugins/mqtt/plugin.ts'
import { ack, connack, message, pingresp, suback, unsuback } from './packets.ts'
import { asJson, connectData, publishData, subscribeData, unsubscribeData } from './requests.ts'

type Fixture = Omit<ConformanceFixture, 'data' | 'progress'> & {
  readonly data: MqttData
  readonly progress?: ConformanceFixture['progress']
}

const will = { topic: 'gone/%%_who%%', message: 'bye', qos: 1, retain: true, properties: [] }
const user = { id: 38, name: '%%_key%%', value: '%%_value%%' }

const fixtures: readonly Fixture[] = [
  {
    name: 'CONNECT that is accepted',
    data: connectData,
    answer: connack(),
    counters: { mqtt_connected: 1 },
  },
  {
    name: 'CONNECT with everything, in MQTT 5',
    data: {
      ...connectData,
      ...{ version: 5, clientId: 'c-%%_who%%', username: '%%_name%%', password: '%%_word%%' },
      will: { ...will, properties: [{ id: 24, name: '', value: '5' }] },
      properties: [{ id: 17, name: '', value: '60' }, user],
    },
    subst: 'true',
    variables: { who: 'ann', name: 'n', word: 'w', key: 'k', value: 'v' },
    answer: connack(0, 5, { properties: { serverKeepAlive: 5, topicAliasMaximum: 3 } }),
    counters: { mqtt_connected: 1 },
  },
  {
    name: 'PUBLISH, QoS 1',
    data: { ...publishData, qos: 1, topic: 't/%%_t%%', payload: '%%_p%%' },
    subst: 'true',
    variables: { t: 'one', p: 'two' },
    answer: ack('puback', 1),
    again: ack('puback', 2),
    counters: { mqtt_published: 1, mqtt_server_pubacked: 1 },
  },
  {
    name: 'PUBLISH, QoS 2',
    data: { ...publishData, qos: 2 },
    answer: ack('pubrec', 1) + ack('pubcomp', 1),
    again: ack('pubrec', 2) + ack('pubcomp', 2),
    counters: { mqtt_published: 1, mqtt_server_pubacked: 1 },
  },
  {
    name: 'messages of every QoS before the acknowledgement',
    data: { ...publishData, qos: 1 },
    answer:
      message('zero') + message('one', 1, 3) + message('two', 2, 4) + pingresp + ack('puback', 1),
    again: message('0') + message('1', 1, 3) + message('2', 2, 5) + ack('puback', 2),
    counters: {
      ...{ mqtt_published: 1, mqtt_server_pubacked: 1 },
      ...{ mqtt_server_published: 3, mqtt_pubacked: 1 },
    },
  },
  {
    name: 'a message that is released and one that comes twice',
    data: { ...publishData, qos: 1 },
    answer:
      message('two', 2, 4) +
      message('two', 2, 4, 4, { dup: true }) +
      ack('pubrel', 4) +
      ack('puback', 1),
    again: message('two', 2, 4) + ack('pubrel', 4) + ack('puback', 2),
    counters: {
      ...{ mqtt_published: 1, mqtt_server_pubacked: 1 },
      ...{ mqtt_server_published: 1, mqtt_pubacked: 1 },
    },
  },
  {
    name: 'an acknowledgement of something else first',
    data: { ...publishData, qos: 1 },
    answer: ack('puback', 9) + ack('puback', 1),
    again: ack('puback', 1) + ack('puback', 2),
    counters: { mqtt_published: 1, mqtt_server_pubacked: 1, error_mqtt_unknown_id: 1 },
  },
  {
    name: 'SUBSCRIBE to several topics, with kept messages before the answer',
    data: {
      ...subscribeData,
      topics: [
        { filter: '%%_f%%', options: 1 },
        { filter: '$share/g/b', options: 0x2e },
      ],
    },
    subst: 'true',
    variables: { f: 'a/#' },
    answer: message('kept', 1, 5, 4, { retain: true }) + suback(1, [1, 2]),
    again: message('kept', 1, 5, 4, { retain: true }) + suback(2, [1, 2]),
    counters: { mqtt_server_published: 1, mqtt_pubacked: 1 },
  },
  {
    name: 'UNSUBSCRIBE',
    data: { ...unsubscribeData, filters: ['%%_f%%'] },
    subst: 'true',
    variables: { f: 'a' },
    answer: unsuback(1),
    again: unsuback(2),
    counters: {},
  },
  {
    name: 'a SUBSCRIBE that is refused',
    data: subscribeData,
    answer: suback(1, [128]),
    progress: 'failed',
    counters: {},
  },
  {
    name: 'waiting for messages',
    data: { type: 'wait', count: 3, timeoutMs: 1000 },
    answer: message('one') + message('two', 1, 2) + message('three', 2, 3),
    again: message('one') + message('two', 1, 2) + message('three', 2, 4),
    counters: { mqtt_server_published: 3, mqtt_pubacked: 1 },
  },
  {
    name: 'waiting for a long message',
    data: { type: 'wait', count: 1, timeoutMs: 1000 },
    answer: message('0123456789'.repeat(500)),
    counters: { mqtt_server_published: 1 },
  },
  {
    name: 'a close before the acknowledgement',
    data: { ...publishData, qos: 1 },
    answer: pingresp,
    closes: true,
    progress: 'more',
    counters: { mqtt_published: 1 },
  },
]

function whole({ data, progress = 'done', ...rest }: Fixture): ConformanceFixture {
  return { ...rest, data: asJson(data), progress }
}

describe('MQTT keeps the rules of plugins', () => {
  for (const fixture of fixtures) {
    it(`with ${fixture.name}`, () => checkPlugin(mqtt, [whole(fixture)]))
  }

  it('with two users at a time', () => checkPlugin(mqtt, fixtures.map(whole)))
})
