import assert from 'node:assert/strict'
import { Restarts } from '../../launcher/restarts.ts'

interface Stage {
  readonly restarts: Restarts
  /** Counts of ids asked for. */
  readonly asked: number[]
  readonly waits: () => number
  /** Everything that was asked for comes, from id 1001 on. */
  grant(): void
}

function stage(): Stage {
  const asked: number[] = []
  let waits = 0
  let from = 1001
  let granted = 0
  const restarts = new Restarts({
    askIds: (count) => void asked.push(count),
    waited: () => waits++,
  })
  const grant = (): void => {
    while (granted < asked.length) {
      const count = asked[granted++]!
      restarts.granted(from, count)
      from += count
    }
  }
  return { restarts, asked, waits: () => waits, grant }
}

describe('restarts', () => {
  it('follow users of the phase, under ids that nobody has, and nobody else', () => {
    const { restarts, asked, waits, grant } = stage()
    restarts.begin('unlimited', 0)
    grant()
    restarts.plays(1)
    restarts.plays(2)
    assert.equal(restarts.ended(1, 10), true)
    assert.equal(restarts.ended(1, 11), false, 'it has ended before')
    assert.equal(restarts.ended(3, 12), false, 'it is not of the phase')
    assert.deepEqual(restarts.take(), { id: 1001, dueMs: 10 })
    restarts.plays(1001)
    assert.equal(restarts.ended(1001, 13), true)
    assert.deepEqual(restarts.take(), { id: 1002, dueMs: 13 })
    assert.equal(restarts.isReady, false)
    assert.equal(restarts.started, 2)
    assert.deepEqual([asked.length, waits()], [1, 0])
  })

  it('ask for ids ahead of need, so that nobody waits', () => {
    const { restarts, asked, waits, grant } = stage()
    restarts.begin('unlimited', 0)
    for (let round = 0; round < 1000; round++) {
      grant()
      restarts.add(1, round)
      assert.equal(restarts.take().id, 1001 + round)
    }
    assert.equal(waits(), 0)
    assert.ok(asked.length > 1 && asked.length < 20, `${asked.length} times`)
  })

  it('wait for ids when none is there, and keep the time at which they were due', () => {
    const { restarts, waits, grant } = stage()
    restarts.begin('unlimited', 0)
    restarts.add(2, 5)
    assert.deepEqual([restarts.isReady, restarts.pending, waits()], [false, 2, 1])
    grant()
    assert.deepEqual(
      [restarts.take(), restarts.take()],
      [
        { id: 1001, dueMs: 5 },
        { id: 1002, dueMs: 5 },
      ],
    )
  })

  it('end with maxnumber', () => {
    const { restarts, asked, grant } = stage()
    restarts.begin(3, 1)
    grant()
    assert.equal(restarts.add(5, 1), 2)
    restarts.take()
    restarts.take()
    restarts.plays(1002)
    assert.equal(restarts.ended(1002, 2), false)
    assert.equal(restarts.started, 3)
    assert.deepEqual(asked, [2])
  })

  it('end with the phase', () => {
    const { restarts, grant } = stage()
    restarts.begin('unlimited', 0)
    grant()
    restarts.plays(1)
    restarts.add(1, 1)
    restarts.begin(null, 0)
    assert.equal(restarts.pending, 0)
    assert.equal(restarts.ended(1, 2), false)
  })

  it('of two launchers that share a phase keep to its bound together', () => {
    for (const share of [0, 0.3, 1]) {
      const first = stage()
      first.restarts.begin(10, 0)
      first.grant()
      first.restarts.add(2, 0)
      first.restarts.take()
      first.restarts.take()
      const begun = first.restarts.handOver(share)
      const second = stage()
      second.restarts.begin(10, begun)
      assert.equal(first.restarts.add(100, 0) + second.restarts.add(100, 0), 8)
    }
  })
})
