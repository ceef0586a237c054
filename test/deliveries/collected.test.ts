import assert from 'node:assert/strict'
import fc from 'fast-check'
import { Collector } from '../../controller/collector.ts'
import type { RunEvent, Second } from '../../controller/model.ts'
import { deliverySummary } from '../../controller/outputs/delivery-summary.ts'
import { FanOut, type WireDeliveries, type WireFanOut } from '../../core/deliveries/fan-out.ts'
import { assignmentOf } from '../support/fake-fleet.ts'
import { intervalOf } from '../support/intervals.ts'

const launchers = 3

interface Told {
  readonly launcher: number
  readonly sequence: number
  readonly deliveries: WireDeliveries
}

function wireOf(message: number, ms: readonly number[]): WireFanOut {
  const fanOut = new FanOut()
  for (const each of ms) fanOut.record(each)
  return fanOut.encode({
    metric: 'mqtt_forward_latency',
    user: message % 3,
    stream: 0,
    sequence: message,
  })
}

/** What a run comes to in which launchers tell that, in that order. */
function collect(list: readonly Told[]): {
  readonly summary: unknown
  readonly samples: unknown
  readonly events: readonly RunEvent[]
  readonly seconds: readonly Second[]
} {
  const events: RunEvent[] = []
  const seconds: Second[] = []
  const output = {
    start: () => undefined,
    second: (second: Second) => void seconds.push(second),
    event: (event: RunEvent) => void events.push(event),
    end: () => undefined,
    close: async () => undefined,
  }
  const { scenario, plan } = assignmentOf([1, 1, 1])
  const collector = new Collector([output], 1000, () => 0)
  const environment = { tsts: '0', node: '20', os: 'x', host: 'y', cores: 1 }
  const rest = { folder: '/', logName: 'tsung.log', scenarioSha256: '', startedAt: 0, environment }
  collector.begin({ scenario, plan, ...rest })
  for (let launcher = 1; launcher <= launchers; launcher++) {
    const of = plan.launchers[launcher - 1]!
    collector.launcherStarted({ launcher, host: 'h', pid: 1, plan: of, predecessor: null })
  }
  for (const { launcher, sequence, deliveries } of list) {
    const toMs = sequence * 1000
    const counters = { tsts_messages_delivered: 1 }
    const interval = { ...intervalOf(sequence, toMs - 1000, toMs, { counters }), deliveries }
    collector.interval(launcher, interval)
  }
  const { totals, deliveries } = collector.finish()
  const samples = ['first', 'median', 'last'].map((end) => {
    const sample = totals.samples.get(`mqtt_forward_latency_${end}`)
    return [sample?.count, sample?.min, sample?.max, sample?.percentile(50)]
  })
  return { summary: deliverySummary(totals.counters, deliveries), samples, events, seconds }
}

const interval = fc.array(
  fc.record({
    message: fc.integer({ min: 1, max: 5 }),
    ms: fc.array(fc.nat(9000), { minLength: 1 }),
  }),
  { maxLength: 4 },
)

describe('the deliveries that launchers tell of', () => {
  it('come to the same in whatever order launchers tell, and when they tell again', () => {
    const told = fc.array(fc.array(interval, { maxLength: 5 }), {
      minLength: launchers,
      maxLength: launchers,
    })
    fc.assert(
      fc.property(told, fc.infiniteStream(fc.nat()), fc.nat(3), (byLauncher, draw, repeats) => {
        const queues = byLauncher.map((intervals, at) =>
          intervals.map((messages, index) => ({
            launcher: at + 1,
            sequence: index + 1,
            deliveries: {
              clockErrorMs: messages.length === 0 ? null : 0.1 * messages.length,
              fanOuts: messages.map(({ message, ms }) => wireOf(message, ms)),
            },
          })),
        )
        const inOrder = queues.flat()
        const mixed: Told[] = []
        for (
          const left = queues.map((queue) => [...queue]);
          left.some(({ length }) => length > 0);
        ) {
          const next = left.filter(({ length }) => length > 0)
          mixed.push(next[(draw.next().value as number) % next.length]!.shift()!)
          // A link was cut: what was told is said again.
          for (let back = 0; back < repeats && back < mixed.length; back++) {
            if ((draw.next().value as number) % 4 === 0) mixed.push(mixed.at(-1 - back)!)
          }
        }
        const { summary, samples } = collect(inOrder)
        const again = collect(mixed)
        assert.deepEqual(again.summary, summary)
        assert.deepEqual(again.samples, samples)
      }),
      { seed: 1 },
    )
  })

  it('stand in a second of the run, too, when they are told at its end', () => {
    const deliveries = { clockErrorMs: null, fanOuts: [wireOf(1, [4, 8])] }
    const { seconds } = collect([{ launcher: 1, sequence: 1, deliveries }])
    const counts = seconds.map(
      ({ totals }) => totals.samples.get('mqtt_forward_latency_last')?.count ?? 0,
    )
    assert.equal(
      counts.reduce((sum, each) => sum + each, 0),
      1,
    )
  })

  it('are left out with all of their interval when they cannot be', () => {
    const wrong = { clockErrorMs: null, fanOuts: [{ ...wireOf(1, [4]), count: 2 }] }
    const { summary, events } = collect([{ launcher: 1, sequence: 1, deliveries: wrong }])
    assert.equal(summary, null)
    assert.match(events.map(({ text }) => text).join('\n'), /numbers that cannot be.*not a fan-out/)
  })
})
