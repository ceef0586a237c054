/** One side of a connection that speaks HTTP/2, frame by frame. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { ErrorCode, Flag, FrameType, Setting } from '../../core/http2/frames.ts'
import { field } from '../../core/http2/hpack-encoder.ts'
import { streamWindowBytes } from '../../launcher/http2-stream.ts'
import {
  block,
  body,
  Client,
  type Frame,
  head,
  noSettings,
  setting,
  started,
} from '../support/http2-client.ts'
import { frame, status200, word } from '../support/http2-frames.ts'

const { data, headers, priority, rstStream, settings, ping, windowUpdate, continuation } = FrameType
const { endHeaders, endStream, padded } = Flag
const unknownType = 99

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
  })
})
