/**
 * What one launcher sends to its controller at an interval of 1 s: with 30 metrics of 1,000 samples, with the metrics of
 * `examples/quickstart.xml` played for real, and at worst. Beside it, for information, the same gzipped.
 *
 * `npx tsx bench/wire.ts`, after `npm run build`.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { startEcho } from '../controller/echo/server.ts'
import { Fleet } from '../controller/fleet/fleet.ts'
import type { FleetListener } from '../controller/fleet/model.ts'
import { loadScenario } from '../controller/load-scenario.ts'
import { AgentTransport } from '../controller/transports/agent-transport.ts'
import { localWay } from '../controller/transports/local.ts'
import { linkDeadlines } from '../controller/transports/transport.ts'
import { makePlan } from '../core/plan/plan.ts'
import { stream } from '../core/random.ts'
import { Histogram } from '../core/stats/histogram.ts'
import type { Interval } from '../core/stats/model.ts'
import { maxNames } from '../core/stats/names.ts'
import { encodeLine } from '../core/wire/codec.ts'
import { median } from './support/figures.ts'
import { busyInterval } from './support/interval.ts'

const random = stream('bench', 'wire')
tell(
  '30 metrics of 1,000 samples',
  Array.from({ length: 20 }, () => busyInterval(30, 1000, random)),
)
tell('quickstart, played', await quickstart())
console.log(
  `at worst: ${kib(worstBytes())} an interval, ${maxNames} metrics with every bucket filled`,
)

function tell(what: string, intervals: readonly Interval[]): void {
  const lines = intervals.map((interval) =>
    encodeLine({ launcher: 1, message: { type: 'interval', interval } }).join(''),
  )
  const plain = lines.map((line) => Buffer.byteLength(line))
  const packed = lines.map((line) => gzipSync(line).length)
  const metrics = Math.max(...intervals.map(({ samples }) => Object.keys(samples).length))
  console.log(
    `${what} (${metrics} metrics, ${intervals.length} intervals): ${kib(median(plain))} a second, ` +
      `most ${kib(Math.max(...plain))}; gzipped ${kib(median(packed))}`,
  )
}

/** All intervals of a run with one launcher. */
async function quickstart(): Promise<readonly Interval[]> {
  const echo = await startEcho({ port: 0 })
  const path = fileURLToPath(new URL('../examples/quickstart.xml', import.meta.url))
  const { scenario: read, folder } = await loadScenario(path)
  if (read === null) throw new Error('the quickstart is no scenario')
  const scenario = { ...read, servers: [{ ...read.servers[0]!, port: echo.port }] }
  const plan = makePlan(scenario, { seed: '1', facts: { cores: [1] }, arrivals: 'conditioned' })
  const bundle = fileURLToPath(new URL('../dist/launcher.mjs', import.meta.url))
  const own = mkdtempSync(join(tmpdir(), 'tsts-wire-'))
  const host = { host: 'localhost', isLocal: true }
  const way = () => localWay([process.execPath, bundle], join(own, 'run'))
  const intervals: Interval[] = []
  const listener: FleetListener = {
    launcherStarted: () => undefined,
    interval: (_launcher, interval) => void intervals.push(interval),
    lines: () => undefined,
    launcherClock: () => undefined,
    launcherEnded: () => undefined,
    event: (type, text) => {
      if (type === 'warning' || type === 'launcher-lost') console.log(text)
    },
  }
  const fleet = new Fleet([new AgentTransport(host, way, linkDeadlines)], listener)
  try {
    await fleet.connect()
    const rest = { run: 'wire', arrivals: 'conditioned', intervalMs: 1000, dataFiles: [] } as const
    if (!(await fleet.prepare({ scenario, plan, folder, ...rest }))) throw new Error('not ready')
    fleet.start(0)
    await fleet.ended()
    return intervals
  } finally {
    await fleet.close()
    await echo.close()
    rmSync(own, { recursive: true, force: true })
  }
}

/** Every metric has values of every size. */
function worstBytes(): number {
  const histogram = new Histogram('session')
  for (let us = 0, step = 1; us < 86_400_000_000; us += step) {
    histogram.record(us / 1000)
    while (us >= 2048 * step) step *= 2
  }
  return maxNames * histogram.encode().length
}

function kib(bytes: number): string {
  return `${(bytes / 1024).toFixed(1)} KiB`
}
