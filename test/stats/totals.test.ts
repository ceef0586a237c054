import assert from 'node:assert/strict'
import fc from 'fast-check'
import { Collector } from '../../controller/collector.ts'
import { firstCursor } from '../../core/plan/cursor.ts'
import type { Interval, LauncherGauges, WireSample } from '../../core/stats/model.ts'
import { MutableSample } from '../../core/stats/sample.ts'
import { MutableTotals, type Totals } from '../../core/stats/totals.ts'

type Part = Pick<Interval, 'counters' | 'samples'>

const name = fc.constantFrom('request', 'page', 'tr_login')
const part = fc
  .record({
    counters: fc.dictionary(fc.constantFrom('200', '404', 'size_sent'), fc.nat()),
    values: fc.dictionary(name, fc.array(fc.nat({ max: 100_000 }), { minLength: 1 })),
  })
  .map(({ counters, values }): Part => ({ counters, samples: samplesOf(values) }))

function samplesOf(values: { readonly [name: string]: readonly number[] }): {
  readonly [name: string]: WireSample
} {
  const samples: { [name: string]: WireSample } = {}
  for (const [metric, list] of Object.entries(values)) {
    const sample = new MutableSample(metric)
    for (const ms of list) sample.record(ms)
    samples[metric] = sample.encode()
  }
  return samples
}

function totalsOf(parts: readonly Part[]): MutableTotals {
  const totals = new MutableTotals()
  for (const each of parts) totals.add(each)
  return totals
}

/** Everything that merging keeps exactly. */
function exact(totals: Totals): unknown {
  const samples = [...totals.samples].map(([metric, sample]) => {
    const { count, min, max, histogram } = sample.encode()
    return [metric, { count, min, max, histogram }] as const
  })
  return { counters: sorted([...totals.counters]), samples: sorted(samples) }
}

function sorted<Value>(entries: readonly (readonly [string, Value])[]): unknown {
  return [...entries].sort(([a], [b]) => (a < b ? -1 : 1))
}

const gauges: LauncherGauges = {
  users: 0,
  usersMax: 0,
  connected: 0,
  connectedMax: 0,
  inFlight: 0,
  phase: 1,
  due: 0,
}
const health: Interval['health'] = {
  cpuMs: 0,
  loopDelayMaxMs: 0,
  loopDelayP99Ms: 0,
  gcMs: 0,
  rssBytes: 0,
  heapBytes: 0,
  steal: 0,
  descriptors: 0,
  descriptorLimit: 0,
  ports: null,
}

/** The parts as the intervals 1, 2, 3, … of a launcher. */
function intervalsOf(parts: readonly Part[]): Interval[] {
  return parts.map((each, at) => ({
    sequence: at + 1,
    cursor: firstCursor,
    fromMs: at * 1000,
    toMs: (at + 1) * 1000,
    gauges,
    health,
    ...each,
  }))
}

/** What a controller makes of what two launchers send, in this order. */
function collected(sent: readonly (readonly [number, Interval])[]): Totals {
  const collector = new Collector([], 1000, () => 0)
  const plan = { users: 0 } as Parameters<Collector['launcherStarted']>[0]['plan']
  for (const launcher of [1, 2]) {
    collector.launcherStarted({ launcher, host: 'localhost', pid: 1, predecessor: null, plan })
  }
  for (const [launcher, interval] of sent) collector.interval(launcher, interval)
  return collector.finish().totals
}

describe('totals', () => {
  it('add counters and merge samples by name', () => {
    const totals = totalsOf([
      { counters: { '200': 2 }, samples: samplesOf({ request: [1, 2] }) },
      { counters: { '200': 3, '404': 1 }, samples: samplesOf({ request: [6], page: [9] }) },
    ])
    assert.deepEqual(
      [...totals.counters],
      [
        ['200', 5],
        ['404', 1],
      ],
    )
    assert.equal(totals.samples.get('request')!.count, 3)
    assert.equal(totals.samples.get('request')!.mean, 3)
    assert.equal(totals.samples.get('page')!.max, 9)
  })

  it('an unsound sample changes nothing', () => {
    const [sound] = Object.values(samplesOf({ page: [1] }))
    const totals = totalsOf([{ counters: { '200': 2 }, samples: samplesOf({ request: [1] }) }])
    const before = exact(totals)
    const broken = { page: sound!, request: { ...sound!, count: 7 } }
    assert.throws(() => totals.add({ counters: { '200': 1 }, samples: broken }), RangeError)
    assert.deepEqual(exact(totals), before)
  })

  it('are the same in any order of the intervals', () => {
    const shuffled = fc
      .array(part, { maxLength: 6 })
      .chain((parts) =>
        fc.tuple(
          fc.constant(parts),
          fc.shuffledSubarray(parts, { minLength: parts.length, maxLength: parts.length }),
        ),
      )
    fc.assert(
      fc.property(shuffled, ([parts, others]) => {
        assert.deepEqual(exact(totalsOf(others)), exact(totalsOf(parts)))
      }),
      { seed: 1 },
    )
  })

  it('are the same in any grouping of the intervals', () => {
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), fc.nat({ max: 6 }), (parts, cut) => {
        const grouped = totalsOf(parts.slice(0, cut))
        grouped.merge(totalsOf(parts.slice(cut)))
        assert.deepEqual(exact(grouped), exact(totalsOf(parts)))
      }),
      { seed: 1 },
    )
  })
})

describe('intervals at the controller', () => {
  const parts = fc.array(part, { maxLength: 5 })

  it('are the totals of their parts', () => {
    fc.assert(
      fc.property(parts, parts, (ours, theirs) => {
        const sent = [
          ...intervalsOf(ours).map((each) => [1, each] as const),
          ...intervalsOf(theirs).map((each) => [2, each] as const),
        ]
        assert.deepEqual(exact(collected(sent)), exact(totalsOf([...ours, ...theirs])))
      }),
      { seed: 1 },
    )
  })

  it('change nothing when they are sent again after a cut', () => {
    fc.assert(
      fc.property(parts, fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 6 }), (ours, cuts) => {
        const intervals = intervalsOf(ours)
        const sent: Interval[] = []
        let heard = 0
        for (const [back, on] of cuts) {
          const from = back % (heard + 1)
          const to = from + (on % (intervals.length - from + 1))
          sent.push(...intervals.slice(from, to))
          heard = Math.max(heard, to)
        }
        const all = [...sent, ...intervals].map((each) => [1, each] as const)
        assert.deepEqual(exact(collected(all)), exact(totalsOf(ours)))
      }),
      { seed: 1 },
    )
  })
})
