import type { AnyPlugin, Progress, UserView } from '../../plugins/api.ts'
import { type ConformanceFixture, checkPlugin } from '../../plugins/conformance.ts'
import type { WebsocketData } from '../../plugins/websocket/data.ts'
import type { WebsocketConnection } from '../../plugins/websocket/decode.ts'
import { handshakeBytes, newKey } from '../../plugins/websocket/encode-handshake.ts'
import { websocket } from '../../plugins/websocket/plugin.ts'
import { ConnectRequest } from '../../plugins/websocket/requests.ts'
import type { WebsocketUser } from '../../plugins/websocket/user.ts'
import { strictSink } from '../support/strict-sink.ts'
import { connectData } from '../support/websocket-driver.ts'
import { binary, closing, frame, ping, pong, text } from '../support/websocket-frames.ts'
import { acceptOf, agreeing } from '../support/websocket-target.ts'

const draw = (): number => 0.5
const server = { host: 'target.example', port: 8080, transport: 'tcp' } as const
const accept = acceptOf(handshakeBytes({ ...connectData, headers: '' }, server, newKey(draw)))

/** Draws the same for all users, so that one recorded handshake answers them all. */
const steady = {
  ...websocket,
  newUser: (view: UserView) =>
    websocket.newUser({ ...boundTo(view), random: draw } as UserView, null),
} as AnyPlugin

function boundTo(view: UserView): Omit<UserView, 'random'> {
  return {
    id: view.id,
    server,
    nowMs: () => view.nowMs(),
    render: (template) => view.render(template),
    stamp: (stream) => view.stamp(stream),
  }
}

/** Each `connect` is played on a connection of its own: an open one takes no other. */
const connects = {
  ...steady,
  newConnection: (user: WebsocketUser) => ({ inner: websocket.newConnection(user) }),
  encode: (request, user, connection, view, sink) => {
    const held = connection as Held
    held.inner = websocket.newConnection(user as WebsocketUser)
    return steady.encode(request, user, held.inner, view, sink)
  },
  decode: (bytes, connection, user, sink) =>
    steady.decode(bytes, (connection as Held).inner, user, sink),
  wake: (connection, user, sink) => steady.wake!((connection as Held).inner, user, sink),
  end: (connection, user, sink) => steady.end((connection as Held).inner, user, sink),
} as AnyPlugin

interface Held {
  inner: WebsocketConnection
}

/** Its connections are open from the start. */
function opened(connect: Partial<typeof connectData>, extensions = ''): AnyPlugin {
  const request = new ConnectRequest({ ...connectData, ...connect }, (constant) => ({
    constant,
    parts: [constant],
  }))
  return {
    ...steady,
    newConnection: (user: WebsocketUser) => {
      request.prepare(user, user.view)
      const connection = websocket.newConnection(user)
      const sink = {
        ...strictSink,
        count: () => undefined,
        joins: () => undefined,
        wakeAfter: () => undefined,
      }
      connection.ask(request, sink)
      connection.decode(Buffer.from(`${agreeing(accept)}${extensions}\r\n`), sink)
      return connection
    },
    newUser: (view: UserView) => {
      const user = steady.newUser(view, null) as WebsocketUser
      request.prepare(user, view)
      user.opened = user.dialled
      return user
    },
  } as AnyPlugin
}

type Fixture = Omit<ConformanceFixture, 'data' | 'counters' | 'progress' | 'answer'> & {
  readonly data: WebsocketData
  readonly answer: readonly (Buffer | string)[]
  readonly counters?: ConformanceFixture['counters']
  readonly progress?: Progress | string
}

function whole({
  data,
  answer,
  counters = {},
  progress = 'done',
  ...rest
}: Fixture): ConformanceFixture {
  const bytes = Buffer.concat(answer.map((part) => Buffer.from(part as string, 'latin1')))
  return { ...rest, data, answer: bytes.toString('latin1'), counters, progress } as never
}

const expected = { count: 1, filter: '', deadlineMs: 0 }
const message: WebsocketData = {
  type: 'message',
  text: '{"op":"subscribe"}',
  isText: true,
  fragmentBytes: 0,
  stream: null,
  expected,
}
const one = { websocket_messages: 1 }
const head = `${agreeing(accept)}Server: test\r\n\r\n`

