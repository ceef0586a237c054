/** Launchers of different hosts learn how their clocks stand beside each other. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { Fleet } from '../../controller/fleet/fleet.ts'
import { HostClock, ownOffsetMs } from '../../controller/fleet/host-clock.ts'
import { fleetDeadlines } from '../../controller/fleet/model.ts'
import { clockDrift } from '../../core/deliveries/model.ts'
import { HostClocks } from '../../launcher/host-clocks.ts'
import { assignmentOf, Recording } from '../support/fake-fleet.ts'
import { type Script, type Skew, SkewedHost } from '../support/skewed-transport.ts'

const near: Skew = { aheadMs: 0, driftMs: 0, outMs: 1, backMs: 1 }

async function play(
  ...played: readonly (readonly [Skew, Script])[]
): Promise<readonly SkewedHost[]> {
  const hosts = played.map(([skew, script], at) => new SkewedHost(`h${at}`, skew, script))
  const listener = new Recording()
  const fleet = new Fleet(hosts, listener, { deadlines: { ...fleetDeadlines, pingMs: 50 } })
  try {
    await fleet.connect()
    const place = ({ launcher }: { readonly launcher: number }): number => launcher - 1
    assert.ok(await fleet.prepare(assignmentOf(played.map(() => 1)), place), listener.told.join())
    fleet.start(100)
    await fleet.ended()
  } finally {
    await fleet.close()
  }
  return hosts
}

describe('the clocks of hosts', function () {
  this.timeout(20_000)

  it('are told before the start, and again to those who measure with them', async () => {
    const skew = { aheadMs: -3000, driftMs: 0.05, outMs: 10, backMs: 2 }
    const hosts = await play(
      [near, { playsMs: 1200 }],
      [skew, { playsMs: 1200, needsClocks: true }],
    )
    const [idle, busy] = hosts.map(({ clocksTold }) => clocksTold) as [
      SkewedHost['clocksTold'],
      SkewedHost['clocksTold'],
    ]
    assert.equal(idle.length, 1)
    // 100 ms for each host between two of them.
    assert.ok(busy.length >= 3 && busy.length <= 8, String(busy.length))
    const apartMs = hosts[1]!.nowMs() - hosts[0]!.nowMs()
    for (const { nowMs, clocks } of busy) {
      const learnt = new HostClocks(1)
      learnt.learn(clocks, 0)
      // A moment of the first host's clock, on the second's.
      const wrongMs = Math.abs(learnt.here(0, nowMs - apartMs, 0) - nowMs)
      const driftedMs = 0.05 * 2
      assert.ok(wrongMs <= learnt.errorMs + driftedMs, `${wrongMs} ms, told ${learnt.errorMs} ms`)
      assert.ok(learnt.errorMs >= 4 && learnt.errorMs < 40)
    }
  })

  it('are nobody’s affair on one host', async () => {
    const hosts = await play([near, { playsMs: 300, needsClocks: true }])
    assert.deepEqual(hosts[0]!.clocksTold, [])
  })

  it('are known within the error that is told, however they drift and whatever the link does', () => {
    const trips = fc.array(fc.record({ out: fc.nat(50), back: fc.nat(50) }), {
      minLength: 1,
      maxLength: 60,
    })
    const drift = fc.double({ min: -clockDrift, max: clockDrift, noNaN: true })
    fc.assert(
      fc.property(trips, drift, fc.nat(20_000), (list, drift, laterMs) => {
        const clock = new HostClock()
        const shows = (ms: number): number => 1e6 + ms + drift * ms
        let nowMs = 0
        for (const { out, back } of list) {
          clock.probed(nowMs, shows(nowMs + out), nowMs + out + back)
          nowMs += 1000
        }
        nowMs += laterMs
        const { offsetMs, errorMs } = clock.reading(3, nowMs)!
        const exactMs = shows(nowMs) - nowMs - ownOffsetMs
        assert.ok(Math.abs(offsetMs - exactMs) <= errorMs + 1e-3, `${offsetMs}, not ${exactMs}`)
      }),
      { seed: 1 },
    )
  })

  it('are known less and less well as time goes by, and not at all when nothing was told', () => {
    const clocks = new HostClocks(0)
    assert.ok(Number.isNaN(clocks.here(1, 0, 0)))
    clocks.learn([{ host: 0, offsetMs: 0, errorMs: 1 }], 1000)
    assert.ok(Number.isNaN(clocks.here(1, 0, 1000)))
    clocks.learn([{ host: 1, offsetMs: 500, errorMs: 2 }], 2000)
    assert.equal(clocks.here(1, 700, 12_000), 200)
    assert.ok(Math.abs(clocks.errorMs - (3 + 21_000 * clockDrift)) < 1e-9)
  })
})
