import assert from 'node:assert/strict'
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib'
import fc from 'fast-check'
import { compressed, Inflater } from '../../plugins/websocket/deflate.ts'

const maxBytes = 1_000_000
const sync = { finishFlush: constants.Z_SYNC_FLUSH }

/** As a server sends it. */
function bySync(payload: Buffer, dictionary?: Buffer): Buffer {
  const options = dictionary === undefined ? sync : { ...sync, dictionary }
  return deflateRawSync(payload, options).subarray(0, -4)
}

const inflated = (message: Uint8Array, isText = false): string =>
  Buffer.from(new Inflater(maxBytes, false).message(message, isText)).toString('latin1')

function codeOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    return (error as { readonly code: string }).code
  }
  return 'none'
}

describe('permessage-deflate', () => {
  for (const [what, payload] of [
    ['nothing', ''],
    ['a word', 'Hello'],
    ['what repeats', '{"a":1,"b":"hello hello hello"}'.repeat(50)],
    ['what lies beyond a shared buffer', 'abcdefghij'.repeat(20_000)],
    [
      'random bytes',
      Buffer.from(Array.from({ length: 70_000 }, (_, at) => (at * 7919 * at) % 251)).toString(
        'latin1',
      ),
    ],
  ] as const) {
    it(`reads ${what}`, () => {
      assert.equal(inflated(bySync(Buffer.from(payload, 'latin1'))), payload)
    })

    it(`sends ${what}, with the end of a flush left out`, () => {
      const bytes = Buffer.from(compressed(payload), 'latin1')
      const whole = Buffer.concat([bytes, Buffer.from([0, 0, 0xff, 0xff, 1, 0, 0, 0xff, 0xff])])
      assert.equal(inflateRawSync(whole).toString('latin1'), payload)
      // No last block: a reader that goes on with the next message is not at its end.
      assert.equal(inflateRawSync(bytes, sync).toString('latin1'), payload)
    })
  }

  it('reads a message whose last block says so', () => {
    const ended = Buffer.concat([deflateRawSync('Hello'), Buffer.from([0])])
    assert.equal(inflated(ended), 'Hello')
  })

  it('sends messages of any length', () => {
    for (let length = 1; length < 20_000; length += 97) {
      const payload = Buffer.from(Array.from({ length }, (_, at) => (at * 7919 * at) % 251))
      const bytes = Buffer.from(compressed(payload.toString('latin1')), 'latin1')
      const whole = Buffer.concat([bytes, Buffer.from([0, 0, 0xff, 0xff, 1, 0, 0, 0xff, 0xff])])
      assert.ok(inflateRawSync(whole).equals(payload), `${length} bytes`)
    }
  })

  it('reads any bytes back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), (payload) => {
        const bytes = Buffer.from(payload)
        assert.equal(inflated(bySync(bytes)), bytes.toString('latin1'))
        const ours = Buffer.from(compressed(bytes.toString('latin1')), 'latin1')
        assert.equal(inflated(ours), bytes.toString('latin1'))
      }),
      { seed: 6 },
    )
  })

  it('reads messages that refer to those before, if it was agreed on', () => {
    const inflater = new Inflater(maxBytes, true)
    let context = Buffer.alloc(0)
    for (let number = 0; number < 60; number++) {
      const payload = Buffer.from(`{"price":${number},"name":"a name that comes back"}`.repeat(40))
      const message = bySync(payload, context.length === 0 ? undefined : context.subarray(-32_768))
      assert.equal(Buffer.from(inflater.message(message, true)).toString(), payload.toString())
      context = Buffer.concat([context, payload])
    }
  })

  for (const [what, bytes] of [
    ['what cannot be read', [0xff, 0xff, 0xff]],
    ['half a message', [...bySync(Buffer.from(`${'x'.repeat(500)}abcdefgh`))].slice(0, 6)],
    ['a distance before the beginning', [0x4b, 0x04, 0x12, 0x00]],
  ] as const) {
    it(`tells of ${what}`, () => {
      assert.equal(
        codeOf(() => inflated(Uint8Array.from(bytes))),
        'error_websocket_deflate',
      )
    })
  }

  it('tells of a message that grows too long, without holding it', () => {
    const bomb = bySync(Buffer.alloc(300_000_000))
    const before = process.memoryUsage().arrayBuffers
    assert.equal(
      codeOf(() => inflated(bomb)),
      'error_websocket_too_long',
    )
    assert.ok(process.memoryUsage().arrayBuffers - before < 50_000_000)
  })

  it('tells of a text that is not UTF-8', () => {
    const message = bySync(Buffer.from([0x61, 0xe9]))
    assert.equal(inflated(message), 'a\u00e9')
    assert.equal(
      codeOf(() => inflated(message, true)),
      'error_websocket_utf8',
    )
  })

  it('of noise gives bytes or an error of its own', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        assert.match(
          codeOf(() => inflated(bytes)),
          /^(none|error_websocket_(deflate|too_long))$/,
        )
      }),
      { seed: 7, numRuns: 5000 },
    )
  })
})
