import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Second } from '../../controller/model.ts'
import { patienceMs, Seconds } from '../../controller/seconds.ts'
import { intervalOf } from '../support/intervals.ts'

/** Seconds of launchers 1 to `launchers`, and those that were closed. */
function secondsOf(launchers: number, intervalMs: number = 1000): [Seconds, Second[]] {
  const closed: Second[] = []
  const seconds = new Seconds(intervalMs, (second) => closed.push(second))
  for (let launcher = 1; launcher <= launchers; launcher++) seconds.join(launcher)
  return [seconds, closed]
}

const started = (second: Second): number => second.totals.counters.get('users_count') ?? 0

describe('seconds', () => {
  it('one closes when every launcher has reported for it', () => {
    const [seconds, closed] = secondsOf(2)
    seconds.add(1, intervalOf(1, 0, 1001, { counters: { users_count: 3 } }))
    seconds.add(1, intervalOf(2, 1001, 2002, { counters: { users_count: 5 } }))
    assert.equal(closed.length, 0)
    seconds.add(2, intervalOf(1, 0, 999, { counters: { users_count: 4 } }))
    assert.deepEqual(
      closed.map((second) => [second.atMs, started(second), second.started, second.launchers]),
      [[1000, 7, 7, 2]],
    )
  })

  it('one closes without a launcher that is silent for too long', () => {
    const [seconds, closed] = secondsOf(2)
    seconds.add(1, intervalOf(1, 0, 1000, { counters: { users_count: 3 } }))
    seconds.tick(1000 + patienceMs - 1)
    assert.equal(closed.length, 0)
    seconds.tick(1000 + patienceMs)
    assert.equal(closed.length, 1)
  })

  it('what comes late goes to the first second that is open', () => {
    const [seconds, closed] = secondsOf(2)
    seconds.tick(2000 + patienceMs)
    seconds.add(1, intervalOf(1, 0, 1000, { counters: { users_count: 3 } }))
    seconds.finish()
    assert.deepEqual(
      closed.map((second) => [second.atMs, started(second)]),
      [
        [1000, 0],
        [2000, 0],
        [3000, 3],
      ],
    )
  })

  it('gauges are those of the last interval within the second, summed over launchers', () => {
    const [seconds, closed] = secondsOf(2, 500)
    const told = (users: number): object => ({
      gauges: {
        ...{ users, usersMax: users + 2, connected: users, connectedMax: users + 1 },
        ...{ inFlight: 1, due: users, phase: 2 },
      },
    })
    seconds.add(1, intervalOf(1, 0, 500, told(10)))
    seconds.add(1, intervalOf(2, 500, 1000, told(4)))
    seconds.add(1, intervalOf(3, 1000, 1500, told(100)))
    seconds.add(2, intervalOf(1, 0, 500, told(1)))
    seconds.add(2, intervalOf(2, 500, 1000, told(3)))
    const { users, usersMax, connected, connectedMax, inFlight, due, phase } = closed[0]!
    assert.deepEqual(
      { users, usersMax, connected, connectedMax, inFlight, due, phase },
      {
        ...{ users: 7, usersMax: 12 + 5, connected: 7, connectedMax: 11 + 4 },
        ...{ inFlight: 2, due: 7, phase: 2 },
      },
    )
  })

  it('a launcher that was lost holds no users any more, but what was due stays due', () => {
    const [seconds, closed] = secondsOf(2)
    const gauges = { users: 5, usersMax: 5, connected: 5, inFlight: 5, due: 8 }
    seconds.add(1, intervalOf(1, 0, 1000, { gauges }))
    seconds.add(2, intervalOf(1, 0, 1000, { gauges }))
    seconds.leave(2, true)
    seconds.add(1, intervalOf(2, 1000, 2000, { gauges }))
    const { users, inFlight, due, launchers } = closed[1]!
    assert.deepEqual(
      { users, inFlight, due, launchers },
      { users: 5, inFlight: 5, due: 16, launchers: 1 },
    )
  })

  it('a launcher that left is waited for no more', () => {
    const [seconds, closed] = secondsOf(2)
    seconds.add(1, intervalOf(1, 0, 1000))
    seconds.leave(2, false)
    assert.equal(closed.length, 1)
  })

  it('a successor whose first interval seems to begin with the run is counted in its own second', () => {
    const [seconds, closed] = secondsOf(1)
    for (let second = 1; second <= 4; second++) {
      seconds.add(1, intervalOf(second, second * 1000 - 1000, second * 1000))
    }
    seconds.join(2)
    seconds.add(2, intervalOf(1, 0, 6000, { counters: { users_count: 3 } }))
    seconds.leave(1, false)
    seconds.finish()
    assert.equal(started(closed.find(({ atMs }) => atMs === 6000)!), 3)
  })

  it('nothing is lost and nothing counted twice, whatever comes when', () => {
    const step = fc.record({
      launcher: fc.integer({ min: 1, max: 3 }),
      lengthMs: fc.integer({ min: 1, max: 2500 }),
      users: fc.nat(10),
      tickMs: fc.integer({ min: 0, max: 20_000 }),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const [seconds, closed] = secondsOf(3)
        const at = [0, 0, 0, 0]
        let sequence = 0
        for (const { launcher, lengthMs, users, tickMs } of steps) {
          const fromMs = at[launcher]!
          at[launcher] = fromMs + lengthMs
          const counters = { users_count: users }
          seconds.add(launcher, intervalOf(++sequence, fromMs, fromMs + lengthMs, { counters }))
          seconds.tick(tickMs)
        }
        seconds.finish()
        const sum = steps.reduce((total, { users }) => total + users, 0)
        assert.equal(
          closed.reduce((total, second) => total + started(second), 0),
          sum,
        )
        assert.equal(closed.at(-1)?.started ?? 0, sum)
        assert.deepEqual(
          closed.map(({ atMs }) => atMs),
          closed.map((_, index) => (index + 1) * 1000),
        )
      }),
      { seed: 7 },
    )
  })
})
