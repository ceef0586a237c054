import assert from 'node:assert/strict'
import fc from 'fast-check'
import { erlangFloat } from '../../controller/outputs/erlang-number.ts'

/** As `io:format("~p")` prints them. */
const printed: readonly (readonly [number, string])[] = [
  [0, '0.0'],
  [0.0001, '0.0001'],
  [0.00012, '1.2e-4'],
  [0.001, '0.001'],
  [0.012, '0.012'],
  [0.1, '0.1'],
  [1, '1.0'],
  [100, '100.0'],
  [1000, '1.0e3'],
  [10_000, '1.0e4'],
  [123_456, '123456.0'],
  [250_000, '2.5e5'],
  [1_200_000, '1.2e6'],
  [1.5e-5, '1.5e-5'],
  [12_345_678.25, '12345678.25'],
  [1e22, '1.0e22'],
  [1005.9820909090909, '1005.9820909090909'],
  [-2.5, '-2.5'],
]

describe('a float as Erlang prints it', () => {
  for (const [value, text] of printed) {
    it(`${value} is ${text}`, () => assert.equal(erlangFloat(value), text))
  }

  it('always has a point and reads back the same', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const text = erlangFloat(value)
        assert.match(text, /^-?\d+\.\d+(e-?\d+)?$/)
        assert.equal(Number(text) + 0, value + 0)
      }),
      { seed: 1 },
    )
  })
})
