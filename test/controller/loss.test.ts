/** What becomes of the share of a launcher that is lost, under each policy. */
import assert from 'node:assert/strict'
import { Barrier } from '../../controller/fleet/barrier.ts'
import { Fleet } from '../../controller/fleet/fleet.ts'
import { missingText } from '../../controller/fleet/loss.ts'
import type { Assignment } from '../../controller/fleet/model.ts'
import type { LauncherPlan } from '../../core/plan/model.ts'
import type { LauncherCommand } from '../../core/wire/messages.ts'
import { assignmentOf, fakeAgent, localTransport, play, Recording } from '../support/fake-fleet.ts'

/** So long that nearly all of its users are due long after a test is over. */
function slowly(users: readonly number[]): Assignment {
  const assignment = assignmentOf(users)
  const { plan } = assignment
  const launchers = plan.launchers.map((each): LauncherPlan => {
    const phases = each.phases.map((phase) => ({ ...phase, durationMs: 1e7, spanMs: 1e7 }))
    return { ...each, phases }
  })
  return { ...assignment, plan: { ...plan, launchers } }
}

type Started = LauncherCommand & { readonly type: 'start'; readonly plan: LauncherPlan }

/** How a launcher was started, as it told. */
function startOf({ told }: Recording, launcher: number): Started {
  const prefix = `log ${launcher}: `
  const line = told.find((each) => each.startsWith(`${prefix}{"type":"start"`))
  assert.ok(line, told.join('\n'))
  return JSON.parse(line.slice(prefix.length)) as Started
}

