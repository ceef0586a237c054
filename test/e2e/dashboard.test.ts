/** Runs with a dashboard: from their start, from another terminal, and over the death of their controller. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Standing } from '../../controller/model.ts'
import type { PlanProgress } from '../../core/plan/progress.ts'
import { EventStream } from '../dashboard/stream.ts'
import { RunCase } from '../support/run-case.ts'
import { eventually, isRunning, TstsProcess } from '../support/tsts-process.ts'

describe('a run with a dashboard', function () {
  this.timeout(120_000)
  let run: RunCase
  beforeEach(async () => {
    run = await RunCase.open()
  })
  afterEach(() => run.close())
  const tsts = (...args: readonly string[]): TstsProcess => new TstsProcess(args)
  const address = /the dashboard is at (http:\/\/[^\s/]+)\/(#\S+)?/

  async function stop(origin: string): Promise<void> {
    const headers = { 'Content-Type': 'application/json' }
    const answer = await fetch(`${origin}/api/stop`, {
      method: 'POST',
      headers,
      body: '{"graceMs":0}',
    })
    assert.equal(answer.status, 200)
  }

  it('tells every second, and is stopped by it', async () => {
    const going = tsts(...run.arguments({ phaseSeconds: 60 }), '--dashboard')
    const [, origin] = await going.said(address)
    const events = new EventStream(`${origin}/api/events`)
    const { data } = await events.next(({ type }) => type === 'standing')
    const { verdict, launchers } = data as {
      verdict: { status: string }
      launchers: { state: string; rssBytes: number; descriptors: number }[]
    }
    assert.ok(['valid', 'suspect', 'invalid'].includes(verdict.status))
    assert.equal(launchers.length, 1)
    assert.equal(launchers[0]!.state, 'playing')
    assert.ok(launchers[0]!.rssBytes > 1e7 && launchers[0]!.descriptors > 0)
    await stop(origin!)
    const over = await events.next(({ type }) => type === 'over')
    assert.equal((over.data as { exitCode: number }).exitCode, await going.ended)
    await events.ended()
    assert.match(run.read('events.ndjson'), /dashboard 127\.0\.0\.1: no new users, all users end/)
    assert.ok(!run.files.includes('run.json'))
  })

  it('tells the time that is left as the run is steered', async () => {
    const going = tsts(...run.arguments({ phaseSeconds: 60 }), '--dashboard')
    const [, origin] = await going.said(address)
    const events = new EventStream(`${origin}/api/events`)
    const standing = async (isIt: (progress: PlanProgress) => boolean): Promise<Standing> => {
      const { data } = await events.next(
        ({ type, data: told }) => type === 'standing' && isIt((told as Standing).progress),
      )
      return data as Standing
    }
    const steer = async (change: object): Promise<void> => {
      const headers = { 'Content-Type': 'application/json' }
      const body = JSON.stringify(change)
      await fetch(`${origin}/api/steer`, { method: 'POST', headers, body })
    }
    try {
      const { progress, hosts } = await standing(() => true)
      assert.deepEqual([progress.endMs, progress.planEndMs], [60_000, 60_000])
      assert.ok(hosts.every(({ host, cores }) => host === 'localhost' && cores > 0))
      await steer({ paused: true })
      // The second that was closed first had ended before the pause began.
      await standing(({ endMs }) => endMs === null)
      const paused = await standing(() => true)
      const still = await standing(() => true)
      assert.equal(still.progress.planMs, paused.progress.planMs)
      const status = tsts('status', run.runs[0]!)
      await status.ended
      assert.match(status.stdout, /^time +0:\d\d of 1:00 planned, the plan stands$/m)
      await steer({ paused: false, arrivalFactor: 2 })
      const { atMs, progress: fast } = await standing(
        ({ endMs, planMs }) => endMs !== null && planMs > still.progress.planMs,
      )
      const leftMs = fast.endMs! - atMs
      assert.ok(Math.abs(leftMs - (60_000 - fast.planMs) / 2) < 1, JSON.stringify(fast))
    } finally {
      // A run that is paused ends by itself never.
      await stop(origin!)
      await going.ended
    }
  })

  it('keeps its token out of every file, and -n takes it away', async () => {
    const going = tsts(...run.arguments({ phaseSeconds: 2 }), '--dashboard=0.0.0.0')
    const [, , fragment] = await going.said(address)
    const token = /token=([\w-]{43})/.exec(fragment ?? '')?.[1]
    assert.ok(token)
    await going.ended
    for (const name of run.files) assert.ok(!run.read(name).includes(token), name)
    const without = tsts(...run.arguments({ phaseSeconds: 1 }), '--dashboard', '-n')
    await without.ended
    assert.doesNotMatch(without.stdout + without.stderr, /dashboard/)
  })

  it('is there again, at the same place, when another controller goes on', async () => {
    const started = tsts(...run.arguments({ phaseSeconds: 40 }), '--dashboard', '--detach')
    assert.equal(await started.ended, 0, started.stderr)
    const [, origin] = await started.said(address)
    const folder = run.runs[0]!
    const before = new EventStream(`${origin}/api/events`)
    await before.next(({ type }) => type === 'standing')
    const { pid } = JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8')) as { pid: number }
    process.kill(pid, 'SIGKILL')
    await eventually(() => !isRunning(pid))
    await before.ended()
    const attached = tsts('attach', folder, '--dashboard')
    assert.equal((await attached.said(address))[1], origin)
    const again = new EventStream(`${origin}/api/events`)
    await again.next(({ type }) => type === 'standing')
    const past = await again.next(({ type }) => type === 'past')
    const { seconds, events } = past.data as {
      seconds: { atMs: number }[]
      events: { text: string }[]
    }
    assert.equal(seconds[0]?.atMs ?? 1000, 1000)
    assert.ok(events.length > 0)
    await stop(origin!)
    await again.next(({ type }) => type === 'over')
    await attached.ended
  })
})
