/**
 * What it costs to be watched: requests per second of one core for controller and launcher together, with the dashboard
 * open, Prometheus scraping each second and the series written, against all of them off. nginx on the other core.
 *
 * Pairs of runs, in turns; prints the ratio of each pair's rates, their geometric mean with a 95 % confidence interval
 * (Student's t on the logarithms). The series belongs to every run: its cost is measured apart, on the samples of the
 * last run, and taken off.
 *
 * `npx tsx bench/overhead.ts [--pairs 15] [--seconds 10] [--users 50]`, after `npm run build`, with
 * `apt-get install nginx-light`.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Second } from '../controller/model.ts'
import { type SeriesLine, series } from '../controller/outputs/series.ts'
import { MutableTotals } from '../core/stats/totals.ts'
import { headOf } from '../test/outputs/synthetic-run.ts'
import { freePort } from '../test/support/metric-servers.ts'
import { spread } from './support/figures.ts'
import { startNginx } from './support/nginx.ts'
import { runTsts } from './support/run-tsts.ts'

const serverCore = 0
const clientCore = 1
const budget = 0.97

const { values } = parseArgs({
  options: {
    pairs: { type: 'string', default: '15' },
    seconds: { type: 'string', default: '10' },
    users: { type: 'string', default: '50' },
  },
})
const pairs = Number(values.pairs)
const seconds = Number(values.seconds)

/** What those who watched a run got. */
interface Watched {
  scrapes: number
  dashboardBytes: number
}

// Those who watch are no part of what is measured.
spawnSync('taskset', ['-acp', String(serverCore), String(process.pid)])
const folder = mkdtempSync(join(tmpdir(), 'tsts-bench-'))
const nginx = await startNginx(folder, { core: serverCore })
try {
  const off: number[] = []
  const on: number[] = []
  const seen: Watched = { scrapes: 0, dashboardBytes: 0 }
  await plain()
  for (let pair = 0; pair < pairs; pair++) {
    // Who goes first changes: a machine that grows slower favours neither.
    const isOffFirst = pair % 2 === 0
    if (isOffFirst) off.push(await plain())
    on.push(await watched(seen))
    if (!isOffFirst) off.push(await plain())
    console.log(`pair ${pair + 1}: off ${rateText(off)}, on ${rateText(on)} requests/s`)
  }
  report(off, on, seen, await seriesShare())
} finally {
  await nginx.stop()
  rmSync(folder, { recursive: true, force: true })
}

function rateText(rates: readonly number[]): string {
  return Math.round(rates.at(-1)!).toLocaleString('en')
}

/** @returns requests per second */
async function plain(more: readonly string[] = []): Promise<number> {
  const file = scenarioFile(nginx.port)
  const { metrics } = await runTsts(clientCore, file, folder, more)
  return metrics['request']!.count / seconds
}

async function watched(seen: Watched): Promise<number> {
  const [scrapePort, pagePort] = [await freePort(), await freePort()]
  const over = new AbortController()
  const watching = [
    scrape(`http://127.0.0.1:${scrapePort}/metrics`, over.signal, seen),
    follow(`http://127.0.0.1:${pagePort}/api/events`, over.signal, seen),
  ]
  try {
    return await plain([
      `--prometheus=127.0.0.1:${scrapePort}`,
      '--prometheus-linger=0',
      `--dashboard=127.0.0.1:${pagePort}`,
    ])
  } finally {
    over.abort()
    await Promise.all(watching)
  }
}

/** Reads the page each second until the run is over. */
async function scrape(url: string, signal: AbortSignal, seen: Watched): Promise<void> {
  while (!signal.aborted) {
    const page = await fetch(url, { signal })
      .then((response) => response.text())
      .catch(() => '')
    if (page.includes('tsts_duration_seconds_count')) seen.scrapes++
    await pause(1000, signal)
  }
}

