import assert from 'node:assert/strict'
import fc from 'fast-check'
import { lostAfterMs, maxOpenGaps, SeenStream } from '../../core/deliveries/seen-stream.ts'

interface Counts {
  lost: number
  late: number
  again: number
  unknown: number
}

/** What comes, in order, all at once; then the receiver ends. */
function seenOf(numbers: readonly number[]): Counts {
  const seen = new SeenStream(0)
  const counts = { next: 0, late: 0, again: 0, unknown: 0 }
  for (const number of numbers) counts[seen.take(number, 0, 0)]++
  seen.end()
  return { lost: seen.lost, late: counts.late, again: counts.again, unknown: counts.unknown }
}

/** The same, from the whole list. */
function expected(numbers: readonly number[]): Counts {
  const distinct = new Set<number>()
  let highest = 0
  let late = 0
  for (const number of numbers) {
    if (!distinct.has(number) && number < highest) late++
    distinct.add(number)
    highest = Math.max(highest, number)
  }
  const first = Math.min(...distinct)
  const span = distinct.size === 0 ? 0 : highest - first + 1
  return { lost: span - distinct.size, late, again: numbers.length - distinct.size, unknown: 0 }
}

describe('what a receiver has seen of a stream', () => {
  it('is lost, doubled and out of order as the whole list says, however it came', () => {
    const few = fc.array(fc.integer({ min: 1, max: 2 * maxOpenGaps }), { maxLength: 150 })
    fc.assert(
      fc.property(few, (numbers) => {
        assert.deepEqual(seenOf(numbers), expected(numbers))
      }),
      { seed: 1, numRuns: 500 },
    )
  })

  it('adds up when there are more gaps than are kept: a message too late for its gap is told apart', () => {
    const many = fc.array(fc.integer({ min: 1, max: 2000 }), { maxLength: 600 })
    fc.assert(
      fc.property(many, (numbers) => {
        const { lost, late, again, unknown } = seenOf(numbers)
        const exact = expected(numbers)
        assert.ok(lost >= exact.lost && lost <= exact.lost + unknown)
        assert.ok(late <= exact.late && again <= exact.again)
        assert.equal(late + again + unknown, exact.late + exact.again)
      }),
      { seed: 1 },
    )
  })

  it('is not lost before the first message', () => {
    assert.deepEqual(seenOf([500, 501]), { lost: 0, late: 0, again: 0, unknown: 0 })
  })

  it('is lost when it is missing for long, not before; and never less than that', () => {
    const seen = new SeenStream(0)
    seen.take(1, 0, 0)
    seen.take(4, 1000, 0)
    assert.equal(seen.take(3, 2000, 0), 'late')
    seen.take(5, 1000 + lostAfterMs - 1, 0)
    assert.equal(seen.lost, 0)
    seen.take(6, 1000 + lostAfterMs, 0)
    assert.equal(seen.lost, 1)
    assert.equal(seen.take(2, 1000 + lostAfterMs, 0), 'unknown')
    assert.equal(seen.lost, 1)
  })

  it('is excused when the receiver has joined anew, and counts again from then on', () => {
    const seen = new SeenStream(0)
    seen.take(1, 0, 0)
    assert.equal(seen.take(1, 0, 1), 'again')
    seen.take(100, 0, 1)
    assert.equal(seen.take(50, 0, 1), 'late')
    seen.take(102, 0, 1)
    seen.end()
    assert.equal(seen.lost, 1)
  })

  it('keeps a bounded number of gaps', () => {
    const seen = new SeenStream(0)
    for (let number = 1; number < 10_000; number += 2) seen.take(number, 0, 0)
    assert.equal(seen.openGaps, maxOpenGaps)
    seen.end()
    assert.equal(seen.lost, 4999)
  })
})
