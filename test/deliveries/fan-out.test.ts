import assert from 'node:assert/strict'
import fc from 'fast-check'
import { checkDeliveries, Deliveries, settledAfterMs } from '../../controller/deliveries.ts'
import { checkFanOut, FanOut, type WireFanOut } from '../../core/deliveries/fan-out.ts'
import { MutableTotals } from '../../core/stats/totals.ts'

const times = fc.array(fc.double({ min: 0, max: 4_000_000, noNaN: true }), {
  minLength: 1,
  maxLength: 40,
})

function wireOf(sequence: number, ...ms: readonly number[]): WireFanOut {
  const fanOut = new FanOut()
  for (const each of ms) fanOut.record(each)
  return fanOut.encode({ metric: 'm', user: 1, stream: 0, sequence })
}

/** What is told of a merged message. */
function told(parts: readonly WireFanOut[]): readonly number[] {
  const fanOut = new FanOut()
  for (const part of parts) fanOut.merge(part)
  return [fanOut.count, fanOut.firstMs, fanOut.medianMs, fanOut.lastMs]
}

describe('the receivers of a message', () => {
  it('are the same however launchers and intervals share them, in whatever order they tell', () => {
    fc.assert(
      fc.property(
        times,
        fc.array(fc.nat(5)),
        fc.infiniteStream(fc.nat()),
        (list, places, order) => {
          const parts: number[][] = [[], [], [], [], [], []]
          for (const [at, ms] of list.entries()) parts[places[at] ?? 0]!.push(ms)
          const wires = parts.filter(({ length }) => length > 0).map((part) => wireOf(1, ...part))
          const shuffled = [...wires].map((wire) => [order.next().value as number, wire] as const)
          shuffled.sort((a, b) => a[0] - b[0])
          const merged = told(shuffled.map(([, wire]) => wire))
          assert.deepEqual(merged, told([wireOf(1, ...list)]))
          const half = new FanOut()
          for (const wire of wires.slice(1)) half.merge(wire)
          const rest = wires.length > 1 ? [half.encode(wires[0]!)] : []
          assert.deepEqual(told([wires[0]!, ...rest]), merged)
          for (const wire of wires) checkFanOut(JSON.parse(JSON.stringify(wire)) as WireFanOut)
        },
      ),
      { seed: 1 },
    )
  })

  it('have a first and a last that are exact, and a median right to 1.6 %', () => {
    fc.assert(
      fc.property(times, (list) => {
        const sorted = [...list].sort((a, b) => a - b)
        const [count, first, median, last] = told([wireOf(1, ...list)])
        assert.deepEqual([count, first, last], [list.length, sorted[0], sorted.at(-1)])
        const exact = sorted[Math.ceil(list.length / 2) - 1]!
        if (exact > 3_600_000) return
        assert.ok(Math.abs(median! - exact) <= 0.001 + exact * 0.016, `${median}, not ${exact}`)
      }),
      { seed: 1 },
    )
  })

  for (const [why, change] of [
    ['other counts than its sum', { count: 5 }],
    ['a bucket twice', { buckets: [1, 1, 1, 1], count: 2 }],
    ['an empty bucket', { buckets: [1, 0, 2, 2], count: 2 }],
    ['half a bucket', { buckets: [1.5, 2], count: 2 }],
    ['a bucket beyond the last', { buckets: [1e6, 2], count: 2 }],
    ['nobody', { buckets: [], count: 0 }],
    ['a last before the first', { lastMs: 0.5 }],
    ['no time', { firstMs: Number.NaN }],
  ] as const) {
    it(`cannot be with ${why}`, () => {
      const fanOuts = [{ ...wireOf(1, 1, 2), ...change }]
      assert.throws(() => checkDeliveries({ clockErrorMs: null, fanOuts }), RangeError)
    })
  }
})

describe('the deliveries of a run', () => {
  const add = (deliveries: Deliveries, toMs: number, ...fanOuts: WireFanOut[]): void =>
    deliveries.add(toMs, { clockErrorMs: null, fanOuts })

  it('are samples of a message once nothing was heard of it for 10 s', () => {
    const deliveries = new Deliveries()
    const totals = new MutableTotals()
    add(deliveries, 1000, wireOf(1, 10, 30))
    add(deliveries, 1500, wireOf(1, 5, 20, 90), wireOf(2, 7))
    deliveries.settle(1500 + settledAfterMs - 1, totals)
    assert.equal(totals.samples.size, 0)
    deliveries.settle(1500 + settledAfterMs, totals)
    const of = (name: string): readonly number[] => {
      const { count, min, max } = totals.sample(name)
      return [count, min, Math.round(max)]
    }
    assert.deepEqual(
      [of('m_first'), of('m_median'), of('m_last')],
      [
        [2, 5, 7],
        [2, 7, 20],
        [2, 7, 90],
      ],
    )
    assert.deepEqual(Object.fromEntries(totals.counters), {
      tsts_messages_compared: 2,
      tsts_messages_receivers: 6,
    })
    const receivers = [{ metric: 'm', messages: 2, min: 1, mean: 3, max: 5 }]
    assert.deepEqual(deliveries.report(), { clockErrorMs: null, receivers })
  })

  it('leave out, and count, who gets a message after that', () => {
    const deliveries = new Deliveries()
    const totals = new MutableTotals()
    add(deliveries, 1000, wireOf(1, 10))
    deliveries.settle(11_000, totals)
    add(deliveries, 12_000, wireOf(1, 11_000, 11_000))
    deliveries.settle(30_000, totals)
    deliveries.settleAll(totals)
    assert.equal(totals.sample('m_last').max, 10)
    assert.equal(totals.counters.get('tsts_messages_uncompared'), 2)
    assert.equal(totals.counters.get('tsts_messages_compared'), 1)
  })

  it('are told at the end, whatever is open', () => {
    const deliveries = new Deliveries()
    const totals = new MutableTotals()
    add(deliveries, 1000, wireOf(1, 10))
    deliveries.add(1000, { clockErrorMs: 0.3, fanOuts: [] })
    deliveries.add(1000, { clockErrorMs: 0.2, fanOuts: [] })
    assert.equal(deliveries.isEmpty, false)
    deliveries.settleAll(totals)
    assert.equal(deliveries.isEmpty, true)
    assert.equal(totals.sample('m_first').count, 1)
    assert.equal(deliveries.report().clockErrorMs, 0.3)
  })
})