/** Follows the dashboard as an open page does. */
async function follow(url: string, signal: AbortSignal, seen: Watched): Promise<void> {
  while (!signal.aborted) {
    try {
      const { body } = await fetch(url, { signal })
      for await (const bytes of body!) seen.dashboardBytes += (bytes as Uint8Array).length
    } catch {
      // It is not there yet, or not any more.
    }
    await pause(100, signal)
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done, { once: true })
  })
}

/** Part of a core that the series takes: a second with the samples of ten, so rather too much. */
async function seriesShare(): Promise<number> {
  const logs = join(folder, readdirSync(folder).find((name) => name.startsWith('tsts-'))!)
  const text = readFileSync(join(logs, readdirSync(logs)[0]!, 'series.ndjson'), 'utf8')
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as SeriesLine)
  const samples = lines.find((line) => line.type === 'histograms')!.samples
  const told = lines.find((line) => line.type === 'second')!
  const totals = new MutableTotals()
  totals.add({ counters: told.counters, samples })
  const output = series({ onTrouble: (trouble) => console.error(trouble) })
  output.start({ ...headOf(folder), folder })
  const rounds = 300
  const before = process.cpuUsage()
  for (let round = 1; round <= rounds; round++) {
    const second: Second = { ...told, atMs: round * 1000, totals }
    output.second(second)
  }
  await output.close()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6 / rounds
}

function report(
  off: readonly number[],
  on: readonly number[],
  { scrapes, dashboardBytes }: Watched,
  share: number,
): void {
  if (scrapes === 0 || dashboardBytes === 0) throw new Error('nobody watched: nothing was measured')
  const logs = on.map((rate, at) => Math.log(rate / off[at]!))
  const mean = logs.reduce((sum, each) => sum + each, 0) / logs.length
  const variance = logs.reduce((sum, each) => sum + (each - mean) ** 2, 0) / (logs.length - 1)
  const half = studentT(logs.length - 1) * Math.sqrt(variance / logs.length)
  const text = (log: number): string => (Math.exp(log) * (1 - share)).toFixed(4)
  const kB = Math.round(dashboardBytes / 1000 / pairs)
  console.log(
    `off ${spread(off)} requests/s\non  ${spread(on)} requests/s\n` +
      `watched: ${(scrapes / pairs).toFixed(1)} scrapes and ${kB} kB of the dashboard a run\n` +
      `series: ${(share * 100).toFixed(2)} % of a core\n` +
      `on/off, series included: ${text(mean)}, 95 % confidence ${text(mean - half)} to ` +
      `${text(mean + half)} from ${pairs} pairs of ${seconds} s\nbudget: at least ${budget}`,
  )
}

/** The 97.5 % point of Student's distribution, by its expansion in 1/degrees (Abramowitz and Stegun, 26.7.5). */
function studentT(degrees: number): number {
  const z = 1.959964
  const terms = [
    z,
    (z ** 3 + z) / 4,
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96,
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384,
  ]
  return terms.reduce((sum, term, power) => sum + term / degrees ** power, 0)
}

/** Users that ask as fast as they are answered until the run is cut. */
function scenarioFile(port: number): string {
  const path = join(folder, 'scenario.xml')
  const users = '<user session="get" start_time="0" unit="second"/>'.repeat(Number(values.users))
  writeFileSync(
    path,
    `<?xml version="1.0"?>
<!DOCTYPE tsung SYSTEM "/usr/share/tsung/tsung-1.0.dtd">
<tsung loglevel="error">
  <clients><client host="localhost" use_controller_vm="true" maxusers="30000"/></clients>
  <servers><server host="127.0.0.1" port="${port}" type="tcp"/></servers>
  <load duration="${seconds}" unit="second">
    <arrivalphase phase="1" duration="1" unit="hour"><users arrivalrate="1" unit="hour" maxnumber="1"/></arrivalphase>
    ${users}
  </load>
  <sessions>
    <session name="get" probability="100" type="ts_http">
      <for var="i" from="1" to="1000000000"><request><http url="/" method="GET"/></request></for>
    </session>
  </sessions>
</tsung>
`,
  )
  return path
}
