/** Processes of a host that are killed, or may not do what they want. */
import assert from 'node:assert/strict'
import { assertAsPromised } from './quotes.ts'
import { type Fault, fault, together } from './together.ts'

describe('a host of a run', function () {
  this.timeout(150_000)
  const faults: Fault[] = [
    fault('agent killed', { hosts: 2 }, async (bed, title) => {
      const tsts = bed.start({ phaseSeconds: 8, usersPerSecond: 10 }, '--grace', '3')
      await tsts.said(/phase 1 has begun/)
      const [agent, ...others] = bed.processes(bed.hosts[0]!, ' agent ')
      assert.deepEqual(others, [])
      process.kill(agent!, 'SIGKILL')
      const ended = await bed.ended(tsts)
      assertAsPromised(title, ended)
      const { launchers, load } = ended.summary
      assert.deepEqual(
        launchers.map(({ state }) => state),
        ['lost', 'done'],
      )
      assert.equal(launchers[1]!.finishedUsers, 40)
      assert.equal(load.startedUsers, load.finishedUsers + load.unknownUsers)
      await bed.assertClean()
    }),
    fault('one launcher of four killed', { hosts: 1, delay: '1000' }, async (bed, title) => {
      const play = { client: 'cpu="4"', phaseSeconds: 6, usersPerSecond: 20 }
      const tsts = bed.start(play, '--grace', '3')
      await tsts.said(/phase 1 has begun/)
      const pid = Number((await tsts.said(/launcher 3 on load1 \(pid (\d+)\)/))[1])
      process.kill(pid, 'SIGKILL')
      const ended = await bed.ended(tsts)
      assertAsPromised(title, ended)
      const { launchers, requests } = ended.summary
      const waited = /launcher 3 .* and (\d+) requests? waited for an answer/.exec(ended.seen)
      assert.ok(requests.unknown > 0)
      assert.equal(requests.unknown, Number(waited?.[1]))
      assert.deepEqual(
        launchers.map(({ state }) => state),
        ['done', 'done', 'lost', 'done'],
      )
      for (const { launcher, finishedUsers } of launchers) {
        if (launcher !== 3) assert.equal(finishedUsers, 30)
      }
      await bed.assertClean()
    }),
    fault(
      'a host is out of descriptors',
      { hosts: 1, limits: ['prlimit', '--nofile=64:64'] },
      async (bed, title) => {
        const ended = await bed.ended(bed.start({ usersPerSecond: 60, thinkSeconds: 3 }))
        assertAsPromised(title, ended)
        const { counters, load } = ended.summary
        assert.ok(counters['error_connect_emfile']! > 0)
        assert.equal(load.finishedUsers, 120)
        await bed.assertClean()
      },
    ),
  ]

  together(faults)
})
