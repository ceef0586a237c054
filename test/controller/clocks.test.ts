/** Clocks of hosts that are off, drift and are far away: monotonic ones, so that no date matters. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { Fleet } from '../../controller/fleet/fleet.ts'
import { HostClock } from '../../controller/fleet/host-clock.ts'
import { fleetDeadlines } from '../../controller/fleet/model.ts'
import { clockOffset } from '../../core/clock-offset.ts'
import type { LauncherCommand } from '../../core/wire/messages.ts'
import { assignmentOf, Recording } from '../support/fake-fleet.ts'
import { type Script, type Skew, SkewedHost } from '../support/skewed-transport.ts'

/** One probe that takes `out` and `back` ms, of a clock that is `offset` ahead. */
function probe(clock: HostClock, t1: number, out: number, back: number, offset: number): void {
  clock.probed(t1, t1 + out + offset, t1 + out + back)
}

describe('the clock of a host', () => {
  it('is never farther off than half the best round trip, whatever the link did', () => {
    const trips = fc.array(fc.record({ out: fc.nat(500), back: fc.nat(500) }), { minLength: 1 })
    fc.assert(
      fc.property(trips, fc.integer(), (list, offset) => {
        const clock = new HostClock()
        for (const [at, { out, back }] of list.entries()) {
          probe(clock, at * 200, out, back, offset)
        }
        const best = clock.best!
        assert.ok(Math.abs(best.offsetMs - offset) <= best.roundTripMs / 2)
        const within = list.filter(
          (each, at) => at * 200 + each.out + each.back >= heardLast(list) - 30_000,
        )
        const least = Math.min(...within.map(({ out, back }) => out + back))
        assert.ok(best.roundTripMs <= least)
      }),
      { seed: 1 },
    )
  })

  it('is followed when it drifts: what is older than 30 s does not count', () => {
    const clock = new HostClock()
    const drift = 1e-4
    // The best round trip of all is the first.
    probe(clock, 0, 0, 0, 1000)
    for (let atMs = 1000; atMs <= 120_000; atMs += 1000) {
      probe(clock, atMs, 2, 2, 1000 + atMs * drift)
      const wrongMs = Math.abs(clock.best!.offsetMs - (1000 + atMs * drift))
      assert.ok(wrongMs <= 30_000 * drift + 1e-6, `${wrongMs} ms wrong at ${atMs} ms`)
    }
    assert.equal(clock.best!.roundTripMs, 4)
  })

  it('keeps what was learnt last while nothing is heard', () => {
    const clock = new HostClock()
    assert.equal(clock.best, null)
    assert.equal(clock.skew(0, 0), null)
    probe(clock, 0, 1, 3, 50)
    assert.deepEqual(clock.best, { atMs: 4, roundTripMs: 4, offsetMs: 49 })
    // The run began at 100 here, and at 155 there, which is 106 here: it is 6 ms behind.
    assert.deepEqual(clock.skew(155, 100), { ms: -6, errorMs: 2 })
  })

  it('beside another of the same machine is read where the machine disturbs least', () => {
    let at = 0
    const pauses = [50, 3, 80, 0.5, 7, 9, 20, 30, 40]
    let read = 0
    // A pause falls between the reading of the one and of the other.
    const clock = (): number => {
      const value = at + 1000
      at += pauses[read++]!
      return value
    }
    assert.ok(Math.abs(clockOffset(clock, () => at) - 1000) <= 0.25)
  })
})

function heardLast(list: readonly { readonly out: number; readonly back: number }[]): number {
  return (list.length - 1) * 200 + list.at(-1)!.out + list.at(-1)!.back
}

interface Answered {
  readonly id: string
  readonly ms: number
}

