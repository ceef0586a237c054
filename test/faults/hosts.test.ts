/** One scenario over hosts of a network: however many they are, the same users, requests and numbers. */
import assert from 'node:assert/strict'
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { MetricSummary } from '../../controller/outputs/summary.ts'
import { requirePeer } from '../support/peers.ts'
import { assertWhole, type Bed, type Ended } from './bed.ts'
import { assertAsPromised } from './quotes.ts'
import { type Fault, fault, together } from './together.ts'

/** Of the histograms: three significant digits, and times in whole µs. */
const relativeError = 0.001
const absoluteErrorMs = 0.001

const ranks = { p50: 50, p75: 75, p90: 90, p95: 95, p99: 99, p999: 99.9, p9999: 99.99 } as const

/** Single values of a metric, from tsung-fullstats.log. */
function samplesIn(logDir: string, metric: string): readonly number[] {
  const path = join(logDir, readdirSync(logDir)[0]!, 'tsung-fullstats.log')
  const terms = readFileSync(path, 'utf8').matchAll(/\{sample,(\w+),\[([^\]]*)\]\}/g)
  return [...terms]
    .filter(([, name]) => name === metric)
    .flatMap(([, , values]) => values!.split(',').map(Number))
    .sort((a, b) => a - b)
}

function assertPercentiles(metric: MetricSummary, samples: readonly number[]): void {
  assert.equal(samples.length, metric.count)
  for (const [name, percent] of Object.entries(ranks)) {
    const exact = samples[Math.ceil((percent / 100) * samples.length) - 1]!
    const told = metric[name as keyof typeof ranks]
    const allowed = exact * relativeError + absoluteErrorMs
    assert.ok(Math.abs(told - exact) <= allowed, `${name}: ${told} ms, by all samples ${exact} ms`)
  }
}

/** What has to be the same however many hosts there are. */
function countsOf({ summary }: Ended): unknown {
  const { counters, requests, load, metrics } = summary
  const samples = Object.entries(metrics).map(([name, { count }]) => [name, count])
  return { counters, requests, load, samples }
}

async function playOn(bed: Bed, hosts: number): Promise<Ended> {
  const logDir = join(bed.files.folder, `log-${hosts}`)
  const play = { fullStats: true, usersPerSecond: 50 }
  const before = bed.target.requests
  const ended = await bed.ended(bed.startIn(logDir, bed.hosts.slice(0, hosts), play, []), logDir)
  assertAsPromised('none', ended)
  assert.equal(ended.summary.launchers.length, hosts)
  for (const metric of ['request', 'connect', 'page']) {
    assertPercentiles(ended.summary.metrics[metric]!, samplesIn(logDir, metric))
  }
  await bed.requested(before + 200)
  return ended
}

describe('a run over hosts of a network', function () {
  this.timeout(150_000)
  let faketime: string

  before(function () {
    faketime = requirePeer(this, 'faketime', 'faketime')
  })

  /** Node, which sees another time on one of the hosts. */
  function skewedNode(bed: Bed, skewed: string): string {
    const path = join(bed.files.folder, 'node')
    const text = `#!/bin/sh
case "$HOME" in
  ${skewed}) exec ${faketime} -f +5s ${process.execPath} "$@" ;;
  *) exec ${process.execPath} "$@" ;;
esac
`
    writeFileSync(path, text)
    chmodSync(path, 0o755)
    return path
  }

  const faults: Fault[] = [
    fault('1, 2 and 5 hosts', { hosts: 5, delay: 'exponential:15' }, async (bed) => {
      const one = countsOf(await playOn(bed, 1))
      assert.deepEqual(countsOf(await playOn(bed, 2)), one)
      assert.deepEqual(countsOf(await playOn(bed, 5)), one)
      await bed.assertClean()
    }),
    fault('the clock of one host is 5 s ahead', { hosts: 2 }, async (bed, title) => {
      const node = skewedNode(bed, bed.hosts[1]!.server.home)
      const play = { phaseSeconds: 4, fullStats: true }
      const ended = await bed.ended(bed.start(play, '--remote-node', node))
      assertAsPromised(title, ended)
      assertWhole(ended, bed, 80)
      const { metrics, launchers, durationMs } = ended.summary
      assert.ok(metrics['request']!.max < 3000 && metrics['session']!.max < 4000)
      assert.ok(launchers.every(({ startedUsers }) => startedUsers === 40))
      assert.ok(durationMs < 15_000, `${durationMs} ms`)
      for (const metric of ['request', 'connect']) {
        assertPercentiles(metrics[metric]!, samplesIn(bed.files.logDir, metric))
      }
      await bed.assertClean()
    }),
    fault('two runs at once on one host', { hosts: 1 }, async (bed, title) => {
      const play = { client: 'cpu="2"', phaseSeconds: 3 }
      const logDirs = ['first', 'second'].map((name) => join(bed.files.folder, name))
      const both = logDirs.map((logDir) => bed.startIn(logDir, bed.hosts, play, []))
      const ended = await Promise.all(both.map((tsts, at) => bed.ended(tsts, logDirs[at]!)))
      for (const each of ended) {
        assertAsPromised(title, each)
        assert.equal(each.summary.load.finishedUsers, 60)
        assert.equal(each.summary.requests.acknowledged, 120)
      }
      await bed.requested(240)
      await bed.assertClean()
    }),
  ]

  together(faults)
})
