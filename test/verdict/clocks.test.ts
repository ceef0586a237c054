/** Runs over two hosts whose clocks are off, and the verdict that they get. */
import assert from 'node:assert/strict'
import { Fleet } from '../../controller/fleet/fleet.ts'
import { fleetDeadlines } from '../../controller/fleet/model.ts'
import { judge } from '../../controller/verdict.ts'
import { assignmentOf, Recording } from '../support/fake-fleet.ts'
import { type Skew, SkewedHost } from '../support/skewed-transport.ts'

const near: Skew = { aheadMs: 0, driftMs: 0, outMs: 0, backMs: 0 }

/** A user of the first host sends, one of the second receives. */
async function played(skew: Skew): Promise<Fleet> {
  const transports = [
    new SkewedHost('near', near, {
      says: [{ action: 'send', id: 'mail', afterMs: 100 }],
      playsMs: 600,
    }),
    new SkewedHost('skewed', skew, {
      says: [{ action: 'receive', id: 'mail', afterMs: 200 }],
      playsMs: 600,
    }),
  ]
  const fleet = new Fleet(transports, new Recording(), {
    deadlines: { ...fleetDeadlines, pingMs: 50 },
  })
  try {
    await fleet.connect()
    assert.ok(await fleet.prepare(assignmentOf([1, 1]), ({ launcher }) => launcher - 1))
    fleet.start(100)
    await fleet.ended()
  } finally {
    await fleet.close()
  }
  return fleet
}

function verdictOf({ compared }: Fleet): readonly string[] {
  assert.equal(compared?.count, 1)
  const run = { plannedUsers: 0, dueUsers: 0, startedUsers: 0, cut: false, launchers: [] }
  return judge({ ...run, compared }).reasons.map(({ code }) => code)
}

describe('the verdict on clocks', function () {
  this.timeout(30_000)

  it('a host 5 s ahead whose clock is known well: valid', async () => {
    const fleet = await played({ ...near, aheadMs: 5000 })
    // A busy machine takes long to answer a probe, and knows its clocks less well.
    const expected = fleet.compared!.errorMs <= 5 ? [] : ['V_CLOCKS']
    assert.deepEqual(verdictOf(fleet), expected)
  })

  it('a host 5 s ahead behind a slow link, where <interaction> compares users: suspect', async () => {
    const fleet = await played({ ...near, aheadMs: 5000, outMs: 60, backMs: 5 })
    assert.ok(fleet.compared!.errorMs > 30)
    assert.deepEqual(verdictOf(fleet), ['V_CLOCKS'])
  })
})
