/** What `<websocket>` is read as, and what is told of it. */
import assert from 'node:assert/strict'
import type { WebsocketData } from '../../plugins/websocket/data.ts'
import { actionsOf, readParts } from '../scenario/build.ts'
import { ask } from '../support/websocket-play.ts'

const type = 'ts_websocket'

function dataOf(session: string): readonly WebsocketData[] {
  return actionsOf({ type, session }).flatMap((action) =>
    action.type === 'request' ? [action.data as unknown as WebsocketData] : [],
  )
}

function told(session: string): readonly string[] {
  return readParts({ type, session }).diagnostics.map(
    ({ severity, code, text }) => `${severity} ${code}: ${text}`,
  )
}

describe('<websocket>', () => {
  it('has the defaults of Tsung', () => {
    const [connect, message, close] = dataOf(
      ask('connect') + ask('message', '', 'x') + ask('close'),
    )
    assert.deepEqual(connect, {
      type: 'connect',
      path: '/',
      origin: '',
      subprotocols: '',
      headers: [],
      compression: 'off',
      keepaliveMs: 0,
      deadlineMs: 0,
      needs: { keeps: false, measures: false },
    })
    assert.deepEqual(message, {
      type: 'message',
      text: 'x',
      isText: false,
      fragmentBytes: 0,
      stream: null,
      expected: { count: 1, filter: '', deadlineMs: 0 },
    })
    assert.deepEqual(close, { type: 'close', code: 1000, reason: 'close', deadlineMs: 0 })
  })

  it('is acknowledged by its answer, unless ack says that there is none', () => {
    const session =
      ask('connect', 'ack="no_ack"') +
      ask('message', 'ack="no_ack"') +
      ask('message') +
      ask('ping', 'ack="no_ack"') +
      ask('receive', 'ack="no_ack"')
    const acks = actionsOf({ type, session }).map(
      (action) => action.type === 'request' && action.ack,
    )
    assert.deepEqual(acks, ['parse', 'no_ack', 'parse', 'no_ack', 'parse'])
    const [, silent] = dataOf(session)
    assert.equal(silent?.type === 'message' && silent.expected, null)
  })

  it('tells the connections of its session what later requests need', () => {
    const needs = (session: string): unknown => {
      const [connect] = dataOf(session)
      return connect?.type === 'connect' && connect.needs
    }
    assert.deepEqual(needs(ask('connect') + ask('receive')), { keeps: true, measures: false })
    assert.deepEqual(needs(ask('connect') + ask('message', 'stamped="true"')), {
      keeps: false,
      measures: true,
    })
    const other = `<session name="b" probability="50" type="${type}">${ask('connect')}</session>`
    const first = `<session name="a" probability="50" type="${type}">${ask('connect')}${ask('receive')}</session>`
    const { scenario } = readParts({ sessions: first + other })
    const keeps = scenario!.sessions.map(({ actions }) => {
      const [action] = actions
      return (
        action!.type === 'request' && (action.data as { needs?: { keeps?: boolean } }).needs?.keeps
      )
    })
    assert.deepEqual(keeps, [true, false])
  })

  it('loses the spaces around its text, not the line ends', () => {
    const [message] = dataOf(ask('message', '', '  \n {"a":1} \n  '))
    assert.equal(message?.type === 'message' && message.text, '\n {"a":1} \n')
  })

  it('has headers, encoded where they say so, without those of the handshake', () => {
    const headers =
      '<http_header name="X-A" value="1"/><http_header name="Authorization" value="a:b" encoding="base64"/><http_header name="Sec-WebSocket-Key" value="x"/>'
    const session = ask('connect', '', headers)
    const [connect] = dataOf(session)
    assert.deepEqual(connect?.type === 'connect' && connect.headers, [
      ['X-A', '1'],
      ['Authorization', 'YTpi'],
    ])
    assert.deepEqual(told(session), [
      'warning W_UNUSED_ATTRIBUTE: the handshake has its own Sec-WebSocket-Key: this one is not sent',
    ])
  })

  for (const [what, session, finding] of [
    ['a type that is none', ask('send'), /^error E_BAD_ATTRIBUTE: type of <websocket>/],
    [
      'a close code that nobody may send',
      ask('close', 'code="1005"'),
      /^error E_BAD_ATTRIBUTE: 1005 is no code/,
    ],
    ['an expression that is none', ask('message', 'expecting="("'), /^error E_REGEXP: expecting/],
    [
      'an expression that JavaScript has nothing for',
      ask('receive', 'expecting="(?R)"'),
      /^unplayable U_REGEXP: expecting/,
    ],
    ['expect that is no number', ask('message', 'expect="many"'), /^error E_BAD_ATTRIBUTE: expect/],
    ['expect of nothing', ask('message', 'expect="0"'), /^error E_BAD_ATTRIBUTE: expect/],
    [
      'an attribute of another type',
      ask('connect', 'expect="2"'),
      /^warning W_UNUSED_ATTRIBUTE: expect does nothing with type="connect"/,
    ],
    [
      'a compression that is none',
      ask('connect', 'compression="gzip"'),
      /^error E_BAD_ATTRIBUTE: compression/,
    ],
    ['an option of the protocol', '', /^error E_/],
  ] as const) {
    it(`${what} is told`, () => {
      const options = session === '' ? '<option type="ts_websocket" name="x" value="1"/>' : ''
      const { diagnostics } = readParts({ type, session: session || ask('connect'), options })
      const lines = diagnostics.map(({ severity, code, text }) => `${severity} ${code}: ${text}`)
      assert.equal(lines.length, 1, lines.join('\n'))
      assert.match(lines[0]!, finding)
    })
  }

  it('an expression with variables is looked at when they are known', () => {
    assert.deepEqual(told(ask('message', 'expecting="(%%_tsung_userid%%"')), [])
  })
})