const connecting: readonly Fixture[] = [
  { name: 'a handshake', data: connectData, answer: [head], counters: { websocket_succ: 1 } },
  {
    name: 'a handshake of two answers',
    data: { ...connectData, deadlineMs: 5000, keepaliveMs: 1000 },
    answer: ['HTTP/1.1 100 Continue\r\n\r\n', head],
    counters: { websocket_succ: 1 },
  },
  {
    name: 'a refusal',
    data: { ...connectData, headers: [['X-A', 'b']], subprotocols: 'a, b', compression: 'message' },
    answer: ['HTTP/1.1 401 Unauthorized\r\n\r\n'],
    progress: 'ProtocolError error_websocket_handshake',
    counters: { websocket_fail: 1 },
  },
  {
    name: 'variables',
    data: {
      ...connectData,
      path: '/%%_a%%',
      origin: '%%_b%%',
      subprotocols: '%%_c%%',
      headers: [['X', '%%_d%%']],
    },
    subst: 'true',
    variables: { a: 'one', b: 'two', c: 'three', d: 'four' },
    answer: [head],
    counters: { websocket_succ: 1 },
  },
]

const talking: readonly Fixture[] = [
  { name: 'an answer', data: message, answer: [text('{"ok":true}')], counters: one },
  {
    name: 'an answer in fragments, with pings between',
    data: { ...message, fragmentBytes: 4 },
    answer: [frame(0x01, 'one'), ping('p'), frame(0x00, 'two'), pong(), frame(0x80, 'three')],
    counters: one,
  },
  {
    name: 'three answers, and those that do not count',
    data: { ...message, expected: { count: 3, filter: '^[a-c]', deadlineMs: 5000 } },
    answer: ['a1', 'x', 'c1', 'y', 'b1'].map((word) => binary(word)),
    counters: { websocket_messages: 5 },
  },
  {
    name: 'variables',
    data: { ...message, text: '%%_a%%', expected: { ...expected, filter: 'hello' } },
    subst: 'true',
    variables: { a: 'one' },
    answer: [text('hello')],
    counters: one,
  },
  {
    name: 'a stamp',
    data: { ...message, stream: 'room' },
    answer: [binary('no stamp')],
    counters: one,
  },
  {
    name: 'a message to wait for',
    data: { type: 'receive', expected },
    answer: [text('push')],
    counters: one,
  },
  {
    name: 'a pong',
    data: { type: 'ping', text: 'p', isAwaited: true, deadlineMs: 0 },
    answer: [text('push'), pong('x'), pong('p')],
    counters: one,
  },
  {
    name: 'a close in place of an answer',
    data: message,
    answer: [closing(1011, 'bad')],
    progress: 'ProtocolError error_websocket_closed',
    counters: { websocket_close_1011: 1 },
  },
  {
    name: 'a close',
    data: { type: 'close', code: 1000, reason: 'close', deadlineMs: 0 },
    answer: [text('late'), closing(1000, 'close')],
    progress: 'close',
    counters: { websocket_messages: 1, websocket_close_1000: 1 },
  },
  {
    name: 'a close without a frame',
    data: { type: 'close', code: 4000, reason: '', deadlineMs: 1000 },
    answer: [text('late')],
    closes: true,
    progress: 'close',
    counters: one,
  },
  {
    name: 'a text that is none',
    data: message,
    answer: [frame(0x01, 'a'), frame(0x80, '\u00ff')],
    progress: 'ProtocolError error_websocket_utf8',
  },
]

const deflating: readonly Fixture[] = [
  {
    name: 'an answer in fragments',
    data: message,
    answer: [frame(0x41, '\u00f2\u0048\u00cd'), ping(), frame(0x80, '\u00c9\u00c9\u0007\u0000')],
    counters: one,
  },
  {
    name: 'answers that refer to each other',
    data: { ...message, expected: { ...expected, count: 2 } },
    answer: [
      frame(0xc1, '\u00f2\u0048\u00cd\u00c9\u00c9\u0007\u0000'),
      frame(0xc1, '\u00f2\u0000\u0011\u0000\u0000'),
    ],
    counters: { websocket_messages: 2 },
  },
]

describe('conformance of the WebSocket plugin', () => {
  for (const fixture of connecting) {
    it(`keeps the rules with ${fixture.name}`, () => checkPlugin(connects, [whole(fixture)]))
  }
  const plain = opened({})
  for (const fixture of talking) {
    it(`keeps the rules with ${fixture.name}, once it is open`, () =>
      checkPlugin(plain, [whole(fixture)]))
  }
  const keeping = opened({ needs: { keeps: true, measures: false } })
  it('keeps the rules where pushes are kept', () => checkPlugin(keeping, talking.map(whole)))
  const deflate = opened(
    { compression: 'stream' },
    'Sec-WebSocket-Extensions: permessage-deflate\r\n',
  )
  for (const fixture of deflating) {
    it(`keeps the rules with ${fixture.name}, compressed`, () =>
      checkPlugin(deflate, [whole(fixture)]))
  }
  it('keeps users apart', () => checkPlugin(plain, talking.slice(0, 4).map(whole)))
})
