/** A closed load on real launchers: users that end are followed by others. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { PaceTarget } from '../../bench/support/pace-target.ts'
import { SteeredRun } from '../support/steered-run.ts'
import { eventually } from '../support/tsts-process.ts'

describe('maxactive', function () {
  this.timeout(120_000)
  let folder: string
  let target: PaceTarget
  let run: SteeredRun
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tsts-kept-'))
    target = await PaceTarget.open()
  })
  afterEach(async () => {
    await run.close()
    target.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const scenario = (
    client: string,
    users: string,
    seconds: number,
  ): string => `<?xml version="1.0"?>
<!DOCTYPE tsung SYSTEM "tsung-1.0.dtd">
<tsung>
  <clients><client host="localhost" ${client}/></clients>
  <servers><server host="127.0.0.1" port="${target.port}" type="tcp"/></servers>
  <load>
    <arrivalphase phase="1" duration="${seconds}" unit="second"><users arrivalrate="20" unit="second" ${users}/></arrivalphase>
  </load>
  <sessions>
    <session name="visit" probability="100" type="ts_http">
      <request subst="true"><http url="/turn/%%_tsung_userid%%" method="GET" version="1.1"/></request>
      <thinktime value="0.4"/>
    </session>
  </sessions>
</tsung>
`

  it('keeps so many users over all launchers until the phase is over, each with an id of its own', async () => {
    run = await SteeredRun.open(folder, scenario('cpu="2"', 'maxactive="20"', 4))
    const startMs = await run.start()
    await sleep(2500)
    assert.ok(run.gauge('users') >= 15, `${run.gauge('users')} users`)
    await run.fleet.ended()
    assert.ok(performance.now() - startMs >= 4000)
    const most = new Map<number, number>()
    for (const { launcher, interval } of run.intervals) {
      most.set(launcher, Math.max(most.get(launcher) ?? 0, interval.gauges.usersMax))
    }
    assert.deepEqual([...most.values()], [10, 10])
    const ids = target.came.map(({ user }) => user)
    assert.equal(new Set(ids).size, ids.length)
    assert.equal(run.counter('users_count'), ids.length)
    assert.equal(run.gauge('due'), ids.length)
    assert.ok(ids.length > 60, `${ids.length} users`)
    assert.deepEqual(
      ids.filter((id) => id <= 20).sort((a, b) => a - b),
      Array.from({ length: 20 }, (_, at) => at + 1),
    )
  })

  it('maxnumber bounds all of them together', async () => {
    run = await SteeredRun.open(folder, scenario('cpu="2"', 'maxactive="6" maxnumber="15"', 4))
    await run.start()
    await run.fleet.ended()
    assert.equal(run.counter('users_count'), 15)
    assert.equal(target.came.length, 15)
  })

  it('another launcher brings up the users of a lost one', async () => {
    run = await SteeredRun.open(folder, scenario('cpu="1"', 'maxactive="10"', 8), {
      policy: 'respawn',
    })
    await run.start()
    await eventually(() => run.gauge('users') >= 10)
    process.kill(run.launchers[0]!.pid, 'SIGKILL')
    await eventually(() => run.launchers.length === 2)
    const again = (): number =>
      run.intervals.findLast(({ launcher }) => launcher === run.launchers[1]!.launcher)?.interval
        .gauges.users ?? 0
    await eventually(() => again() >= 9)
    await run.fleet.ended()
    const ids = target.came.map(({ user }) => user)
    assert.equal(new Set(ids).size, ids.length)
  })
})
