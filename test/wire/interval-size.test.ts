import assert from 'node:assert/strict'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { Histogram } from '../../core/stats/histogram.ts'
import type { Health, Interval } from '../../core/stats/model.ts'
import { maxNames } from '../../core/stats/names.ts'
import { MutableSample } from '../../core/stats/sample.ts'
import { encodeLine, LineDecoder } from '../../core/wire/codec.ts'
import { maxLineBytes } from '../../core/wire/messages.ts'
import { Recorder } from '../../launcher/recorder.ts'
import { intervalOf } from '../support/intervals.ts'

/** Of the longest kind of metric; `docs/scale.md` says so too. */
const mostBuckets = 28_000
/** Of one pair: a distance below 2¹⁴ and a count below 2²¹ have 2 and 3 bytes, base64 makes 4 of 3. */
const bytesOfValue = 6

describe('the size of an interval', function () {
  this.timeout(60_000)

  it('grows with the values, by six bytes each at most', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 9e7, noNaN: true }), { maxLength: 300 }),
        (times) => {
          const sample = new MutableSample('session')
          for (const ms of times) sample.record(ms)
          assert.ok(sample.encode().histogram.length <= 4 + bytesOfValue * times.length)
        },
      ),
      { seed: 1 },
    )
  })

  it('grows no more once every bucket is filled', () => {
    const { histogram, buckets } = fullHistogram(1)
    assert.ok(buckets <= mostBuckets, `${buckets} buckets`)
    assert.ok(histogram.length <= (mostBuckets * 2 * 4) / 3 + 4)
    const many = fullHistogram(127)
    assert.equal(many.histogram.length, histogram.length)
  })

  it('has a bounded number of metrics and counters', () => {
    const recorder = new Recorder()
    for (let name = 0; name < 3 * maxNames; name++) {
      recorder.sample(`tr_${name}`).record(1)
      recorder.count(`error_${name}`)
    }
    const rest = { phase: 1, due: 0 }
    const { samples, counters } = recorder.take(1000, rest, {} as Health)
    const names = new Set([...Object.keys(samples), ...Object.keys(counters)])
    assert.ok(names.size <= maxNames + 15, `${names.size} names`)
    assert.ok((counters['tsts_other_names'] ?? 0) > maxNames)
  })

  it('travels even at its worst, in lines that may be', () => {
    const { histogram, buckets } = fullHistogram(1)
    const sample = { count: buckets, mean: 1, m2: 0, min: 0, max: 1, histogram }
    const names = Array.from({ length: maxNames }, (_, at) => `tr_${at}`)
    const interval: Interval = {
      ...intervalOf(1, 0, 1000),
      samples: Object.fromEntries(names.map((name) => [name, sample])),
    }
    const message = { launcher: 1, message: { type: 'interval', interval } }
    const lines = encodeLine(message)
    const bytes = lines.reduce((sum, line) => sum + Buffer.byteLength(line), 0)
    assert.ok(bytes < 40 * 1024 * 1024, `${bytes} bytes`)
    assert.ok(lines.every((line) => Buffer.byteLength(line) <= maxLineBytes))
    const got: unknown[] = []
    const decoder = new LineDecoder((value) => got.push(value), assert.fail)
    for (const line of lines) decoder.push(Buffer.from(line))
    assert.equal(got.length, 1)
    // A difference would be too long to print.
    assert.ok(isDeepStrictEqual(got[0], message))
  })
})

/** Every bucket of the longest kind, `each` values in it. */
function fullHistogram(each: number): {
  readonly histogram: string
  readonly buckets: number
} {
  const histogram = new Histogram('session')
  let buckets = 0
  for (let us = 0, step = 1; us < 86_400_000_000; us += step) {
    for (let value = 0; value < each; value++) histogram.record(us / 1000)
    buckets++
    while (us >= 2048 * step) step *= 2
  }
  return { histogram: histogram.encode(), buckets }
}