/** Plays one launcher on each host, until all are done. */
async function playOn(
  ...played: readonly (readonly [Skew, Script])[]
): Promise<{ listener: Recording; answered: Answered[]; fleet: Fleet; hosts: SkewedHost[] }> {
  const answered: Answered[] = []
  const listener = new Recording()
  const transports = played.map(([skew, script], at) => new SkewedHost(`h${at}`, skew, script))
  // What launchers are told is seen on its way.
  for (const transport of transports) {
    const connect = transport.connect.bind(transport)
    transport.connect = (handlers) => {
      const link = connect(handlers)
      return {
        ...link,
        send: (message) => {
          if ('launcher' in message) keep(message.message)
          link.send(message)
        },
      }
    }
  }
  const keep = (message: LauncherCommand): void => {
    if (message.type === 'interaction') answered.push({ id: message.id, ms: message.ms })
  }
  const fleet = new Fleet(transports, listener, { deadlines: { ...fleetDeadlines, pingMs: 50 } })
  try {
    await fleet.connect()
    const ready = await fleet.prepare(
      assignmentOf(played.map(() => 1)),
      ({ launcher }) => launcher - 1,
    )
    assert.ok(ready, listener.told.join('\n'))
    fleet.start(200)
    await fleet.ended()
  } finally {
    await fleet.close()
  }
  return { listener, answered, fleet, hosts: transports }
}

const near: Skew = { aheadMs: 0, driftMs: 0, outMs: 1, backMs: 1 }
const send = { action: 'send', id: 'mail' } as const
const receive = { action: 'receive', id: 'mail' } as const

describe('interactions between hosts', function () {
  this.timeout(20_000)

  for (const [title, skew, errorMs] of [
    ['whose clock is 5 s ahead', { ...near, aheadMs: 5000 }, 0],
    ['whose clock is 5 s behind', { ...near, aheadMs: -5000 }, 0],
    ['whose clock drifts by 2 ms a second', { ...near, driftMs: 2 }, 0],
    ['whose link is slow one way only', { ...near, outMs: 60 }, 29],
    ['whose link is slow the other way only', { ...near, backMs: 60 }, 29],
  ] as const) {
    it(`on a host ${title} are measured within the error that is told`, async () => {
      const { listener, answered, fleet, hosts } = await playOn(
        [near, { says: [{ ...send, afterMs: 100 }], playsMs: 900 }],
        [skew, { says: [{ ...receive, afterMs: 500 }], playsMs: 900 }],
      )
      const [{ ms } = { ms: Number.NaN }] = answered
      const [sentMs, receivedMs] = hosts.map(({ saidMs }) => saidMs[0]!) as [number, number]
      const compared = fleet.compared!
      assert.equal(compared.count, 1)
      assert.ok(compared.errorMs >= listener.clocks.get(2)!.errorMs)
      assert.ok(compared.errorMs >= errorMs, `${compared.errorMs} ms`)
      // What it drifts away from a probe until it is used, and rounding.
      const slackMs = skew.driftMs * 5 + 0.01
      const wrongMs = Math.abs(ms - (receivedMs - sentMs))
      assert.ok(wrongMs <= compared.errorMs + slackMs, `${wrongMs} ms, ${compared.errorMs} ms told`)
    })
  }

  it('of one host are compared by its own clock', async () => {
    const says = [
      { ...send, afterMs: 50 },
      { ...receive, afterMs: 150 },
    ]
    const { fleet, answered, hosts } = await playOn([
      { ...near, aheadMs: 1e6, outMs: 40 },
      { says, playsMs: 400 },
    ])
    assert.equal(fleet.compared, null)
    assert.equal(answered.length, 1)
    const [sentMs, receivedMs] = hosts[0]!.saidMs as [number, number]
    assert.ok(Math.abs(answered[0]!.ms - (receivedMs - sentMs)) < 20)
  })

  it('the skew that is told says how far the runs of two hosts are apart', async () => {
    const script = { playsMs: 300 }
    // The way out is taken for half of the round trip: the second begins 30 ms later than the first.
    const { listener, hosts } = await playOn(
      [near, script],
      [{ ...near, outMs: 61, aheadMs: 777 }, script],
    )
    const first = listener.clocks.get(1)!
    const second = listener.clocks.get(2)!
    assert.ok(Math.abs(second.offsetMs - first.offsetMs - 777) <= second.errorMs + first.errorMs)
    const errorMs = first.errorMs + second.errorMs
    const apartMs = hosts[0]!.begunMs - hosts[1]!.begunMs
    assert.ok(Math.abs(second.skewMs - first.skewMs - apartMs) <= errorMs + 0.01)
    assert.ok(second.errorMs >= 30)
  })
})
