import assert from 'node:assert/strict'
import fc from 'fast-check'
import { Collector } from '../../controller/collector.ts'
import { HostRecord } from '../../controller/host-record.ts'
import type { Output, Second } from '../../controller/model.ts'
import type { HostHealth } from '../../core/stats/model.ts'
import { encodeLine } from '../../core/wire/codec.ts'
import { HostMonitor } from '../../launcher/host-health.ts'
import { assignmentOf } from '../support/fake-fleet.ts'
import { intervalOf } from '../support/intervals.ts'

const known = {
  host: 'load1',
  cores: 2,
  memoryBytes: 8e9,
  addresses: 4,
  portsAvailable: 112_928,
}
const calm: HostHealth = {
  cpu: 0.2,
  steal: 0,
  memoryAvailableBytes: 5e9,
  receivedBytesPerSecond: 1000,
  sentBytesPerSecond: 100,
  sockets: 10,
  timeWait: 300,
  descriptors: 900,
}
/** Bytes of a line of it, at most: told in docs/scale.md. */
const maxHealthBytes = 300

describe('how a host fares', () => {
  it('is told with extremes, means, and ports by address', () => {
    const record = new HostRecord(known)
    record.add(calm)
    record.add({
      ...calm,
      cpu: 1,
      steal: 0.5,
      sockets: 400,
      timeWait: 0,
      memoryAvailableBytes: 1e9,
    })
    assert.deepEqual(record.report(), {
      ...known,
      told: 2,
      cpuMean: 0.6,
      cpuMax: 1,
      stealMean: 0.25,
      stealMax: 0.5,
      memoryAvailableBytesMin: 1e9,
      receivedBytesPerSecondMax: 1000,
      sentBytesPerSecondMax: 100,
      socketsMax: 400,
      timeWaitMax: 300,
      portsUsedMax: 400,
      portsUsedPerAddressMax: 100,
      descriptorsMax: 900,
      ports: null,
    })
  })

  it('is a report of zeros when nothing was told', () => {
    const { told, cpuMax, memoryAvailableBytesMin } = new HostRecord(known).report()
    assert.deepEqual([told, cpuMax, memoryAvailableBytesMin], [0, 0, 0])
  })

  it('stands in the next second, once, and in the end', () => {
    const seconds: Second[] = []
    const output: Output = {
      start: () => undefined,
      second: (second) => seconds.push(second),
      event: () => undefined,
      end: () => undefined,
      close: async () => undefined,
    }
    const { scenario, plan } = assignmentOf([1])
    const collector = new Collector([output], 1000, () => 0)
    const rules = { targets: 2, isReused: false }
    collector.knowHosts([
      { known, rules, clients: [0] },
      { known: { ...known, host: 'load2' }, rules, clients: [1] },
    ])
    collector.begin({
      scenario,
      plan,
      folder: '/nowhere',
      logName: 'tsung.log',
      scenarioSha256: '',
      startedAt: 0,
      environment: { tsts: '0', node: '20', os: 'x', host: 'y', cores: 1 },
    })
    const started = { host: 'load1', pid: 7, plan: plan.launchers[0]!, predecessor: null }
    collector.launcherStarted({ launcher: 1, ...started })
    collector.hostHealth('load1', calm)
    collector.hostHealth('nobody', calm)
    const ports = { address: '10.0.0.7', open: 60, closed: 5, size: 100 }
    const first = intervalOf(1, 0, 1000)
    collector.interval(1, { ...first, health: { ...first.health, ports } })
    collector.interval(1, intervalOf(2, 1000, 2000))
    const use = { address: '10.0.0.7', open: 60, waiting: 5, available: 200 }
    assert.deepEqual(
      seconds.map(({ hosts }) => hosts),
      [{ load1: { ...calm, ports: use } }, undefined],
    )
    const { hosts } = collector.finish()
    assert.deepEqual(
      hosts.map((host) => host.ports),
      [use, null],
    )
    assert.deepEqual(
      hosts.map(({ host, told }) => [host, told]),
      [
        ['load1', 1],
        ['load2', 0],
      ],
    )
  })

  it(`is told in ${maxHealthBytes} bytes at most, whatever there is to tell`, () => {
    const share = fc.integer({ min: 0, max: 1000 }).map((each) => each / 1000)
    const count = fc.integer({ min: 0, max: 2 ** 40 })
    const health = fc.record({
      cpu: share,
      steal: share,
      memoryAvailableBytes: count,
      receivedBytesPerSecond: count,
      sentBytesPerSecond: count,
      sockets: count,
      timeWait: count,
      descriptors: count,
    })
    fc.assert(
      fc.property(health, (each) => {
        const lines = encodeLine({ type: 'health', health: each })
        assert.ok(Buffer.byteLength(lines.join('')) <= maxHealthBytes)
      }),
      { seed: 1 },
    )
  })

  it('is read from this machine', () => {
    const { cpu, steal, memoryAvailableBytes, descriptors, sockets } = new HostMonitor().take()
    for (const share of [cpu, steal]) assert.ok(share >= 0 && share <= 1, `${share}`)
    assert.ok(memoryAvailableBytes > 1e6)
    assert.ok(descriptors > 0)
    assert.ok(sockets >= 0)
  })
})
