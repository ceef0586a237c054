import assert from 'node:assert/strict'
import { closingMs } from '../../controller/fleet/deadlines.ts'
import { assignmentOf, play } from '../support/fake-fleet.ts'

describe('fleet', () => {
  it('starts every launcher of the plan and ends when all are done', async () => {
    const { listener, ready, lost } = await play({}, assignmentOf([3, 4, 5]))
    assert.ok(ready)
    assert.ok(!lost)
    assert.equal(listener.users, 12)
    assert.deepEqual(listener.told.toSorted(), [
      'ended 1 done',
      'ended 2 done',
      'ended 3 done',
      'started 1',
      'started 2',
      'started 3',
    ])
  })

  it('tells of lines that are no messages and goes on', async () => {
    const { listener, ready } = await play({ noise: ['hello?', '{"type":1}'] }, assignmentOf([1]))
    assert.ok(ready)
    assert.ok(listener.find(/^warning: .*hello\?/))
    assert.equal(listener.users, 1)
  })

  it('sends a setup that is longer than a line may be', async () => {
    const assignment = assignmentOf([2])
    const long = { ...assignment.scenario, file: 'ü'.repeat(3_000_000) }
    const { listener } = await play({}, { ...assignment, scenario: long })
    assert.equal(listener.users, 2)
  })

  it('a launcher that dies is named and the others go on', async () => {
    const { listener, lost } = await play({ launchers: { 2: 'die' } }, assignmentOf([3, 4, 5]))
    assert.ok(lost)
    assert.ok(listener.find(/^ended 2 lost: launcher 2 on localhost \(pid 1002\) .*SIGKILL/))
    assert.ok(listener.find(/^ended 1 done$/))
    assert.ok(listener.find(/^ended 3 done$/))
  })

  it('an agent that dies takes its launchers with it', async () => {
    const script = { launchers: { 1: 'hold', 2: 'exit-agent' } } as const
    const { listener, lost } = await play(script, assignmentOf([3, 4]))
    assert.ok(lost)
    assert.ok(listener.find(/^warning: the agent on localhost .*code 7: the agent gives up/))
    assert.ok(
      listener.find(/^launcher-lost: the agent on localhost .*the agent of this run is gone/),
    )
    assert.ok(listener.find(/^ended 1 lost/))
    assert.ok(listener.find(/^ended 2 lost/))
  })

  it('a successor goes on where a full launcher stopped, again and again', async () => {
    const script = { launchers: { 1: 'half', 2: 'half' } } as const
    const { listener, lost } = await play(script, assignmentOf([100]))
    assert.ok(!lost)
    assert.equal(listener.users, 100)
    assert.ok(listener.find(/^started 2 after 1$/))
    assert.ok(listener.find(/^started 3 after 2$/))
    assert.ok(listener.find(/^launcher-handover: launcher 1 .* launcher 2 /))
  })

  it('a successor that is not needed is sent away unused', async () => {
    const { listener, lost } = await play({ launchers: { 1: 'nearly' } }, assignmentOf([10]))
    assert.ok(!lost)
    assert.deepEqual(listener.told, ['started 1', 'ended 1 done'])
  })

  it('another successor is tried when one fails to start', async () => {
    const script = { launchers: { 1: 'half', 2: 'fail-setup' } } as const
    const { listener, lost } = await play(script, assignmentOf([10]))
    assert.ok(lost)
    assert.equal(listener.users, 10)
    assert.ok(listener.find(/^launcher-lost: launcher 2 .*no such thing/))
    assert.ok(listener.find(/^started 3 after 1$/))
  })

  it('gives up a share whose successors all fail', async () => {
    const script = {
      launchers: { 1: 'half', 2: 'fail-setup', 3: 'fail-setup', 4: 'fail-setup' },
    } as const
    const { listener, lost } = await play(script, assignmentOf([10]))
    assert.ok(lost)
    assert.equal(listener.users, 5)
    assert.ok(listener.find(/^warning: no launcher goes on from launcher 1/))
  })

  it('opens the barrier when enough users wait, over all launchers', async () => {
    const script = { launchers: { 1: 'wait', 2: 'wait' } } as const
    const { listener } = await play(script, assignmentOf([3, 4], 7))
    assert.equal(listener.users, 7)
  })

  it('opens the barrier when nobody joins for global_ack_timeout', async () => {
    const assignment = assignmentOf([3], 100)
    const options = { ...assignment.scenario.options, globalAckTimeoutMs: 50 }
    const scenario = { ...assignment.scenario, options }
    const { listener } = await play({ launchers: { 1: 'wait' } }, { ...assignment, scenario })
    assert.equal(listener.users, 3)
  })

  /** What launchers were told, as they tell it. */
  const commands = (told: readonly string[]): object[] =>
    told
      .filter((line) => line.startsWith('log '))
      .map((line) => JSON.parse(line.slice('log 1: '.length)) as object)

  it('leases user ids above the plan, each once', async () => {
    const { listener } = await play({ launchers: { 1: 'lease' } }, assignmentOf([7]))
    assert.deepEqual(commands(listener.told), [
      { type: 'lease', what: 'user-ids', id: 'a', from: 8, count: 10 },
      { type: 'lease', what: 'user-ids', id: 'b', from: 18, count: 5 },
    ])
  })

  it('leases lines of files, recalls what is not used, then lets launchers go round', async () => {
    const dataFiles = [
      { id: 'names', path: '/names', lines: 9, isLocal: false },
      { id: 'copy', path: '/copy', lines: 9, isLocal: true },
    ]
    const assignment = { ...assignmentOf([7]), dataFiles }
    const { listener } = await play({ launchers: { 1: 'lease' } }, assignment)
    assert.deepEqual(commands(listener.told).slice(0, 6), [
      { type: 'first', id: 'names', from: 0, count: 3 },
      { type: 'lease', what: 'user-ids', id: 'a', from: 8, count: 10 },
      { type: 'lease', what: 'user-ids', id: 'b', from: 18, count: 5 },
      { type: 'lease', what: 'file', id: 'names', from: 3, count: 6 },
      { type: 'recall', id: 'names' },
      { type: 'lease', what: 'file', id: 'names', from: 1, count: 1 },
    ])
  })

  it('tells how many lines a launcher that died took with it', async () => {
    const dataFiles = [{ id: 'names', path: '/names', lines: 90, isLocal: false }]
    const script = { launchers: { 2: 'die-with-lines' } } as const
    const { listener } = await play(script, { ...assignmentOf([1, 1]), dataFiles })
    assert.ok(listener.find(/^warning: launcher 2 took up to 12 lines of data file names with it/))
  })

  it('measures interactions', async () => {
    const { listener } = await play({ launchers: { 1: 'interact' } }, assignmentOf([1]))
    assert.deepEqual(commands(listener.told), [{ type: 'interaction', id: 'mail', ms: 15 }])
  })

  it('a user that aborts the test ends all launchers after a moment', async () => {
    const script = { launchers: { 1: 'abort', 2: 'hold' } } as const
    const { listener, lost } = await play(script, assignmentOf([1, 5]), {
      deadlines: { abortMs: 20 },
    })
    assert.ok(!lost)
    const aborts = listener.told.filter((line) => line.startsWith('aborted'))
    assert.deepEqual(aborts, ['aborted: a user ended the whole run: no luck'])
    assert.ok(listener.find(/^ended 1 stopped$/))
    assert.ok(listener.find(/^ended 2 stopped$/))
  })
})

