/** What a launcher tells of itself when it is the bottleneck: intervals of a real process that is stalled on purpose. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { PaceTarget } from '../../bench/support/pace-target.ts'
import type { Interval } from '../../core/stats/model.ts'
import { SteeredRun } from '../support/steered-run.ts'

describe('the health of a launcher', function () {
  this.timeout(60_000)
  let folder: string
  let target: PaceTarget
  let run: SteeredRun | null
  beforeEach(async () => {
    run = null
    folder = mkdtempSync(join(tmpdir(), 'tsts-health-'))
    target = await PaceTarget.open()
  })
  afterEach(async () => {
    await run?.close()
    target.close()
    rmSync(folder, { recursive: true, force: true })
  })

  /** Users that arrive for 3 s; one of them calls `work` of a module, 1 s after the start. */
  async function play(work: string): Promise<SteeredRun> {
    writeFileSync(join(folder, 'stall.mjs'), work)
    const request = '<request><http url="/turn/1" method="GET" version="1.1"/></request>'
    const call = '<setdynvars sourcetype="js" callback="stall:work"><var name="x"/></setdynvars>'
    run = await SteeredRun.open(
      folder,
      `<?xml version="1.0"?>
<!DOCTYPE tsung SYSTEM "tsung-1.0.dtd">
<tsung>
  <clients><client host="localhost"/></clients>
  <servers><server host="127.0.0.1" port="${target.port}" type="tcp"/></servers>
  <load>
    <arrivalphase phase="1" duration="3" unit="second"><users arrivalrate="50" unit="second"/></arrivalphase>
    <user session="stall" start_time="1"/>
  </load>
  <sessions>
    <session name="ask" probability="100" type="ts_http">${request}</session>
    <session name="stall" probability="0" type="ts_http">${call}${request}</session>
  </sessions>
</tsung>
`,
    )
    await run.start()
    return run
  }

  /** The interval with the longest delay of the loop. */
  function worst({ intervals }: SteeredRun): Interval {
    const all = intervals.map(({ interval }) => interval)
    return all.reduce((most, each) =>
      each.health.loopDelayMaxMs > most.health.loopDelayMaxMs ? each : most,
    )
  }

  const lateMs = ({ totals }: SteeredRun): number => totals.samples.get('late')!.max

  it('tells of a function that keeps the loop: the delay, and the CPU that it took', async () => {
    const stalled = await play(`export function work() {
  const cpu = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1000 }
  const from = cpu()
  while (cpu() - from < 800);
  return 'done'
}`)
    await stalled.fleet.ended()
    const { health } = worst(stalled)
    assert.ok(health.loopDelayMaxMs >= 700, `${health.loopDelayMaxMs} ms`)
    assert.ok(health.loopDelayP99Ms >= 700, `${health.loopDelayP99Ms} ms`)
    assert.ok(health.cpuMs >= 750, `${health.cpuMs} ms of CPU`)
    assert.ok(health.gcMs < health.cpuMs / 2)
    assert.ok(lateMs(stalled) >= 600, 'users that were due meanwhile were late')
  })

  it('tells of garbage collection that takes the time', async () => {
    const stalled = await play(`export function work() {
  const kept = []
  const until = performance.now() + 1500
  while (performance.now() < until) {
    kept.push(Array.from({ length: 5000 }, (_, at) => ({ at, text: String(at) })))
    if (kept.length > 60) kept.splice(0, 30)
  }
  return String(kept.length)
}`)
    await stalled.fleet.ended()
    const gcMs = stalled.intervals.reduce((sum, { interval }) => sum + interval.health.gcMs, 0)
    assert.ok(gcMs > 50, `${gcMs} ms`)
  })

  it('tells of a process that was stopped: the delay, and hardly any CPU', async () => {
    const stopped = await play(`export const work = () => ''`)
    const { pid } = stopped.launchers[0]!
    await sleep(800)
    process.kill(pid, 'SIGSTOP')
    await sleep(1200)
    process.kill(pid, 'SIGCONT')
    await stopped.fleet.ended()
    const { health, fromMs, toMs } = worst(stopped)
    assert.ok(health.loopDelayMaxMs >= 1000, `${health.loopDelayMaxMs} ms`)
    assert.ok(health.cpuMs < (toMs - fromMs) / 2, `${health.cpuMs} of ${toMs - fromMs} ms`)
    assert.ok(lateMs(stopped) >= 900)
  })

  it('tells of nothing when there is nothing: the loop is hardly ever late', async () => {
    const sound = await play(`export const work = () => ''`)
    await sound.fleet.ended()
    const delays = sound.intervals.map(({ interval }) => interval.health.loopDelayP99Ms)
    delays.sort((a, b) => a - b)
    assert.ok(delays[Math.floor(delays.length / 2)]! < 100, `${delays}`)
  })
})
