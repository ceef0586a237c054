import assert from 'node:assert/strict'
import fc from 'fast-check'
import { type Arrivals, firstCursor, skipBefore, usersLeft } from '../../core/plan/cursor.ts'
import type {
  Cursor,
  LauncherPhase,
  LauncherPlan,
  PhaseSkip,
  PlanClock,
} from '../../core/plan/model.ts'
import { planMsAt, turned, unsteered } from '../../core/plan/plan-clock.ts'
import type { Engine } from '../../launcher/engine.ts'
import { Spawner } from '../../launcher/spawner.ts'

/** A spawner whose users end at once, and whose clock is moved by the test. */
class Driven {
  readonly ids: number[] = []
  readonly #originMs: number
  readonly #spawner: Spawner
  #clock: PlanClock = unsteered

  constructor(
    { plan, process, seed }: Arrivals,
    from: Cursor | null,
    before: Pick<Cursor, 'atMs' | 'planMs'> | null,
    clock: PlanClock = unsteered,
    skip: PhaseSkip | null = null,
  ) {
    // Far ahead: the machine's own clock makes nothing due.
    this.#originMs = Math.round(performance.now()) + 1e9
    const start = (id: number): void => void this.ids.push(id)
    const engine = {
      wheel: { arm: () => undefined, disarm: () => undefined },
      recorder: { users: 0, count: () => undefined },
      userStream: () => () => 0.5,
      startUser: start,
      startStaticUser: start,
    }
    const hooks = {
      nearlyFull: () => undefined,
      full: () => undefined,
      over: () => undefined,
      phaseBegan: () => undefined,
      askIds: () => undefined,
      waited: () => undefined,
    }
    this.#spawner = new Spawner(engine as unknown as Engine, plan, process, seed, hooks)
    this.#clock = clock
    this.#spawner.steer(clock, skip)
    this.#spawner.start(this.#originMs, from, before)
  }

  /** What is due before is started by the clock before. */
  steer(clock: PlanClock, skip: PhaseSkip | null = null): void {
    this.until(clock.atMs)
    this.#spawner.steer(clock, skip)
    this.#clock = clock
  }

