/** Real launchers, steered while they play; the target tells what came of it. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { gapErrors, PaceTarget, paceScenario } from '../../bench/support/pace-target.ts'
import { SteeredRun } from '../support/steered-run.ts'
import { eventually } from '../support/tsts-process.ts'

describe('a run that is steered', function () {
  this.timeout(120_000)
  let folder: string
  let target: PaceTarget
  let run: SteeredRun
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tsts-steered-'))
    target = await PaceTarget.open()
  })
  afterEach(async () => {
    await run.close()
    target.close()
    rmSync(folder, { recursive: true, force: true })
  })

  /** Requests per second that came between two moments. */
  const rateBetween = (fromMs: number, toMs: number): number =>
    (1000 * target.came.filter(({ atMs }) => atMs >= fromMs && atMs < toMs).length) /
    (toMs - fromMs)
  const until = (atMs: number): Promise<void> => sleep(Math.max(0, atMs - performance.now()))
  const near = (actual: number, expected: number, part: number): void =>
    assert.ok(Math.abs(actual / expected - 1) < part, `${actual} is not about ${expected}`)

  describe('at a constant rate', () => {
    const begin = async (
      load: Partial<Parameters<typeof paceScenario>[1]> = {},
      policy: 'continue' | 'respawn' = 'continue',
    ): Promise<number> => {
      const all = {
        users: 40,
        arrivalRate: 100,
        rate: 80,
        seconds: 100,
        client: 'cpu="2"',
        ...load,
      }
      run = await SteeredRun.open(folder, paceScenario(target.port, all), { policy })
      return run.start()
    }

    it('spreads turns evenly over users and launchers, at this rate and then at another', async () => {
      const startMs = await begin()
      await until(startMs + 4500)
      near(rateBetween(startMs + 1500, startMs + 4500), 80, 0.05)
      const gaps = gapErrors(target.came, startMs + 1500, startMs + 4500, 500)
      assert.ok(gaps[Math.floor(gaps.length / 2)]! < 0.05)
      const there = target.came.filter(({ atMs }) => atMs > startMs + 1500)
      const turns = new Map<number, number>()
      for (const { user } of there) turns.set(user, (turns.get(user) ?? 0) + 1)
      assert.equal(turns.size, 40)
      assert.ok(Math.max(...turns.values()) - Math.min(...turns.values()) <= 2)
      const steering = run.fleet.steer({ requestsPerSecond: 33.3 })
      assert.equal(steering.requestsPerSecond, 33.3)
      const changedMs = performance.now()
      await until(changedMs + 3200)
      near(rateBetween(changedMs + 200, changedMs + 3200), 33.3, 0.08)
      run.fleet.steer({ requestsPerSecond: null })
      const backMs = performance.now()
      await until(backMs + 2200)
      near(rateBetween(backMs + 200, backMs + 2200), 80, 0.08)
    })

    it('a frozen target: response tells of every turn that was due meanwhile, late of none', async () => {
      const startMs = await begin({ client: 'cpu="1"' })
      await until(startMs + 2000)
      target.freeze()
      await sleep(2000)
      target.thaw()
      await sleep(1500)
      await run.close()
      const [response, request, late] = ['response', 'request', 'late'].map(
        (name) => run.totals.samples.get(name)!,
      )
      const above = (sample: typeof response, ms: number): number => {
        let percent = 0
        while (percent < 100 && sample!.percentile(percent) < ms) percent += 0.25
        return (sample!.count * (100 - percent)) / 100
      }
      // 80 turns a second were due in 2 s, of which the last ones waited for less than 200 ms.
      assert.ok(above(response, 200) > 100, `${above(response, 200)} responses`)
      // One request of each of the 40 users was on its way.
      assert.ok(above(request, 200) <= 45, `${above(request, 200)} requests`)
      assert.ok(late!.percentile(95) < 200, `late: ${late!.percentile(95)} ms`)
      const due = run.counter('tsts_turns_due')
      assert.ok(due - run.counter('tsts_turns_taken') <= 45, 'turns were made up for')
    })

    it('goes on with all users of launchers that hand over, at the same rate together', async () => {
      const startMs = await begin({ client: 'maxusers="25" cpu="1"', arrivalRate: 40 })
      await until(startMs + 7000)
      assert.equal(run.launchers.length, 2)
      near(rateBetween(startMs + 4000, startMs + 7000), 80, 0.1)
      const since = target.came.filter(({ atMs }) => atMs > startMs + 4000)
      const turns = new Map<number, number>()
      for (const { user } of since) turns.set(user, (turns.get(user) ?? 0) + 1)
      assert.equal(turns.size, 40)
      assert.ok(Math.max(...turns.values()) - Math.min(...turns.values()) <= 3)
    })

    it('nobody has a turn while it is paused, and nothing is made up for', async () => {
      const startMs = await begin()
      await until(startMs + 2000)
      run.fleet.steer({ paused: true })
      await sleep(300)
      const [pausedMs, before] = [performance.now(), target.came.length]
      await sleep(1500)
      assert.equal(target.came.length, before, `since ${pausedMs}`)
      run.fleet.steer({ paused: false })
      const goesOnMs = performance.now()
      await until(goesOnMs + 2000)
      near(rateBetween(goesOnMs, goesOnMs + 2000), 80, 0.1)
    })
  })

  /** Users that ask, think, and ask again; in two phases. */
  function visits(perSecond: number, seconds: number, client = 'cpu="2"', think = 0.2): string {
    const request =
      '<request subst="true"><http url="/turn/%%_tsung_userid%%" method="GET" version="1.1"/></request>'
    const phase = (number: number): string =>
      `<arrivalphase phase="${number}" duration="${seconds}" unit="second"><users arrivalrate="${perSecond}" unit="second"/></arrivalphase>`
    return `<?xml version="1.0"?>
<!DOCTYPE tsung SYSTEM "tsung-1.0.dtd">
<tsung>
  <clients><client host="localhost" ${client}/></clients>
  <servers><server host="127.0.0.1" port="${target.port}" type="tcp"/></servers>
  <load>${phase(1)}${phase(2)}</load>
  <sessions><session name="visit" probability="100" type="ts_http">${request}<thinktime value="${think}"/>${request}</session></sessions>
</tsung>
`
  }

  const started = (): number => run.counter('users_count')

  it('starts nobody while it is paused, then all of the plan, later by the pause', async () => {
    run = await SteeredRun.open(folder, visits(20, 2))
    const startMs = await run.start()
    await until(startMs + 1000)
    run.fleet.steer({ paused: true })
    await sleep(700)
    const [before, due, came] = [started(), run.gauge('due'), target.came.length]
    assert.ok(before > 0 && before < 40)
    await sleep(2000)
    assert.deepEqual([started(), run.gauge('due'), target.came.length], [before, due, came])
    assert.equal(due, before)
    run.fleet.steer({ paused: false })
    await run.fleet.ended()
    assert.ok(performance.now() - startMs >= 4000 + 2000)
    assert.deepEqual([started(), run.gauge('due')], [80, 80])
    assert.equal(target.came.length, 160)
    assert.equal(new Set(target.came.map(({ user }) => user)).size, 80)
  })

  it('has the same users, sooner, when they come four times as fast', async () => {
    run = await SteeredRun.open(folder, visits(10, 10))
    const startMs = await run.start()
    await until(startMs + 1000)
    run.fleet.steer({ arrivalFactor: 4 })
    await run.fleet.ended()
    const tookMs = performance.now() - startMs
    assert.ok(tookMs < 15_000, `${tookMs} ms instead of 20 s`)
    assert.deepEqual([started(), run.gauge('due')], [200, 200])
    const ids = target.came.map(({ user }) => user)
    assert.deepEqual([Math.min(...ids), Math.max(...ids), new Set(ids).size], [1, 200, 200])
  })

  it('thinks longer from then on', async () => {
    run = await SteeredRun.open(folder, visits(20, 1, 'cpu="1"', 0.3))
    const startMs = await run.start()
    await until(startMs + 1000)
    run.fleet.steer({ thinkTimeFactor: 5 })
    await run.fleet.ended()
    const first = new Map<number, number>()
    const gaps: number[] = []
    for (const { user, atMs } of target.came) {
      const before = first.get(user)
      if (before === undefined) first.set(user, atMs)
      else if (before > startMs + 1300) gaps.push(atMs - before)
    }
    assert.ok(gaps.length > 5)
    assert.ok(Math.min(...gaps) >= 1490, `${Math.min(...gaps)} ms`)
  })

  it('goes on to the next phase when one is skipped; what was left of it is not due', async () => {
    run = await SteeredRun.open(folder, visits(20, 20, 'cpu="2"', 0.1))
    const startMs = await run.start()
    await until(startMs + 2000)
    assert.equal(run.fleet.skipped, false)
    run.fleet.steer({ skipPhase: true, arrivalFactor: 20 })
    assert.equal(run.fleet.skipped, true)
    await run.fleet.ended()
    const skipped = 800 - started()
    assert.ok(skipped > 250 && skipped < 400, `${skipped} users`)
    assert.equal(run.gauge('due'), started())
    const second = new Set(target.came.map(({ user }) => user).filter((user) => inSecond(user)))
    assert.equal(second.size, 400)
  })

  /** Of two launchers with the same share: each has the users of its first phase before those of its second. */
  const inSecond = (user: number): boolean => (user - 1) % 400 >= 200

  it('is steered as before by a launcher that goes on with the users of a lost one', async () => {
    run = await SteeredRun.open(folder, visits(20, 3, 'cpu="1"'), { policy: 'respawn' })
    const startMs = await run.start()
    await until(startMs + 800)
    run.fleet.steer({ paused: true })
    await sleep(600)
    process.kill(run.launchers[0]!.pid, 'SIGKILL')
    await eventually(() => run.launchers.length === 2)
    await sleep(800)
    const before = started()
    assert.equal(run.launchers.length, 2)
    run.fleet.steer({ paused: false, arrivalFactor: 3 })
    await run.fleet.ended()
    const { maybe } = run
    assert.ok(before < 60, 'the new one starts nobody while the run is paused')
    assert.equal(started() + maybe, 120)
    assert.equal(new Set(target.came.map(({ user }) => user)).size >= started(), true)
  })
})