describe('a fleet that cannot start', () => {
  for (const [name, script, want] of [
    ['an agent of another version', { version: 999 }, /the agent on localhost speaks version 999/],
    ['a launcher of another version', { launcherVersion: 9 }, /launcher 1 .*speaks version 9/],
    ['an agent that says nothing', { mute: true }, /did not say hello in time/],
    ['a launcher that fails', { launchers: { 2: 'fail-setup' } }, /launcher 2 .*no such thing/],
    [
      'a launcher that is never ready',
      { launchers: { 2: 'mute' } },
      /launcher 2 .*not ready in time/,
    ],
  ] as const) {
    it(`${name} is named`, async () => {
      const deadlines = { readyMs: 500, ...('mute' in script ? { helloMs: 200 } : {}) }
      const { listener, ready, lost } = await play(script, assignmentOf([1, 2]), { deadlines })
      assert.ok(!ready)
      assert.ok(lost)
      assert.ok(listener.find(want), listener.told.join('\n'))
    })
  }

  it('a program that is not there is named', async () => {
    const { Fleet } = await import('../../controller/fleet/fleet.ts')
    const { localTransport, Recording } = await import('../support/fake-fleet.ts')
    const listener = new Recording()
    const fleet = new Fleet([localTransport(['/no/such/program'])], listener)
    assert.deepEqual(await fleet.connect(), [null])
    await fleet.close()
    assert.ok(fleet.lost)
    assert.ok(listener.find(/was not started: .*ENOENT/))
  })
})

describe('a fleet that is stopped', () => {
  it('ends launchers that hold users', async () => {
    const script = { launchers: { 1: 'hold', 2: 'hold' } } as const
    const { listener, lost } = await play(script, assignmentOf([3, 4]), {
      meanwhile: (fleet) => fleet.stop(1000),
    })
    assert.ok(!lost)
    assert.ok(listener.find(/^ended 1 stopped$/))
    assert.ok(listener.find(/^ended 2 stopped$/))
  })

  it('gives up a launcher that does not end', async () => {
    const { listener, lost } = await play({ launchers: { 1: 'deaf' } }, assignmentOf([3]), {
      deadlines: { stopSlackMs: 50 },
      meanwhile: (fleet) => fleet.stop(10),
    })
    assert.ok(lost)
    assert.ok(listener.find(/^ended 1 lost: .*did not end in time/))
  })

  it('gives the host with the most users time to close their connections', () => {
    const users = (agent: number, count: number): { agent: number; users: number } => ({
      agent,
      users: count,
    })
    assert.equal(closingMs([]), 0)
    assert.equal(closingMs([users(0, 500), users(1, 600), users(0, 300)]), 400)
  })

  it('is not given up because we did not listen', async () => {
    const { listener, lost } = await play({ launchers: { 1: 'hold' } }, assignmentOf([3]), {
      deadlines: { pingMs: 20, silentMs: 100, lostMs: 200 },
      meanwhile: (fleet) => {
        // The loop stands still, longer than any silence that is borne.
        const untilMs = performance.now() + 500
        while (performance.now() < untilMs);
        setTimeout(() => fleet.stop(1000), 50)
      },
    })
    assert.ok(!lost, listener.told.join('\n'))
    assert.ok(listener.find(/^ended 1 stopped$/))
  })

  it('tells of silence, then gives up', async () => {
    const script = { silent: true, launchers: { 1: 'deaf' } } as const
    const { listener, lost } = await play(script, assignmentOf([3]), {
      deadlines: { pingMs: 20, silentMs: 60, lostMs: 1e9, stopSlackMs: 10 },
      meanwhile: (fleet, told) => {
        const timer = setInterval(() => {
          if (told.find(/silent/) === undefined) return
          clearInterval(timer)
          fleet.stop(0)
        }, 10)
      },
    })
    assert.ok(lost)
    assert.ok(listener.find(/^warning: the agent on localhost has been silent for/))
  })
})
