import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TinyBroker } from '../mqtt/tiny-broker.ts'
import { requirePeer } from '../support/peers.ts'
import { type Player, soundCodes, totalsOf, tstsPlayer, tsungPlayer } from './play.ts'

/** A session of every kind of request; `UPDATE_GOLDEN=1` records what Debian's Tsung makes of it. */
const golden = new URL('../golden/oracle/mqtt.json', import.meta.url)

interface Observed {
  /** Byte strings, by connection. */
  readonly packets: readonly (readonly string[])[]
  readonly totals: { readonly [name: string]: number }
}

const isRecording = process.env['UPDATE_GOLDEN'] === '1'
const isChecking = process.env['TSTS_REQUIRE_PEERS'] === '1'

describe('MQTT beside Tsung', function () {
  this.timeout(180_000)

  if (isRecording || isChecking) {
    it('the golden file is what Tsung does', async function () {
      this.retries(2)
      const observed = await observe(tsungPlayer(requirePeer(this, 'tsung', 'tsung')))
      if (isRecording) writeFileSync(golden, `${JSON.stringify(observed, null, 2)}\n`)
      assert.deepEqual(observed, JSON.parse(readFileSync(golden, 'utf8')))
    })
  }

  it('tsts sends and counts what Tsung does', async () => {
    const want = mended(JSON.parse(readFileSync(golden, 'utf8')) as Observed)
    const { packets, totals } = await observe(tstsPlayer)
    for (const [connection, list] of want.packets.entries()) {
      for (const [at, packet] of list.entries()) {
        assert.equal(packets[connection]?.[at], packet, `packet ${at + 1} of ${connection + 1}`)
      }
    }
    assert.deepEqual(packets, want.packets)
    assert.deepEqual(totals, want.totals)
  })
})

async function observe(player: Player): Promise<Observed> {
  const folder = mkdtempSync(join(tmpdir(), 'tsts-oracle-'))
  const broker = await TinyBroker.open()
  try {
    const scenario = join(folder, 'mqtt.xml')
    const text = readFileSync(new URL('mqtt.xml', import.meta.url), 'utf8')
    writeFileSync(scenario, text.replaceAll('PORT-A', String(broker.port)))
    const logDir = join(folder, 'log')
    const { code, stdout, stderr } = await player(scenario, logDir, folder)
    assert.ok(soundCodes.includes(code), `ended with ${code}:\n${stdout}${stderr}`)
    const log = readFileSync(join(logDir, readdirSync(logDir)[0]!, 'tsung.log'), 'utf8')
    const packets: string[][] = []
    for (const { connection, bytes } of broker.came) {
      packets[connection - 1] ??= []
      // Names of clients are made up.
      packets[connection - 1]!.push(bytes.replace(/tsung-[a-z]{10}/, 'tsung-abcdefghij'))
    }
    return { packets, totals: totalsOf(log) }
  } finally {
    await broker.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What tsts does otherwise: docs/compatibility.md tells it. */
function mended({ packets, totals }: Observed): Observed {
  let pings = 0
  const mendedPackets = packets.map((list) =>
    list.map((bytes) => {
      if (bytes === '\xc0\0') pings++
      // Tsung 1.7 leaves out the flags of SUBSCRIBE, every Tsung those of UNSUBSCRIBE.
      return bytes.replace(/^\x80/, '\x82').replace(/^\xa0/, '\xa2')
    }),
  )
  return {
    packets: mendedPackets,
    totals: {
      ...totals,
      size_sent: totals['size_sent']! + 2 * pings,
      // Of the answers to pings Tsung leaves out the bytes of the first.
      size_rcv: totals['size_rcv']! + 2,
      // A wait for messages ends a page, as any think time does.
      page: totals['page']! + 1,
    },
  }
}
