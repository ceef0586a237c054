/** Links between the controller and its hosts that are cut, lose packets, or are slow. */
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { eventually } from '../support/tsts-process.ts'
import { assertWhole, type Bed } from './bed.ts'
import { assertAsPromised } from './quotes.ts'
import { type Fault, fault, together } from './together.ts'

/** A cut that is not mended: launchers end by themselves, and what is unknown is told. */
async function assertGivenUp(
  bed: Bed,
  title: string,
  graceS: number,
  cut: () => void,
): Promise<void> {
  const tsts = bed.start({ phaseSeconds: 60, usersPerSecond: 10 }, '--grace', String(graceS))
  // From then on something is known of it.
  await tsts.said(/phase 1 has begun/)
  const cutMs = performance.now()
  cut()
  await bed.assertClean(40_000)
  const loadMs = bed.target.lastMs - cutMs
  assert.ok(loadMs > 1000 && loadMs < 20_000, `the load went on for ${loadMs} ms`)
  const ended = await bed.ended(tsts)
  assertAsPromised(title, ended)
  assert.ok(ended.summary.requests.acknowledged <= bed.target.requests)
  assert.ok(ended.summary.launchers.every(({ state }) => state === 'lost'))
}

describe('a link between controller and host', function () {
  this.timeout(150_000)
  const faults: Fault[] = [
    fault('link cut for 2 s', { hosts: 1 }, async (bed, title) => {
      const tsts = bed.start({ phaseSeconds: 5, usersPerSecond: 10 })
      await eventually(() => bed.target.requests > 10, 60_000)
      bed.network.cut(bed.hosts[0]!.machine)
      await sleep(500)
      const { requests } = bed.target
      await sleep(1500)
      assert.equal(bed.target.requests, requests)
      bed.network.mend(bed.hosts[0]!.machine)
      const ended = await bed.ended(tsts)
      assertAsPromised(title, ended)
      assertWhole(ended, bed, 50)
      await bed.assertClean()
    }),
    fault('link cut for 10 s', { hosts: 2 }, async (bed, title) => {
      const tsts = bed.start({ phaseSeconds: 6, usersPerSecond: 10 })
      await eventually(() => bed.target.requests > 10, 60_000)
      bed.network.cut(bed.controller)
      await sleep(10_000)
      bed.network.mend(bed.controller)
      const ended = await bed.ended(tsts)
      assertAsPromised(title, ended)
      assertWhole(ended, bed, 60)
      await bed.assertClean()
    }),
    fault('link cut for ever', { hosts: 2 }, (bed, title) =>
      assertGivenUp(bed, title, 3, () => bed.network.cut(bed.controller)),
    ),
    fault('the host does not hear the controller for 10 s', { hosts: 1 }, async (bed, title) => {
      const [{ machine } = bed.hosts[0]!] = bed.hosts
      const tsts = bed.start({ phaseSeconds: 12, usersPerSecond: 5 })
      await eventually(() => bed.target.requests > 10, 60_000)
      bed.network.deafen(machine, { from: bed.controller, percent: 100 })
      await sleep(10_000)
      bed.network.undeafen(machine)
      const ended = await bed.ended(tsts)
      assertAsPromised(title, ended)
      assertWhole(ended, bed, 60)
      await bed.assertClean()
    }),
    fault('the controller does not hear the host for 10 s', { hosts: 1 }, async (bed, title) => {
      const [{ machine } = bed.hosts[0]!] = bed.hosts
      const tsts = bed.start({ phaseSeconds: 12, usersPerSecond: 5 })
      await eventually(() => bed.target.requests > 10, 60_000)
      bed.network.deafen(bed.controller, { from: machine, percent: 100 })
      await sleep(10_000)
      bed.network.undeafen(bed.controller)
      const ended = await bed.ended(tsts)
      assertAsPromised(title, ended)
      assertWhole(ended, bed, 60)
      await bed.assertClean()
    }),
    fault('the host never hears the controller again', { hosts: 1 }, (bed, title) =>
      assertGivenUp(bed, title, 3, () =>
        bed.network.deafen(bed.hosts[0]!.machine, { from: bed.controller, percent: 100 }),
      ),
    ),
    fault('the controller never hears the host again', { hosts: 1 }, (bed, title) =>
      assertGivenUp(bed, title, 3, () =>
        bed.network.deafen(bed.controller, { from: bed.hosts[0]!.machine, percent: 100 }),
      ),
    ),
    fault('10 % of the packets are lost', { hosts: 2 }, async (bed, title) => {
      for (const { machine } of bed.hosts) {
        bed.network.deafen(machine, { from: bed.controller, percent: 10 })
      }
      const tsts = bed.start({ phaseSeconds: 6, usersPerSecond: 10 })
      const ended = await bed.ended(tsts)
      assertAsPromised(title, ended)
      assertWhole(ended, bed, 60)
      await bed.assertClean()
    }),
    fault('a link of 1 Mbit/s', { hosts: 1 }, async (bed, title) => {
      bed.network.slow(bed.controller, 1)
      bed.network.slow(bed.hosts[0]!.machine, 1)
      const tsts = bed.start({ client: 'cpu="4"', phaseSeconds: 6, usersPerSecond: 20 })
      const ended = await bed.ended(tsts)
      assertAsPromised(title, ended)
      assertWhole(ended, bed, 120)
      assert.doesNotMatch(ended.seen, /silent|said nothing/)
      await bed.assertClean()
    }),
  ]

  together(faults)
})
