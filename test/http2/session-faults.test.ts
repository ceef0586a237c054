/** What breaks HTTP/2, and what becomes of the stream or the connection. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { Flag, FrameType, Setting } from '../../core/http2/frames.ts'
import { streamWindowBytes } from '../../launcher/http2-stream.ts'
import { block, body, Client, head, noSettings, setting, started } from '../support/http2-client.ts'
import { frame, status200, word } from '../support/http2-frames.ts'

const {
  data,
  headers,
  rstStream,
  settings,
  pushPromise,
  ping,
  goaway,
  windowUpdate,
  continuation,
} = FrameType
const { endHeaders, endStream, padded } = Flag
const none = Buffer.alloc(0)

describe('HTTP/2 that is broken', () => {
  for (const [what, code, ...frames] of [
    ['no status', 1, frame(headers, endHeaders, 1, block('a', 'b'))],
    ['a status that is no number', 1, frame(headers, endHeaders, 1, block(':status', '2x0'))],
    [
      'a pseudo-header behind others',
      1,
      frame(headers, endHeaders, 1, block(':status', '200', 'a', 'b', ':x', 'y')),
    ],
    ['a name with capitals', 1, frame(headers, endHeaders, 1, block(':status', '200', 'Abc', 'b'))],
    [
      'a header of the connection',
      1,
      frame(headers, endHeaders, 1, block(':status', '200', 'connection', 'close')),
    ],
    [
      'the end of a line in a value',
      1,
      frame(headers, endHeaders, 1, block(':status', '200', 'a', 'b\r\nc: d')),
    ],
    [
      'two lengths',
      1,
      frame(
        headers,
        endHeaders,
        1,
        block(':status', '200', 'content-length', '1', 'content-length', '2'),
      ),
    ],
    ['an end behind 100', 1, frame(headers, endHeaders | endStream, 1, block(':status', '100'))],
    ['a body before its headers', 1, body(1, 'x')],
    [
      'less than the length says',
      1,
      frame(headers, endHeaders, 1, block(':status', '200', 'content-length', '3')),
      body(1, 'ab', endStream),
    ],
    [
      'more than the length says',
      1,
      frame(headers, endHeaders, 1, block(':status', '200', 'content-length', '3')),
      body(1, 'abcd'),
    ],
    ['trailers without an end', 1, head(1), head(1)],
    ['trailers with a status', 1, head(1), head(1, endStream)],
    ['a window that is opened by nothing', 1, frame(windowUpdate, 0, 1, word(0))],
    ['a window that is too large', 3, frame(windowUpdate, 0, 1, word(2 ** 31 - 1))],
  ] as const) {
    it(`an answer with ${what}: that stream is reset, the others go on`, () => {
      const client = started()
      client.ask()
      client.ask()
      client.read(...frames, head(3, endStream))
      const told = client.told.filter((line) => !/^1 (head|data)/.test(line))
      assert.deepEqual(told, ['freed', `1 reset ${code}`, '3 head 200', 'freed', '3 ended'])
      const sent = client.frames().filter(({ type }) => type === rstStream)
      assert.deepEqual(
        sent.map(({ id, payload }) => [id, payload.readUInt32BE()]),
        [[1, code]],
      )
    })
  }

  for (const [what, code, bytes] of [
    ['a frame that is too long', 6, frame(data, 0, 1, Buffer.alloc(16_385))],
    ['a push', 1, frame(pushPromise, endHeaders, 1, word(2))],
    ['a stream that nobody began', 1, head(5)],
    ['a stream of the server’s', 1, head(2)],
    ['a body of the connection', 1, body(0, 'x')],
    ['settings on a stream', 1, frame(settings, 0, 1, none)],
    ['settings of a wrong size', 6, frame(settings, 0, 0, word(1))],
    [
      'an acknowledgement with settings',
      6,
      frame(settings, Flag.ack, 0, word(1, 1).subarray(0, 6)),
    ],
    ['a server that wants pushes', 1, setting(Setting.enablePush, 1)],
    ['frames that are too small', 1, setting(Setting.maxFrameSize, 100)],
    ['a first window that is too large', 3, setting(Setting.initialWindowSize, 2 ** 31)],
    [
      'a window of the connection that is too large',
      3,
      frame(windowUpdate, 0, 0, word(2 ** 31 - 1)),
    ],
    ['a window that is opened by nothing', 1, frame(windowUpdate, 0, 0, word(0))],
    ['an opened window of a wrong size', 6, frame(windowUpdate, 0, 0, none)],
    ['a ping of a wrong size', 6, frame(ping, 0, 0, word(1))],
    ['a GOAWAY of a wrong size', 6, frame(goaway, 0, 0, word(1))],
    ['a reset of a wrong size', 6, frame(rstStream, 0, 1, none)],
    ['too much padding', 1, frame(data, padded, 1, Buffer.from([3, 0, 0]))],
    [
      'headers that are shorter than their priority',
      1,
      frame(headers, endHeaders | Flag.priority, 1, word(1)),
    ],
    ['headers that are cut off', 1, Buffer.concat([frame(headers, 0, 1, status200), noSettings])],
    [
      'headers that go on elsewhere',
      1,
      Buffer.concat([frame(headers, 0, 1, status200), frame(continuation, 0, 3, none)]),
    ],
    ['headers that go on without a beginning', 1, frame(continuation, endHeaders, 1, status200)],
    ['headers that cannot be unpacked', 9, frame(headers, endHeaders, 1, Buffer.from([0xff]))],
    [
      'headers without an end',
      11,
      Buffer.concat([
        frame(headers, 0, 1, status200),
        ...Array.from({ length: 17 }, () => frame(continuation, 0, 1, Buffer.alloc(16_384))),
      ]),
    ],
  ] as const) {
    it(`${what} ends the connection, and the server is told why`, () => {
      const client = started()
      client.ask()
      client.ask()
      client.frames()
      client.read(bytes, head(3, endStream))
      assert.deepEqual(
        client.told.filter((line) => !line.startsWith('1 ')),
        [`failed ${code}`],
      )
      const last = client.frames().at(-1)!
      assert.deepEqual([last.type, last.payload.readUInt32BE(4)], [goaway, code])
      client.read(noSettings)
      assert.deepEqual(client.frames(), [])
    })
  }

  it('something else than settings at first is no HTTP/2', () => {
    const client = new Client()
    client.read(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'))
    assert.deepEqual(client.told, ['failed 1'])
  })

  it('more than its window allows ends a stream', () => {
    const client = started()
    const stream = client.ask()
    stream.pause()
    client.read(head(1))
    const part = frame(data, 0, 1, Buffer.alloc(16_384))
    for (let count = 0; count < streamWindowBytes / 16_384; count++) client.read(part)
    assert.deepEqual(client.told, ['1 head 200'])
    client.read(part)
    assert.deepEqual(client.told.slice(1), ['freed', '1 reset 3'])
  })

  it('any frames leave it as it is, or end it', () => {
    const anyFrame = fc
      .tuple(fc.nat(10), fc.nat(255), fc.constantFrom(0, 1, 3, 5), fc.uint8Array({ maxLength: 30 }))
      .map(([type, flags, id, payload]) => frame(type, flags, id, Buffer.from(payload)))
    fc.assert(
      fc.property(fc.array(anyFrame, { maxLength: 8 }), (frames) => {
        const client = started()
        client.ask()
        client.ask('some body')
        client.read(...frames)
        assert.equal(
          client.session.isOver,
          client.told.some((line) => line.startsWith('failed')),
        )
      }),
      { numRuns: 2000 },
    )
  })
})
