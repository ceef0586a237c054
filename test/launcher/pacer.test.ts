import assert from 'node:assert/strict'
import fc from 'fast-check'
import { type Paced, Pacer, type Turn } from '../../launcher/pacer.ts'
import { Recorder } from '../../launcher/recorder.ts'
import type { TimerWheel } from '../../launcher/timer-wheel.ts'

/** Far ahead: the machine's own clock makes nothing due. */
const startMs = 1e9

/** A pacer whose clock is moved by the test, and users that are free again at once. */
class Stage {
  readonly recorder = new Recorder()
  readonly pacer: Pacer
  /** Who had a turn, and when it was due, ms since the start. */
  readonly turns: { readonly user: number; readonly dueMs: number }[] = []
  readonly #turns = new Map<number, Turn>()
  readonly #busy = new Set<number>()

  constructor(offset = 0) {
    const wheel = { arm: () => undefined, disarm: () => undefined } as unknown as TimerWheel
    this.pacer = new Pacer(wheel, this.recorder)
    this.pacer.offset = offset
  }

  rate(perMs: number | null, fromMs: number): void {
    this.pacer.setRate(perMs, startMs + fromMs)
  }

  join(user: number): void {
    const paced: Paced = {
      turn: (dueMs) => {
        this.#took(user, dueMs)
        if (!this.#busy.has(user)) this.#wait(user)
      },
    }
    this.#turns.set(user, this.pacer.join(paced))
    this.#wait(user)
  }

  leave(user: number): void {
    this.pacer.leave(this.#turns.get(user)!)
    this.#turns.delete(user)
  }

  /** From its next turn on it does not come back. */
  busy(user: number): void {
    this.#busy.add(user)
  }

  /** It takes all the turns that it has missed. */
  free(user: number): void {
    this.#busy.delete(user)
    this.#wait(user)
  }

  until(ms: number): void {
    this.pacer.wake(startMs + ms)
  }

  count(name: string): number {
    return this.recorder.takeCounters()[name] ?? 0
  }

  #wait(user: number): void {
    for (;;) {
      const dueMs = this.pacer.take(this.#turns.get(user)!)
      if (dueMs === null) return
      this.#took(user, dueMs)
    }
  }

  #took(user: number, dueMs: number): void {
    this.turns.push({ user, dueMs: dueMs - startMs })
  }
}

const near = (actual: number, expected: number, what = ''): void =>
  assert.ok(Math.abs(actual - expected) < 1e-3, `${what} ${actual} is not ${expected}`)
const rates = fc.double({ min: 0.001, max: 50, noNaN: true })

describe('pacer', () => {
  it('user k of n has the slots k, k + n, k + 2n, at any rate', () => {
    fc.assert(
      fc.property(rates, fc.integer({ min: 1, max: 40 }), (rate, n) => {
        const stage = new Stage(0.5)
        stage.rate(rate, 0)
        for (let user = 0; user < n; user++) stage.join(user)
        const slots = 3 * n
        // In two steps: when the launcher wakes does not matter.
        stage.until(slots / 2 / rate)
        stage.until(slots / rate)
        assert.equal(stage.turns.length, slots)
        for (const [slot, { user, dueMs }] of stage.turns.entries()) {
          assert.equal(user, slot % n)
          near(dueMs, (slot + 0.5) / rate)
        }
      }),
      { seed: 1 },
    )
  })

  it('launchers with the same share have their slots between each other', () => {
    const launchers = 5
    const all = Array.from({ length: launchers }, (_, at) => {
      const stage = new Stage(((at + 0.5) / launchers) % 1)
      stage.rate(0.02, 0)
      for (let user = 0; user < 3; user++) stage.join(user)
      stage.until(10_000)
      return stage.turns.map(({ dueMs }) => dueMs)
    }).flat()
    all.sort((a, b) => a - b)
    assert.equal(all.length, launchers * 200)
    for (let at = 1; at < all.length; at++) near(all[at]! - all[at - 1]!, 10)
  })

  it('between two turns of a user each other one has one, whoever joins and leaves meanwhile', () => {
    const step = fc.record({
      what: fc.constantFrom('join', 'leave', 'wait', 'wait'),
      who: fc.nat(),
    })
    fc.assert(
      fc.property(rates, fc.array(step, { maxLength: 60 }), (rate, steps) => {
        const stage = new Stage()
        stage.rate(rate, 0)
        const there: number[] = []
        let atMs = 0
        let slots = 0
        for (const [at, { what, who }] of steps.entries()) {
          if (what === 'join') {
            stage.join(at)
            there.push(at)
          } else if (what === 'leave' && there.length > 0) {
            stage.leave(there.splice(who % there.length, 1)[0]!)
          } else if (there.length > 0) {
            const from = stage.turns.length
            const turns = 2 * there.length
            // Up to the middle between two slots.
            slots = Math.max(slots, Math.ceil(atMs * rate - 1e-9)) + turns
            atMs = (slots - 0.5) / rate
            stage.until(atMs)
            const had = stage.turns.slice(from).map(({ user }) => user)
            assert.equal(had.length, turns)
            const first = had.slice(0, there.length)
            assert.deepEqual([...first].sort(), [...there].sort())
            assert.deepEqual(had.slice(there.length), first)
          }
        }
      }),
      { seed: 1 },
    )
  })

  it('a user that is busy has its turns later, due when they were, and takes none from the others', () => {
    const stage = new Stage()
    stage.rate(0.1, 0)
    stage.join(1)
    stage.join(2)
    stage.busy(1)
    stage.until(75)
    const of = (user: number): number[] =>
      stage.turns.filter((turn) => turn.user === user).map(({ dueMs }) => Math.round(dueMs))
    assert.deepEqual(of(1), [0])
    assert.deepEqual(of(2), [10, 30, 50, 70])
    stage.free(1)
    assert.deepEqual(of(1), [0, 20, 40, 60])
    stage.until(85)
    assert.deepEqual(of(1).slice(4), [80])
  })

  it('tells of turns that were due, and of those that were taken', () => {
    const stage = new Stage()
    stage.rate(0.1, 0)
    stage.join(1)
    stage.join(2)
    stage.busy(1)
    stage.until(75)
    stage.leave(1)
    const counters = stage.recorder.takeCounters()
    assert.equal(counters['tsts_turns_due'], 8)
    assert.equal(counters['tsts_turns_taken'], 5)
  })

  it('goes by another rate from the moment it is told, with no turn twice', () => {
    const changes = fc.array(
      fc.record({ rate: rates, forMs: fc.double({ min: 1, max: 500, noNaN: true }) }),
      { minLength: 1, maxLength: 8 },
    )
    fc.assert(
      fc.property(changes, fc.double({ min: 0, max: 0.99, noNaN: true }), (list, offset) => {
        const stage = new Stage(offset)
        for (let user = 0; user < 3; user++) stage.join(user)
        let atMs = 0
        let expected = 0
        for (const { rate, forMs } of list) {
          stage.rate(rate, atMs)
          atMs += forMs
          expected += rate * forMs
          stage.until(atMs)
        }
        // At each change a part of a slot begins anew.
        assert.ok(Math.abs(stage.turns.length - expected) <= list.length + 1)
        for (let at = 1; at < stage.turns.length; at++) {
          assert.ok(stage.turns[at]!.dueMs >= stage.turns[at - 1]!.dueMs)
        }
      }),
      { seed: 1 },
    )
  })

  it('nobody has a turn at rate 0, and what passed then is not made up for', () => {
    const stage = new Stage()
    stage.rate(0.1, 0)
    stage.join(1)
    stage.until(25)
    assert.equal(stage.turns.length, 3)
    stage.rate(0, 25)
    stage.until(1000)
    assert.equal(stage.turns.length, 3)
    stage.rate(0.1, 1000)
    stage.until(1025)
    assert.deepEqual(
      stage.turns.slice(3).map(({ dueMs }) => Math.round(dueMs)),
      [1000, 1010, 1020],
    )
  })

  it('without a rate nobody waits', () => {
    const stage = new Stage()
    assert.equal(stage.pacer.isOn, false)
    stage.rate(0.001, 0)
    assert.equal(stage.pacer.isOn, true)
    const left: number[] = []
    const turn: Turn = stage.pacer.join({ turn: () => void left.push(1) })
    assert.equal(stage.pacer.take(turn), null)
    stage.rate(null, 0)
    assert.deepEqual(left, [1])
  })
})
