import assert from 'node:assert/strict'
import fc from 'fast-check'
import { AnswerContent, maxContentBytes } from '../../launcher/answer-content.ts'
import { Deliveries } from '../../launcher/deliveries.ts'
import { Recorder } from '../../launcher/recorder.ts'
import { Sink, type SinkOwner } from '../../launcher/sink.ts'

const stamps = { token: 'alone', host: 0, comparedPerSecond: 1 }
const lent = Buffer.alloc(1024)
const owner = (): SinkOwner => ({
  user: { id: 1 },
  content: null,
  reply: () => undefined,
  wakeAfter: () => undefined,
})
const bytesOf = (text: string): Uint8Array => lent.subarray(0, lent.write(text, 'latin1'))

describe('the content of an answer', () => {
  let recorder: Recorder
  let sink: Sink
  beforeEach(() => {
    recorder = new Recorder()
    sink = new Sink(recorder, new Deliveries(stamps, recorder))
  })

  it('is not copied while its pieces follow each other in what was lent', () => {
    const user = owner()
    const bytes = bytesOf('HTTP 200 body\xff')
    sink.open(user, true)
    for (const [from, to] of [
      [0, 4],
      [4, 4],
      [4, 9],
      [9, 14],
    ])
      sink.content(bytes.subarray(from, to))
    assert.equal(user.content, null)
    assert.equal(sink.takeContent(), 'HTTP 200 body\xff')
  })

  it('is put together where something is left out between its pieces', () => {
    const user = owner()
    const bytes = bytesOf('4\r\nbody2\r\nxy')
    sink.open(user, true)
    sink.content(bytes.subarray(3, 7))
    sink.content(bytes.subarray(10))
    assert.equal(sink.takeContent(), 'bodyxy')
    assert.equal(user.content, null)
  })

  it('is kept from one read to the next though the lent bytes change', () => {
    const user = owner()
    sink.open(user, true)
    sink.content(bytesOf('first '))
    sink.keep()
    const other = owner()
    sink.open(other, true)
    sink.content(bytesOf('of another user'))
    assert.equal(sink.takeContent(), 'of another user')
    sink.open(user, true)
    sink.content(bytesOf('second'))
    assert.equal(sink.takeContent(), 'first second')
  })

  it('is empty when nothing came', () => {
    sink.open(owner(), true)
    assert.equal(sink.takeContent(), '')
  })

  it('is the same however it is cut, and wherever its pieces lie', () => {
    const pieces = fc.array(fc.tuple(fc.uint8Array({ maxLength: 40 }), fc.nat(3)), {
      maxLength: 20,
    })
    fc.assert(
      fc.property(pieces, (cut) => {
        const user = owner()
        let at = 0
        sink.open(user, true)
        for (const [piece, gap] of cut) {
          if (at + gap + piece.length > lent.length || gap === 3) {
            sink.keep()
            sink.open(user, true)
            at = 0
          }
          at += gap
          lent.set(piece, at)
          sink.content(gap === 2 ? Uint8Array.from(piece) : lent.subarray(at, at + piece.length))
          at += piece.length
        }
        const whole = Buffer.concat(cut.map(([piece]) => piece)).toString('latin1')
        assert.equal(sink.takeContent(), whole)
      }),
      { seed: 1 },
    )
  })

  it('ends at 32 MiB, which is counted once', () => {
    const user = owner()
    const piece = new Uint8Array(maxContentBytes / 4 + 1).fill(120)
    for (let at = 0; at < 6; at++) {
      sink.open(user, true)
      sink.content(piece)
      sink.keep()
    }
    assert.ok(user.content instanceof AnswerContent)
    assert.equal(sink.takeContent().length, maxContentBytes)
    assert.deepEqual(recorder.takeCounters(), { error_answer_too_long: 1 })
  })
})

describe('what a plugin says while it decodes', () => {
  it('is counted, and goes to the user whose bytes they are', () => {
    const recorder = new Recorder()
    const sink = new Sink(recorder, new Deliveries(stamps, recorder))
    const sent: string[] = []
    sink.open({ ...owner(), reply: (bytes) => void sent.push(bytes) }, false)
    assert.equal(sink.hasReplied, false)
    sink.reply('pong')
    sink.count('200')
    assert.equal(sink.lastError, '')
    sink.count('error_http_bad_content_length')
    assert.deepEqual(sent, ['pong'])
    assert.equal(sink.hasReplied, true)
    assert.equal(sink.lastError, 'error_http_bad_content_length')
    assert.deepEqual(recorder.takeCounters(), { 200: 1, error_http_bad_content_length: 1 })
  })
})
