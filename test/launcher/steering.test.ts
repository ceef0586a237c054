import assert from 'node:assert/strict'
import { findBuiltin } from '../../core/erlang/builtins.ts'
import type { LauncherPlan } from '../../core/plan/model.ts'
import { unsteered } from '../../core/plan/plan-clock.ts'
import type { Action } from '../../core/scenario/model.ts'
import type { LauncherSteering } from '../../core/wire/messages.ts'
import { Engine } from '../../launcher/engine.ts'
import { Lines } from '../../launcher/lines.ts'
import { SourceAddresses } from '../../launcher/source-addresses.ts'
import { Steering } from '../../launcher/steering.ts'
import { closeTargets, openTarget } from '../support/line-play.ts'
import { ask, linePlugin } from '../support/line-plugin.ts'
import { scenarioOf } from '../support/scenario.ts'

const plan: LauncherPlan = {
  launcher: 1,
  client: 0,
  host: 'localhost',
  share: 0.5,
  maxUsers: 800,
  addresses: [],
  firstUserId: 1,
  users: 1,
  staticUsers: [],
  phases: [],
}
const think = (ms: number): Action => ({
  type: 'thinktime',
  thinkTime: { type: 'constant', ms },
  line: 1,
})
const pace: Action = { type: 'pace', line: 1 }

const engines: Engine[] = []

/** A user that plays, and who steers it. */
class Stage {
  readonly engine: Engine
  readonly steering: Steering
  readonly ended: Promise<void>
  readonly #startMs = performance.now()
  #atMs = 0

  constructor(actions: readonly Action[], port: number, planned: Partial<LauncherPlan> = {}) {
    let over = (): void => undefined
    this.ended = new Promise((resolve) => {
      over = resolve
    })
    this.engine = new Engine({
      scenario: scenarioOf([{ actions }], { port }),
      seed: 'seed',
      sources: new SourceAddresses([], null, 1),
      hooks: {
        ended: () => over(),
        joined: () => undefined,
        errorExample: () => undefined,
        abort: () => undefined,
        interaction: () => undefined,
        lines: () => undefined,
      },
      trace: null,
      plugins: { ts_line: linePlugin },
      findFunction: findBuiltin,
      lines: new Lines({}, { ask: () => undefined, waited: () => undefined }),
      folder: '/',
    })
    engines.push(this.engine)
    this.steering = new Steering(this.engine, { ...plan, ...planned })
    this.steering.originMs = this.#startMs
    this.engine.startUser(1, 0, performance.now(), null)
  }

  get nowMs(): number {
    return performance.now() - this.#startMs
  }

  steer(change: Partial<LauncherSteering>): void {
    this.#atMs = this.nowMs
    this.steering.steer({
      atMs: this.#atMs,
      clock: unsteered,
      skip: null,
      paused: false,
      thinkTimeFactor: 1,
      requestsPerSecond: null,
      part: 1,
      ...change,
    })
  }

  async until(ms: number): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, ms - this.nowMs)))
  }
}

describe('steering in a launcher', function () {
  this.timeout(20_000)
  afterEach(() => {
    for (const { wheel } of engines.splice(0)) wheel.close()
    closeTargets()
  })

  it('a pause is no think time: what was left of it comes after', async () => {
    const target = await openTarget()
    const stage = new Stage([think(600), ask('a')], target.port)
    await stage.until(200)
    stage.steer({ paused: true })
    await stage.until(1500)
    assert.deepEqual(target.lines, [])
    stage.steer({})
    const goesOnMs = stage.nowMs
    await stage.ended
    assert.deepEqual(target.lines, ['a'])
    assert.ok(stage.nowMs - goesOnMs >= 380, `${stage.nowMs - goesOnMs} ms`)
    const { late } = stage.engine.recorder
    assert.ok(late.max < 700, `${late.max} ms late: the pause does not count`)
  })

  it('who is answered in a pause asks again when it is over', async () => {
    const target = await openTarget((_line, socket) => setTimeout(() => socket.write('ok\n'), 300))
    const stage = new Stage([ask('a'), ask('b')], target.port)
    await stage.until(100)
    stage.steer({ paused: true })
    await stage.until(1200)
    assert.deepEqual(target.lines, ['a'])
    assert.equal(stage.engine.recorder.acknowledged, 1)
    stage.steer({})
    await stage.ended
    assert.deepEqual(target.lines, ['a', 'b'])
  })

  it('think times that begin are longer or shorter, those that go on are not', async () => {
    const target = await openTarget()
    const stage = new Stage([think(400), ask('a'), think(1000), ask('b')], target.port)
    await stage.until(50)
    stage.steer({ thinkTimeFactor: 0 })
    await stage.ended
    assert.ok(stage.nowMs >= 400)
    assert.ok(stage.nowMs < 1400, `${stage.nowMs} ms`)
  })

  it('without any rate nobody waits for a turn; one that is steered holds for this share', async () => {
    const target = await openTarget()
    const first = new Stage([pace, ask('a')], target.port)
    await first.ended
    assert.deepEqual(target.lines, ['a'])
    const turns = Array.from({ length: 4 }, () => [pace, ask('b')]).flat()
    const second = new Stage([think(50), ...turns], target.port)
    second.steer({ requestsPerSecond: 10 })
    await second.ended
    // Half of 10 a second: four turns, the first within 200 ms.
    assert.ok(second.nowMs >= 600, `${second.nowMs} ms`)
  })

  it('users that come before the first phase with a rate wait for it', async () => {
    const target = await openTarget()
    const phase = {
      durationMs: 1000,
      users: 1,
      intensityPerMs: 0.001,
      spanMs: 1000,
      waitAllSessionsEnd: false,
      shares: [1],
      maxRestarts: null,
    }
    const phases = [
      { ...phase, number: 1, requestsPerMs: null },
      { ...phase, number: 2, requestsPerMs: 1 },
    ]
    const stage = new Stage([pace, ask('a')], target.port, { phases })
    stage.steering.phaseBegan(0, performance.now())
    await stage.until(300)
    assert.deepEqual(target.lines, [])
    stage.steering.phaseBegan(1, performance.now())
    await stage.ended
    assert.deepEqual(target.lines, ['a'])
  })
})
