/** Intervals such as a busy launcher sends. */
import { firstCursor } from '../../core/plan/cursor.ts'
import type { Rng } from '../../core/random.ts'
import type { Interval } from '../../core/stats/model.ts'
import { MutableSample } from '../../core/stats/sample.ts'

/** Of `metrics` metrics with `samples` values each, and as many counters. */
export function busyInterval(metrics: number, samples: number, random: Rng): Interval {
  const reported: { [name: string]: ReturnType<MutableSample['encode']> } = {}
  for (let metric = 1; metric <= metrics; metric++) {
    const sample = new MutableSample(`metric-${metric}`)
    for (let at = 0; at < samples; at++) sample.record(answerMs(random, metric * 5))
    reported[`metric-${metric}`] = sample.encode()
  }
  return {
    sequence: 0,
    cursor: firstCursor,
    fromMs: 0,
    toMs: 0,
    counters: Object.fromEntries(
      Array.from({ length: metrics }, (_, at) => [`counter-${at}`, 1000 + at]),
    ),
    gauges: {
      users: 700,
      usersMax: 710,
      connected: 690,
      connectedMax: 700,
      inFlight: 50,
      phase: 1,
      due: 12_345,
    },
    samples: reported,
    health: {
      cpuMs: 512.3,
      loopDelayMaxMs: 3.2,
      loopDelayP99Ms: 1.1,
      gcMs: 12.5,
      rssBytes: 123_456_789,
      heapBytes: 23_456_789,
      steal: 0.01,
      descriptors: 740,
      descriptorLimit: 65_536,
      ports: { address: '10.20.30.40', open: 12_345, closed: 6789, size: 28_232 },
    },
  }
}

/** Log-normal, as answers of servers are: most near the middle, a few far away. */
export function answerMs(random: Rng, middleMs: number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  return middleMs * Math.exp(0.8 * normal)
}
