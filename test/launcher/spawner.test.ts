import assert from 'node:assert/strict'
import { findBuiltin } from '../../core/erlang/builtins.ts'
import type { Cursor, LauncherPhase, LauncherPlan } from '../../core/plan/model.ts'
import type { Action } from '../../core/scenario/model.ts'
import { Engine } from '../../launcher/engine.ts'
import { Lines } from '../../launcher/lines.ts'
import { SourceAddresses } from '../../launcher/source-addresses.ts'
import { Spawner } from '../../launcher/spawner.ts'
import { linePlugin } from '../support/line-plugin.ts'
import { scenarioOf } from '../support/scenario.ts'

interface Started {
  readonly id: number
  readonly session: string
  readonly atMs: number
}

interface Stage {
  readonly engine: Engine
  readonly spawner: Spawner
  readonly ended: Started[]
  /** Lines of tsung.dump. */
  readonly dumped: readonly string[]
  /** The cursor of a hand-over. */
  readonly full: Promise<Cursor>
  readonly nearlyFull: () => number
  /** Resolves when nothing more starts and nobody plays. */
  readonly finished: Promise<void>
}

const originMs = performance.now()

function stage(plan: LauncherPlan, sessions: readonly (readonly Action[])[]): Stage {
  const ended: Started[] = []
  let resolveFull: (cursor: Cursor) => void
  let resolveFinished: () => void
  let nearlyFull = 0
  const full = new Promise<Cursor>((resolve) => {
    resolveFull = resolve
  })
  const finished = new Promise<void>((resolve) => {
    resolveFinished = resolve
  })
  const check = (): void => {
    if (spawner.over && engine.recorder.users === 0) setImmediate(resolveFinished)
  }
  const dumped: string[] = []
  const plain = scenarioOf(
    sessions.map((actions) => ({ actions })),
    { port: 1 },
  )
  const scenario = { ...plain, dumpTraffic: 'light' } as const
  const engine: Engine = new Engine({
    scenario,
    seed: 'seed',
    sources: new SourceAddresses([], null, 1),
    hooks: {
      ended: ({ id, session }) => {
        ended.push({ id, session, atMs: performance.now() - originMs })
        spawner.userEnded(id)
        check()
      },
      joined: () => undefined,
      errorExample: () => undefined,
      abort: () => undefined,
      interaction: () => undefined,
      lines: (_stream, lines) => void dumped.push(...lines),
    },
    trace: null,
    plugins: { ts_line: linePlugin },
    findFunction: findBuiltin,
    lines: new Lines({}, { ask: () => undefined, waited: () => undefined }),
    folder: '/',
  })
  let leased = 1000
  const spawner: Spawner = new Spawner(engine, plan, 'conditioned', 'seed', {
    phaseBegan: () => undefined,
    askIds: (count) => {
      const from = leased
      leased += count
      setImmediate(() => spawner.granted(from, count))
    },
    waited: () => undefined,
    nearlyFull: () => nearlyFull++,
    full: (cursor) => resolveFull(cursor),
    over: () => check(),
  })
  return { engine, spawner, ended, dumped, full, finished, nearlyFull: () => nearlyFull }
}

function phase(number: number, users: number, rest: Partial<LauncherPhase> = {}): LauncherPhase {
  const durationMs = rest.durationMs ?? 100
  return {
    number,
    durationMs,
    users,
    intensityPerMs: users / durationMs,
    spanMs: durationMs,
    waitAllSessionsEnd: false,
    shares: [1],
    requestsPerMs: null,
    maxRestarts: null,
    ...rest,
  }
}

function planOf(phases: readonly LauncherPhase[], rest: Partial<LauncherPlan> = {}): LauncherPlan {
  const staticUsers = rest.staticUsers ?? []
  return {
    launcher: 1,
    client: 0,
    host: 'localhost',
    share: 1,
    maxUsers: 800,
    addresses: [],
    firstUserId: 11,
    users: staticUsers.length + phases.reduce((sum, { users }) => sum + users, 0),
    staticUsers,
    phases,
    ...rest,
  }
}

