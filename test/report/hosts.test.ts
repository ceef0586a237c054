/** Hosts that made the load, and servers that were watched, in the report. */
import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { report } from '../../controller/commands/report.ts'
import { events } from '../../controller/outputs/events.ts'
import { type SeriesLine, type SeriesMonitored, series } from '../../controller/outputs/series.ts'
import { type Summary, summary } from '../../controller/outputs/summary.ts'
import { readRun } from '../../controller/report/read-run.ts'
import { renderReport } from '../../controller/report/render-report.ts'
import { newFolder, playRun, type RunOptions } from '../outputs/synthetic-run.ts'
import { seriousFaults } from './axe.ts'
import { openBrowser, openFile } from './browser.ts'

const onTrouble = assert.fail

async function withRun<Value>(
  options: RunOptions,
  use: (folder: string) => Promise<Value>,
): Promise<Value> {
  const { folder, remove } = await newFolder()
  try {
    await playRun(
      [summary({ onTrouble }), series({ onTrouble }), events({ onTrouble })],
      folder,
      options,
    )
    return await use(folder)
  } finally {
    await remove()
  }
}

/** As a collector of `<monitoring>` would leave it: a reading every 10 s. */
async function monitor(folder: string, seconds: number): Promise<void> {
  const reading = (toMs: number): SeriesMonitored => {
    const cpu = 40 + toMs / 1000
    const web1 = { cpu, load: 0.75, freemem: 900, recvpackets: 12_000, sentpackets: 9000 }
    const db1 = { cpu: 20, load: 3.5, freemem: 2100, mysql_threads: 17 }
    return { type: 'monitored', fromMs: toMs - 10_000, toMs, monitored: { web1, db1 } }
  }
  const path = join(folder, 'series.ndjson')
  const lines = (await readFile(path, 'utf8')).trimEnd().split('\n')
  const told = lines.flatMap((text) => {
    const line = JSON.parse(text) as SeriesLine
    const isDue = line.type === 'second' && line.atMs % 10_000 === 0 && line.atMs <= seconds * 1000
    return isDue ? [text, JSON.stringify(reading(line.atMs))] : [text]
  })
  await writeFile(path, `${told.join('\n')}\n`)
  const file = join(folder, 'summary.json')
  const whole = JSON.parse(await readFile(file, 'utf8')) as Summary
  const cpu = { count: 4, mean: 65, stddev: 12.9, min: 50, max: 80 }
  await writeFile(file, JSON.stringify({ ...whole, monitored: { web1: { cpu } } }))
}

describe('hosts in the report', () => {
  it('are a table of what summary.json tells, and charts of what the series tells', async () => {
    await withRun({ seconds: 40 }, async (folder) => {
      const { hostCharts } = await readRun(folder)
      assert.deepEqual(
        hostCharts.map(({ id, series }) => [id, series.map(({ label }) => label)]),
        [
          ['host-cpu', ['load2 used', 'load1 used', 'load2 stolen', 'load1 stolen']],
          ['host-memory', ['load2', 'load1']],
          ['host-network', ['load2 received', 'load1 received', 'load2 sent', 'load1 sent']],
          ['host-ports', ['load2', 'load1']],
          ['host-sockets', ['load2', 'load1']],
          ['host-time-wait', ['load2', 'load1']],
          ['host-descriptors', ['load2', 'load1']],
        ],
      )
      const [used, other] = hostCharts[0]!.series
      assert.deepEqual(
        used!.values,
        Array.from({ length: 40 }, () => 60),
      )
      // It tells in the seconds between, and has not told in the first.
      assert.deepEqual(other!.values, [null, ...Array.from({ length: 39 }, () => 30)])
      assert.match(
        hostCharts[0]!.description,
        /^Used, highest: 60\.0 % of all cores, load2 at \d+ s\./,
      )
      assert.match(hostCharts[1]!.description, /^Lowest: 1\.60 GB free, load2 at \d+ s\.$/)
      const text = await renderReport(folder)
      assert.match(text, /<h2 id="hosts">Hosts<\/h2>/)
      assert.match(text, />load2<.*45 %.*60 %.*4 %.*1\.6 GB/s)
      assert.match(text, />3,600 of 28,232 \(13 %\)<\/td><td class="text">10\.0\.0\.2</)
    })
  })

  it('of many the worst of each moment and the middle one, in a page that stays small', async () => {
    await withRun({ seconds: 900, hosts: 40, requestsPerSecond: 5 }, async (folder) => {
      const { hostCharts } = await readRun(folder)
      const [cpu, memory] = hostCharts
      assert.deepEqual(
        cpu!.series.map(({ label, values }) => [label, values.at(-1)]),
        [
          ['used, highest', 60],
          ['used, middle', 30],
          ['stolen, highest', 4],
          ['stolen, middle', 2],
        ],
      )
      assert.equal(memory!.series[0]!.label, 'lowest')
      assert.equal(memory!.series[0]!.values.at(-1), 1.6)
      assert.ok(cpu!.x!.length <= 400 && cpu!.x!.length >= 300, `${cpu!.x!.length} points`)
      assert.ok((await renderReport(folder)).length < 1_000_000)
    })
  })

  it('are left out where none has told, and where an earlier version wrote the folder', async () => {
    await withRun({ seconds: 20, hosts: 0 }, async (folder) => {
      assert.doesNotMatch(await renderReport(folder), /id="hosts"|chart-host/)
      const path = join(folder, 'summary.json')
      const { hosts: _, ...earlier } = JSON.parse(await readFile(path, 'utf8')) as Summary
      await writeFile(path, JSON.stringify(earlier))
      assert.doesNotMatch(await renderReport(folder), /id="hosts"|chart-host/)
    })
  })
})

