import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Fleet } from '../../controller/fleet/fleet.ts'
import { FleetSteering, notSteered } from '../../controller/fleet/fleet-steering.ts'
import type { LauncherHandle } from '../../controller/fleet/launcher-handle.ts'
import { Journal, readJournal } from '../../controller/journal.ts'
import { firstCursor } from '../../core/plan/cursor.ts'
import type { LauncherSteering } from '../../core/wire/messages.ts'
import { assignmentOf, play, Recording } from '../support/fake-fleet.ts'

/** What launchers were told of steering, in order, by launcher. */
function steers(told: readonly string[]): readonly (readonly [number, LauncherSteering])[] {
  return told.flatMap((line) => {
    const match = /^log (\d+): (\{"type":"steer".*)$/.exec(line)
    if (match === null) return []
    const { steering } = JSON.parse(match[2]!) as { readonly steering: LauncherSteering }
    return [[Number(match[1]), steering] as const]
  })
}

describe('steering a fleet', () => {
  it('tells every launcher that plays, all of it each time', async () => {
    const script = { launchers: { 1: 'hold', 2: 'hold' } } as const
    const { listener } = await play(script, assignmentOf([3, 4]), {
      meanwhile: (fleet) => {
        assert.deepEqual(fleet.steering, notSteered)
        const first = fleet.steer({ arrivalFactor: 2, requestsPerSecond: 50 })
        assert.deepEqual(first, { ...notSteered, arrivalFactor: 2, requestsPerSecond: 50 })
        const second = fleet.steer({ paused: true })
        assert.deepEqual(second, { ...first, paused: true })
        assert.deepEqual(fleet.steering, second)
        setTimeout(() => fleet.stop(0), 300)
      },
    })
    const told = steers(listener.told)
    for (const launcher of [1, 2]) {
      const own = told.filter(([number]) => number === launcher).map(([, steering]) => steering)
      assert.deepEqual(
        own.map(({ clock, paused, requestsPerSecond, part }) => [
          clock.factor,
          paused,
          requestsPerSecond,
          part,
        ]),
        [
          [2, false, 50, 1],
          [0, true, 50, 1],
        ],
      )
    }
  })

  it('a lost launcher is followed by none when all it had left was skipped', async () => {
    const script = { launchers: { 1: 'hold' }, tellsStart: true } as const
    const { listener } = await play(script, assignmentOf([30]), {
      policy: 'respawn',
      meanwhile: (fleet) => {
        fleet.steer({ skipPhase: true })
        setTimeout(() => fleet.again({ type: 'did', deed: lost }), 200)
      },
    })
    assert.ok(listener.find(/^ended 1 lost/))
    assert.equal(listener.find(/^started 2/), undefined)
  })

  it('is told to a successor with everything that holds', async () => {
    const script = { launchers: { 1: 'crash' }, tellsStart: true } as const
    const slowly = assignmentOf([30])
    const phases = slowly.plan.launchers[0]!.phases.map((phase) => ({
      ...phase,
      durationMs: 60_000,
      spanMs: 60_000,
    }))
    const plan = { ...slowly.plan, launchers: [{ ...slowly.plan.launchers[0]!, phases }] }
    const { listener } = await play(
      script,
      { ...slowly, plan },
      {
        policy: 'respawn',
        meanwhile: (fleet) => void fleet.steer({ thinkTimeFactor: 3, paused: true }),
      },
    )
    const commands = listener.told.flatMap(
      (line) => /^log 2: \{"type":"(steer|start)"/.exec(line)?.[1] ?? [],
    )
    assert.deepEqual(commands, ['steer', 'start'])
    const [[, steering] = [0, null]] = steers(listener.told).filter(([number]) => number === 2)
    assert.deepEqual([steering?.thinkTimeFactor, steering?.paused], [3, true])
  })

  for (const [change, text] of [
    [{ arrivalFactor: -1 }, /arrivalFactor .*-1/],
    [{ thinkTimeFactor: Number.NaN }, /thinkTimeFactor .*NaN/],
    [{ requestsPerSecond: Infinity }, /requestsPerSecond .*Infinity/],
  ] as const) {
    it(`refuses ${JSON.stringify(change)}`, async () => {
      const fleet = new Fleet([], new Recording())
      assert.throws(() => fleet.steer(change), { name: 'RangeError', message: text })
      await fleet.close()
    })
  }

  it('stands in the journal: another controller steers as the one before', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tsts-steering-'))
    try {
      const journal = new Journal(folder, (text) => assert.fail(text))
      journal.open()
      const script = { launchers: { 1: 'hold', 2: 'hold' } } as const
      const before = await play(script, assignmentOf([3, 4]), {
        journal,
        meanwhile: (fleet) => {
          fleet.steer({ arrivalFactor: 0.5 })
          fleet.steer({ skipPhase: true })
          setTimeout(() => fleet.stop(0), 200)
        },
      })
      assert.equal(steers(before.listener.told).length, 4)
      journal.commit()
      const again = new Journal(folder, (text) => assert.fail(text))
      const fleet = new Fleet([silent], new Recording(), { journal: again })
      again.startReplay()
      await fleet.takeOver(assignmentOf([3, 4]), [known])
      for await (const { first, decisions } of readJournal(folder)) {
        if (first.type !== 'heard' && first.type !== 'did') continue
        again.again(decisions, () => fleet.again(first))
      }
      assert.deepEqual(fleet.steering, { ...notSteered, arrivalFactor: 0.5 })
      assert.equal(fleet.skipped, true)
      await fleet.close()
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

describe('the clock of a launcher that was lost', () => {
  const steering = (): FleetSteering => new FleetSteering(() => undefined)
  const heard = { ...firstCursor, atMs: 10_000, planMs: 10_000 }

  it('is that of the run when nobody has steered', () => {
    assert.equal(steering().latestPlanMs(heard, 12_500), 12_500)
  })

  it('goes as fast as any that it may have been told of', () => {
    const slower = steering()
    slower.change({ arrivalFactor: 0.5 }, 11_000, 1)
    assert.equal(slower.planMs(12_000), 11_500)
    assert.equal(slower.latestPlanMs(heard, 12_000), 12_000)
    const faster = steering()
    faster.change({ arrivalFactor: 3 }, 11_000, 1)
    assert.equal(faster.latestPlanMs(heard, 12_000), 16_000)
  })

  it('is known when the last change was long ago', () => {
    const slower = steering()
    slower.change({ arrivalFactor: 0.5 }, 2000, 1)
    const cursor = { ...heard, planMs: slower.planMs(10_000) }
    assert.equal(slower.latestPlanMs(cursor, 12_000), slower.planMs(12_000))
  })
})

describe('launchers that play one share', () => {
  const handle = (number: number, launcher: number, users: number): LauncherHandle =>
    ({ number, plan: { launcher }, users, state: 'running', part: 1 }) as unknown as LauncherHandle

  it('have the part of its rate that their users are, and are told when it changes', () => {
    const told: [number, number][] = []
    const steering = new FleetSteering(({ number }, { part }) => told.push([number, part]))
    const [first, second, other] = [handle(1, 1, 30), handle(3, 1, 0), handle(2, 2, 50)]
    const all = [first, second, other]
    second.users = 10
    steering.balance(second, all)
    assert.deepEqual(told.splice(0), [
      [1, 0.75],
      [3, 0.25],
    ])
    steering.balance(second, all)
    assert.deepEqual(told.splice(0), [])
    first.state = 'done'
    steering.balance(second, all)
    assert.deepEqual(told, [[3, 1]])
  })
})

const lost = { name: 'lose', launcher: 1, how: 'was lost by the test' } as const

const known = {
  facts: {
    host: 'localhost',
    pid: 1,
    node: '20',
    cores: 1,
    addresses: [],
    descriptorLimit: 0,
    portRange: [1024, 65_535],
    tcpTwReuse: 0,
    memoryBytes: 1,
  },
  folder: '/nowhere',
} as const

/** A host whose link says nothing. */
const silent = {
  host: 'localhost',
  isLocal: true,
  connect: () => ({
    send: () => undefined,
    backlog: 0,
    reopen: () => undefined,
    close: async () => undefined,
  }),
}
