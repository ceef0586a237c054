/** What servers do wrong, and what sessions make of it. */
import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { fromBytes } from '../../core/byte-string.ts'
import { stream } from '../../core/random.ts'
import { metricNames } from '../../core/stats/names.ts'
import { mqttDeclaration } from '../../plugins/mqtt/declaration.ts'
import { type Played, pick } from '../support/play.ts'
import { ack, connack, message, packet, suback } from './packets.ts'
import { ask, playSession, type SessionOptions } from './play-session.ts'
import { type Answer, type Came, TinyBroker } from './tiny-broker.ts'

const connect = ask('connect', 'client_id="c"')
const disconnect = ask('disconnect')
const publish = ask('publish', 'topic="t" qos="1"', 'x')
const subscribe = ask('subscribe', 'topic="a" qos="1"')
const type = { connect: 1, publish: 3, pubrec: 5, subscribe: 8, pingreq: 12, disconnect: 14 }

interface Faced extends Played {
  readonly broker: TinyBroker
}

describe('MQTT with servers that do wrong', function () {
  this.timeout(30_000)

  async function play(
    session: string,
    answer: Answer = () => null,
    options: SessionOptions = {},
  ): Promise<Faced> {
    const broker = await TinyBroker.open(answer)
    try {
      return { ...(await playSession(session, broker.port, options)), broker }
    } finally {
      await broker.close()
    }
  }

  /** Closes the first connection at that packet. */
  const cutAt =
    (what: number, nth = 1): Answer =>
    (came, socket) => {
      if (came.connection > 1 || came.type !== what || came.id < nth) return null
      socket.destroy()
      return ''
    }

  it('a connection that is lost: the session logs in and subscribes again, then asks', async () => {
    const session = `${connect}${subscribe}${ask('subscribe', 'topic="b" qos="2"')}
      ${ask('unsubscribe', 'topic="a"')}${publish}${publish}${disconnect}`
    const { counters, broker } = await play(session, cutAt(type.publish))
    const second = broker.came.filter(({ connection }) => connection === 2)
    const first = broker.came.find((each) => each.type === type.connect)!
    assert.equal(second[0]!.bytes, first.bytes)
    assert.equal(second[1]!.bytes, '\x82\x06\0\x05\0\x01b\x02')
    assert.deepEqual(
      second.map((each) => each.type),
      [type.connect, type.subscribe, type.publish, type.disconnect],
    )
    const names = ['mqtt_connected', 'mqtt_reconnected', 'error_closed_in_answer', 'tsts_failed']
    assert.deepEqual(pick(counters, ...names, 'mqtt_server_pubacked', 'error_mqtt_unknown_id'), {
      ...{ mqtt_connected: 2, mqtt_reconnected: 1, error_closed_in_answer: 1, tsts_failed: 1 },
      ...{ mqtt_server_pubacked: 1, error_mqtt_unknown_id: 0 },
    })
  })

  for (const [isPresent, title] of [
    [false, 'subscribes again when the server has forgotten it'],
    [true, 'does not subscribe again when the server remembers it'],
  ] as const) {
    it(`a session that is to be kept ${title}`, async () => {
      const session = `${ask('connect', 'client_id="c" version="3.1.1" clean_start="false"')}
        ${subscribe}${publish}${publish}<thinktime value="0.1"/>${disconnect}`
      const { broker } = await play(session, (came, socket) => {
        if (came.type === type.connect) return connack(0, 4, { sessionPresent: isPresent })
        return cutAt(type.publish)(came, socket)
      })
      const second = broker.came.filter(({ connection }) => connection === 2)
      assert.equal(second.filter((each) => each.type === type.subscribe).length, isPresent ? 0 : 1)
    })
  }

  it('a subscription that is refused the second time is counted by its reason', async () => {
    const { counters } = await play(
      `${connect}${subscribe}${publish}${publish}<thinktime value="0.1"/>`,
      (came, socket) => {
        if (came.type === type.subscribe && came.connection > 1) return suback(came.id, [128])
        return cutAt(type.publish)(came, socket)
      },
    )
    assert.equal(counters['error_mqtt_reason_128'], 1)
  })

  it('whoever has said that it leaves does not log in again', async () => {
    const { broker } = await play(`${connect}${disconnect}${publish}`, (came) =>
      came.type === type.disconnect ? '' : null,
    )
    assert.deepEqual(
      broker.came.map((each) => `${each.connection} ${each.type}`),
      ['1 1', '1 14', '2 3'],
    )
  })

  it('DISCONNECT closes the connection, and the next CONNECT opens another', async () => {
    const { broker, counters, gauges } = await play(
      `${connect}${disconnect}${connect}${disconnect}`,
      (came) => (came.type === type.disconnect ? '' : null),
    )
    assert.deepEqual(
      broker.came.map((each) => `${each.connection} ${each.type}`),
      ['1 1', '1 14', '2 1', '2 14'],
    )
    assert.deepEqual(pick(counters, 'mqtt_connected', 'mqtt_disconnected', 'tsts_failed'), {
      ...{ mqtt_connected: 2, mqtt_disconnected: 2, tsts_failed: 0 },
    })
    assert.equal(gauges.connected, 0)
  })

  it('no answer to a ping: the connection is given up', async () => {
    const { counters, broker } = await play(
      `${ask('connect', 'keepalive="1"')}${ask('waitForMessages', 'timeout="2.5"')}${publish}`,
      (came) => (came.type === type.pingreq ? '' : null),
    )
    assert.deepEqual(pick(counters, 'error_mqtt_no_pingresp', 'mqtt_reconnected'), {
      ...{ error_mqtt_no_pingresp: 1, mqtt_reconnected: 1 },
    })
    assert.equal(broker.types.filter((each) => each === 'pingreq').length, 1)
  })

  it('without a keepalive nothing is sent while the user thinks', async () => {
    const { broker } = await play(
      `${ask('connect', 'keepalive="0"')}${ask('waitForMessages', 'timeout="1.2"')}${disconnect}`,
    )
    assert.deepEqual(broker.types, ['connect', 'disconnect'])
  })

  it('an acknowledgement that never comes ends the request, though pings are answered', async () => {
    const { counters } = await play(
      `${ask('connect', 'keepalive="1"')}
       ${ask('publish', 'topic="t" qos="1" ack_timeout="1.5"', 'x')}${publish}${disconnect}`,
      (came) => (came.type === type.publish && came.id === 1 ? '' : null),
    )
    const names = ['error_mqtt_ack_timeout', 'mqtt_server_pubacked', 'mqtt_connected']
    assert.deepEqual(pick(counters, ...names, 'tsts_failed'), {
      ...{ error_mqtt_ack_timeout: 1, mqtt_server_pubacked: 1, mqtt_connected: 1, tsts_failed: 1 },
    })
  })

  it('an acknowledgement of something else is counted, and not taken', async () => {
    const { counters } = await play(`${connect}${publish}${disconnect}`, (came) =>
      came.type === type.publish ? ack('puback', 77) + ack('puback', came.id) : null,
    )
    assert.deepEqual(pick(counters, 'error_mqtt_unknown_id', 'mqtt_server_pubacked'), {
      ...{ error_mqtt_unknown_id: 1, mqtt_server_pubacked: 1 },
    })
  })

  it('a reason code of MQTT 5 fails what it is for', async () => {
    const { counters, examples } = await play(
      `${ask('connect', 'version="5"')}${publish}${subscribe}${publish}`,
      (came) => {
        if (came.type === type.connect) return connack(0, 5)
        if (came.type === type.subscribe) return suback(came.id, [135], 5)
        return came.id === 1 ? ack('puback', 1, 5, 0x97) : ack('puback', came.id, 5)
      },
    )
    assert.deepEqual(examples, [
      'error_mqtt_reason_151: quota exceeded (151)',
      'error_mqtt_reason_135: a: not authorized (135)',
    ])
    assert.deepEqual(pick(counters, 'mqtt_server_pubacked', 'tsts_failed'), {
      ...{ mqtt_server_pubacked: 1, tsts_failed: 2 },
    })
  })

  it('a server of MQTT 5 that says why it disconnects', async () => {
    const bye = packet(
      { cmd: 'disconnect', reasonCode: 0x8b, properties: { reasonString: 'noon' } },
      5,
    )
    const { examples } = await play(`${ask('connect', 'version="5"')}${publish}`, (came) =>
      came.type === type.connect ? connack(0, 5) : bye,
    )
    assert.deepEqual(examples, [
      'error_mqtt_reason_139: the server disconnects: server shutting down (139): noon',
    ])
  })

  it('a packet that is longer than the user takes', async () => {
    const { counters, gauges } = await play(
      `${ask('connect', 'max_packet_size="64"')}${publish}${publish}${disconnect}`,
      (came) => (came.id === 1 ? message('long'.repeat(20)) : null),
    )
    assert.deepEqual(pick(counters, 'error_mqtt_packet_too_large', 'mqtt_server_pubacked'), {
      ...{ error_mqtt_packet_too_large: 1, mqtt_server_pubacked: 1 },
    })
    assert.equal(gauges.connected, 0)
  })

  it('more messages of QoS 2 than may wait for their release', async () => {
    const flood = Array.from({ length: 4097 }, (_, at) => message('x', 2, at + 1)).join('')
    const { counters } = await play(`${connect}${publish}`, (came) =>
      came.type === type.publish ? flood : came.type === type.pubrec ? '' : null,
    )
    assert.deepEqual(pick(counters, 'error_mqtt_inflight', 'mqtt_server_published'), {
      ...{ error_mqtt_inflight: 1, mqtt_server_published: 4096 },
    })
  })

  it('values of variables that no packet can hold', async () => {
    const number = '<mqtt_property name="message-expiry-interval" value="%%_word%%"/>'
    const { counters, broker } = await play(
      `${ask('connect', 'version="5"')}${ask('publish', 'topic="t"', number)}
       ${ask('publish', 'topic="%%_long%%"', 'x')}${disconnect}`,
      (came) => (came.type === type.connect ? connack(0, 5) : null),
      { variables: { word: 'soon', long: 'x'.repeat(70_000) } },
    )
    assert.deepEqual(pick(counters, 'error_mqtt_bad_value', 'tsts_failed'), {
      ...{ error_mqtt_bad_value: 2, tsts_failed: 2 },
    })
    assert.deepEqual(broker.types, ['connect', 'disconnect'])
  })

  it('noise instead of packets: every error has a name, and every request an end', async () => {
    const random = stream('mqtt', 'noise')
    const noise = (): string => {
      const length = 1 + Math.floor(random() * 100)
      return fromBytes(Uint8Array.from({ length }, () => random() * 256))
    }
    const { counters } = await play(
      `${connect}${subscribe}<for from="1" to="5" var="n">${publish}</for>${disconnect}`,
      (came, socket) => {
        if (came.type === type.connect || random() < 0.5) return null
        if (random() < 0.3) setTimeout(() => socket.end(), 5)
        return noise() + (random() < 0.3 ? ack('puback', came.id) : '')
      },
      { users: 100, options: '<option name="idle_timeout" value="1500"/>' },
    )
    const known = [...metricNames, ...mqttDeclaration.counters].map(({ name }) => name)
    const isKnown = (name: string): boolean =>
      known.some((each) => new RegExp(`^${each.replace('NNN', '\\d{3}')}$`).test(name))
    const errors = Object.keys(counters).filter((name) => name.startsWith('error_'))
    assert.deepEqual(
      errors.filter((name) => !isKnown(name) && !/^error_(inet|send|connect)_/.test(name)),
      [],
    )
    assert.ok(counters['error_mqtt_bad_packet']! > 10)
    const books = pick(
      counters,
      ...['tsts_issued', 'tsts_acknowledged', 'tsts_failed', 'request_noack'],
      'finish_users_count',
    )
    assert.equal(books['finish_users_count'], 100)
    const { tsts_issued, tsts_acknowledged, tsts_failed, request_noack } = books
    assert.equal(tsts_issued, tsts_acknowledged! + tsts_failed! + request_noack!)
  })

  it('a message wakes who waits for anything that comes', async () => {
    const push = (came: Came, socket: Socket): string | null => {
      if (came.type !== type.subscribe) return null
      setTimeout(() => socket.write(Buffer.from(message('x'), 'latin1')), 100)
      return suback(came.id, [1])
    }
    const { samples, broker } = await play(
      `${connect}${subscribe}<thinktime value="wait_bidi"/>${disconnect}`,
      push,
    )
    assert.equal(broker.types.at(-1), 'disconnect')
    assert.ok(samples['session']!.max >= 90)
  })

  it('messages that came before they were waited for are looked at, each once', async () => {
    const wait = (count: number, pattern: string): string =>
      ask(
        'waitForMessages',
        `count="${count}" timeout="5"`,
        '',
        `<match do="continue" when="match">${pattern}</match>`,
      )
    const { counters } = await play(
      `${connect}${subscribe}${wait(2, '^one\\ntwo$')}${wait(2, '^three\\nfour$')}${disconnect}`,
      (came, socket) => {
        if (came.type !== type.subscribe) return null
        setTimeout(() => socket.write(Buffer.from(message('four'), 'latin1')), 100)
        return suback(came.id, [1]) + message('one') + message('two', 2, 9) + message('three')
      },
    )
    assert.deepEqual(pick(counters, 'match', 'nomatch', 'tsts_failed'), {
      ...{ match: 2, nomatch: 0, tsts_failed: 0 },
    })
  })

  it('matches see the packet of an acknowledgement', async () => {
    const { counters } = await play(
      connect +
        ask('publish', 'topic="t" qos="1"', 'x', '<match do="continue" when="match">@</match>'),
    )
    assert.equal(counters['match'], 1)
  })
})
