import assert from 'node:assert/strict'
import fc from 'fast-check'
import { lineEnd, lineStarts } from '../core/data-lines.ts'

function linesOf(text: string): string[] {
  const bytes = Buffer.from(text, 'latin1')
  const starts = lineStarts(bytes)
  return Array.from(starts.subarray(0, -1), (start, line) =>
    bytes.toString('latin1', start, lineEnd(bytes, starts, line)),
  )
}

describe('lines of a data file', () => {
  for (const [text, want] of [
    ['', []],
    ['\n\n', []],
    ['a', ['a']],
    ['a\nb', ['a', 'b']],
    ['a\nb\n', ['a', 'b']],
    ['a\n\nb\n\n\n', ['a', '', 'b']],
    ['\na', ['', 'a']],
    ['a;1\r\nb;2\r\n\r\n', ['a;1', 'b;2']],
    ['a\rb\n', ['a\rb']],
    ['\r\r\n', ['\r']],
    ['\xff\xfe\n', ['\xff\xfe']],
  ] as const) {
    it(`${JSON.stringify(text)} has ${JSON.stringify(want)}`, () => {
      assert.deepEqual(linesOf(text), want)
    })
  }

  it('are those that a plain split finds', () => {
    const text = fc.string({ unit: fc.constantFrom('\n', '\r', 'a', ';') })
    fc.assert(
      fc.property(text, (each) => {
        const want = each.split('\n').map((line) => line.replace(/\r$/, ''))
        while (want.at(-1) === '') want.pop()
        assert.deepEqual(linesOf(each), want)
      }),
      { seed: 1 },
    )
  })
})
