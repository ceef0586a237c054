/**
 * How many launchers one core of the controller can follow: each sends an interval every second, of 30 metrics with
 * 1,000 samples, which is decoded from its line and merged into the second and into the run.
 *
 * `npx tsx bench/merge.ts`. Prints as well what recording one value costs a launcher, here and in hdr-histogram-js.
 */
import { Int32Histogram } from 'hdr-histogram-js'
import { type Rng, stream } from '../core/random.ts'
import type { Interval, WireSample } from '../core/stats/model.ts'
import { MutableSample } from '../core/stats/sample.ts'
import { MutableTotals } from '../core/stats/totals.ts'
import { encodeLine, LineDecoder } from '../core/wire/codec.ts'

const metrics = 30
const samples = 1000
const launchers = 100
const seconds = 10
const budget = { must: 200, wish: 1000 }

const random = stream('bench', 'merge')
const lines = Array.from({ length: launchers }, (_, at) =>
  Buffer.from(encodeLine({ launcher: at + 1, message: intervalMessage() }).join('')),
)
const bytes = lines.reduce((sum, line) => sum + line.length, 0) / launchers

const encodeMs = perCall(20, () => encodeSamples(random))
mergeSeconds(2)
const usedBefore = process.cpuUsage()
mergeSeconds(seconds)
const used = process.cpuUsage(usedBefore)
// All CPU time of the process, collection of garbage on other threads included.
const cpuMs = (used.user + used.system) / 1000 / (launchers * seconds)
const followed = 1000 / cpuMs

console.log(
  `an interval: ${metrics} metrics of ${samples} samples, ${(bytes / 1024).toFixed(1)} KiB`,
)
console.log(`launcher: ${encodeMs.toFixed(2)} ms to record and encode it`)
console.log(`controller: ${cpuMs.toFixed(3)} ms of CPU to decode and merge it`)
console.log(`launchers at 1 s intervals on one core: ${Math.floor(followed)}`)
console.log(`budget: at least ${budget.must} (wish ${budget.wish})`)
recordCosts()

/** What an interval of one launcher is, times log-normal around 50 ms. */
function intervalMessage(): { readonly type: 'interval'; readonly interval: Interval } {
  const interval: Interval = {
    sequence: 1,
    fromMs: 0,
    toMs: 1000,
    counters: Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`counter_${at}`, at + 1])),
    gauges: {
      users: 1000,
      usersMax: 1010,
      connected: 1000,
      connectedMax: 1005,
      inFlight: 40,
      phase: 1,
      due: 5000,
    },
    samples: encodeSamples(random),
    health: {
      cpuMs: 500,
      loopDelayMaxMs: 3.5,
      loopDelayP99Ms: 1.2,
      gcMs: 12,
      rssBytes: 100_000_000,
      heapBytes: 40_000_000,
      steal: 0,
      descriptors: 1100,
      descriptorLimit: 65_536,
    },
  }
  return { type: 'interval', interval }
}

function encodeSamples(random: Rng): { [name: string]: WireSample } {
  const encoded: { [name: string]: WireSample } = {}
  for (let metric = 0; metric < metrics; metric++) {
    const name = `tr_${metric}`
    const sample = new MutableSample(name)
    for (let at = 0; at < samples; at++) sample.record(50 * Math.exp(normal(random)))
    encoded[name] = sample.encode()
  }
  return encoded
}

function normal(random: Rng): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

/** As the collector does: every interval into its second, every second into the run. */
function mergeSeconds(count: number): void {
  const run = new MutableTotals()
  for (let second = 0; second < count; second++) {
    const totals = new MutableTotals()
    const decoder = new LineDecoder(
      (value) => totals.add((value as { message: { interval: Interval } }).message.interval),
      (text) => {
        throw new Error(text)
      },
    )
    for (const line of lines) decoder.push(line)
    run.merge(totals)
  }
  const counted = run.samples.get('tr_0')!.count
  if (counted !== count * launchers * samples) throw new Error(`${counted} samples were merged`)
}

function recordCosts(): void {
  const values = Float64Array.from({ length: 4096 }, () => 50 * Math.exp(normal(random)))
  const sample = new MutableSample('request')
  const library = new Int32Histogram(1, 3_600_000_000, 3)
  const ours = perCall(2_000_000, (at) => sample.record(values[at & 4095]!))
  const theirs = perCall(2_000_000, (at) =>
    library.recordValue(Math.round(values[at & 4095]! * 1000)),
  )
  console.log(
    `recording a value: ${(ours * 1e6).toFixed(0)} ns with moments, ` +
      `hdr-histogram-js ${(theirs * 1e6).toFixed(0)} ns without`,
  )
}

/** ms, after a first round to warm up. */
function perCall(calls: number, call: (at: number) => void): number {
  for (let at = 0; at < calls; at++) call(at)
  const before = performance.now()
  for (let at = 0; at < calls; at++) call(at)
  return (performance.now() - before) / calls
}
