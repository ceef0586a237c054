/**
 * Starts the users of one launcher when the plan makes them due: the static ones at their times, the others phase by
 * phase along the arrival process.
 *
 * Times are ms since the start of the run unless they are called otherwise. A loop that wakes late starts everything
 * that is due; how late each user was shows in `late`.
 */
import { arrivalOffsets, phaseStream } from '../core/plan/arrivals.ts'
import { firstCursor, skipBefore, usersLeft } from '../core/plan/cursor.ts'
import type { ArrivalProcess, Cursor, LauncherPlan } from '../core/plan/model.ts'
import { chooseIndex } from '../core/plan/session-choice.ts'
import { hostClockOffsetMs } from './clock.ts'
import type { Engine } from './engine.ts'
import { Timer, type TimerOwner } from './timer-wheel.ts'

export interface SpawnerHooks {
  /** 80 % of maxusers play and more are to come. */
  nearlyFull(): void
  /** maxusers play: a successor goes on from here. */
  full(cursor: Cursor): void
  /** Nothing more will be started here; told once, after `full`. */
  over(): void
}

/** Part of maxusers at which the successor is made ready. */
const nearlyFullShare = 0.8

/** What happens next in the list of phases. */
type Next =
  | { readonly type: 'user'; readonly atMs: number }
  | { readonly type: 'phase-end'; readonly atMs: number }
  /** `wait_all_sessions_end`: the next phase begins when the last user ends. */
  | { readonly type: 'drain' }
  | { readonly type: 'nothing' }

export class Spawner implements TimerOwner {
  readonly #engine: Engine
  readonly #plan: LauncherPlan
  readonly #process: ArrivalProcess
  readonly #seed: string
  readonly #hooks: SpawnerHooks
  readonly #timer: Timer
  #originMs = 0
  #staticStarted = 0
  #phase = 0
  #startedInPhase = 0
  #phaseStartMs = 0
  #offsets: Iterator<number> | null = null
  #next: Next = { type: 'nothing' }
  #started = 0
  /** Users that were due before it took over, and are not started. */
  #skipped = 0
  #nearlyFullTold = false
  #over = false

  constructor(
    engine: Engine,
    plan: LauncherPlan,
    process: ArrivalProcess,
    seed: string,
    hooks: SpawnerHooks,
  ) {
    this.#engine = engine
    this.#plan = plan
    this.#process = process
    this.#seed = seed
    this.#hooks = hooks
    this.#timer = new Timer(this)
  }

  /** Nothing more will be started here. */
  get over(): boolean {
    return this.#over
  }

  /** Number of the phase being played; 0 when there is none. */
  get phase(): number {
    return this.#plan.phases[this.#phase]?.number ?? this.#plan.phases.at(-1)?.number ?? 0
  }

  /** Users that were due up to now. */
  due(nowMs: number): number {
    const overdue = this.#next.type === 'user' && this.#originMs + this.#next.atMs <= nowMs
    return this.#skipped + this.#started + (overdue && !this.#over ? 1 : 0)
  }

  /** Where it stands. */
  cursor(nowMs: number): Cursor {
    return {
      atMs: nowMs - this.#originMs,
      originMs: this.#originMs + hostClockOffsetMs,
      staticStarted: this.#staticStarted,
      phase: this.#phase,
      started: this.#startedInPhase,
      phaseStartMs: this.#phaseStartMs,
    }
  }

