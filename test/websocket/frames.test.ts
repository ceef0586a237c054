import assert from 'node:assert/strict'
import fc from 'fast-check'
import { FrameReader, type FrameRules } from '../../plugins/websocket/decode-frames.ts'
import { maskedFrame, maskedMessage } from '../../plugins/websocket/encode-frame.ts'
import { closePayload, isCloseCode, plainFrame } from '../../plugins/websocket/frames.ts'
import { utf8After } from '../../plugins/websocket/utf8.ts'
import { eachPart } from '../support/cuts.ts'
import { frame, framesIn } from '../support/websocket-frames.ts'

const lengths = [0, 1, 2, 3, 4, 5, 125, 126, 127, 65_535, 65_536, 200_000]
const server: FrameRules = { allowsCompression: false, expectsMask: true, maxBytes: 1_000_000 }
const client: FrameRules = { ...server, expectsMask: false }

/** What a reader tells of bytes that are cut so, one line each. */
function told(bytes: Uint8Array, cuts: readonly number[], rules: FrameRules): readonly string[] {
  const lines: string[] = []
  let payload = ''
  const textOf = (part: Uint8Array): string => Buffer.from(part).toString('latin1')
  const reader = new FrameReader(rules)
  try {
    eachPart(bytes, cuts, (part) =>
      reader.read(part, 0, {
        onData: (data, from, to) => {
          payload += textOf(data.subarray(from, to))
        },
        onMessage: (isText, isCompressed) => {
          lines.push(`${isText ? 'text' : 'binary'}${isCompressed ? '+' : ''} ${payload}`)
          payload = ''
        },
        onPing: (data) => void lines.push(`ping ${textOf(data)}`),
        onPong: (data) => void lines.push(`pong ${textOf(data)}`),
        onClose: (code, reason) => void lines.push(`close ${code} ${textOf(reason)}`),
      }),
    )
  } catch (error) {
    lines.push((error as { readonly code: string }).code)
  }
  return lines
}

const payloads = fc.string({
  unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
  maxLength: 300,
})
const units = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

describe('frames of a client', () => {
  for (const length of lengths) {
    it(`carry ${length} bytes, masked`, () => {
      const payload = 'x\u00e9\u0000'.repeat(length).slice(0, length)
      for (const random of [0, 0.123456, 0.999999999]) {
        const bytes = Buffer.from(maskedFrame(0x82, payload, random), 'latin1')
        const { frames, rest } = framesIn(bytes)
        assert.equal(rest.length, 0)
        assert.deepEqual(frames, [
          { isFinal: true, reserved: 0, opcode: 2, payload, isMasked: true },
        ])
      }
    })
  }

  it('do not show the payload', () => {
    assert.ok(!maskedFrame(0x81, 'secret text', 0.5).includes('secret'))
    assert.notEqual(maskedFrame(0x81, 'same', 0.25), maskedFrame(0x81, 'same', 0.75))
  })

  it('are those of the RFC', () => {
    const random = 0x37fa213d / 2 ** 32
    const bytes = Buffer.from(maskedFrame(0x81, 'Hello', random), 'latin1')
    assert.equal(bytes.toString('hex'), '818537fa213d7f9f4d5158')
  })

  it('of one message have the payload in order, and end it once', () => {
    fc.assert(
      fc.property(payloads, fc.integer({ min: 1, max: 50 }), units, (payload, size, random) => {
        const bytes = Buffer.from(
          maskedMessage(1, payload, size, () => random),
          'latin1',
        )
        const { frames } = framesIn(bytes)
        assert.equal(frames.map((each) => each.payload).join(''), payload)
        assert.deepEqual(
          frames.map(({ opcode, isFinal }) => [opcode, isFinal]),
          frames.map((_, at) => [at === 0 ? 1 : 0, at === frames.length - 1]),
        )
        for (const each of frames) assert.ok(each.payload.length <= size)
      }),
      { seed: 1 },
    )
  })

  it('are read by a server’s reader, wherever they are cut', () => {
    const message = fc.tuple(payloads, units, fc.integer({ min: 1, max: 40 }))
    fc.assert(
      fc.property(fc.array(message, { maxLength: 5 }), fc.array(fc.nat()), (messages, cuts) => {
        const sent = messages.map(([payload, random, size]) =>
          maskedMessage(2, payload, size, () => random),
        )
        const bytes = Buffer.from(sent.join(''), 'latin1')
        const want = messages.map(([payload]) => `binary ${payload}`)
        assert.deepEqual(told(bytes, cuts, server), want)
      }),
      { seed: 2 },
    )
  })
})

