import assert from 'node:assert/strict'
import { appendFile, mkdir, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser } from 'playwright-core'
import { main } from '../../controller/cli.ts'
import { report } from '../../controller/commands/report.ts'
import { writeRunFile } from '../../controller/control/run-file.ts'
import { sparkline } from '../../controller/history/history-text.ts'
import { type PastRun, readHistory } from '../../controller/history/read-history.ts'
import { series } from '../../controller/outputs/series.ts'
import { summary } from '../../controller/outputs/summary.ts'
import { newFolder, playRun, type RunOptions } from '../outputs/synthetic-run.ts'
import { seriousFaults } from '../report/axe.ts'
import { openBrowser, openFile } from '../report/browser.ts'
import { terminal } from '../support/terminal.ts'

const onTrouble = assert.fail

/** A log root with three whole runs, one that goes on, two that broke, and what is no run. */
async function withHistory(use: (root: string) => Promise<void>): Promise<void> {
  const { folder: root, remove } = await newFolder()
  try {
    const runs: readonly (readonly [string, RunOptions])[] = [
      ['20261121-1000', { seconds: 20 }],
      ['20261121-1100', { seconds: 20, slowness: 2 }],
      ['20261121-1200', { seconds: 20, loss: true }],
      ['20261121-1300', { seconds: 20, file: 'a <b>.xml' }],
      ['20261121-1400', { seconds: 20 }],
      ['20261121-1500', { seconds: 20 }],
    ]
    for (const [name, options] of runs) {
      const folder = join(root, name)
      await mkdir(folder)
      await playRun([summary({ onTrouble }), series({ onTrouble })], folder, options)
    }
    const going = join(root, '20261121-1300')
    await rm(join(going, 'summary.json'))
    writeRunFile(going, { version: 1, pid: process.pid, socket: '/none' })
    await truncate(join(root, '20261121-1400', 'summary.json'), 100)
    await rm(join(root, '20261121-1500', 'summary.json'))
    await truncate(join(root, '20261121-1500', 'series.ndjson'), 50)
    await mkdir(join(root, 'notes'))
    await writeFile(join(root, 'readme.txt'), 'no run')
    await use(root)
  } finally {
    await remove()
  }
}

describe('tsts runs', function () {
  this.timeout(60_000)

  it('lists runs from the first to the last, and what became of them', async () => {
    await withHistory(async (root) => {
      const runs = await readHistory(root)
      assert.deepEqual(
        runs.map(({ name, state, verdict, exitCode }) => [
          name.slice(-4),
          state,
          verdict,
          exitCode,
        ]),
        [
          ['1000', 'ended', 'valid', 0],
          ['1100', 'ended', 'valid', 0],
          ['1200', 'ended', 'invalid', 5],
          ['1300', 'running', null, null],
          ['1400', 'broken', null, null],
          ['1500', 'broken', null, null],
        ],
      )
      const io = terminal()
      assert.equal(await main(['runs', root], io), 0)
      const lines = io.text().split('\n')
      assert.match(lines[0]!, /^run +started \(UTC\) +scenario +verdict/)
      assert.match(lines[2]!, /^20261121-1100 +2026-11-21 10:00 +shop\.xml +valid +0 +302 .*▄█$/)
      assert.match(io.text(), /^20261121-1400: its summary\.json is broken/m)
      assert.match(io.text(), /^20261121-1500: its series\.ndjson cannot be read/m)
      assert.doesNotMatch(io.text(), /notes/)
    })
  })

  it('tells of a controller that died', async () => {
    await withHistory(async (root) => {
      // Above what Linux gives to a process.
      const gone = { version: 1, pid: 2 ** 22 + 1, socket: '/none' } as const
      writeRunFile(join(root, '20261121-1300'), gone)
      const run = (await readHistory(root)).find(({ name }) => name === '20261121-1300')
      assert.equal(run?.state, 'broken')
      assert.match(run.trouble, /controller is gone: tsts attach/)
    })
  })

  it('tells a folder that is not there, with 2', async () => {
    const io = terminal()
    assert.equal(await main(['runs', '/none/of/these'], io), 2)
    assert.match(io.errors(), /no such folder/)
  })

  it('prints JSON with the numbers of each summary', async () => {
    await withHistory(async (root) => {
      const io = terminal()
      assert.equal(await main(['runs', '-l', root, '--json'], io), 0)
      const runs = JSON.parse(io.text()) as PastRun[]
      assert.equal(runs.length, 6)
      assert.equal(runs[0]!.startedUsers, 302)
      assert.ok(runs[1]!.p95Ms! > 1.5 * runs[0]!.p95Ms!)
    })
  })

  it('draws a sparkline from 0 to the greatest value', () => {
    assert.equal(sparkline([1, 2, 4, 8, 0]), '▂▃▅█▁')
    assert.equal(sparkline([5]), '')
    assert.equal(sparkline([0, 0]), '▁▁')
  })
})

describe('the site of tsts runs --html', function () {
  this.timeout(60_000)
  let browser: Browser | null = null
  before(async function () {
    browser = await openBrowser(this)
  })
  after(async () => {
    await browser?.close()
  })

  it('has a link to each report that works from a disk', async () => {
    await withHistory(async (root) => {
      await report(join(root, '20261121-1000'))
      await appendFile(join(root, '20261121-1100', 'report.html'), '<title>own</title>')
      const site = join(root, 'site of runs')
      const io = terminal()
      assert.equal(await main(['runs', root, '--html', site], io), 0)
      const path = join(site, 'index.html')
      assert.equal(io.text(), `${path}\n`)
      assert.match(io.errors(), /^20261121-1500 has no report: .*series\.ndjson/m)
      for (const width of [1280, 390]) {
        const { page, complaints } = await openFile(browser!, pathToFileURL(path).pathname, {
          width,
        })
        assert.equal(await page.evaluate('document.documentElement.scrollWidth'), width)
        const links = await page.getByRole('link').all()
        assert.equal(links.length, 4)
        const targets = await Promise.all(links.map((link) => link.getAttribute('href')))
        for (const target of targets) assert.doesNotMatch(target!, /^(\/|file:)/)
        assert.deepEqual(complaints, [])
        assert.deepEqual(await seriousFaults(page), [])
        for (const target of targets) {
          await page.goto(new URL(target!, page.url()).href)
          assert.notEqual(await page.title(), '', target!)
          await page.goBack()
        }
        await page.close()
      }
    })
  })
})
