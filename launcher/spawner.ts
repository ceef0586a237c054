/**
 * Starts the users of one launcher when the plan makes them due: the static ones at their times, the others phase by
 * phase along the arrival process, and those that follow others (`maxactive`).
 *
 * Times are ms on the plan's clock (core/plan/plan-clock.ts) unless they are called otherwise. A loop that wakes late
 * starts everything that is due; how late each user was shows in `late`.
 */
import { arrivalOffsets, phaseStream } from '../core/plan/arrivals.ts'
import { afterSkip, firstCursor, skipBefore, usersLeft } from '../core/plan/cursor.ts'
import type {
  ArrivalProcess,
  Cursor,
  LauncherPlan,
  PhaseSkip,
  PlanClock,
} from '../core/plan/model.ts'
import { planMsAt, runMsAt, unsteered } from '../core/plan/plan-clock.ts'
import { chooseIndex } from '../core/plan/session-choice.ts'
import { hostClockOffsetMs } from './clock.ts'
import type { Engine } from './engine.ts'
import { Restarts, type RestartsHooks } from './restarts.ts'
import { Timer, type TimerOwner } from './timer-wheel.ts'

export interface SpawnerHooks extends RestartsHooks {
  /** Phase number `at` of the list is played, from `fromMs` on `performance.now()`'s clock on. */
  phaseBegan(at: number, fromMs: number): void
  /** 80 % of maxusers play and more are to come. */
  nearlyFull(): void
  /** maxusers play: a successor goes on from here. */
  full(cursor: Cursor): void
  /** Nothing more will be started here; told once, after `full`. */
  over(): void
}

/** Part of maxusers at which the successor is made ready. */
const nearlyFullShare = 0.8

/** A moment of the run, and what the plan's clock shows then. */
type SkipBefore = Pick<Cursor, 'atMs' | 'planMs'>

type PhaseCursor = Pick<Cursor, 'phase' | 'phaseStartMs' | 'started' | 'restarted' | 'handedOver'>