const think = (ms: number): Action => ({
  type: 'thinktime',
  thinkTime: { type: 'constant', ms },
  line: 1,
})
const byNumber = (a: number, b: number): number => a - b
const ids = (list: readonly Started[]): number[] => list.map(({ id }) => id).sort(byNumber)
const range = (from: number, count: number): number[] =>
  Array.from({ length: count }, (_, at) => from + at)

describe('spawner', () => {
  it('starts every user of the plan, its ids dense from the first of the block', async () => {
    const { spawner, finished, ended, engine } = stage(planOf([phase(1, 20), phase(2, 30)]), [[]])
    spawner.start(performance.now(), null, null)
    await finished
    assert.deepEqual(ids(ended), range(11, 50))
    const { counters } = engine.recorder.take(0, { phase: 0, due: 0 }, {} as never)
    assert.equal(counters['newphase'], 1)
    assert.equal(counters['users_count'], 50)
  })

  it('starts static users at their times with their sessions, beside the phases', async () => {
    const staticUsers = [
      { startMs: 0, session: 1 },
      { startMs: 60, session: 0 },
    ]
    const plan = planOf([phase(1, 3, { shares: [0, 1] })], { staticUsers })
    const { spawner, finished, ended, dumped, engine } = stage(plan, [[], []])
    const startMs = performance.now() - originMs
    spawner.start(performance.now(), null, null)
    await finished
    engine.flushLines()
    const begun = dumped.flatMap((line) => /^NewClient:[\d.]+:(.*)$/.exec(line)?.[1] ?? [])
    assert.deepEqual(begun.sort(), ['2', '2', '2', 'static', 'static'])
    assert.deepEqual(ids(ended), range(11, 5))
    assert.equal(ended.find(({ id }) => id === 11)!.session, 'session-1')
    const second = ended.find(({ id }) => id === 12)!
    assert.equal(second.session, 'session-0')
    assert.ok(second.atMs - startMs >= 60)
  })

  it('ends a phase with wait_all_sessions_end only when its last user has ended', async () => {
    const waiting = phase(1, 2, { durationMs: 20, waitAllSessionsEnd: true })
    const { spawner, finished, ended } = stage(planOf([waiting, phase(2, 1)]), [[think(150)]])
    const startMs = performance.now() - originMs
    spawner.start(performance.now(), null, null)
    await finished
    const last = ended.find(({ id }) => id === 13)!
    assert.ok(last.atMs - startMs >= 300, 'it began before the users of phase 1 had ended')
  })

  it('hands over at maxusers, and its successor goes on with the same users', async () => {
    const plan = planOf([phase(1, 12), phase(2, 8)], { maxUsers: 5 })
    const first = stage(plan, [[think(400)]])
    const startMs = performance.now()
    first.spawner.start(startMs, null, null)
    let cursor = await first.full
    assert.equal(first.engine.recorder.users, 5)
    assert.equal(first.nearlyFull(), 1)
    const all = [first]
    for (let successor = 0; successor < 3; successor++) {
      const next = stage(plan, [[think(400)]])
      all.push(next)
      next.spawner.start(startMs, cursor, null)
      const outcome = await Promise.race([next.full, next.finished])
      if (outcome === undefined) break
      cursor = outcome
    }
    await Promise.all(all.map(({ finished }) => finished))
    assert.deepEqual(ids(all.flatMap(({ ended }) => ended)), range(11, 20))
  })

  it('asks for no successor when the users left fit', async () => {
    const { spawner, finished, nearlyFull } = stage(planOf([phase(1, 5)], { maxUsers: 5 }), [
      [think(50)],
    ])
    spawner.start(performance.now(), null, null)
    await finished
    assert.equal(nearlyFull(), 0)
  })

  describe('with maxactive', () => {
    /** Ids beyond the plan come at once. */
    function keeping(
      planned: Partial<LauncherPhase>,
      actions: readonly Action[],
      rest: Partial<LauncherPlan> = {},
    ): Stage {
      const kept = phase(1, 4, { spanMs: 20, maxRestarts: 'unlimited', ...planned })
      return stage(planOf([kept], rest), [actions])
    }

    it('follows users that end until the phase is over, never more at once, by ids beyond the plan', async () => {
      const { spawner, finished, ended, engine } = keeping({ durationMs: 400 }, [think(50)])
      const startMs = performance.now()
      spawner.start(startMs, null, null)
      await finished
      assert.ok(performance.now() - startMs >= 400)
      assert.ok(engine.recorder.usersMax <= 4)
      assert.deepEqual(ids(ended).slice(0, 4), range(11, 4))
      assert.deepEqual(ids(ended).slice(4), range(1000, ended.length - 4))
      assert.ok(ended.length >= 8, `${ended.length} users`)
      assert.equal(spawner.due(performance.now()), ended.length)
    })

    it('follows users that end at once without stopping the others', async () => {
      const { spawner, finished, ended } = keeping({ durationMs: 100 }, [])
      spawner.start(performance.now(), null, null)
      await finished
      assert.ok(ended.length > 4)
    })

    it('at maxusers each launcher follows its own users', async () => {
      const first = keeping({ durationMs: 500 }, [think(60)], { maxUsers: 2 })
      const startMs = performance.now()
      first.spawner.start(startMs, null, null)
      const cursor = await first.full
      assert.equal(cursor.handedOver, 2)
      const next = keeping({ durationMs: 500 }, [think(60)], { maxUsers: 8 })
      next.spawner.start(startMs, cursor, null)
      await Promise.all([first.finished, next.finished])
      assert.ok(first.engine.recorder.usersMax <= 2)
      assert.ok(next.engine.recorder.usersMax <= 2)
      const planned = [...first.ended, ...next.ended].filter(({ id }) => id < 1000)
      assert.deepEqual(ids(planned), range(11, 4))
      for (const { ended } of [first, next]) assert.ok(ended.length > 4, `${ended.length}`)
    })

    it('brings up again those that were lost with a launcher', async () => {
      const lost = keeping({ durationMs: 300, spanMs: 1 }, [think(1000)])
      const startMs = performance.now() - 100
      const cursor = { ...lost.spawner.cursor(0), atMs: 50, planMs: 50, started: 3, handedOver: 1 }
      const { spawner, finished, engine, ended } = keeping({ durationMs: 300, spanMs: 1 }, [
        think(1000),
      ])
      spawner.start(startMs, cursor, { atMs: 100, planMs: 100 })
      await finished
      // Two of the three that had started, and one that was due meanwhile.
      assert.equal(engine.recorder.usersMax, 3)
      assert.deepEqual(ids(ended), range(1000, 3))
    })
  })

  it('starts nobody while its clock stands, and all when it goes again', async () => {
    const { spawner, finished, ended, engine } = stage(planOf([phase(1, 30)]), [[]])
    spawner.start(performance.now(), null, null)
    spawner.steer({ atMs: 0, planMs: 0, factor: 0 }, null)
    const before = engine.recorder.usersStarted
    await new Promise((resolve) => setTimeout(resolve, 250))
    assert.equal(engine.recorder.usersStarted, before)
    assert.equal(spawner.due(performance.now()), before)
    const { atMs } = spawner.cursor(performance.now())
    spawner.steer({ atMs, planMs: 0, factor: 2 }, null)
    await finished
    assert.deepEqual(ids(ended), range(11, 30))
    assert.ok(ended.every((user) => user.atMs > 0))
  })

  it('starts nobody after stop', async () => {
    const { spawner, engine } = stage(planOf([phase(1, 50, { durationMs: 5000 })]), [[]])
    spawner.start(performance.now(), null, null)
    spawner.stop()
    const { usersStarted } = engine.recorder
    await new Promise((resolve) => setTimeout(resolve, 300))
    assert.equal(engine.recorder.usersStarted, usersStarted)
    assert.equal(spawner.over, true)
  })
})
