/** From `<mqtt>` to plain data, and what is told of it. */
import assert from 'node:assert/strict'
import type { RequestAction } from '../../core/scenario/model.ts'
import { actionsOf, codesOf, readParts } from '../scenario/build.ts'

const mqtt = (attributes: string, content = '', subst = 'false'): string =>
  `<request subst="${subst}"><mqtt ${attributes}>${content}</mqtt></request>`

/** Of the last request of a session. */
function dataOf(session: string): Record<string, unknown> {
  const requests = actionsOf({ type: 'ts_mqtt', session }).filter(({ type }) => type === 'request')
  return (requests.at(-1) as RequestAction).data as Record<string, unknown>
}

function codes(session: string): readonly string[] {
  return codesOf(readParts({ type: 'ts_mqtt', session }))
}

const five = mqtt('type="connect" version="5"')

describe('<mqtt>', () => {
  it('has Tsung’s defaults', () => {
    const { clientId, cleanStart, keepalive, will, version, username } = dataOf(
      mqtt('type="connect"'),
    )
    assert.deepEqual(
      [clientId, cleanStart, keepalive, will, version, username],
      [...[null, true, 10, null, 3, null]],
    )
  })

  for (const [text, want] of [
    ['  two words  ', 'two words'],
    ['\n  lines\n  ', '\n  lines\n'],
    ['text\n    <mqtt_property name="content-type" value="a"/>', 'text'],
  ] as const) {
    it(`publishes ${JSON.stringify(text)} without the blanks that Tsung drops`, () => {
      assert.equal(dataOf(five + mqtt('type="publish" topic="t"', text))['payload'], want)
    })
  }

  it('is no will without a topic, one with all that is said of it', () => {
    const all = 'will_topic="w" will_msg="m" will_qos="2" will_retain="true"'
    assert.deepEqual(dataOf(mqtt(`type="connect" ${all}`))['will'], {
      ...{ topic: 'w', message: 'm', qos: 2, retain: true, properties: [] },
    })
    assert.equal(dataOf(mqtt('type="connect" will_msg="m" will_qos="1"'))['will'], null)
  })

  it('acknowledgements are awaited as Tsung awaits them', () => {
    const session = [
      ...['connect', 'publish', 'publish" qos="1', 'publish" qos="2', 'subscribe'],
      ...['unsubscribe', 'disconnect'],
    ].map((type) => mqtt(`topic="t" type="${type}"`))
    const actions = actionsOf({ type: 'ts_mqtt', session: session.join('') })
    assert.deepEqual(
      actions.map((action) => (action as RequestAction).ack),
      ['parse', 'no_ack', 'parse', 'parse', 'parse', 'parse', 'no_ack'],
    )
  })

  it('waitForMessages is a think time, with a count a request', () => {
    const session = mqtt('type="waitForMessages"') + mqtt('type="waitForMessages" timeout="2.5"')
    assert.deepEqual(
      actionsOf({ type: 'ts_mqtt', session }).map(
        (action) => 'thinkTime' in action && action.thinkTime,
      ),
      [
        { type: 'constant', ms: 1000 },
        { type: 'constant', ms: 2500 },
      ],
    )
    assert.deepEqual(dataOf(mqtt('type="waitForMessages" count="3" timeout="2"')), {
      ...{ type: 'wait', count: 3, timeoutMs: 2000 },
    })
  })

  it('a connect keeps messages only when a later step looks at them', () => {
    const connects = (session: string): unknown[] =>
      actionsOf({ type: 'ts_mqtt', session })
        .map((action) => (action as RequestAction).data as Record<string, unknown> | undefined)
        .filter((data) => data?.['type'] === 'connect')
        .map((data) => data!['keepsMessages'])
    const connect = mqtt('type="connect"')
    const wait = mqtt('type="waitForMessages" count="1"')
    assert.deepEqual(connects(connect + mqtt('type="waitForMessages"')), [false])
    assert.deepEqual(connects(connect + wait + connect), [true, true])
  })

  it('topics of a subscribe, with their options', () => {
    const more =
      '<mqtt_topic topic="b" qos="2"/><mqtt_topic topic="c" no_local="true" retain_handling="2"/>'
    assert.deepEqual(
      dataOf(five + mqtt('type="subscribe" topic="a" qos="1" retain_as_published="true"', more))[
        'topics'
      ],
      [
        { filter: 'a', options: 9 },
        { filter: 'b', options: 2 },
        { filter: 'c', options: 0x24 },
      ],
    )
    assert.deepEqual(dataOf(mqtt('type="unsubscribe"', '<mqtt_topic topic="b"/>'))['filters'], [
      'b',
    ])
  })

  it('properties go where they belong', () => {
    const { properties, will } = dataOf(
      mqtt(
        'type="connect" version="5" session_expiry="60" max_packet_size="1000" will_topic="w"',
        `<mqtt_property name="receive-maximum" value="9"/>
         <mqtt_property name="will-delay-interval" value="5" of="will"/>
         <mqtt_user_property name="a" value="b"/><mqtt_user_property name="c" value="d" of="will"/>`,
      ),
    )
    assert.deepEqual(properties, [
      { id: 17, name: '', value: '60' },
      { id: 39, name: '', value: '1000' },
      { id: 33, name: '', value: '9' },
      { id: 38, name: 'a', value: 'b' },
    ])
    assert.deepEqual((will as { properties: unknown }).properties, [
      { id: 24, name: '', value: '5' },
      { id: 38, name: 'c', value: 'd' },
    ])
  })

  describe('is told of', () => {
    const property = (name: string, value: string): string =>
      five + mqtt('type="publish" topic="t"', `<mqtt_property name="${name}" value="${value}"/>`)
    for (const [title, session, want] of [
      ['nothing that Tsung plays', mqtt('type="connect" clean_start="no"'), []],
      ['a type that nobody knows', mqtt('type="ping"'), ['U_UNUSABLE']],
      ['a QoS that there is not', mqtt('type="publish" qos="3"'), ['U_UNUSABLE']],
      ['a keepalive in parts of a second', mqtt('type="connect" keepalive="1.5"'), ['U_UNUSABLE']],
      ['a keepalive that is too long', mqtt('type="connect" keepalive="65536"'), ['U_UNUSABLE']],
      ['a version that there is not', mqtt('type="connect" version="4"'), ['E_BAD_ATTRIBUTE']],
      ['a property that there is not', property('colour', 'red'), ['E_BAD_ATTRIBUTE']],
      ['a property of another packet', property('receive-maximum', '1'), ['E_BAD_ATTRIBUTE']],
      [
        'a property that is no number',
        property('message-expiry-interval', 'x'),
        ['E_BAD_ATTRIBUTE'],
      ],
      [
        'a number that is too large',
        property('payload-format-indicator', '2'),
        ['E_BAD_ATTRIBUTE'],
      ],
      ['what only MQTT 5 has', mqtt('type="connect" session_expiry="1"'), ['W_UNUSED_ATTRIBUTE']],
      [
        'properties before MQTT 5',
        mqtt('type="publish"', '<mqtt_user_property name="a" value="b"/>'),
        ['W_UNUSED_ATTRIBUTE'],
      ],
      [
        'topics of a publish',
        mqtt('type="publish"', '<mqtt_topic topic="a"/>'),
        ['W_UNUSED_ATTRIBUTE'],
      ],
      ['a count of a publish', mqtt('type="publish" count="2"'), ['W_UNUSED_ATTRIBUTE']],
      [
        'a match without an answer',
        '<request><match>x</match><mqtt type="waitForMessages"/></request>',
        ['W_UNUSED_ATTRIBUTE'],
      ],
      [
        'text behind an element',
        five + mqtt('type="publish"', '<mqtt_user_property name="a" value="b"/>text'),
        ['W_LOST_TEXT'],
      ],
      [
        'a variable that nothing sets',
        mqtt('type="publish" topic="%%_x%%"', '', 'true'),
        ['W_UNDEFINED_VARIABLE'],
      ],
    ] as const) {
      it(title, () => assert.deepEqual(codes(session), want))
    }
  })
})