/** Of a launcher behind its last phase. */
const nothingLeft = { durationMs: 0, maxRestarts: null, users: 0 }

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
  readonly #restarts: Restarts
  #originMs = 0
  #clock: PlanClock = unsteered
  #skip: PhaseSkip | null = null
  #staticStarted = 0
  #phase = 0
  #startedInPhase = 0
  /** Of these, by launchers that follow them up themselves. */
  #playedBefore = 0
  #phaseStartMs = 0
  #offsets: Iterator<number> | null = null
  #next: Next = { type: 'nothing' }
  #started = 0
  /** Users that were due before it took over, and are not started. */
  #skipped = 0
  #nearlyFullTold = false
  #begun = false
  /** Another launcher goes on: what is left to do is to follow up the users of the phase. */
  #handedOver = false
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
    this.#restarts = new Restarts(hooks)
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
    if (this.#over) return this.#skipped + this.#started
    const overdue = this.#next.type === 'user' && this.#dueMs(this.#next.atMs) <= nowMs
    return this.#skipped + this.#started + this.#restarts.pending + (overdue ? 1 : 0)
  }

  /** Where it stands. */
  cursor(nowMs: number): Cursor {
    const atMs = nowMs - this.#originMs
    return {
      atMs,
      planMs: planMsAt(this.#clock, atMs),
      originMs: this.#originMs + hostClockOffsetMs,
      staticStarted: this.#staticStarted,
      phase: this.#phase,
      started: this.#startedInPhase,
      phaseStartMs: this.#phaseStartMs,
      restarted: this.#restarts.started,
      handedOver: this.#playedBefore,
    }
  }

  /**
   * @param originMs start of the run on `performance.now()`'s clock
   * @param cursor where a predecessor stopped, or was last heard of
   * @param before users that were due before it are not started; null: all behind the cursor are
   */
  start(originMs: number, cursor: Cursor | null, before: SkipBefore | null): void {
    this.#originMs = originMs
    this.#begun = true
    const from = { cursor: cursor ?? firstCursor, users: 0 }
    const arrivals = { plan: this.#plan, process: this.#process, seed: this.#seed }
    const begin =
      before === null
        ? { ...from, cursor: afterSkip(from.cursor, this.#plan, this.#skip) }
        : skipBefore(arrivals, from.cursor, before, this.#skip)
    const { staticStarted, started, handedOver } = begin.cursor
    this.#skipped = begin.users
    this.#staticStarted = staticStarted
    this.#enterPhase(begin.cursor)
    const nowMs = performance.now()
    // Those that a lost launcher played are gone with it.
    if (before !== null) this.#restarts.add(started - handedOver, nowMs)
    this.#run(nowMs)
  }

  /** From now on arrivals go by another clock; phases that were skipped have ended. */
  steer(clock: PlanClock, skip: PhaseSkip | null): void {
    const nowMs = performance.now()
    if (this.#clock.factor === 0 && clock.factor > 0) this.#restarts.moveTo(nowMs)
    this.#clock = clock
    this.#skip = skip
    if (!this.#begun || this.#over) return
    const here = this.cursor(nowMs)
    const there = afterSkip(here, this.#plan, skip)
    if (there !== here) {
      if (this.#handedOver) this.stop()
      else this.#enterPhase(there)
    }
    this.#run(nowMs)
  }

  /** No new users from now on. */
  stop(): void {
    if (this.#over) return
    this.#over = true
    this.#engine.wheel.disarm(this.#timer)
    this.#hooks.over()
  }

  userEnded(id: number): void {
    if (this.#over) return
    const nowMs = performance.now()
    // Not at once: one that ends when it has hardly begun would be followed for ever.
    if (this.#restarts.ended(id, nowMs)) this.#arm(nowMs)
    if (this.#next.type !== 'drain' || this.#engine.recorder.users > 0) return
    this.#enterNext(planMsAt(this.#clock, nowMs - this.#originMs))
    this.#run(nowMs)
  }

  /** Ids for users beyond the plan. */
  granted(from: number, count: number): void {
    this.#restarts.granted(from, count)
    if (this.#begun && !this.#over) this.#run(performance.now())
  }

  wake(nowMs: number): void {
    this.#run(nowMs)
  }

  #run(nowMs: number): void {
    if (this.#clock.factor > 0) this.#startFollowers()
    while (!this.#over) {
      const staticMs = this.#handedOver
        ? Infinity
        : (this.#plan.staticUsers[this.#staticStarted]?.startMs ?? Infinity)
      const phaseMs = 'atMs' in this.#next ? this.#next.atMs : Infinity
      const atMs = Math.min(staticMs, phaseMs)
      if (atMs === Infinity) {
        if (this.#next.type === 'nothing') this.stop()
        return
      }
      const dueMs = this.#dueMs(atMs)
      if (dueMs > nowMs) {
        this.#arm(dueMs)
        return
      }
      if (phaseMs < staticMs && this.#next.type === 'phase-end') this.#endPhase()
      else if (this.#isFull()) continue
      else this.#startUser(staticMs <= phaseMs, dueMs)
    }
  }

  /** @param dueMs on `performance.now()`'s clock; Infinity: only another clock makes anything due */
  #arm(dueMs: number): void {
    const isWaiting = this.#restarts.isReady && this.#clock.factor > 0
    const wakeMs = isWaiting ? Math.min(dueMs, performance.now()) : dueMs
    this.#engine.wheel.disarm(this.#timer)
    if (wakeMs === Infinity) return
    this.#timer.dueMs = wakeMs
    this.#engine.wheel.arm(this.#timer)
  }

  #dueMs(planMs: number): number {
    return this.#originMs + runMsAt(this.#clock, planMs)
  }

  /** Those that were due when it began: what ends meanwhile is followed in the next turn. */
  #startFollowers(): void {
    for (let left = this.#restarts.pending; left > 0 && this.#restarts.isReady; left--) {
      const { id, dueMs } = this.#restarts.take()
      this.#started++
      this.#startRandomUser(id, dueMs)
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
    this.#restarts.plays(id)
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

  #enterNext(startMs: number): void {
    const phase = this.#phase + 1
    this.#enterPhase({ phase, phaseStartMs: startMs, started: 0, restarted: 0, handedOver: 0 })
  }

  #enterPhase({ phase, phaseStartMs, started, restarted, handedOver }: PhaseCursor): void {
    const planned = this.#plan.phases[phase]
    this.#phase = phase
    this.#phaseStartMs = phaseStartMs
    this.#startedInPhase = started
    this.#playedBefore = handedOver
    this.#restarts.begin(planned?.maxRestarts ?? null, restarted)
    if (planned === undefined) {
      this.#next = { type: 'nothing' }
      return
    }
    if (phase > 0 && started === 0 && planned.users > 0) this.#engine.recorder.count('newphase')
    const random = phaseStream(this.#seed, this.#plan.launcher, planned.number)
    this.#offsets = arrivalOffsets(planned, this.#process, random)
    for (let skipped = 0; skipped < started; skipped++) this.#offsets.next()
    this.#advance()
    this.#hooks.phaseBegan(phase, this.#dueMs(phaseStartMs))
  }

  #advance(): void {
    const { phases } = this.#plan
    const { durationMs, maxRestarts } = phases[this.#phase]!
    const isLast = this.#phase === phases.length - 1
    const offset = this.#offsets!.next()
    if (!offset.done) this.#next = { type: 'user', atMs: this.#phaseStartMs + offset.value }
    else if (isLast && maxRestarts === null) this.#next = { type: 'nothing' }
    else this.#next = { type: 'phase-end', atMs: this.#phaseStartMs + durationMs }
  }

  #endPhase(): void {
    const { waitAllSessionsEnd, durationMs, maxRestarts } = this.#plan.phases[this.#phase]!
    if (this.#handedOver) this.stop()
    else if (waitAllSessionsEnd && this.#engine.recorder.users > 0) {
      if (maxRestarts !== null) this.#restarts.begin(null, 0)
      this.#next = { type: 'drain' }
    } else this.#enterNext(this.#phaseStartMs + durationMs)
  }

  #isFull(): boolean {
    if (this.#engine.recorder.users < this.#plan.maxUsers) return false
    const { durationMs, maxRestarts, users } = this.#plan.phases[this.#phase] ?? nothingLeft
    const cursor = this.cursor(performance.now())
    if (maxRestarts === null) {
      this.#hooks.full(cursor)
      this.stop()
    } else {
      const restarted = this.#restarts.handOver(this.#startedInPhase / Math.max(1, users))
      this.#handedOver = true
      this.#next = { type: 'phase-end', atMs: this.#phaseStartMs + durationMs }
      this.#hooks.full({ ...cursor, restarted, handedOver: this.#startedInPhase })
    }
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
