import assert from 'node:assert/strict'
import { appendFile, readFile, rm, stat, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { report } from '../../controller/commands/report.ts'
import { events } from '../../controller/outputs/events.ts'
import { countText, msText } from '../../controller/outputs/format.ts'
import { series } from '../../controller/outputs/series.ts'
import { type Summary, summary } from '../../controller/outputs/summary.ts'
import { readRun } from '../../controller/report/read-run.ts'
import { renderReport } from '../../controller/report/render-report.ts'
import { newFolder, playRun, type RunOptions } from '../outputs/synthetic-run.ts'
import { seriousFaults } from './axe.ts'
import { openBrowser, openFile } from './browser.ts'

const onTrouble = assert.fail
const hostile = `</script><script>alert(1)</script><img src=x onerror=alert(2)>"'&--><!--`

async function withRun<Value>(
  options: RunOptions,
  use: (folder: string) => Promise<Value>,
): Promise<Value> {
  const { folder, remove } = await newFolder()
  try {
    const outputs = [summary({ onTrouble }), series({ onTrouble }), events({ onTrouble })]
    await playRun(outputs, folder, options)
    return await use(folder)
  } finally {
    await remove()
  }
}

async function summaryIn(folder: string): Promise<Summary> {
  return JSON.parse(await readFile(join(folder, 'summary.json'), 'utf8')) as Summary
}

/** The cells of the row whose first cell says `name`, in the table with this caption. */
function row(page: Page, caption: string, name: string): Promise<string[]> {
  const table = page.getByRole('region', { name: caption, exact: true })
  const header = page.getByRole('rowheader', { name, exact: true })
  return table.getByRole('row').filter({ has: header }).locator('td').allTextContents()
}

describe('report.html in a browser', function () {
  this.timeout(120_000)
  let browser: Browser | null = null

  before(async function () {
    browser = await openBrowser(this)
  })
  after(async () => {
    await browser?.close()
  })

  for (const [width, colorScheme] of [
    [1280, 'light'],
    [1280, 'dark'],
    [390, 'light'],
    [390, 'dark'],
  ] as const) {
    it(`draws all charts and does not scroll sideways, ${width} px, ${colorScheme}`, async () => {
      await withRun({ seconds: 40, loss: true }, async (folder) => {
        const path = await report(folder)
        const { page, complaints } = await openFile(browser!, path, { width, colorScheme })
        const canvases = await page.locator('figure canvas').all()
        assert.equal(canvases.length, 24)
        for (const canvas of canvases) {
          const box = await canvas.boundingBox()
          assert.ok(box && box.width > 300 && box.height >= 200, JSON.stringify(box))
        }
        const colours = await page.evaluate(
          "new Set(document.querySelector('canvas').getContext('2d').getImageData(0, 0, 300, 200).data).size",
        )
        assert.ok(Number(colours) > 10, 'the first chart is blank')
        const wide = await page.evaluate('document.documentElement.scrollWidth')
        assert.equal(wide, width)
        await page.close()
        assert.deepEqual(complaints, [])
      })
    })
  }

  it('has the numbers of summary.json in its tables', async () => {
    await withRun({ seconds: 40 }, async (folder) => {
      const told = await summaryIn(folder)
      const { page } = await openFile(browser!, await report(folder), { width: 1280 })
      for (const [name, metric] of Object.entries(told.metrics)) {
        const caption = name.startsWith('tr_')
          ? 'Transactions, times in ms'
          : 'All metrics, times in ms'
        const [count, , ...times] = await row(page, caption, name)
        const { mean, stddev, min, p50, p75, p90, p95, p99, p999, p9999, max } = metric
        assert.equal(count, countText(metric.count), name)
        assert.deepEqual(
          times,
          [mean, stddev, min, p50, p75, p90, p95, p99, p999, p9999, max].map(msText),
        )
      }
      const codes = await row(page, 'HTTP status codes', '200')
      assert.equal(codes[0], countText(told.counters['200']!))
      const caption = 'Errors by class, with the first of each'
      const errors = await row(page, caption, 'error_connect_econnrefused')
      assert.equal(errors[0], countText(told.errors[0]!.count))
      assert.match(errors[2]!, /user 61, browse: GET \/basket \(connect ECONNREFUSED/)
      const phase = await row(page, 'Load by phase, users per second', 'Phase 2')
      assert.deepEqual(phase, ['0:20', '20.0', '20.0', '400', '400', '100 %'])
      await page.close()
    })
  })

  it('says the verdict first, with its reasons', async () => {
    await withRun({ seconds: 20, loss: true }, async (folder) => {
      const { page } = await openFile(browser!, await report(folder), { width: 1280 })
      const first = page.locator('main > section').first()
      assert.equal(await first.getByRole('heading').textContent(), 'Invalid')
      const [reason] = (await summaryIn(folder)).verdict.reasons
      assert.ok((await first.textContent())!.includes(reason!.text))
      const launcher = await row(
        page,
        'Launchers and how they fared; CPU in parts of one core',
        '2',
      )
      assert.deepEqual(launcher.slice(0, 2), ['load2.example', 'lost'])
      await page.close()
    })
  })

  it('shows hostile names as text, and runs nothing of them', async () => {
    await withRun({ seconds: 20, hostile }, async (folder) => {
      const path = await report(folder)
      const { page, complaints } = await openFile(browser!, path, { width: 390 })
      page.on('dialog', () => assert.fail('a dialog was opened'))
      const caption = 'Errors by class, with the first of each'
      assert.equal((await row(page, caption, `error_${hostile}`)).length, 3)
      assert.equal(await page.locator('img').count(), 0)
      assert.equal(await page.locator('script').count(), 3)
      assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 390)
      await page.close()
      assert.deepEqual(complaints, [])
    })
  })

  it('zooms all charts together, and back', async () => {
    await withRun({ seconds: 60 }, async (folder) => {
      const { page } = await openFile(browser!, await report(folder), { width: 1280 })
      const plot = page.locator('.u-over').first()
      await plot.scrollIntoViewIfNeeded()
      const box = (await plot.boundingBox())!
      const picture = (): Promise<unknown> =>
        page.evaluate("document.querySelectorAll('canvas')[3].toDataURL()")
      const whole = await picture()
      await page.mouse.move(box.x + 100, box.y + 50)
      await page.mouse.down()
      await page.mouse.move(box.x + 250, box.y + 60, { steps: 4 })
      await page.mouse.up()
      assert.notEqual(await picture(), whole, 'the fourth chart did not zoom with the first')
      await page.mouse.dblclick(box.x + 100, box.y + 50)
      assert.equal(await picture(), whole, 'the fourth chart did not come back')
      await page.close()
    })
  })

  for (const [width, colorScheme] of [
    [1280, 'light'],
    [390, 'dark'],
  ] as const) {
    it(`has no serious violation that axe finds, ${width} px, ${colorScheme}`, async () => {
      await withRun({ seconds: 60, loss: true, rich: true }, async (folder) => {
        const { page } = await openFile(browser!, await report(folder), { width, colorScheme })
        await page.evaluate(
          "document.querySelectorAll('details').forEach((each) => { each.open = true })",
        )
        assert.deepEqual(await seriousFaults(page), [])
        await page.close()
      })
    })
  }

  it('opens and closes, scrolls and explains with the keyboard alone', async () => {
    await withRun({ seconds: 20 }, async (folder) => {
      const { page } = await openFile(browser!, await report(folder), { width: 1280 })
      await page.keyboard.press('Tab')
      assert.equal(await page.evaluate('document.activeElement.className'), 'skip')
      const summaryOf = page.getByText('The scenario, shop.xml')
      await summaryOf.focus()
      await page.keyboard.press('Enter')
      assert.ok(await page.getByRole('region', { name: 'The scenario' }).isVisible())
      const term = page.locator('abbr', { hasText: /^response$/ }).first()
      await page.keyboard.press('Tab')
      await term.focus()
      const told = await page.evaluate(
        "getComputedStyle(document.activeElement, '::after').content",
      )
      assert.match(String(told), /intended to start/)
      await page.close()
    })
  })

  it('tells who steered, and marks it on the charts', async () => {
    await withRun({ seconds: 60, rich: true }, async (folder) => {
      const { page } = await openFile(browser!, await report(folder), { width: 1280 })
      const steered = await row(page, 'How the run was steered', '0:20')
      assert.deepEqual(steered, [
        'ops@pts/3',
        'arrivals × 1, think times × 1',
        'arrivals × 1.5, think times × 1',
      ])
      const told = await page.locator('#run').textContent()
      const { marks } = JSON.parse(told!) as { marks: { seconds: number; kind: string }[] }
      assert.deepEqual(
        marks.filter(({ kind }) => kind === 'steered').map(({ seconds }) => seconds),
        [20],
      )
      await page.close()
    })
  })

  it('has a table for each chart, and the parts of the time add up', async () => {
    await withRun({ seconds: 60, rich: true }, async (folder) => {
      const { metrics } = await summaryIn(folder)
      const { page } = await openFile(browser!, await report(folder), { width: 1280 })
      const figures = await page.locator('figure').count()
      assert.ok(figures >= 16)
      assert.equal(await page.locator('figure details table').count(), figures)
      const parts = await row(page, 'Mean time of each part', 'All requests')
      assert.equal(parts.at(-1), msText(metrics['response']!.mean))
      const sum = parts.slice(1, -1).reduce((total, text) => total + Number(text || 0), 0)
      assert.ok(Math.abs(sum - metrics['response']!.mean) < 0.2, parts.join())
      await page.close()
    })
  })

  it('says what is under the cursor on the heat map', async () => {
    await withRun({ seconds: 60 }, async (folder) => {
      const { page } = await openFile(browser!, await report(folder), { width: 1280 })
      const plot = page.locator('#chart-heat .u-over')
      await plot.scrollIntoViewIfNeeded()
      const box = (await plot.boundingBox())!
      await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
      assert.match(
        (await page.locator('.readout').textContent())!,
        /^0:\d\d, [\d.]+ to [\d.]+ ms: \d+ values?$/,
      )
      await page.close()
    })
  })

  it('prints without what only a screen can do', async () => {
    await withRun({ seconds: 20 }, async (folder) => {
      const { page } = await openFile(browser!, await report(folder), { width: 1280 })
      await page.emulateMedia({ media: 'print' })
      for (const name of ['nav', '.points', 'figcaption button']) {
        assert.equal(await page.locator(name).first().isVisible(), false, name)
      }
      const pdf = await page.pdf({ format: 'A4' })
      assert.equal(pdf.subarray(0, 5).toString(), '%PDF-')
      await page.close()
    })
  })

  it('stays below 1 MB for an hour, and draws all of it', async () => {
    const hour = { seconds: 3600, requestsPerSecond: 30, rich: true }
    await withRun(hour, async (folder) => {
      const path = await report(folder)
      const { size } = await stat(path)
      assert.ok(size < 1_000_000, `${size} bytes`)
      const { page, complaints } = await openFile(browser!, path, { width: 1280 })
      assert.equal(await page.locator('figure canvas').count(), 24)
      await page.close()
      assert.deepEqual(complaints, [])
    })
  })

  it('switches a chart to a logarithmic scale', async () => {
    await withRun({ seconds: 20 }, async (folder) => {
      const path = await report(folder)
      const { page, complaints } = await openFile(browser!, path, { width: 1280 })
      const button = page.getByRole('button', { name: /^log scale for Response time/ })
      await button.click()
      assert.equal(await button.getAttribute('aria-pressed'), 'true')
      assert.equal(await page.locator('#chart-percentiles-response canvas').count(), 1)
      await page.close()
      assert.deepEqual(complaints, [])
    })
  })
})

describe('report.html from what a run left', () => {
  it('names nothing outside itself', async () => {
    await withRun({ seconds: 20 }, async (folder) => {
      const text = await renderReport(folder)
      assert.deepEqual(text.match(/(?:src|href)="(?!data:|#)[^"]*"/g), null)
      assert.deepEqual(text.match(/url\((?!data:)|@import/g), null)
      assert.match(text, /Content-Security-Policy" content="default-src 'none'/)
    })
  })

  it('is rebuilt from the series alone when the controller was killed', async () => {
    await withRun({ seconds: 30 }, async (folder) => {
      const told = await summaryIn(folder)
      await rm(join(folder, 'summary.json'))
      await rm(join(folder, 'events.ndjson'))
      const run = await readRun(folder)
      assert.equal(run.rebuilt, true)
      assert.deepEqual(
        run.summary.verdict.reasons.map((reason) => reason.code),
        ['V_NO_END'],
      )
      assert.deepEqual(run.summary.counters, told.counters)
      for (const [name, { count, p50, p99, max }] of Object.entries(told.metrics)) {
        const { [name]: rebuilt } = run.summary.metrics
        assert.deepEqual(
          [rebuilt?.count, rebuilt?.p50, rebuilt?.p99, rebuilt?.max],
          [count, p50, p99, max],
        )
      }
      assert.match(await renderReport(folder), /rebuilt from the series of an unfinished run/)
    })
  })

  it('survives a series that was cut in the middle of a line', async () => {
    await withRun({ seconds: 30 }, async (folder) => {
      const path = join(folder, 'series.ndjson')
      const { length } = await readFile(path)
      await truncate(path, length - 2000)
      await appendFile(join(folder, 'events.ndjson'), '{"atMs":1,')
      const run = await readRun(folder)
      assert.equal(run.brokenLines, 2)
      assert.ok(run.timeline.points.length >= 20)
      assert.match(
        await renderReport(folder),
        /2 lines of the run&#39;s files|2 lines of the run's files/,
      )
    })
  })

  it('refuses a folder without a run, by code', async () => {
    const { folder, remove } = await newFolder()
    try {
      await assert.rejects(renderReport(folder), { code: 'E_REPORT_FOLDER' })
    } finally {
      await remove()
    }
  })
})