  /** Starts all that is due by then. @param atMs of the run */
  until(atMs: number): Cursor {
    this.#spawner.wake(this.#originMs + atMs)
    return {
      ...this.#spawner.cursor(this.#originMs),
      originMs: 0,
      atMs,
      planMs: planMsAt(this.#clock, atMs),
    }
  }

  get phase(): number {
    return this.#spawner.phase
  }

  /** Users that were due, as an interval would tell. */
  due(atMs: number): number {
    return this.#spawner.due(this.#originMs + atMs)
  }
}

const phases = fc
  .array(
    fc.record({
      durationMs: fc.integer({ min: 1, max: 5000 }),
      users: fc.integer({ min: 0, max: 40 }),
      span: fc.double({ min: 0.1, max: 1, noNaN: true }),
      waitAllSessionsEnd: fc.boolean(),
    }),
    { maxLength: 4 },
  )
  .map((list) =>
    list.map(
      ({ durationMs, users, span, waitAllSessionsEnd }, at): LauncherPhase => ({
        number: at + 1,
        durationMs,
        users,
        intensityPerMs: Math.max(1e-6, users / durationMs),
        spanMs: durationMs * span,
        waitAllSessionsEnd,
        shares: [1],
        requestsPerMs: null,
        maxRestarts: null,
      }),
    ),
  )

const arrivals = fc
  .record({
    phases,
    process: fc.constantFrom('conditioned' as const, 'uniform' as const),
    statics: fc.array(fc.integer({ min: 0, max: 8000 }), { maxLength: 5 }),
    seed: fc.string(),
  })
  .map(({ phases, process, statics, seed }): Arrivals => {
    const staticUsers = statics.sort((a, b) => a - b).map((startMs) => ({ startMs, session: 0 }))
    const users = phases.reduce((sum, each) => sum + each.users, staticUsers.length)
    const plan: LauncherPlan = {
      launcher: 3,
      client: 0,
      host: 'localhost',
      share: 1,
      maxUsers: 1000,
      addresses: [],
      firstUserId: 11,
      users,
      staticUsers,
      phases,
    }
    return { plan, process, seed }
  })

/** No arrival falls on such a moment. */
const moment = fc.integer({ min: 0, max: 22_000 }).map((ms) => ms + 0.1234567)
const endMs = 1e6
/** Of a run that nobody steers. */
const at = (ms: number): { readonly atMs: number; readonly planMs: number } => ({
  atMs: ms,
  planMs: ms,
})
const sorted = (ids: readonly number[]): number[] => [...ids].sort((a, b) => a - b)
const block = ({ plan }: Arrivals): number[] =>
  Array.from({ length: plan.users }, (_, at) => plan.firstUserId + at)

describe('a cursor', () => {
  it('that skips stands where the launcher would stand then, past as many users', () => {
    fc.assert(
      fc.property(arrivals, moment, moment, (all, a, b) => {
        const [heardMs, lostMs] = [Math.min(a, b), Math.max(a, b)]
        const launcher = new Driven(all, null, null)
        const heard = launcher.until(heardMs)
        const started = launcher.ids.length
        const lost = launcher.until(lostMs)
        const skipped = skipBefore(all, heard, at(lostMs))
        assert.deepEqual(skipped.cursor, lost)
        assert.equal(skipped.users, launcher.ids.length - started)
        assert.equal(usersLeft(all.plan, skipped.cursor), all.plan.users - launcher.ids.length)
      }),
      { seed: 1, numRuns: 500 },
    )
  })

  it('lets another launcher start every user but those that were skipped, none twice', () => {
    fc.assert(
      fc.property(arrivals, moment, moment, (all, a, b) => {
        const [heardMs, lostMs] = [Math.min(a, b), Math.max(a, b)]
        const dead = new Driven(all, null, null)
        const heard = dead.until(heardMs)
        const reported = [...dead.ids]
        dead.until(lostMs)
        const unheard = dead.ids.slice(reported.length)
        const next = new Driven(all, heard, at(lostMs))
        assert.equal(next.due(0), unheard.length)
        next.until(endMs)
        assert.deepEqual(sorted([...reported, ...unheard, ...next.ids]), block(all))
      }),
      { seed: 1, numRuns: 500 },
    )
  })

  const factors = fc.oneof(fc.constant(0), fc.double({ min: 0.2, max: 4, noNaN: true }))
  const steps = fc
    .array(fc.record({ atMs: moment, factor: factors }), { minLength: 1, maxLength: 4 })
    .map((list) => list.sort((a, b) => a.atMs - b.atMs))

  it('of a run that is steered lets another launcher start all others, and each user once', () => {
    fc.assert(
      fc.property(arrivals, steps, moment, moment, (all, list, a, b) => {
        const dead = new Driven(all, null, null)
        let clock = unsteered
        for (const { atMs, factor } of list) {
          clock = turned(clock, atMs, factor)
          dead.steer(clock)
        }
        const lastMs = list.at(-1)!.atMs
        const [heardMs, lostMs] = [lastMs + Math.min(a, b), lastMs + Math.max(a, b)]
        const heard = dead.until(heardMs)
        const reported = [...dead.ids]
        const lost = dead.until(lostMs)
        const unheard = dead.ids.slice(reported.length)
        const before = { atMs: lostMs, planMs: planMsAt(clock, lostMs) }
        const skipped = skipBefore(all, heard, before)
        assert.deepEqual(skipped, { cursor: lost, users: unheard.length })
        const next = new Driven(all, heard, before, clock)
        assert.equal(next.due(0), unheard.length)
        // Whoever goes on does so by a clock that goes.
        next.steer(turned(clock, lostMs, 1))
        next.until(lostMs + endMs)
        assert.deepEqual(sorted([...reported, ...unheard, ...next.ids]), block(all))
      }),
      { seed: 1, numRuns: 500 },
    )
  })

  it('behind phases that were skipped starts nobody of them, and all of the others', () => {
    fc.assert(
      fc.property(arrivals, moment, fc.integer({ min: 1, max: 3 }), (all, skipMs, number) => {
        const launcher = new Driven(all, null, null)
        launcher.until(skipMs)
        const played = launcher.phase
        const skip = { phase: Math.max(number, played), planMs: skipMs }
        const begun = [...launcher.ids]
        const next = new Driven(all, launcher.until(skipMs), at(skipMs), unsteered, skip)
        launcher.steer(turned(unsteered, skipMs, 1), skip)
        launcher.until(endMs)
        next.until(endMs)
        const rest = launcher.ids.slice(begun.length)
        const behind = all.plan.phases.slice(skip.phase)
        const statics = all.plan.staticUsers.filter(({ startMs }) => startMs > skipMs)
        const wanted = behind.reduce((sum, { users }) => sum + users, statics.length)
        assert.equal(rest.length, wanted)
        assert.deepEqual(sorted(next.ids), sorted(rest))
        assert.equal(launcher.due(endMs), launcher.ids.length, 'nobody else was due')
      }),
      { seed: 1, numRuns: 500 },
    )
  })

  it('skips nobody before the cursor, and all after the end', () => {
    fc.assert(
      fc.property(arrivals, moment, (all, heardMs) => {
        const launcher = new Driven(all, null, null)
        const heard = launcher.until(heardMs)
        assert.deepEqual(skipBefore(all, heard, at(0)), { cursor: heard, users: 0 })
        assert.equal(skipBefore(all, heard, at(endMs)).users, usersLeft(all.plan, heard))
        assert.equal(usersLeft(all.plan, firstCursor), all.plan.users)
      }),
      { seed: 1 },
    )
  })

  it('of a phase that waits for its users lets the next begin as early as it could have', () => {
    const phase = (number: number): LauncherPhase => ({
      number,
      durationMs: 1000,
      users: 10,
      intensityPerMs: 0.01,
      spanMs: 1000,
      waitAllSessionsEnd: true,
      shares: [1],
      requestsPerMs: null,
      maxRestarts: null,
    })
    const plan = { ...planOfNobody, users: 20, phases: [phase(1), phase(2)] }
    const all: Arrivals = { plan, process: 'uniform', seed: '1' }
    // Its users were still playing at 1.7 s, after all of the phase were started.
    const waiting: Cursor = { ...firstCursor, ...at(1700), started: 10 }
    const { cursor, users } = skipBefore(all, waiting, at(2000))
    assert.deepEqual([cursor.phase, cursor.phaseStartMs, cursor.started, users], [1, 1700, 3, 3])
    // When the phase was not over: at its end at the earliest.
    const before = skipBefore(all, { ...waiting, ...at(900), started: 9 }, at(1160))
    assert.deepEqual([before.cursor.phaseStartMs, before.users], [1000, 3])
  })
})

const planOfNobody: LauncherPlan = {
  launcher: 1,
  client: 0,
  host: 'localhost',
  share: 1,
  maxUsers: 1000,
  addresses: [],
  firstUserId: 1,
  users: 0,
  staticUsers: [],
  phases: [],
}
