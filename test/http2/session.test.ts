/** One side of a connection that speaks HTTP/2, frame by frame, without a socket. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { ErrorCode, Flag, FrameType, preface, Setting } from '../../core/http2/frames.ts'
import { field } from '../../core/http2/hpack-encoder.ts'
import type { AnswerHead } from '../../launcher/http2-answer.ts'
import { Http2Session, type SessionOwner } from '../../launcher/http2-session.ts'
import {
  type Http2Stream,
  type StreamOwner,
  streamWindowBytes,
} from '../../launcher/http2-stream.ts'
import { frame, status200, word } from '../support/http2-frames.ts'

const { data, headers, priority, rstStream, settings, pushPromise, ping, goaway, windowUpdate } =
  FrameType
const { continuation } = FrameType
const { endHeaders, endStream, padded } = Flag
const unknownType = 99
const none = Buffer.alloc(0)
const noSettings = frame(settings, 0, 0, none)

interface Frame {
  readonly type: number
  readonly flags: number
  readonly id: number
  readonly payload: Buffer
}

const get = [field(':method', 'GET'), field(':path', '/')]

/** Writes down what it is told. */
class Client implements SessionOwner, StreamOwner {
  readonly told: string[] = []
  readonly session: Http2Session
  #written = ''
  #seen = 0

  constructor() {
    this.session = new Http2Session(this)
  }

  ask(body = '', isHead = false): Http2Stream {
    return this.session.request({ fields: get, body, isHead }, this)!
  }

  read(...frames: Buffer[]): void {
    this.session.read(Buffer.concat(frames))
  }