describe('servers that were watched', () => {
  it('are drawn beside the load, packets by the second', async () => {
    await withRun({ seconds: 40 }, async (folder) => {
      await monitor(folder, 40)
      const { monitoredCharts } = await readRun(folder)
      const shown = monitoredCharts.map(({ id, unit, x, series }) => [
        id,
        unit,
        x!.join(),
        ...series.map(({ label, values }) => `${label}: ${values}`),
      ])
      const times = '10,20,30,40'
      assert.deepEqual(shown, [
        ['server-cpu', '%', times, 'web1: 50,60,70,80', 'db1: 20,20,20,20'],
        [
          'server-load',
          'processes that run or wait',
          times,
          'web1: 0.75,0.75,0.75,0.75',
          'db1: 3.5,3.5,3.5,3.5',
        ],
        ['server-memory', 'MB free', times, 'web1: 900,900,900,900', 'db1: 2100,2100,2100,2100'],
        [
          'server-packets',
          'packets per second',
          times,
          'web1 received: 1200,1200,1200,1200',
          'web1 sent: 900,900,900,900',
        ],
        ['server-other-1', '', times, 'db1: 17,17,17,17'],
      ])
    })
  })

  it('nothing is said of them where nobody watched', async () => {
    await withRun({ seconds: 20 }, async (folder) => {
      assert.deepEqual((await readRun(folder)).monitoredCharts, [])
      assert.doesNotMatch(await renderReport(folder), /server-|Servers/)
    })
  })

  it('are told from the series alone when the controller was killed', async () => {
    await withRun({ seconds: 40 }, async (folder) => {
      await monitor(folder, 40)
      await writeFile(join(folder, 'summary.json'), '')
      const { rebuilt, monitoredCharts, hostCharts } = await readRun(folder)
      assert.deepEqual([rebuilt, monitoredCharts.length, hostCharts.length], [true, 5, 7])
    })
  })
})

describe('hosts and servers in a browser', function () {
  this.timeout(120_000)
  let browser: Browser | null = null

  before(async function () {
    browser = await openBrowser(this)
  })
  after(async () => {
    await browser?.close()
  })

  for (const width of [1280, 390]) {
    for (const colorScheme of ['light', 'dark'] as const) {
      it(`can be read and used by everybody, ${width} px, ${colorScheme}`, async () => {
        await withRun({ seconds: 40 }, async (folder) => {
          await monitor(folder, 40)
          const path = await report(folder)
          const { page, complaints } = await openFile(browser!, path, { width, colorScheme })
          const beside = await page
            .locator('section[aria-labelledby=happened] figure')
            .evaluateAll((all) => all.map(({ id }) => id))
          assert.deepEqual(beside, [
            ...['arrivals', 'users', 'requests', 'throughput'].map((id) => `chart-${id}`),
            ...['cpu', 'load', 'memory', 'packets', 'other-1'].map((id) => `chart-server-${id}`),
          ])
          const region = page.getByRole('region', { name: /^Servers, under Tsung’s names/ })
          assert.match(
            (await region.locator('tbody').textContent())!,
            /web1cpu465\.012\.950\.080\.0/,
          )
          assert.equal(await page.locator('section[aria-labelledby=hosts] canvas').count(), 7)
          assert.equal(await page.evaluate('document.documentElement.scrollWidth'), width)
          await page.evaluate(
            "document.querySelectorAll('details').forEach((each) => { each.open = true })",
          )
          assert.deepEqual(await seriousFaults(page), [])
          await page.emulateMedia({ media: 'print' })
          const paper = await page.pdf({ format: 'A4' })
          assert.equal(paper.subarray(0, 5).toString(), '%PDF-')
          await page.close()
          assert.deepEqual(complaints, [])
        })
      })
    }
  }
})