describe('a launcher that is lost', () => {
  it('continue: the others go on, and what is missing is said', async () => {
    const { listener, lost, ready } = await play(
      { launchers: { 2: 'crash' } },
      slowly([30, 60, 30]),
    )
    assert.ok(ready && lost)
    assert.equal(listener.users, 30 + 20 + 30)
    const missing = listener.find(/^warning: no launcher goes on from launcher 2/)
    assert.match(missing!, /\(--on-launcher-lost=continue\): .*40 users of its share are not/)
    assert.equal(listener.find(/^started 4/), undefined)
  })

  it('respawn: another plays the rest of its share', async () => {
    const script = { launchers: { 2: 'crash' }, tellsStart: true } as const
    const { listener, lost } = await play(script, slowly([30, 60, 30]), { policy: 'respawn' })
    assert.ok(lost)
    assert.equal(listener.users + listener.maybeStarted, 120)
    assert.ok(listener.maybeStarted <= 2, 'so few were due')
    assert.ok(listener.find(/^started 4 after 2$/))
    assert.ok(listener.find(/^ended 4 done$/))
    assert.ok(listener.find(/^launcher-respawn: the share of launcher 2 .*launcher 4 .* \d+ users/))
    const { cursor, skipBefore, delayMs, plan } = startOf(listener, 4)
    assert.equal(cursor?.started, 20)
    assert.equal(plan.launcher, 2)
    assert.ok(delayMs <= 0, 'the run has begun before')
    assert.ok(skipBefore!.planMs >= 0 && skipBefore!.planMs <= -delayMs + 1)
  })

  it('abort: the run ends at once', async () => {
    const script = { launchers: { 1: 'hold', 2: 'crash', 3: 'hold' } } as const
    const { listener, lost } = await play(script, slowly([30, 60, 30]), { policy: 'abort' })
    assert.ok(lost)
    assert.ok(listener.find(/^aborted: launcher 2 was lost: .*--on-launcher-lost=abort/))
    assert.ok(listener.find(/^ended 1 stopped$/))
    assert.ok(listener.find(/^ended 3 stopped$/))
  })

  it('respawn: the successor that was made ready for maxusers is used', async () => {
    const script = { launchers: { 1: 'nearly-crash' } } as const
    const { listener } = await play(script, slowly([60]), { policy: 'respawn' })
    assert.equal(listener.users + listener.maybeStarted, 60)
    assert.ok(listener.find(/^started 2 after 1$/))
    assert.equal(listener.find(/^launcher-handover/), undefined)
    assert.equal(listener.find(/launcher 3/), undefined)
  })

  it('continue: the successor that was made ready for maxusers is sent away', async () => {
    const { listener } = await play({ launchers: { 1: 'nearly-crash' } }, slowly([60]))
    assert.equal(listener.users, 20)
    assert.equal(listener.find(/^started 2/), undefined)
  })

  it('respawn: one that was a successor itself is followed by another', async () => {
    const script = { launchers: { 1: 'half', 2: 'crash' } } as const
    const { listener } = await play(script, slowly([60]), { policy: 'respawn' })
    assert.equal(listener.users + listener.maybeStarted, 60)
    assert.ok(listener.find(/^started 2 after 1$/))
    assert.ok(listener.find(/^started 3 after 2$/))
  })

  it('respawn: again and again, as long as users are started in between', async () => {
    const launchers = { 1: 'crash', 2: 'crash', 3: 'crash', 4: 'crash', 5: 'crash' } as const
    const { listener } = await play({ launchers }, slowly([600]), { policy: 'respawn' })
    assert.equal(listener.users + listener.maybeStarted, 600)
    assert.ok(listener.find(/^started 6 after 5$/))
  })

  it('respawn: not for ever when none of them starts a user', async () => {
    const dies = 'die-with-lines'
    const launchers = { 1: 'crash', 2: dies, 3: 'fail-setup', 4: dies } as const
    const { listener } = await play({ launchers }, slowly([60]), { policy: 'respawn' })
    assert.equal(listener.users, 20)
    assert.equal(listener.find(/^started 5/), undefined)
    const missing = listener.find(/^warning: no launcher goes on from launcher 4/)
    assert.match(missing!, /\(3 launchers in a row were lost\): .*\d+ users of its share/)
  })

  it('respawn: before the start, another takes its place and nobody is missing', async () => {
    const script = { launchers: { 2: 'fail-setup', 4: 'mute' } } as const
    const { listener, ready, lost } = await play(script, assignmentOf([3, 4, 5]), {
      policy: 'respawn',
      deadlines: { readyMs: 1000 },
    })
    assert.ok(ready && lost)
    assert.equal(listener.users, 12)
    assert.equal(listener.maybeStarted, 0)
    assert.ok(listener.find(/^started 5 after 2$/))
    assert.ok(listener.find(/^launcher-lost: launcher 4 .*not ready in time/))
  })

  it('respawn: before the start, the run does not begin when three more fail', async () => {
    const fails = 'fail-setup'
    const script = { launchers: { 1: fails, 2: fails, 3: fails, 4: fails } } as const
    const { listener, ready } = await play(script, assignmentOf([3]), { policy: 'respawn' })
    assert.ok(!ready)
    assert.ok(listener.find(/^warning: no launcher plays the share of launcher 1: 3 launchers/))
  })

  it('respawn: nothing is done for one whose users were all started', async () => {
    const script = { launchers: { 1: 'die' } } as const
    const { listener } = await play(script, slowly([6]), { policy: 'respawn' })
    assert.equal(listener.users, 6)
    assert.equal(listener.find(/started 2/), undefined)
    assert.equal(listener.find(/^warning/), undefined)
  })

  it('is ended for good when it was only silent', async () => {
    const script = { launchers: { 1: 'frozen' } } as const
    const { listener } = await play(script, slowly([60]), {
      deadlines: { pingMs: 20, silentMs: 50, lostMs: 100 },
    })
    assert.ok(listener.find(/^ended 1 lost: .*was given up/))
    assert.ok(listener.find(/^log 1: {"type":"kill"}/), listener.told.join('\n'))
  })

  it('respawn: its share goes to another host when its own is gone', async () => {
    const { plan, ...rest } = slowly([60, 30])
    const [first, second] = plan.launchers
    const there = { host: 'b', client: 1, maxUsers: 77 }
    const addresses = [{ type: 'ip', value: '127.0.0.9' }] as const
    const launchers = [
      { ...first!, maxUsers: 11 },
      { ...second!, ...there, addresses },
    ]
    const listener = new Recording()
    const agents = [
      fakeAgent({ launchers: { 1: 'exit-agent' } }),
      fakeAgent({ tellsStart: true }),
    ].map(localTransport)
    const fleet = new Fleet(agents, listener, { policy: 'respawn' })
    try {
      await fleet.connect()
      const assignment = { ...rest, plan: { ...plan, launchers } }
      assert.ok(await fleet.prepare(assignment, ({ client }) => client))
      fleet.start(0)
      await fleet.ended()
    } finally {
      await fleet.close()
    }
    assert.ok(fleet.lost)
    assert.ok(listener.find(/^ended 1 lost/))
    assert.equal(listener.users + listener.maybeStarted, 90)
    const started = startOf(listener, 3)
    const { launcher, phases } = first!
    assert.deepEqual(started.plan, { ...first, ...there, addresses, launcher, phases })
    assert.equal(started.cursor?.started, 20)
    assert.ok(started.skipBefore !== null, 'the clock of the other host says nothing here')
  })
})

describe('a barrier', () => {
  it('does not count users of a launcher that is gone', () => {
    const barrier = new Barrier(7)
    barrier.join(1, 3)
    barrier.leave(1)
    assert.equal(barrier.waiting, 0)
    assert.deepEqual([...barrier.join(2, 4)], [])
    assert.deepEqual([...barrier.join(2, 3)], [[2, 7]])
  })
})

describe('what is missing', () => {
  for (const [left, maybeStarted, want] of [
    [40, 0, '40 users of its share are not started'],
    [1, 0, '1 user of its share is not started'],
    [40, 2, 'at least 40 and at most 42 users of its share are not started'],
  ] as const) {
    it(want, () => assert.equal(missingText({ left, maybeStarted }), want))
  }
})
