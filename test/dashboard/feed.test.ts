import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { Feed } from '../../controller/dashboard/feed.ts'
import type { Second } from '../../controller/model.ts'
import { MutableTotals } from '../../core/stats/totals.ts'
import { headOf } from '../outputs/synthetic-run.ts'
import { eventually } from '../support/tsts-process.ts'
import { openDashboard } from './open.ts'

interface Past {
  readonly again: boolean
  readonly seconds: readonly { readonly atMs: number }[]
  readonly events: readonly unknown[]
  readonly examples: readonly unknown[]
  readonly forgotten: { readonly [name: string]: number }
}

const second = (number: number, counters: { readonly [name: string]: number } = {}): Second => {
  const totals = new MutableTotals()
  totals.add({ counters: { error_abort: 2, ...counters }, samples: {} })
  return {
    atMs: 1000 * number,
    totals,
    users: 1,
    usersMax: 1,
    connected: 1,
    connectedMax: 1,
    inFlight: 0,
    phase: 1,
    due: number,
    started: number,
    finished: 0,
    launchers: 1,
  }
}

/** What somebody is told who comes now. */
function past(
  feed: Feed,
  lastId: string | null = null,
): { readonly id: string; readonly past: Past } {
  let told: { id: string; past: Past } | null = null
  const leave = feed.listen((message) => {
    const [, id, data] = /^id: (.*)\nevent: past\ndata: (.*)\n\n$/.exec(message) ?? []
    if (id !== undefined) told = { id, past: JSON.parse(data!) as Past }
  }, lastId)
  leave()
  assert.ok(told)
  return told
}

describe('feed of the dashboard', () => {
  it('keeps an hour, and the sums of what was before', () => {
    const feed = new Feed(true)
    feed.start(headOf('/runs/r1'))
    feed.second(second(1))
    const { id } = past(feed)
    for (let number = 2; number <= 3605; number++) feed.second(second(number))
    const { past: whole } = past(feed)
    assert.equal(whole.seconds.length, 3600)
    assert.equal(whole.seconds[0]!.atMs, 6000)
    assert.deepEqual(whole.forgotten, { error_abort: 10 })
    assert.equal(past(feed, id).past.again, false)
  })

  it('keeps the last events and the first examples, not all', () => {
    const feed = new Feed(true)
    feed.start(headOf('/runs/r1'))
    for (let number = 1; number <= 700; number++) {
      feed.event({ atMs: number, type: 'warning', text: `warning ${number}` })
      const name = `error_${number}`
      feed.example({ name, atMs: 1, user: 1, session: 's', request: 'r', detail: '' })
    }
    const { past: told } = past(feed)
    assert.equal(told.events.length, 500)
    assert.deepEqual(told.events.at(-1), { atMs: 700, type: 'warning', text: 'warning 700' })
    assert.equal(told.examples.length, 250)
  })

  for (const [what, lastId] of [
    ['of another run', 'abc-1'],
    ['from the future', 'RUN-99'],
    ['that is none', 'RUN-x'],
    ['that is empty', ''],
  ] as const) {
    it(`tells everything again after an id ${what}`, () => {
      const feed = new Feed(true)
      feed.start(headOf('/runs/r1'))
      for (let number = 1; number <= 3; number++) feed.second(second(number))
      const [run] = past(feed).id.split('-')
      const { past: told } = past(feed, lastId.replace('RUN', run!))
      assert.equal(told.again, false)
      assert.equal(told.seconds.length, 3)
    })
  }

  it('lets go of a page that does not read', async function () {
    this.timeout(60_000)
    const { feed, dashboard } = await openDashboard()
    feed.start(headOf('/runs/r1'))
    const { host, port } = dashboard.at!
    const socket = connect(port, host)
    socket.pause()
    socket.on('error', () => undefined)
    socket.write(`GET /api/events HTTP/1.1\r\nHost: ${host}:${port}\r\n\r\n`)
    await eventually(() => feed.listeners === 1)
    let number = 0
    const large = { [`error_${'x'.repeat(1_000_000)}`]: 1 }
    await eventually(() => {
      if (feed.listeners === 1 && number < 100) feed.second(second(++number, large))
      return feed.listeners === 0
    }, 30_000)
    assert.ok(number < 100, 'a hundred megabytes waited')
    socket.destroy()
    await dashboard.close()
  })
})
