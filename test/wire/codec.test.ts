import assert from 'node:assert/strict'
import fc from 'fast-check'
import { encodeLine, LineDecoder } from '../../core/wire/codec.ts'
import { maxLineBytes } from '../../core/wire/messages.ts'

interface Decoded {
  readonly messages: unknown[]
  readonly strays: string[]
}

function decode(pieces: Iterable<Uint8Array>): Decoded {
  const messages: unknown[] = []
  const strays: string[] = []
  const decoder = new LineDecoder(
    (value) => messages.push(value),
    (text) => strays.push(text),
  )
  for (const piece of pieces) decoder.push(piece)
  return { messages, strays }
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
const decodeText = (...texts: string[]): Decoded => decode(texts.map(bytesOf))

/** Cuts at the given places; beyond the end and twice the same are allowed. */
function cutAt(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const sorted = [0, ...places.map((at) => at % (bytes.length + 1)), bytes.length]
  sorted.sort((a, b) => a - b)
  return sorted.slice(1).map((to, at) => bytes.subarray(sorted[at], to))
}

/** A message whose text is longer than a line, with what is dear to encode at every place. */
function longMessage(characters: number): { readonly type: string; readonly text: string } {
  return { type: 'long', text: '"\\é漢😀\n\u2028'.repeat(Math.ceil(characters / 8)) }
}

const message = fc.record({
  type: fc.string(),
  text: fc.string({ unit: 'binary' }),
  list: fc.array(fc.jsonValue()),
})

describe('encodeLine', () => {
  it('writes a short message as one line of JSON', () => {
    assert.deepEqual(encodeLine({ type: 'ready' }), ['{"type":"ready"}\n'])
  })

  for (const characters of [100_000, 400_000, 2_000_000]) {
    it(`a message of ${characters} characters takes lines of at most ${maxLineBytes} bytes`, () => {
      const lines = encodeLine(longMessage(characters))
      for (const line of lines) {
        assert.ok(bytesOf(line).length <= maxLineBytes)
        assert.equal(line.indexOf('\n'), line.length - 1)
      }
    })
  }

  it('a long message comes back whole', () => {
    const sent = longMessage(2_000_000)
    const lines = encodeLine(sent)
    assert.ok(lines.length > 1)
    assert.deepEqual(decodeText(...lines), { messages: [sent], strays: [] })
  })

  it('a surrogate without its partner comes back', () => {
    const sent = { text: '\ud83d'.repeat(500_000) }
    assert.deepEqual(decodeText(...encodeLine(sent)).messages, [sent])
  })

  it('the parts of two long messages may come mixed', () => {
    const [first, second] = [longMessage(900_000), { type: 'other', text: 'x'.repeat(900_000) }]
    const [ours, theirs] = [encodeLine(first), encodeLine(second)]
    const mixed = ours.flatMap((line, at) => [line, theirs[at] ?? ''])
    const { messages } = decodeText(...mixed, ...theirs.slice(ours.length))
    assert.deepEqual(new Set(messages), new Set([first, second]))
  })
})

describe('LineDecoder', () => {
  it('gives the same messages however the bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(message), fc.array(fc.nat()), (messages, places) => {
        const sent = messages.map((each) => JSON.parse(JSON.stringify(each)) as unknown)
        const bytes = bytesOf(messages.flatMap(encodeLine).join(''))
        assert.deepEqual(decode(cutAt(bytes, places)), { messages: sent, strays: [] })
      }),
      { seed: 1 },
    )
  })

  it('gives the same of garbage however it is cut, and never throws', () => {
    const line = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.string().map(bytesOf),
      fc.jsonValue().map((value) => bytesOf(JSON.stringify(value))),
      fc
        .record({
          type: fc.constant('chunk'),
          id: fc.oneof(fc.nat({ max: 3 }), fc.jsonValue()),
          part: fc.oneof(fc.nat({ max: 3 }), fc.jsonValue()),
          parts: fc.oneof(fc.nat({ max: 3 }), fc.jsonValue()),
          text: fc.oneof(fc.constantFrom('{"a":', '1', '}', '{}'), fc.jsonValue()),
        })
        .map((value) => bytesOf(JSON.stringify(value))),
    )
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.nat()), (lines, places) => {
        const bytes = new Uint8Array(lines.flatMap((each) => [...each, 10]))
        assert.deepEqual(decode(cutAt(bytes, places)), decode([bytes]))
      }),
      { seed: 1, numRuns: 300 },
    )
  })

  for (const stray of ['hello', '3', 'null', '[]', '"text"', '{"half":', 'Debugger attached.']) {
    it(`a line that says ${stray} is reported and the next message is heard`, () => {
      const { messages, strays } = decodeText(`${stray}\n{"type":"ready"}\n`)
      assert.deepEqual(strays, [stray])
      assert.deepEqual(messages, [{ type: 'ready' }])
    })
  }

  it('empty lines are nothing', () => {
    assert.deepEqual(decodeText('\n\n{"a":1}\n\n'), { messages: [{ a: 1 }], strays: [] })
  })

  it('a line over the maximum is reported once by its beginning, in one piece or in many', () => {
    const text = `${JSON.stringify({ text: 'x'.repeat(2 * maxLineBytes) })}\n{"type":"ready"}\n`
    const bytes = bytesOf(text)
    const inPieces = Array.from({ length: 40 }, (_, at) => at * 60_000)
    for (const places of [[], inPieces, [maxLineBytes], [maxLineBytes + 1], [bytes.length - 18]]) {
      const { messages, strays } = decode(cutAt(bytes, places))
      assert.deepEqual(messages, [{ type: 'ready' }])
      assert.deepEqual(strays, [text.slice(0, 500)])
    }
  })

  it('a line that never ends is not kept', () => {
    const piece = new Uint8Array(maxLineBytes).fill(120)
    const { messages, strays } = decode(Array.from({ length: 50 }, () => piece))
    assert.equal(strays.length, 1)
    assert.deepEqual(messages, [])
  })
})

