import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { findProgram, requirePeer } from '../support/peers.ts'
import { type Observed, observe, tstsPlayer, tsungPlayer } from './play.ts'

/**
 * Scenarios whose requests and totals have to be Tsung's.
 *
 * `UPDATE_GOLDEN=1` records the golden files with Debian's Tsung.
 */
const scenarios: readonly string[] = [
  'methods',
  'headers',
  'subst',
  'cookies',
  'absolute',
  'first-absolute',
  'two-servers',
  'proxy',
  'user-agent',
  'answers',
  'pages',
]

/** Where Tsung counts wrong: what has to be added to its totals to get the bytes that came. */
const corrections: { readonly [scenario: string]: Observed['totals'] } = {
  // A chunked answer: Tsung leaves out the header and the first size line that came with it.
  answers: {
    size_rcv: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'.length + '18\r\n'.length,
  },
}

const isRecording = process.env['UPDATE_GOLDEN'] === '1'
const isChecking = process.env['TSTS_REQUIRE_PEERS'] === '1'

describe('HTTP beside Tsung', function () {
  this.timeout(180_000)

  for (const name of scenarios) {
    const path = new URL(`../golden/oracle/${name}.json`, import.meta.url)

    if (isRecording || isChecking) {
      it(`${name}: the golden file is what Tsung does`, async function () {
        // Tsung counts what ends together with the test, or does not.
        this.retries(2)
        const tsung = requirePeer(this, 'tsung', 'tsung')
        const observed = await observe(name, tsungPlayer(tsung))
        if (isRecording) writeFileSync(path, `${JSON.stringify(observed, null, 2)}\n`)
        assertSame(observed, golden(path))
      })
    }

    it(`${name}: tsts sends and counts what Tsung does`, async () => {
      assertSame(await observe(name, tstsPlayer), corrected(golden(path), corrections[name] ?? {}))
    })
  }
})

function golden(path: URL): Observed {
  const found = findProgram('tsung') === null ? '' : ' with UPDATE_GOLDEN=1'
  assert.ok(existsSync(path), `${path.pathname} was not recorded: do it${found}`)
  return JSON.parse(readFileSync(path, 'utf8')) as Observed
}

function corrected(observed: Observed, more: Observed['totals']): Observed {
  const totals = { ...observed.totals }
  for (const [name, count] of Object.entries(more)) totals[name] = (totals[name] ?? 0) + count
  return { ...observed, totals }
}

/** Request by request first: the first that differs is told with its bytes. */
function assertSame(actual: Observed, expected: Observed): void {
  for (const [user, requests] of expected.users.entries()) {
    for (const [at, request] of requests.entries()) {
      assert.deepEqual(actual.users[user]?.[at], request, `request ${at + 1} of user ${user + 1}`)
    }
    assert.equal(actual.users[user]?.length, requests.length, `requests of user ${user + 1}`)
  }
  assert.equal(actual.users.length, expected.users.length, 'users')
  assert.deepEqual(actual.totals, expected.totals)
}
