import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Action } from '../../core/scenario/model.ts'
import { type PortRange, SourceAddresses } from '../../launcher/source-addresses.ts'
import { ask } from '../support/line-plugin.ts'
import { type Played, pick, playUsers } from '../support/play.ts'
import { scenarioOf } from '../support/scenario.ts'

const hold: Action = { type: 'thinktime', thinkTime: { type: 'constant', ms: 700 }, line: 1 }

describe('source ports on real sockets', function () {
  this.timeout(30_000)
  const sockets = new Set<Socket>()
  let server: Server
  let target: number
  let peers: string[]

  beforeEach(async () => {
    peers = []
    server = createServer((socket) => {
      sockets.add(socket)
      peers.push(`${socket.remoteAddress}:${socket.remotePort}`)
      socket.on('error', () => undefined)
      socket.on('close', () => sockets.delete(socket))
      socket.on('data', () => void socket.write('ok\n'))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    target = (server.address() as AddressInfo).port
  })
  afterEach(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })

  function play(
    address: string,
    ports: PortRange,
    { users, process = 1, actions = [ask('a'), hold] }: PlaySettings,
  ): Promise<Played> {
    const options = { retryTimeoutMs: 1, maxRetries: 0 }
    const sources = new SourceAddresses([{ type: 'ip', value: address }], ports, process)
    return playUsers(scenarioOf([{ actions }], { port: target }, options), { users, sources })
  }

  it('uses every port of a range, and names its end', async () => {
    const ports = { min: 20_000, max: 20_004 }
    const { counters, examples } = await play('127.0.77.1', ports, { users: 6 })
    assert.deepEqual(pick(counters, 'tsts_acknowledged', 'error_abort_max_conn_retries'), {
      tsts_acknowledged: 5,
      error_abort_max_conn_retries: 1,
    })
    assert.equal(new Set(peers).size, 5)
    const told = examples.find((each) => each.startsWith('error_connect_'))
    assert.match(
      told ?? '',
      /no free port on 127\.0\.77\.1 to reach 127\.0\.0\.1:\d+: of its 5 \(20000-20004\) 5 were tried/,
    )
    assert.match(told ?? '', /<ip> or an <iprange>, widen the option ports_range, .*tcp_tw_reuse=1/)
  })

  it('goes past ports in TIME_WAIT', async function () {
    if (!existsSync('/proc/net/tcp')) this.skip()
    const [address, min] = ['127.0.77.2', 20_100]
    await play(address, { min, max: min + 9 }, { users: 10, actions: [ask('a')] })
    await sleep(50)
    const waiting = timeWaits(address)
    assert.ok(waiting.length >= 5, `in TIME_WAIT: ${waiting}`)
    const ports = { min, max: min + 20 }
    const { counters } = await play(address, ports, { users: 11 })
    assert.deepEqual(pick(counters, 'tsts_acknowledged', 'tsts_failed'), {
      tsts_acknowledged: 11,
      tsts_failed: 0,
    })
  })

  it('two launchers share an address, a launcher and its successor too', async () => {
    const ports = { min: 20_200, max: 20_239 }
    const both = await Promise.all(
      [4711, 4712].map((process) => play('127.0.77.3', ports, { users: 19, process })),
    )
    for (const { counters } of both) {
      assert.equal(counters['tsts_acknowledged'], 19)
      assert.equal(counters['tsts_failed'], undefined)
    }
    assert.equal(new Set(peers).size, 38)
    const taken = both.map(({ counters }) => counters['tsts_ports_taken'] ?? 0)
    assert.ok(taken[0]! + taken[1]! > 0, 'nobody met a port of the other')
  })

  it('an address that is not of this host is named at the first attempt', async () => {
    const ports = { min: 20_300, max: 20_399 }
    const { counters, examples } = await play('192.0.2.77', ports, { users: 1 })
    assert.equal(counters['error_connect_eaddrnotavail'], 1)
    assert.equal(counters['tsts_ports_taken'], undefined)
    assert.match(examples[0]!, /192\.0\.2\.77 is no address of this host.*correct <ip>/)
  })
})

interface PlaySettings {
  readonly users: number
  readonly process?: number
  readonly actions?: readonly Action[]
}

/** Local ports of that address in TIME_WAIT. */
function timeWaits(address: string): readonly number[] {
  const hex = address
    .split('.')
    .reverse()
    .map((part) => Number(part).toString(16).padStart(2, '0'))
    .join('')
    .toUpperCase()
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, local, , state] = line.trim().split(/\s+/)
      return state === '06' && local?.startsWith(`${hex}:`)
        ? [Number.parseInt(local.slice(9), 16)]
        : []
    })
}
