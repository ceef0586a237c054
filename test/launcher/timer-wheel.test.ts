import assert from 'node:assert/strict'
import { once } from 'node:events'
import fc from 'fast-check'
import { Timer, TimerWheel } from '../../launcher/timer-wheel.ts'

/** Replaces the global timer by one that the test turns by hand. */
function manualWheel(startMs: number): { wheel: TimerWheel; runTo: (ms: number) => void } {
  let nowMs = startMs
  const pending = new Map<number, { atMs: number; call: () => void }>()
  let ids = 0
  const patch = <T>(body: () => T): T => {
    const before = { setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout }
    globalThis.setTimeout = ((call: () => void, delayMs: number) => {
      pending.set(++ids, { atMs: nowMs + Math.max(1, Math.trunc(delayMs)), call })
      return ids
    }) as unknown as typeof setTimeout
    globalThis.clearTimeout = ((id: number) => pending.delete(id)) as unknown as typeof clearTimeout
    try {
      return body()
    } finally {
      Object.assign(globalThis, before)
    }
  }
  const inner = new TimerWheel(() => nowMs)
  const wheel = new Proxy(inner, {
    get: (target, key) => {
      const value = Reflect.get(target, key, target) as unknown
      if (typeof value !== 'function') return value
      return (...args: unknown[]) => patch(() => value.apply(target, args) as unknown)
    },
  })
  const runTo = (ms: number): void =>
    patch(() => {
      for (;;) {
        const due = [...pending].sort((a, b) => a[1].atMs - b[1].atMs)[0]
        if (due === undefined || due[1].atMs > ms) break
        pending.delete(due[0])
        nowMs = due[1].atMs
        due[1].call()
      }
      nowMs = ms
    })
  return { wheel, runTo }
}

describe('timer wheel', () => {
  it('fires each timer once, never early and within 2 ms, however far away it was armed', () => {
    const delays = fc.array(
      fc.oneof(
        fc.double({ min: 0, max: 300, noNaN: true }),
        fc.double({ min: 0, max: 70_000, noNaN: true }),
        fc.double({ min: 0, max: 20_000_000, noNaN: true }),
      ),
      { maxLength: 50 },
    )
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e6, noNaN: true }), delays, (startMs, list) => {
        const { wheel, runTo } = manualWheel(startMs)
        const fired: { dueMs: number; atMs: number }[] = []
        for (const delayMs of list) {
          const timer = new Timer({
            wake: (atMs) => fired.push({ dueMs: startMs + delayMs, atMs }),
          })
          timer.dueMs = startMs + delayMs
          wheel.arm(timer)
        }
        runTo(startMs + 20_000_010)
        assert.equal(fired.length, list.length)
        assert.equal(wheel.armed, 0)
        for (const { dueMs, atMs } of fired) {
          assert.ok(atMs >= dueMs, `fired ${dueMs - atMs} ms early`)
          assert.ok(atMs - dueMs <= 2, `fired ${atMs - dueMs} ms late`)
        }
      }),
      { seed: 1, numRuns: 60 },
    )
  })

  for (const [from, to] of [
    [0, 1100],
    [64_900, 66_200],
    [16_777_000, 16_777_800],
  ] as const) {
    it(`fires on time for every delay from ${from} to ${to} ms, wherever in a turn it was armed`, () => {
      for (const startMs of [0, 1, 100, 254, 255, 256, 65_535, 65_791]) {
        const { wheel, runTo } = manualWheel(startMs)
        const late: number[] = []
        for (let delayMs = from; delayMs <= to; delayMs++) {
          const timer = new Timer({ wake: (atMs) => late.push(atMs - timer.dueMs) })
          timer.dueMs = startMs + delayMs
          wheel.arm(timer)
        }
        runTo(startMs + to + 5)
        assert.equal(late.length, to - from + 1)
        assert.ok(Math.min(...late) >= 0 && Math.max(...late) <= 2)
      }
    })
  }

  it('fires a timer that is re-armed from its own wake, a turn of the wheel later', () => {
    const { wheel, runTo } = manualWheel(0)
    const fired: number[] = []
    const timer = new Timer({
      wake: (atMs) => {
        fired.push(atMs)
        timer.dueMs = Math.ceil(atMs) + 256
        if (fired.length < 4) wheel.arm(timer)
      },
    })
    timer.dueMs = 10
    wheel.arm(timer)
    runTo(2000)
    assert.equal(fired.length, 4)
    for (let at = 1; at < 4; at++) {
      const waited = fired[at]! - fired[at - 1]!
      assert.ok(waited >= 256 && waited <= 259, `it waited ${waited} ms`)
    }
  })

  it('does not fire a disarmed timer, and a re-armed one only at its last time', () => {
    const { wheel, runTo } = manualWheel(0)
    const fired: number[] = []
    const timer = new Timer({ wake: (atMs) => fired.push(atMs) })
    timer.dueMs = 10
    wheel.arm(timer)
    timer.dueMs = 500
    wheel.arm(timer)
    const other = new Timer({ wake: () => fired.push(-1) })
    other.dueMs = 20
    wheel.arm(other)
    wheel.disarm(other)
    wheel.disarm(other)
    runTo(1000)
    assert.equal(fired.length, 1)
    assert.ok(fired[0]! >= 500 && fired[0]! <= 502)
  })

  it('fires a timer that is armed for the past while firing', () => {
    const { wheel, runTo } = manualWheel(0)
    const fired: number[] = []
    const second = new Timer({ wake: (atMs) => fired.push(atMs) })
    const first = new Timer({
      wake: () => {
        second.dueMs = 1
        wheel.arm(second)
      },
    })
    first.dueMs = 50
    wheel.arm(first)
    runTo(100)
    assert.equal(fired.length, 1)
  })

  it('fires on the real clock', async () => {
    const wheel = new TimerWheel(() => performance.now())
    const target = new EventTarget()
    const timer = new Timer({ wake: () => target.dispatchEvent(new Event('woken')) })
    timer.dueMs = performance.now() + 20
    wheel.arm(timer)
    await once(target, 'woken')
    assert.ok(performance.now() >= timer.dueMs)
    wheel.close()
  })
})