  /** Frames that were written since the last time. */
  frames(): Frame[] {
    const bytes = Buffer.from(this.#written, 'latin1')
    const found: Frame[] = []
    let at = this.#seen === 0 ? preface.length : this.#seen
    while (at < bytes.length) {
      const end = at + 9 + bytes.readUIntBE(at, 3)
      const [type, flags] = [bytes[at + 3]!, bytes[at + 4]!]
      found.push({
        type,
        flags,
        id: bytes.readUInt32BE(at + 5),
        payload: bytes.subarray(at + 9, end),
      })
      at = end
    }
    this.#seen = at
    return found
  }

  /** Bytes of bodies that were written since the last time. */
  bodyBytes(): number {
    const sent = this.frames().filter(({ type }) => type === data)
    return sent.reduce((sum, { payload }) => sum + payload.length, 0)
  }

  write(bytes: string): void {
    this.#written += bytes
  }
  settings(maxStreams: number): void {
    this.told.push(`settings ${maxStreams}`)
  }
  goingAway(code: number, lastStreamId: number): void {
    this.told.push(`going away ${code} ${lastStreamId}`)
  }
  sessionFailed(code: number, _detail: string): void {
    this.told.push(`failed ${code}`)
  }
  freed(): void {
    this.told.push('freed')
  }
  responded({ id }: Http2Stream, { status }: AnswerHead): void {
    this.told.push(`${id} head ${status}`)
  }
  data({ id }: Http2Stream, bytes: Uint8Array): void {
    this.told.push(`${id} data ${Buffer.from(bytes)}`)
  }
  trailers({ id }: Http2Stream, list: readonly string[]): void {
    this.told.push(`${id} trailers ${list}`)
  }
  ended({ id }: Http2Stream): void {
    this.told.push(`${id} ended`)
  }
  reset({ id }: Http2Stream, code: number): void {
    this.told.push(`${id} reset ${code}`)
  }
}

function started(): Client {
  const client = new Client()
  client.read(noSettings)
  client.frames()
  client.told.length = 0
  return client
}

const head = (id: number, flags = 0): Buffer => frame(headers, endHeaders | flags, id, status200)
const body = (id: number, text: string, flags = 0): Buffer =>
  frame(data, flags, id, Buffer.from(text))
const setting = (number: number, value: number): Buffer => {
  const payload = Buffer.alloc(6)
  payload.writeUInt16BE(number)
  payload.writeUInt32BE(value, 2)
  return frame(settings, 0, 0, payload)
}
/** As literals that are kept nowhere. */
const block = (...list: string[]): Buffer =>
  Buffer.concat(
    list.flatMap((text, at) => {
      const bytes = Buffer.from(text, 'latin1')
      return [Buffer.from(at % 2 === 0 ? [0, bytes.length] : [bytes.length]), bytes]
    }),
  )

describe('a connection of HTTP/2', () => {
  it('begins with its preface, its settings and its window', () => {
    const client = new Client()
    const [first, second] = client.frames()
    assert.deepEqual([first!.type, first!.id, second!.type], [settings, 0, windowUpdate])
    assert.equal(second!.payload.readUInt32BE(), 16 * 1024 * 1024 - 65_535)
  })

  it('an answer in frames that are cut anywhere is the same', () => {
    const bytes = Buffer.concat([
      noSettings,
      frame(priority, 0, 1, Buffer.alloc(5)),
      frame(unknownType, 7, 1, word(7)),
      frame(headers, endHeaders, 1, block(':status', '103')),
      frame(headers, padded | Flag.priority, 1, Buffer.from([2, 0, 0, 0, 0, 0, 0x88, 0, 0])),
      frame(continuation, endHeaders, 1, block('x-a', '1')),
      frame(data, padded, 1, Buffer.from('\x02one\0\0')),
      body(1, ''),
      body(1, ' two'),
      frame(ping, 0, 0, Buffer.from('12345678')),
      frame(headers, endHeaders | endStream, 1, block('x-b', '2')),
    ])
    const play = (cuts: readonly number[]): readonly [string[], Frame[]] => {
      const client = new Client()
      client.ask()
      let at = 0
      for (const cut of [...cuts.toSorted((a, b) => a - b), bytes.length]) {
        client.read(bytes.subarray(at, cut))
        at = cut
      }
      return [client.told.filter((line) => !line.includes('data')), client.frames()]
    }
    const whole = play([])
    assert.deepEqual(whole[0], [
      ...['settings Infinity', '1 head 200', '1 trailers x-b,2', 'freed', '1 ended'],
    ])
    assert.equal(whole[1].at(-1)!.payload.toString(), '12345678')
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 12 }), (cuts) =>
        assert.deepEqual(play(cuts), whole),
      ),
    )
  })

  it('what is asked while frames are read leaves in one write', () => {
    const client = started()
    client.ask()
    client.ask()
    let writes = 0
    client.write = () => void writes++
    client.ended = () => void client.ask()
    client.read(head(1, endStream), head(3, endStream))
    assert.equal(writes, 1)
  })

  describe('bodies', () => {
    it('wait for the windows of the connection and of the stream, and for settings', () => {
      const client = started()
      client.ask('x'.repeat(200_000))
      assert.equal(client.bodyBytes(), 65_535)
      client.read(frame(windowUpdate, 0, 0, word(1000)))
      assert.equal(client.bodyBytes(), 0)
      client.read(frame(windowUpdate, 0, 1, word(600)))
      assert.equal(client.bodyBytes(), 600)
      client.read(setting(Setting.initialWindowSize, 65_535 + 100))
      assert.equal(client.bodyBytes(), 100)
      // Below nothing: it has to be opened by more than that.
      client.read(setting(Setting.initialWindowSize, 100), frame(windowUpdate, 0, 1, word(65_535)))
      client.read(frame(windowUpdate, 0, 0, word(500_000)))
      assert.equal(client.bodyBytes(), 0)
      client.read(frame(windowUpdate, 0, 1, word(500_000)))
      assert.equal(client.bodyBytes(), 200_000 - 65_535 - 700)
    })

    it('go in frames as large as the server takes them; headers too', () => {
      const client = started()
      client.ask('x'.repeat(40_000))
      assert.deepEqual(
        client
          .frames()
          .map(({ payload }) => payload.length)
          .slice(1),
        [16_384, 16_384, 40_000 - 2 * 16_384],
      )
      client.read(setting(Setting.maxFrameSize, 20_000))
      client.frames()
      const long = field('x-long', '~'.repeat(50_000))
      client.session.request({ fields: [long], body: '', isHead: false }, client)
      const sent = client.frames()
      assert.deepEqual(
        sent.map(({ type, flags }) => [type, flags]),
        [
          [headers, endStream],
          [continuation, 0],
          [continuation, endHeaders],
        ],
      )
    })

    it('that nobody wants any more are not sent', () => {
      const client = started()
      client.ask('x'.repeat(100_000))
      client.frames()
      client.read(head(1), body(1, 'no', endStream), frame(windowUpdate, 0, 0, word(99_999)))
      assert.deepEqual(client.told, ['1 head 200', '1 data no', 'freed', '1 ended'])
      const sent = client.frames()
      assert.deepEqual(
        sent.map(({ type }) => type),
        [rstStream],
      )
      assert.equal(sent[0]!.payload.readUInt32BE(), ErrorCode.noError)
    })
  })

  describe('answers', () => {
    it('open the windows when they are read', () => {
      const client = started()
      client.data = () => undefined
      const stream = client.ask()
      client.read(head(1))
      client.frames()
      const part = frame(data, 0, 1, Buffer.alloc(16_384))
      for (let count = 0; count < 32; count++) client.read(part)
      const opened = client.frames()
      assert.deepEqual(
        opened.map(({ type, id }) => [type, id]),
        [[windowUpdate, 1]],
      )
      assert.equal(opened[0]!.payload.readUInt32BE(), streamWindowBytes / 2)
      stream.pause()
      for (let count = 0; count < 31; count++) client.read(part)
      assert.deepEqual(client.frames(), [])
    })

    it('that the user does not read for now are kept in order, and follow', async () => {
      const client = started()
      const stream = client.ask()
      client.read(head(1))
      stream.pause()
      client.read(body(1, 'a'), body(1, 'b', endStream))
      assert.deepEqual(client.told, ['1 head 200', 'freed'])
      stream.resume()
      await new Promise(setImmediate)
      assert.deepEqual(client.told.slice(2), ['1 data a', '1 data b', '1 ended'])
    })

    it('end behind a pause in which nothing came', async () => {
      const client = started()
      const stream = client.ask()
      client.read(head(1))
      stream.pause()
      client.read(body(1, '', endStream))
      stream.resume()
      stream.resume()
      await new Promise(setImmediate)
      assert.deepEqual(client.told, ['1 head 200', 'freed', '1 ended'])
    })

    it('of a user that has turned away are nobody’s, but their headers count', () => {
      const client = started()
      client.ask().close()
      client.ask()
      const kept = Buffer.concat([Buffer.from([0x40, 3]), Buffer.from('x-a\x011')])
      client.read(
        frame(headers, endHeaders, 1, Buffer.concat([status200, kept])),
        ...[body(1, 'late', endStream), frame(rstStream, 0, 1, word(0))],
        frame(headers, endHeaders | endStream, 3, Buffer.from([0x88, 0xbe])),
      )
      assert.deepEqual(client.told, ['freed', '3 head 200', 'freed', '3 ended'])
      const resets = client.frames().filter(({ type }) => type === rstStream)
      assert.deepEqual(
        resets.map(({ payload }) => payload.readUInt32BE()),
        [ErrorCode.cancel],
      )
    })

    for (const [what, code, ...frames] of [
      ['no status', 1, frame(headers, endHeaders, 1, block('a', 'b'))],
      ['a status that is no number', 1, frame(headers, endHeaders, 1, block(':status', '2x0'))],
      [
        'a pseudo-header behind others',
        1,
        frame(headers, endHeaders, 1, block(':status', '200', 'a', 'b', ':x', 'y')),
      ],
      [
        'a name with capitals',
        1,
        frame(headers, endHeaders, 1, block(':status', '200', 'Abc', 'b')),
      ],
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
      it(`break HTTP/2 with ${what}: that stream is reset, the others go on`, () => {
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
  })

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