describe('frames of a server', () => {
  for (const length of lengths) {
    it(`with ${length} bytes are written and read`, () => {
      const payload = 'y'.repeat(length)
      assert.deepEqual(Buffer.from(plainFrame(0x82, payload), 'latin1'), frame(0x82, payload))
      assert.deepEqual(told(frame(0x82, payload), [3, 7, 11], client), [`binary ${payload}`])
    })
  }

  it('are read the same however they are cut', () => {
    const kinds = fc.constantFrom(0x81, 0x82, 0x01, 0x02, 0x80, 0x00, 0x89, 0x8a, 0x88, 0xc1, 0x83)
    const one = fc
      .tuple(kinds, payloads)
      .map(([first, payload]) => frame(first, payload.slice(0, 125)))
    fc.assert(
      fc.property(fc.array(one, { maxLength: 8 }), fc.array(fc.nat()), (frames, cuts) => {
        const bytes = Buffer.concat(frames)
        const allowing = { ...client, allowsCompression: true }
        const whole = told(bytes, [], allowing)
        assert.deepEqual(told(bytes, cuts, allowing), whole)
        const everywhere = Array.from({ length: bytes.length }, (_, at) => at)
        assert.deepEqual(told(bytes, everywhere, allowing), whole)
      }),
      { seed: 3, numRuns: 300 },
    )
  })

  it('of any bytes are events or one error, never anything else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.array(fc.nat()), (bytes, cuts) => {
        for (const line of told(bytes, cuts, client)) {
          assert.match(
            line,
            /^(text|binary|ping|pong|close \d+|error_websocket_(protocol|utf8|too_long)$)/,
          )
        }
      }),
      { seed: 4, numRuns: 2000 },
    )
  })

  it('after a close frame are not read', () => {
    const bytes = Buffer.concat([frame(0x88), frame(0x81, 'late'), Buffer.from([0xff, 0xff])])
    assert.deepEqual(told(bytes, [], client), ['close 1005 '])
  })

  for (const [what, first, second] of [
    ['one frame', [0x82, 127, 0, 0, 0, 0, 0, 15, 66, 65], []],
    ['one frame of 2^63 bytes', [0x82, 127, 128, 0, 0, 0, 0, 0, 0, 0], []],
    ['several frames', [0x02, 126, 255, 255], [0x00, 127, 0, 0, 0, 0, 0, 14, 66, 66]],
  ] as const) {
    it(`may not make a message too long with ${what}`, () => {
      const filling = second.length === 0 ? 0 : 65_535
      const bytes = Buffer.concat([Buffer.from(first), Buffer.alloc(filling), Buffer.from(second)])
      assert.deepEqual(told(bytes, [], client), ['error_websocket_too_long'])
    })
  }
})

describe('UTF-8 in pieces', () => {
  it('is what a strict decoder takes', () => {
    const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
    const isUtf8 = (bytes: Uint8Array): boolean => {
      try {
        strict.decode(bytes)
        return true
      } catch {
        return false
      }
    }
    const texts = fc.string({ unit: 'binary' }).map((each) => new Uint8Array(Buffer.from(each)))
    const damaged = fc.tuple(texts, fc.nat(), fc.nat(255)).map(([bytes, at, byte]) => {
      const copy = bytes.slice()
      if (copy.length > 0) copy[at % copy.length] = byte
      return copy
    })
    const any = fc.oneof(texts, damaged, fc.uint8Array({ maxLength: 6, min: 0x7f }))
    fc.assert(
      fc.property(any, fc.array(fc.nat(), { maxLength: 4 }), (bytes, cuts) => {
        let state = 0
        eachPart(bytes, cuts, (part) => {
          if (state >= 0) state = utf8After(state, part, 0, part.length)
        })
        assert.equal(state === 0, isUtf8(bytes))
      }),
      { seed: 5, numRuns: 20_000 },
    )
  })
})

describe('close frames', () => {
  for (const code of [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535]) {
    it(`may not have the code ${code}`, () => assert.equal(isCloseCode(code), false))
  }
  for (const code of [1000, 1001, 1002, 1003, 1007, 1011, 1012, 1014, 3000, 3999, 4000, 4999]) {
    it(`may have the code ${code}`, () => assert.equal(isCloseCode(code), true))
  }

  it('have a reason that fits, cut between characters', () => {
    assert.equal(closePayload(1000, 'close'), '\u0003\u00e8close')
    const reason = Buffer.from(`${'x'.repeat(122)}é`).toString('latin1')
    assert.equal(closePayload(4000, reason), `\u000f\u00a0${'x'.repeat(122)}`)
    assert.equal(closePayload(1005, 'x'), '')
  })
})
