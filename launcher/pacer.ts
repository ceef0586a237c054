/**
 * Turns of the users that wait at `<pace/>`, all of them together at one constant rate: user k of n has the slots k,
 * k + n, k + 2n, … A user that joins takes the place behind all others; where one leaves, those behind it move up.
 *
 * Slot j of a launcher is due `(j + offset) / rate` after the rate began; the offsets of launchers differ, so that their
 * slots lie between each other. One timer serves all users. A user that is busy when its slot is due has its turn as soon
 * as it is free, with the slot as its intended start. Times are ms on `performance.now()`'s clock.
 *
 * Source: docs/decisions/0005-constant-rate-and-steering.md.
 */
import type { Recorder } from './recorder.ts'
import { Timer, type TimerOwner, type TimerWheel } from './timer-wheel.ts'

/** A user that takes turns. */
export interface Paced {
  /** It waited for its turn, which was due at `dueMs`. */
  turn(dueMs: number): void
}

/** A user's place among those that take turns, and the turns it has missed so far. */
export class Turn {
  next: Turn = this
  previous: Turn = this
  isWaiting = false
  owed = 0
  /** When the oldest and the newest of those owed were due. */
  oldestMs = 0
  newestMs = 0
  readonly owner: Paced

  constructor(owner: Paced) {
    this.owner = owner
  }
}

export class Pacer implements TimerOwner {
  readonly #wheel: TimerWheel
  readonly #recorder: Recorder
  readonly #timer: Timer
  /** The user whose slot is next. */
  #head: Turn | null = null
  #users = 0
  /** Null: there is none, and nobody waits. */
  #ratePerMs: number | null = null
  #beganMs = 0
  #offset = 0
  #slot = 0
  #lastMs = -Infinity

  constructor(wheel: TimerWheel, recorder: Recorder) {
    this.#wheel = wheel
    this.#recorder = recorder
    this.#timer = new Timer(this)
  }

  /** Users have to wait for their turns. */
  get isOn(): boolean {
    return this.#ratePerMs !== null
  }

  /** Users that take turns. */
  get users(): number {
    return this.#users
  }

  /** Of the slots within the time from one to the next, 0..1. */
  set offset(offset: number) {
    this.#offset = offset
  }

  /**
   * From `fromMs` on. The same rate again changes nothing.
   *
   * @param ratePerMs of all users of this launcher; 0: nobody has a turn; null: nobody waits for one
   */
  setRate(ratePerMs: number | null, fromMs: number): void {
    if (ratePerMs === this.#ratePerMs) return
    this.#deal(Math.min(fromMs, performance.now()))
    this.#ratePerMs = ratePerMs
    this.#beganMs = fromMs
    this.#slot = this.#slotAfter(this.#lastMs)
    if (ratePerMs === null) this.#releaseAll()
    else this.#arm()
  }

  join(owner: Paced): Turn {
    const turn = new Turn(owner)
    const head = this.#head
    if (head === null) {
      this.#head = turn
      this.#slot = this.#slotAfter(Math.max(this.#lastMs, performance.now()))
    } else {
      turn.next = head
      turn.previous = head.previous
      head.previous.next = turn
      head.previous = turn
    }
    if (this.#users++ === 0) this.#arm()
    return turn
  }

  /** The user ends: turns that it is owed are not taken by anybody. */
  leave(turn: Turn): void {
    if (turn.next === turn) this.#head = null
    else {
      turn.previous.next = turn.next
      turn.next.previous = turn.previous
      if (this.#head === turn) this.#head = turn.next
    }
    turn.isWaiting = false
    if (--this.#users === 0) this.#wheel.disarm(this.#timer)
  }

  /** @returns when the turn was due that the user has missed; null: it waits for its next */
  take(turn: Turn): number | null {
    if (turn.owed === 0) {
      turn.isWaiting = true
      return null
    }
    const dueMs = turn.oldestMs
    turn.owed--
    turn.oldestMs += turn.owed === 0 ? 0 : (turn.newestMs - dueMs) / turn.owed
    this.#recorder.count('tsts_turns_taken')
    return dueMs
  }

  wake(nowMs: number): void {
    this.#deal(nowMs)
    this.#arm()
  }

  /** Slots that are due by then. */
  #deal(untilMs: number): void {
    let dealt = 0
    while (this.#head !== null) {
      const dueMs = this.#slotMs()
      if (dueMs > untilMs) break
      const turn: Turn = this.#head
      this.#head = turn.next
      this.#lastMs = dueMs
      this.#slot++
      dealt++
      if (turn.isWaiting) this.#give(turn, dueMs)
      else {
        if (turn.owed++ === 0) turn.oldestMs = dueMs
        turn.newestMs = dueMs
      }
    }
    if (dealt > 0) this.#recorder.add('tsts_turns_due', dealt)
  }

  #give(turn: Turn, dueMs: number): void {
    turn.isWaiting = false
    this.#recorder.count('tsts_turns_taken')
    turn.owner.turn(dueMs)
  }

  /** Infinity: no slot will be due. */
  #slotMs(): number {
    const rate = this.#ratePerMs
    if (rate === null || rate <= 0) return Infinity
    return this.#beganMs + (this.#slot + this.#offset) / rate
  }

  /** The first slot later than `atMs`. */
  #slotAfter(atMs: number): number {
    const rate = this.#ratePerMs ?? 0
    if (rate <= 0 || atMs < this.#beganMs) return 0
    return Math.max(0, Math.floor((atMs - this.#beganMs) * rate - this.#offset) + 1)
  }

  #arm(): void {
    const dueMs = this.#users === 0 ? Infinity : this.#slotMs()
    this.#wheel.disarm(this.#timer)
    if (dueMs === Infinity) return
    this.#timer.dueMs = dueMs
    this.#wheel.arm(this.#timer)
  }

  /** There is no rate any more: whoever waits goes on. */
  #releaseAll(): void {
    const nowMs = performance.now()
    this.#wheel.disarm(this.#timer)
    for (let left = this.#users; left > 0 && this.#head !== null; left--) {
      const turn: Turn = this.#head
      this.#head = turn.next
      turn.owed = 0
      if (turn.isWaiting) this.#give(turn, nowMs)
    }
  }
}
