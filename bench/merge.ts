/**
 * How many launchers one core can merge: bytes to lines, lines to intervals, intervals into their second, seconds into
 * the whole run, as the controller does it. Each launcher reports once a second 30 metrics of 1,000 samples.
 *
 * Beside it: what a value costs in our histogram and in hdr-histogram-js's own.
 *
 * `npx tsx bench/merge.ts [--launchers 200] [--seconds 5]`, pinned to a core by `taskset -c 1`.
 */
import { parseArgs } from 'node:util'
import { Int32Histogram } from 'hdr-histogram-js'
import { Seconds } from '../controller/seconds.ts'
import { type Rng, stream } from '../core/random.ts'
import { Histogram, highestUs } from '../core/stats/histogram.ts'
import type { Interval } from '../core/stats/model.ts'
import { MutableTotals } from '../core/stats/totals.ts'
import { encodeLine, LineDecoder } from '../core/wire/codec.ts'
import type { FromAgent } from '../core/wire/messages.ts'
import { median, spread } from './support/figures.ts'
import { answerMs, busyInterval } from './support/interval.ts'

const { values } = parseArgs({
  options: {
    launchers: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '5' },
  },
})
const launchers = Number(values.launchers)
const seconds = Number(values.seconds)
const metrics = 30
const samples = 1000
const rounds = 5
/** What a pipe gives at a time. */
const pieceBytes = 65_536
/** Of the same shape and different values; launchers take them in turn. */
const variants = 20

const random = stream('bench', 'merge')
const reports = Array.from({ length: variants }, () => busyInterval(metrics, samples, random))
const bytesASecond = linesOf(1).length
const figures = Array.from({ length: rounds + 1 }, mergeRate).slice(1)
const rate = median(figures)
console.log(
  `an interval of ${metrics} metrics of ${samples.toLocaleString('en')} samples: ` +
    `${(bytesASecond / launchers / 1024).toFixed(1)} KiB; merging it: ${(1e6 / rate).toFixed(0)} µs`,
)
console.log(`launchers that one core merges at intervals of 1 s: ${spread(figures)}`)
console.log(`budget: at least 200 (wish 1,000): ${rate >= 200 ? 'kept' : 'MISSED'}`)
recordCosts(random)
process.exitCode = rate >= 200 ? 0 : 1

/** Launchers a second of CPU time. */
function mergeRate(): number {
  const whole = new MutableTotals()
  const merged = new Seconds(1000, (_, totals) => whole.merge(totals))
  const decoder = new LineDecoder(
    (value) => {
      const { launcher, message } = value as Extract<
        FromAgent,
        { launcher: number; message: object }
      >
      if (message.type === 'interval') merged.add(launcher, message.interval)
    },
    (stray) => {
      throw new Error(`a stray line: ${stray}`)
    },
  )
  for (let launcher = 1; launcher <= launchers; launcher++) merged.join(launcher)
  let usedUs = 0
  for (let second = 1; second <= seconds; second++) {
    const bytes = linesOf(second)
    const before = process.cpuUsage()
    for (let from = 0; from < bytes.length; from += pieceBytes) {
      decoder.push(bytes.subarray(from, from + pieceBytes))
    }
    const { user, system } = process.cpuUsage(before)
    usedUs += user + system
  }
  const { count } = whole.sample('metric-1')
  if (count !== launchers * seconds * samples) throw new Error(`${count} samples were merged`)
  return (launchers * seconds) / (usedUs / 1e6)
}

/** What all launchers report of a second. */
function linesOf(second: number): Buffer {
  const lines = Array.from({ length: launchers }, (_, at) => {
    const interval: Interval = {
      ...reports[(at + second) % variants]!,
      sequence: second,
      fromMs: (second - 1) * 1000,
      toMs: second * 1000,
    }
    return encodeLine({ launcher: at + 1, message: { type: 'interval', interval } })
  })
  return Buffer.from(lines.flat().join(''))
}

function recordCosts(random: Rng): void {
  const times = Array.from({ length: 1 << 16 }, () => answerMs(random, 20))
  const ours = new Histogram('request')
  const library = new Int32Histogram(1, highestUs('request'), 3)
  const cost = (record: (ms: number) => void): string => {
    const runs = Array.from({ length: rounds + 1 }, () => {
      const startMs = performance.now()
      for (let again = 0; again < 16; again++) for (const ms of times) record(ms)
      return ((performance.now() - startMs) * 1e6) / (16 * times.length)
    })
    return median(runs.slice(1)).toFixed(1)
  }
  console.log(
    `recording a value: ${cost((ms) => ours.record(ms))} ns, ` +
      `hdr-histogram-js ${cost((ms) => library.recordValue(Math.round(ms * 1000)))} ns`,
  )
}