  /**
   * @param originMs start of the run on `performance.now()`'s clock
   * @param cursor where a predecessor stopped, or was last heard of
   * @param skipBeforeMs users that were due before it are not started; null: all behind the cursor are
   */
  start(originMs: number, cursor: Cursor | null, skipBeforeMs: number | null): void {
    this.#originMs = originMs
    const from = { cursor: cursor ?? firstCursor, users: 0 }
    const arrivals = { plan: this.#plan, process: this.#process, seed: this.#seed }
    const begin = skipBeforeMs === null ? from : skipBefore(arrivals, from.cursor, skipBeforeMs)
    const { staticStarted, phase, phaseStartMs, started } = begin.cursor
    this.#skipped = begin.users
    this.#staticStarted = staticStarted
    this.#enterPhase(phase, phaseStartMs, started)
    this.#run(performance.now())
  }

  /** No new users from now on. */
  stop(): void {
    if (this.#over) return
    this.#over = true
    this.#engine.wheel.disarm(this.#timer)
    this.#hooks.over()
  }

  userEnded(): void {
    if (this.#over || this.#next.type !== 'drain' || this.#engine.recorder.users > 0) return
    const nowMs = performance.now()
    this.#enterPhase(this.#phase + 1, nowMs - this.#originMs, 0)
    this.#run(nowMs)
  }

  wake(nowMs: number): void {
    this.#run(nowMs)
  }

  #run(nowMs: number): void {
    while (!this.#over) {
      const staticMs = this.#plan.staticUsers[this.#staticStarted]?.startMs ?? Infinity
      const phaseMs = 'atMs' in this.#next ? this.#next.atMs : Infinity
      const atMs = Math.min(staticMs, phaseMs)
      if (atMs === Infinity) {
        if (this.#next.type === 'nothing') this.stop()
        return
      }
      if (this.#originMs + atMs > nowMs) {
        this.#timer.dueMs = this.#originMs + atMs
        this.#engine.wheel.arm(this.#timer)
        return
      }
      if (phaseMs < staticMs && this.#next.type === 'phase-end') this.#endPhase()
      else if (this.#isFull()) return
      else this.#startUser(staticMs <= phaseMs, this.#originMs + atMs)
    }
  }

  #startUser(isStatic: boolean, dueMs: number): void {
    const { staticUsers, firstUserId } = this.#plan
    this.#started++
    if (isStatic) {
      const at = this.#staticStarted++
      this.#engine.startStaticUser(firstUserId + at, staticUsers[at]!.session, dueMs)
    } else {
      const id = this.#nextUserId()
      this.#startedInPhase++
      this.#advance()
      this.#startRandomUser(id, dueMs)
    }
    this.#tellNearlyFull()
  }

  #startRandomUser(id: number, dueMs: number): void {
    const { shares } = this.#plan.phases[this.#phase]!
    if (shares.length === 1) {
      this.#engine.startUser(id, 0, dueMs, null)
      return
    }
    const random = this.#engine.userStream(id)
    this.#engine.startUser(id, chooseIndex(shares, random), dueMs, random)
  }

  /** Ids of static users come first in the launcher's block, then phase by phase. */
  #nextUserId(): number {
    const { phases, staticUsers, firstUserId } = this.#plan
    let before = staticUsers.length
    for (let at = 0; at < this.#phase; at++) before += phases[at]!.users
    return firstUserId + before + this.#startedInPhase
  }

  #enterPhase(phase: number, startMs: number, started: number): void {
    const planned = this.#plan.phases[phase]
    this.#phase = phase
    this.#phaseStartMs = startMs
    this.#startedInPhase = started
    if (planned === undefined) {
      this.#next = { type: 'nothing' }
      return
    }
    if (phase > 0 && started === 0 && planned.users > 0) this.#engine.recorder.count('newphase')
    const random = phaseStream(this.#seed, this.#plan.launcher, planned.number)
    this.#offsets = arrivalOffsets(planned, this.#process, random)
    for (let skipped = 0; skipped < started; skipped++) this.#offsets.next()
    this.#advance()
  }

  #advance(): void {
    const { phases } = this.#plan
    const offset = this.#offsets!.next()
    if (!offset.done) this.#next = { type: 'user', atMs: this.#phaseStartMs + offset.value }
    else if (this.#phase === phases.length - 1) this.#next = { type: 'nothing' }
    else {
      const atMs = this.#phaseStartMs + phases[this.#phase]!.durationMs
      this.#next = { type: 'phase-end', atMs }
    }
  }

  #endPhase(): void {
    const { waitAllSessionsEnd, durationMs } = this.#plan.phases[this.#phase]!
    if (waitAllSessionsEnd && this.#engine.recorder.users > 0) this.#next = { type: 'drain' }
    else this.#enterPhase(this.#phase + 1, this.#phaseStartMs + durationMs, 0)
  }

  #isFull(): boolean {
    if (this.#engine.recorder.users < this.#plan.maxUsers) return false
    this.#hooks.full(this.cursor(performance.now()))
    this.stop()
    return true
  }

  #tellNearlyFull(): void {
    if (this.#nearlyFullTold) return
    const { users } = this.#engine.recorder
    const { maxUsers } = this.#plan
    if (users < Math.floor(nearlyFullShare * maxUsers)) return
    if (users + usersLeft(this.#plan, this.cursor(0)) <= maxUsers) return
    this.#nearlyFullTold = true
    this.#hooks.nearlyFull()
  }
}
