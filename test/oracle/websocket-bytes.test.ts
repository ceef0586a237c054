import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { findProgram, requirePeer } from '../support/peers.ts'
import { type Observed, observe, type Player, tstsPlayer, tsungPlayer } from './play.ts'
import { WebsocketTarget } from './websocket-target.ts'

/**
 * Scenarios whose frames, keys and masks apart, and totals have to be Tsung's.
 *
 * `UPDATE_GOLDEN=1` records the golden files with Debian's Tsung.
 */
const scenarios: readonly string[] = ['websocket', 'websocket-stream']

/** `:NNNNN` behind the host of each handshake, which Tsung leaves out. */
const portBytes = 6

/** What has to be added to Tsung's totals to get ours; see docs/compatibility.md. */
const corrections: { readonly [scenario: string]: Observed['totals'] } = {
  websocket: { size_sent: 2 * portBytes },
}

/** Names of ours. Sizes of a server type are those of what it carries with Tsung, with us of what passes the connection. */
const notCompared: { readonly [scenario: string]: readonly string[] } = {
  websocket: ['websocket_messages', 'websocket_close_1000'],
  'websocket-stream': ['size_sent', 'size_rcv', 'websocket_close_1000'],
}

const isRecording = process.env['UPDATE_GOLDEN'] === '1'
const isChecking = process.env['TSTS_REQUIRE_PEERS'] === '1'

describe('WebSocket beside Tsung', function () {
  this.timeout(180_000)

  for (const name of scenarios) {
    const path = new URL(`../golden/oracle/${name}.json`, import.meta.url)
    const play = (player: Player): Promise<Observed> =>
      observe(name, player, () => WebsocketTarget.open())

    if (isRecording || isChecking) {
      it(`${name}: the golden file is what Tsung does`, async function () {
        // Tsung counts what ends together with the test, or does not.
        this.retries(2)
        const observed = await play(tsungPlayer(requirePeer(this, 'tsung', 'tsung')))
        if (isRecording) writeFileSync(path, `${JSON.stringify(observed, null, 2)}\n`)
        assert.deepEqual(observed, golden(path))
      })
    }

    it(`${name}: tsts sends and counts what Tsung does`, async () => {
      const { users, totals } = await play(tstsPlayer)
      const want = golden(path)
      for (const [at, seen] of want.users[0]!.entries()) {
        assert.deepEqual(users[0]![at], seen, `number ${at + 1}`)
      }
      assert.equal(users[0]!.length, want.users[0]!.length)
      assert.deepEqual(compared(totals, name), compared(corrected(want.totals, name), name))
    })
  }
})

function golden(path: URL): Observed {
  const found = findProgram('tsung') === null ? '' : ' with UPDATE_GOLDEN=1'
  assert.ok(existsSync(path), `${path.pathname} was not recorded: do it${found}`)
  return JSON.parse(readFileSync(path, 'utf8')) as Observed
}

function corrected(totals: Observed['totals'], scenario: string): Observed['totals'] {
  const result = { ...totals }
  for (const [name, more] of Object.entries(corrections[scenario] ?? {})) {
    result[name] = (result[name] ?? 0) + more
  }
  return result
}

function compared(totals: Observed['totals'], scenario: string): Observed['totals'] {
  const left = Object.entries(totals).filter(([name]) => !notCompared[scenario]!.includes(name))
  return Object.fromEntries(left)
}
