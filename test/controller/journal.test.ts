import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Fleet } from '../../controller/fleet/fleet.ts'
import type { Assignment } from '../../controller/fleet/model.ts'
import { Journal, type JournalGroup, readJournal } from '../../controller/journal.ts'
import type { Transport } from '../../controller/transports/transport.ts'
import { assignmentOf, type FakeAgentScript, play, Recording } from '../support/fake-fleet.ts'

describe('journal', () => {
  let folder: string
  const troubles: string[] = []
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tsts-journal-'))
    troubles.length = 0
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  const path = (): string => join(folder, 'journal.ndjson')
  const open = (): Journal => {
    const journal = new Journal(folder, (text) => troubles.push(text))
    journal.open()
    return journal
  }
  const groups = async (): Promise<readonly JournalGroup[]> => {
    const all: JournalGroup[] = []
    for await (const group of readJournal(folder)) all.push(group)
    return all
  }
  const lost = (how: string) => ({ type: 'did', deed: { name: 'lose', launcher: 1, how } }) as const

  it('what follows from a cause is sent when all of it is written', async () => {
    const journal = open()
    const seen: string[] = []
    journal.cause(lost('a'), () => {
      journal.afterwards(() => seen.push(readFileSync(path(), 'utf8')))
      journal.decided(() => 7)
      // What follows is no cause of its own.
      journal.cause(lost('b'), () => journal.note({ type: 'event', event: here, epochMs: 1 }))
      assert.deepEqual(seen, [])
    })
    assert.equal(seen.length, 1)
    const [only, ...others] = await groups()
    assert.deepEqual(others, [])
    assert.deepEqual(only!.first, lost('a'))
    assert.deepEqual(only!.decisions, [7])
    assert.equal(only!.effects.length, 1)
    assert.equal(only!.endBytes, seen[0]!.length)
  })

  it('what was not written whole is left out, and overwritten', async () => {
    const journal = open()
    journal.cause(lost('a'), () => journal.commit())
    appendFileSync(path(), '{"type":"did","deed":{"na')
    const whole = await groups()
    assert.equal(whole.length, 1)
    const next = new Journal(folder, () => undefined)
    next.startReplay()
    next.endReplay(whole[0]!.endBytes)
    next.cause(lost('b'), () => next.commit())
    assert.deepEqual(
      (await groups()).map(({ first }) => first),
      [lost('a'), lost('b')],
    )
  })

  it('goes with the run', () => {
    const journal = open()
    journal.remove()
    assert.throws(() => readFileSync(path()), { code: 'ENOENT' })
  })

  it('is given up, and says so once, when it cannot be written', () => {
    writeFileSync(path(), '')
    const journal = open()
    journal.cause(lost('a'), () => journal.commit())
    journal.cause(lost('b'), () => journal.commit())
    assert.equal(troubles.length, 1)
    assert.match(troubles[0]!, /no other controller can take this run over/)
  })

  const cases: readonly {
    readonly name: string
    readonly script: FakeAgentScript
    readonly assignment: Assignment
  }[] = [
    { name: 'a run without trouble', script: {}, assignment: assignmentOf([3, 4]) },
    {
      name: 'hand-overs at maxusers',
      script: { launchers: { 1: 'half', 2: 'half' } },
      assignment: assignmentOf([100]),
    },
    {
      name: 'launchers that die, and others in their place',
      script: { launchers: { 1: 'crash', 3: 'crash', 2: 'fail-setup' } },
      assignment: assignmentOf([90, 30]),
    },
    {
      name: 'a rendezvous',
      script: { launchers: { 1: 'wait', 2: 'wait' } },
      assignment: assignmentOf([4, 4], 8),
    },
    {
      name: 'lines of a data file',
      script: { launchers: { 1: 'lease', 2: 'lease' } },
      assignment: {
        ...assignmentOf([4, 4]),
        dataFiles: [{ id: 'f', path: '/f', lines: 100, isLocal: false }],
      },
    },
  ]
  for (const { name, script, assignment } of cases) {
    it(`done again gives the same: ${name}`, async function () {
      this.timeout(60_000)
      const journal = open()
      const first = await play(script, assignment, { journal, policy: 'respawn' })
      journal.commit()
      const events = /^(warning|launcher-|run-)/
      const want = first.listener.told.filter((line) => !events.test(line))
      assert.ok(want.length > 1)
      const listener = new Recording()
      const again = new Journal(folder, () => undefined)
      const fleet = new Fleet([unreachable], listener, { policy: 'respawn', journal: again })
      again.startReplay()
      await fleet.takeOver(assignment, [known])
      for (const { first: cause, decisions, effects } of await groups()) {
        if (cause.type !== 'heard' && cause.type !== 'did') continue
        again.again(decisions, () => fleet.again(cause))
        for (const each of effects) if (each.type === 'told') fleet.toldAgain(each)
      }
      const told = listener.told.filter((line) => !events.test(line))
      assert.deepEqual(told, want)
      assert.equal(listener.users, first.listener.users)
      assert.equal(fleet.lost, first.lost)
      await fleet.close()
    })
  }
})

const here = { type: 'warning', text: 'here' } as const

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
const unreachable: Transport = {
  host: 'localhost',
  isLocal: true,
  connect: () => ({
    send: () => undefined,
    backlog: 0,
    reopen: () => undefined,
    close: async () => undefined,
  }),
}
