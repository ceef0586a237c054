/** Sessions against Debian's Mosquitto, watched by a client that is not ours. */
import assert from 'node:assert/strict'
import mqttClient, { type IClientOptions, type MqttClient } from 'mqtt'
import { pick } from '../support/play.ts'
import { type Mosquitto, startMosquitto } from './mosquitto.ts'
import { ask, playSession } from './play-session.ts'

const versions = ['3.1', '3.1.1', '5'] as const
const connect = (version: string, more = ''): string =>
  ask('connect', `version="${version}" ${more}`)
const disconnect = ask('disconnect')

describe('MQTT against Mosquitto', function () {
  this.timeout(60_000)
  let broker: Mosquitto
  const clients: MqttClient[] = []

  before(async function () {
    broker = await startMosquitto(this)
  })
  after(() => broker?.close())
  afterEach(async () => {
    for (const client of clients.splice(0)) await client.endAsync(true)
  })

  /** Another client, which keeps what it hears. */
  async function listen(topic: string, options: IClientOptions = {}): Promise<Heard> {
    const client = await mqttClient.connectAsync({
      ...{ host: '127.0.0.1', port: broker.port, protocolVersion: 5, reconnectPeriod: 0 },
      ...options,
    })
    clients.push(client)
    const next = (): Promise<unknown> => new Promise((resolve) => client.once('message', resolve))
    const heard: Heard = { client, texts: [], packets: [], next }
    client.on('message', (_topic, payload, packet) => {
      heard.texts.push(payload.toString('latin1'))
      heard.packets.push(packet)
    })
    await client.subscribeAsync(topic, { qos: 2 })
    return heard
  }

  async function until(heard: Heard, count: number): Promise<void> {
    while (heard.texts.length < count) await heard.next()
  }

  for (const version of versions) {
    for (const qos of [0, 1, 2]) {
      it(`${version}: publishes with QoS ${qos}`, async () => {
        const heard = await listen(`t/${version}/${qos}`)
        const publish = ask('publish', `topic="t/${version}/${qos}" qos="${qos}"`, 'n %%_n%%')
        const { counters } = await playSession(
          `${connect(version)}<for from="1" to="5" var="n">${publish}</for>${disconnect}`,
          broker.port,
        )
        await until(heard, 5)
        assert.deepEqual(heard.texts, ['n 1', 'n 2', 'n 3', 'n 4', 'n 5'])
        assert.deepEqual(
          heard.packets.map((packet) => packet.qos),
          [qos, qos, qos, qos, qos],
        )
        const names = ['mqtt_connected', 'mqtt_published', 'mqtt_server_pubacked']
        assert.deepEqual(pick(counters, ...names, 'mqtt_disconnected', 'tsts_failed'), {
          ...{ mqtt_connected: 1, mqtt_published: 5, mqtt_server_pubacked: qos === 0 ? 0 : 5 },
          ...{ mqtt_disconnected: 1, tsts_failed: 0 },
        })
      })

      it(`${version}: gets its own messages with QoS ${qos}, and waits for them`, async () => {
        const topic = `own/${version}/${qos}`
        const publish = ask('publish', `topic="${topic}" qos="${qos}" stamped="true"`, ' %%_n%%')
        const wait = ask(
          'waitForMessages',
          'count="3" timeout="20"',
          '',
          '<dyn_variable name="last" re="(3)$"/>',
        )
        const { counters, taken, examples } = await playSession(
          `${connect(version)}${ask('subscribe', `topic="${topic}" qos="${qos}"`)}
           <for from="1" to="3" var="n">${publish}</for>${wait}
           ${ask('publish', 'topic="last" qos="1"', '%%_last%%')}${disconnect}`,
          broker.port,
        )
        assert.deepEqual(examples, [])
        const names = ['mqtt_server_published', 'mqtt_pubacked', 'tsts_messages_delivered']
        const want = { mqtt_server_published: 3, tsts_messages_delivered: 3 }
        // The last release may come after the user has left.
        const least = qos === 2 ? 2 : 3
        const { mqtt_pubacked, ...rest } = pick(counters, ...names)
        assert.deepEqual(rest, want)
        if (qos === 0) assert.equal(mqtt_pubacked, 0)
        else assert.ok(mqtt_pubacked! >= least, `${mqtt_pubacked}`)
        assert.equal(taken['mqtt_forward_latency'], 3)
      })
    }

    it(`${version}: a refused name is an error by its code, not a connection`, async () => {
      const { counters } = await playSession(
        connect(version, 'username="dev" password="wrong"') + ask('publish', 'topic="x" qos="1"'),
        broker.authPort,
      )
      const code = version === '5' ? 135 : 5
      assert.equal(counters['mqtt_connected'], undefined)
      assert.equal(counters[`error_mqtt_connack_${code}`], 2, JSON.stringify(counters))
      assert.equal(counters['tsts_failed'], 2)
    })

    it(`${version}: logs in, and leaves a will when its connection is cut`, async () => {
      const heard = await listen(`will/${version}`, {
        port: broker.authPort,
        username: 'dev',
        password: 'secret',
      })
      const { counters } = await playSession(
        connect(
          version,
          `username="dev" password="secret" will_topic="will/${version}" will_msg="gone" will_qos="1"`,
        ),
        broker.authPort,
      )
      assert.equal(counters['mqtt_connected'], 1)
      await until(heard, 1)
      assert.deepEqual(heard.texts, ['gone'])
    })

    it(`${version}: kept messages come to who subscribes, unmeasured`, async () => {
      const topic = `kept/${version}`
      const session = `${connect(version)}${ask('publish', `topic="${topic}" qos="1" retained="true" stamped="true"`, 'kept')}
        ${ask('subscribe', `topic="${topic}" qos="1"`)}
        ${ask('waitForMessages', 'count="1" timeout="20"', '', '<match do="continue" when="match">kept$</match>')}${disconnect}`
      const { counters, taken } = await playSession(session, broker.port)
      assert.deepEqual(pick(counters, 'match', 'nomatch', 'mqtt_server_published'), {
        ...{ match: 1, nomatch: 0, mqtt_server_published: 1 },
      })
      assert.equal(taken['mqtt_forward_latency'], undefined)
    })

    it(`${version}: an idle connection is kept by pings`, async () => {
      const { counters } = await playSession(
        `${connect(version, 'keepalive="1"')}${ask('waitForMessages', 'timeout="3"')}
         ${ask('publish', 'topic="x" qos="1"')}${disconnect}`,
        broker.port,
      )
      assert.deepEqual(pick(counters, 'mqtt_server_pubacked', 'mqtt_connected', 'tsts_failed'), {
        ...{ mqtt_server_pubacked: 1, mqtt_connected: 1, tsts_failed: 0 },
      })
      assert.ok(counters['async_unknown_data_rcv']! >= 2)
    })
  }

  it('several topics are subscribed to and left in one request', async () => {
    const topics = '<mqtt_topic topic="m/1" qos="1"/><mqtt_topic topic="m/2" qos="2"/>'
    const publish = (topic: string): string => ask('publish', `topic="${topic}" qos="1"`, 'x')
    const { counters } = await playSession(
      `${connect('3.1.1')}${ask('subscribe', '', topics)}${publish('m/1')}${publish('m/2')}
       ${ask('waitForMessages', 'count="2" timeout="20"')}
       ${ask('unsubscribe', '', topics)}${publish('m/1')}${publish('m/2')}${disconnect}`,
      broker.port,
    )
    assert.deepEqual(pick(counters, 'mqtt_server_published', 'tsts_failed'), {
      ...{ mqtt_server_published: 2, tsts_failed: 0 },
    })
  })

  it('users of a group share what comes, and what others get is not lost', async () => {
    const publish = ask('publish', 'topic="shared/%%_tsung_userid%%" qos="1" stamped="true"')
    const session = `${connect('5')}${ask('subscribe', 'topic="$share/g/shared/#" qos="1"')}
      <thinktime value="wait_global"/><for from="1" to="9" var="n">${publish}</for>
      <thinktime value="1"/>${disconnect}`
    const options = '<option name="global_number" value="4"/>'
    const { counters } = await playSession(session, broker.port, { users: 4, options })
    const names = ['mqtt_published', 'mqtt_server_published', 'tsts_messages_delivered']
    assert.deepEqual(pick(counters, ...names, 'tsts_messages_lost'), {
      ...{ mqtt_published: 36, mqtt_server_published: 36, tsts_messages_delivered: 36 },
      tsts_messages_lost: 0,
    })
  })

  it('every subscriber gets each message once, in order', async () => {
    const publish = ask('publish', 'topic="all/%%_tsung_userid%%" qos="2" stamped="true"')
    const session = `${connect('5')}${ask('subscribe', 'topic="all/#" qos="2"')}
      <thinktime value="wait_global"/><for from="1" to="5" var="n">${publish}</for>
      ${ask('waitForMessages', 'count="20" timeout="20"')}${disconnect}`
    const options = '<option name="global_number" value="4"/>'
    const { counters, taken } = await playSession(session, broker.port, { users: 4, options })
    const doubtful = ['lost', 'duplicated', 'late_order'].map((name) => `tsts_messages_${name}`)
    assert.deepEqual(pick(counters, ...doubtful, 'tsts_messages_delivered', 'tsts_failed'), {
      ...{ tsts_messages_lost: 0, tsts_messages_duplicated: 0, tsts_messages_late_order: 0 },
      ...{ tsts_messages_delivered: 80, tsts_failed: 0 },
    })
    assert.equal(taken['mqtt_forward_latency'], 80)
  })

  it('properties of MQTT 5 arrive', async () => {
    const heard = await listen('props')
    const content = `body<mqtt_property name="content-type" value="text/%%_kind%%"/>
      <mqtt_property name="response-topic" value="answers"/>
      <mqtt_property name="message-expiry-interval" value="%%_n%%"/>
      <mqtt_user_property name="who" value="%%_kind%%"/><mqtt_user_property name="who" value="b"/>`
    await playSession(
      `${connect('5')}${ask('publish', 'topic="props" qos="1"', content)}${disconnect}`,
      broker.port,
      { variables: { kind: 'plain', n: '60' } },
    )
    await until(heard, 1)
    const { properties } = heard.packets[0]!
    assert.equal(heard.texts[0], 'body')
    assert.equal(properties?.contentType, 'text/plain')
    assert.equal(properties?.responseTopic, 'answers')
    assert.equal(properties?.messageExpiryInterval, 60)
    assert.deepEqual({ ...properties?.userProperties }, { who: ['plain', 'b'] })
  })

  it('a topic is sent once and then its alias, as far as the server takes some', async () => {
    const heard = await listen('alias/#')
    const publish = ask('publish', 'topic="alias/%%_n%%" qos="1" topic_alias="true"', '%%_n%%')
    const twice = `<for from="1" to="12" var="n">${publish}</for>`
    const { counters } = await playSession(
      `${connect('5')}${twice}${twice}${disconnect}`,
      broker.port,
    )
    await until(heard, 24)
    assert.equal(counters['mqtt_server_pubacked'], 24)
    const numbers = Array.from({ length: 12 }, (_, at) => String(at + 1))
    assert.deepEqual(heard.texts, [...numbers, ...numbers])
    assert.deepEqual(
      heard.packets.map(({ topic }) => topic),
      [...numbers, ...numbers].map((n) => `alias/${n}`),
    )
  })

  it('a session that is remembered gets what came meanwhile', async () => {
    const login = connect('5', 'client_id="keeper" clean_start="false" session_expiry="60"')
    const subscribed = `${login}${ask('subscribe', 'topic="later" qos="1"')}${disconnect}`
    await playSession(subscribed, broker.port)
    await playSession(
      `${connect('5')}${ask('publish', 'topic="later" qos="1"', 'x')}${disconnect}`,
      broker.port,
    )
    const { counters } = await playSession(
      `${login}${ask('waitForMessages', 'count="1" timeout="20"')}${disconnect}`,
      broker.port,
    )
    assert.deepEqual(pick(counters, 'mqtt_server_published', 'tsts_failed'), {
      ...{ mqtt_server_published: 1, tsts_failed: 0 },
    })
  })

  it('a session that another takes over logs in again, and subscribes', async () => {
    const session = `${connect('5', 'client_id="twin"')}${ask('subscribe', 'topic="twin" qos="1"')}
      ${ask('publish', 'topic="ready" qos="1"', 'x')}<thinktime value="1"/>
      ${ask('publish', 'topic="twin" qos="1"', 'x')}
      ${ask('waitForMessages', 'count="1" timeout="20"')}${disconnect}`
    const ready = await listen('ready')
    const playing = playSession(session, broker.port)
    await until(ready, 1)
    const other = await mqttClient.connectAsync({
      ...{ host: '127.0.0.1', port: broker.port, protocolVersion: 5, reconnectPeriod: 0 },
      clientId: 'twin',
    })
    clients.push(other)
    const { counters } = await playing
    const names = ['mqtt_connected', 'mqtt_reconnected', 'tsts_failed']
    assert.deepEqual(pick(counters, ...names, 'mqtt_server_published'), {
      ...{ mqtt_connected: 2, mqtt_reconnected: 1, tsts_failed: 0 },
      mqtt_server_published: 1,
    })
  })

  it('a message that does not come in time is an error', async () => {
    const { counters, examples } = await playSession(
      `${connect('3.1')}${ask('waitForMessages', 'count="2" timeout="0.2"')}${disconnect}`,
      broker.port,
    )
    assert.deepEqual(pick(counters, 'error_mqtt_wait_timeout', 'mqtt_disconnected'), {
      ...{ error_mqtt_wait_timeout: 1, mqtt_disconnected: 1 },
    })
    assert.deepEqual(examples, ['error_mqtt_wait_timeout: 2 messages did not come in time'])
  })

  for (const version of versions) {
    it(`${version}: over WebSocket`, async () => {
      const topic = `ws/${version}`
      const { counters } = await playSession(
        `${connect(version)}${ask('subscribe', `topic="${topic}" qos="2"`)}
         ${ask('publish', `topic="${topic}" qos="2" stamped="true"`, 'long '.repeat(5000))}
         ${ask('waitForMessages', 'count="1" timeout="20"', '', '<match do="continue" when="match">long$</match>')}
         ${disconnect}`,
        broker.websocketPort,
        {
          serverType: 'websocket',
          options: `<option name="websocket_path" value="/mqtt"/>
            <option name="websocket_subprotocols" value="mqtt"/>`,
        },
      )
      const names = ['mqtt_server_pubacked', 'mqtt_server_published', 'match', 'tsts_failed']
      assert.deepEqual(pick(counters, ...names), {
        ...{ mqtt_server_pubacked: 1, mqtt_server_published: 1, match: 1, tsts_failed: 0 },
      })
    })
  }

  it('over TLS', async () => {
    const { counters } = await playSession(
      `${connect('5')}${ask('publish', 'topic="x" qos="2"', 'x')}${disconnect}`,
      broker.tlsPort,
      { serverType: 'ssl' },
    )
    assert.deepEqual(pick(counters, 'mqtt_server_pubacked', 'tsts_failed'), {
      ...{ mqtt_server_pubacked: 1, tsts_failed: 0 },
    })
  })
})

interface Heard {
  readonly client: MqttClient
  readonly texts: string[]
  readonly packets: import('mqtt').IPublishPacket[]
  readonly next: () => Promise<unknown>
}
