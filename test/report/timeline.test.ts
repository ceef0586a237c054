import assert from 'node:assert/strict'
import type { SeriesHead, SeriesHistograms, SeriesSecond } from '../../controller/outputs/series.ts'
import { tidyMs } from '../../controller/outputs/summary.ts'
import { maxPoints, TimelineBuilder } from '../../controller/report/timeline.ts'
import { stream } from '../../core/random.ts'
import { MutableSample } from '../../core/stats/sample.ts'

const head: SeriesHead = {
  type: 'head',
  version: 1,
  startedAt: 0,
  scenario: { file: 'a.xml', sha256: '' },
  seed: '1',
  arrivals: 'conditioned',
  plannedUsers: 0,
  durationMs: 0,
  cutAfterMs: null,
  phases: [],
  planned: [],
  launchers: [],
  environment: { tsts: '', node: '', os: '', host: '', cores: 1 },
}

function second(number: number, more: Partial<SeriesSecond> = {}): SeriesSecond {
  return {
    type: 'second',
    atMs: number * 1000,
    users: 5,
    usersMax: 7,
    connected: 4,
    connectedMax: 6,
    inFlight: 1,
    phase: 1,
    due: number * 3,
    started: number * 3,
    finished: 0,
    launchers: 1,
    counters: { tsts_acknowledged: 8 },
    samples: {},
    ...more,
  }
}

describe('timeline of a report', () => {
  it('has a point for each second of a short run', () => {
    const builder = new TimelineBuilder(head, 3000)
    const sample = { count: 1, mean: 2, p50: 2, p95: 3, p99: 4, max: 5 }
    for (const number of [1, 2, 3]) builder.second(second(number, { samples: { request: sample } }))
    const { stepSeconds, points } = builder.build()
    assert.equal(stepSeconds, 1)
    assert.deepEqual(
      points.map((point) => [point.atMs, point.startedRate, point.users, point.connected]),
      [
        [1000, 3, 7, 6],
        [2000, 3, 7, 6],
        [3000, 3, 7, 6],
      ],
    )
    assert.equal(points[0]!.samples.get('request')!.p99, 4)
    assert.equal(points[0]!.rates.get('tsts_acknowledged'), 8)
  })

  it('opens eight hours in 2,000 points at most, with every user in them', () => {
    const seconds = 8 * 3600
    const builder = new TimelineBuilder(head, seconds * 1000)
    for (let number = 1; number <= seconds; number++) {
      const spike = number === 10_001 ? { usersMax: 999 } : {}
      builder.second(second(number, spike))
    }
    const { stepSeconds, points } = builder.build()
    assert.ok(
      points.length <= maxPoints && points.length > maxPoints / 2,
      `${points.length} points`,
    )
    assert.equal(stepSeconds % 10, 0)
    const started = points.reduce((sum, point) => sum + point.startedRate * stepSeconds, 0)
    assert.ok(Math.abs(started - seconds * 3) < 1e-6 * started)
    assert.equal(points.filter((point) => point.users === 999).length, 1)
  })

  it('tells percentiles of merged histograms in a long run, not of percentiles', () => {
    const seconds = 21_000
    const builder = new TimelineBuilder(head, seconds * 1000)
    const random = stream('timeline')
    const whole = new MutableSample('request')
    for (let number = 1; number <= seconds; number++) {
      builder.second(second(number))
      if (number % 10 !== 0) continue
      const sample = new MutableSample('request')
      for (let value = 0; value < 20; value++) sample.record(1000 * random() ** 4)
      if (number <= 20) whole.mergeSample(sample)
      const line: SeriesHistograms = {
        type: 'histograms',
        fromMs: (number - 10) * 1000,
        toMs: number * 1000,
        samples: { request: sample.encode() },
      }
      builder.histograms(line)
    }
    const { stepSeconds, points } = builder.build()
    const [p50, p95, p99] = whole.percentiles([50, 95, 99])
    assert.equal(stepSeconds, 20)
    assert.deepEqual(points[0]!.samples.get('request'), {
      p50: tidyMs(p50!),
      p95: tidyMs(p95!),
      p99: tidyMs(Math.min(p99!, whole.max)),
      max: whole.max,
    })
    assert.ok(points.every((point) => point.samples.has('request')))
  })

  it('spreads the plan evenly over its steps', () => {
    const planned = [
      { fromMs: 500, toMs: 2500, users: 20 },
      { fromMs: 2000, toMs: 2000, users: 3 },
    ]
    const builder = new TimelineBuilder({ ...head, planned }, 4000)
    for (const number of [1, 2, 3, 4]) builder.second(second(number))
    assert.deepEqual(
      builder.build().points.map((point) => point.plannedRate),
      [5, 10, 8, 0],
    )
  })
})
