import assert from 'node:assert/strict'
import fc from 'fast-check'
import { StampReader, stampPrefix, stampText } from '../../core/deliveries/stamp.ts'
import { tokenOf } from '../../core/deliveries/token.ts'

const token = 'k3x9q'
const whole = (max: number): fc.Arbitrary<number> => fc.integer({ min: 0, max })
const stamps = fc.record({
  host: whole(2000),
  user: fc.integer({ min: 1, max: 1e9 }),
  stream: whole(63),
  sequence: whole(1e9),
  isCompared: fc.boolean(),
  hostMs: fc.double({ min: 0, max: 1e10, noNaN: true }),
})
type Stamp = typeof stamps extends fc.Arbitrary<infer Value> ? Value : never

const textOf = ({ host, user, stream, sequence, isCompared, hostMs }: Stamp): string =>
  stampText(stampPrefix(token, host, user, stream), sequence, isCompared, hostMs)

describe('a stamp', () => {
  it('is read as it was made, from bytes and from a byte string, whatever follows it', () => {
    fc.assert(
      fc.property(stamps, fc.string(), (stamp, rest) => {
        const text = textOf(stamp) + rest
        for (const payload of [text, Buffer.from(text)]) {
          const reader = new StampReader(token)
          assert.equal(reader.read(payload), 'ours')
          const { host, user, stream, sequence, isCompared, hostMs } = reader
          assert.deepEqual(
            { ...stamp, hostMs: 0 },
            { ...{ host, user, stream, sequence }, isCompared, hostMs: 0 },
          )
          assert.ok(Math.abs(hostMs - stamp.hostMs) <= 0.0011, `${hostMs}, not ${stamp.hostMs}`)
        }
      }),
      { seed: 1 },
    )
  })

  it('is none when it is cut, and never one of ours when a character of it is another', () => {
    fc.assert(
      fc.property(stamps, fc.nat(), (stamp, at) => {
        const text = textOf(stamp)
        const reader = new StampReader(token)
        assert.equal(reader.read(text.slice(0, at % text.length)), 'none')
        const index = at % text.length
        assert.notEqual(reader.read(`${text.slice(0, index)}#${text.slice(index + 1)}`), 'ours')
      }),
      { seed: 1 },
    )
  })

  it('has some 40 characters', () => {
    const stamp = { host: 3, user: 123_456, stream: 0, sequence: 1234, isCompared: true }
    assert.ok(textOf({ ...stamp, hostMs: 12_345_678_123.456 }).length <= 46)
  })

  for (const [text, kind] of [
    ['', 'none'],
    ['@@', 'none'],
    ['hello', 'none'],
    ['@@@hello', 'none'],
    [`@@@${'a'.repeat(200)}@@@`, 'none'],
    ['@@@other,0;1;0;1,2;3@@@', 'foreign'],
    ['@@@k3x9q,0;1;0;1,2@@@', 'foreign'],
    ['@@@k3x9q,0;1;0;1111111111111111111,2;3@@@', 'foreign'],
    ['@@@1234567,1700;123456;7890@@@xxxx', 'foreign'],
    [' @@@k3x9q,0;1;0;1,2;3@@@', 'none'],
    ['@@@k3x9q,0;1;0;1,2;3@@@', 'ours'],
  ] as const) {
    it(`${text.slice(0, 50)} is ${kind}`, () => {
      assert.equal(new StampReader(token).read(text), kind)
      assert.equal(new StampReader(token).read(Buffer.from(text)), kind)
    })
  }

  it('has a token of five characters, the same for one run and another for another', () => {
    const tokens = Array.from({ length: 500 }, (_, at) => tokenOf(`run ${at}`))
    for (const each of tokens) assert.match(each, /^[0-9a-z]{5}$/)
    assert.equal(tokenOf('run 7'), tokens[7])
    assert.equal(new Set(tokens).size, 500)
  })
})