describe('messages in parts', () => {
  const part = (id: number, at: number, parts: number, text: string): string =>
    `${JSON.stringify({ type: 'chunk', id, part: at, parts, text })}\n`

  it('parts may come in any order', () => {
    const parts = [part(1, 2, 3, '}'), part(1, 0, 3, '{"a"'), part(1, 1, 3, ':1')]
    assert.deepEqual(decodeText(...parts), { messages: [{ a: 1 }], strays: [] })
  })

  for (const [what, lines] of [
    ['a part that came before', [part(1, 0, 2, '{'), part(1, 0, 2, '{')]],
    ['a part beyond the last', [part(1, 2, 2, '{')]],
    ['another number of parts', [part(1, 0, 2, '{'), part(1, 1, 3, '}')]],
    ['too many parts', [part(1, 0, 1_000_000_000, '{')]],
    ['parts of a message that is none', [part(1, 0, 1, '{"half":')]],
    ['parts of a part', [part(1, 0, 1, part(2, 0, 1, '{}'))]],
  ] as const) {
    it(`${what} is reported`, () => {
      const { messages, strays } = decodeText(...lines, '{"type":"ready"}\n')
      assert.equal(strays.length, 1)
      assert.deepEqual(messages, [{ type: 'ready' }])
    })
  }

  it('messages that never become whole make room for the next', () => {
    const halves = Array.from({ length: 1000 }, (_, id) => part(id + 1, 0, 2, '{"half":'))
    const { messages, strays } = decodeText(
      ...halves,
      part(5000, 0, 2, '{"a":'),
      part(5000, 1, 2, '1}'),
    )
    assert.deepEqual(messages, [{ a: 1 }])
    assert.ok(strays.length > 900)
  })
})
