import assert from 'node:assert/strict'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { main } from '../../controller/cli.ts'
import { type Comparison, compareRuns } from '../../controller/compare/compare-runs.ts'
import { slowerLimit } from '../../controller/compare/slower-limits.ts'
import { series } from '../../controller/outputs/series.ts'
import { summary } from '../../controller/outputs/summary.ts'
import { newFolder, playRun, type RunOptions } from '../outputs/synthetic-run.ts'
import { seriousFaults } from '../report/axe.ts'
import { openBrowser, openFile } from '../report/browser.ts'
import { terminal } from '../support/terminal.ts'

const onTrouble = assert.fail
const options = { alpha: 0.05, least: 0.01, afterMs: 0, limits: [] }

/** Folders of made-up runs, removed afterwards. */
async function withRuns(
  runs: readonly RunOptions[],
  use: (folders: readonly string[]) => Promise<void>,
): Promise<void> {
  const made: Awaited<ReturnType<typeof newFolder>>[] = []
  try {
    for (const run of runs) {
      const folder = await newFolder()
      made.push(folder)
      await playRun([summary({ onTrouble }), series({ onTrouble })], folder.folder, run)
    }
    await use(made.map(({ folder }) => folder))
  } finally {
    await Promise.all(made.map(({ remove }) => remove()))
  }
}

function verdictOf({ rows }: Comparison, metric: string, statistic: string): string | undefined {
  return rows.find((row) => row.metric === metric && row.statistic === statistic)?.verdict
}

const run = { seconds: 120, requestsPerSecond: 40 }

describe('tsts compare', function () {
  this.timeout(120_000)
  let browser: Browser | null = null
  before(async function () {
    browser = await openBrowser(this)
  })
  after(async () => {
    await browser?.close()
  })

  it('tells a slower run, and in which figures', async () => {
    const long = { ...run, seconds: 300 }
    const slower = { ...long, seed: 'b', slowness: 1.3 }
    await withRuns([{ ...long, seed: 'a' }, slower], async (folders) => {
      const comparison = await compareRuns(folders, options)
      for (const statistic of ['mean', 'p50', 'p95']) {
        assert.equal(verdictOf(comparison, 'request', statistic), 'worse', statistic)
      }
      assert.equal(verdictOf(comparison, 'connect', 'p50'), 'no-difference')
      assert.equal(verdictOf(comparison, 'requests', 'rate'), 'no-difference')
      assert.equal(verdictOf(comparison, 'late', 'p50'), undefined)
      assert.deepEqual(comparison.runs[1]!.doubts, [])
      const row = comparison.rows.find((each) => each.metric === 'request')!
      assert.ok(row.low! < 0.3 && 0.3 < row.high!, JSON.stringify(row))
      for (const { verdict, low, high } of comparison.rows) {
        if (verdict === 'no-difference') assert.ok(Number.isFinite(high) && low! > -1)
      }
    })
  })

  it('tells no difference of two equal runs, and keeps its limits', async () => {
    await withRuns(
      [
        { ...run, seed: 'a' },
        { ...run, seed: 'b' },
      ],
      async (folders) => {
        const io = terminal()
        assert.equal(await main(['compare', ...folders, '--fail-if-slower', '5%'], io), 0)
        assert.doesNotMatch(io.text(), /slower$|faster$|FAILED/m)
        assert.match(io.text(), /request p95 .* no difference told/)
        assert.match(io.text(), /1 limit kept/)
      },
    )
  })

  it('cannot tell anything of runs that are too short', async () => {
    const short = { seconds: 20, requestsPerSecond: 40 }
    await withRuns([short, { ...short, slowness: 3 }], async (folders) => {
      const comparison = await compareRuns(folders, { ...options, limits: [slowerLimit('5%')] })
      assert.deepEqual([...new Set(comparison.rows.map(({ verdict }) => verdict))], ['unknown'])
      assert.deepEqual(comparison.untold, ['5%: there is too little data to tell'])
    })
  })

  it('fails with 3 when a limit is exceeded, and only then', async () => {
    const slower = { ...run, seed: 'b', slowness: 1.3 }
    await withRuns([{ ...run, seed: 'a' }, slower], async (folders) => {
      for (const [limit, code] of [
        ['5%', 3],
        ['p50(request)=10%', 3],
        ['p50(request)=90%', 0],
        ['p50(connect)=1%', 0],
      ] as const) {
        const io = terminal()
        assert.equal(
          await main(['compare', ...folders, '--fail-if-slower', limit], io),
          code,
          limit,
        )
        assert.equal(/^FAILED/m.test(io.text()), code === 3, limit)
      }
    })
  })

  it('refuses a limit, a folder and a lone run that it cannot use', async () => {
    await withRuns([{ seconds: 20 }, { seconds: 20 }], async ([folder, other]) => {
      for (const [args, message] of [
        [[folder!, other!, '--fail-if-slower', 'fast'], /--fail-if-slower wants .*not "fast"/],
        [[folder!], /two runs or more/],
        [[folder!, folder!], /given twice/],
        [[folder!, `${other}/none`], /series\.ndjson is missing/],
        [[folder!, other!, '--confidence', '100'], /less than 100/],
      ] as const) {
        const io = terminal()
        assert.equal(await main(['compare', ...args], io), 2)
        assert.match(io.errors(), message)
      }
    })
  })

  it('says what makes a comparison doubtful', async () => {
    const other = { seconds: 60, loss: true, file: 'other.xml' }
    await withRuns([{ seconds: 120 }, other], async (folders) => {
      const io = terminal()
      assert.equal(await main(['compare', ...folders, '--fail-if-slower', '5%'], io), 4)
      assert.match(io.text(), /^! \S+ is invalid: launcher 2/m)
      assert.match(
        io.text(),
        /^! another load was asked for: 1,802 users in 2:00, then 902 in 1:00$/m,
      )
      await rm(join(folders[1]!, 'summary.json'))
      const again = await compareRuns(folders, options)
      assert.match(again.runs[1]!.doubts[0]!, /has no summary/)
    })
  })

  it('leaves out what came before --after', async () => {
    await withRuns([run, { ...run, seed: 'b' }], async (folders) => {
      const all = await compareRuns(folders, options)
      const later = await compareRuns(folders, { ...options, afterMs: 60_000 })
      assert.deepEqual([all.runs[0]!.blocks, later.runs[0]!.blocks], [12, 6])
    })
  })

  it('prints JSON that has every figure of every run', async () => {
    const runs = ['a', 'b', 'c'].map((seed) => ({ ...run, seed, rich: true }))
    await withRuns(runs, async (folders) => {
      const io = terminal()
      assert.equal(await main(['compare', ...folders, '--json'], io), 0)
      const told = JSON.parse(io.text()) as Comparison
      assert.equal(told.version, 1)
      assert.equal(told.runs.length, 3)
      const figures = told.rows.map(
        ({ run: name, metric, statistic }) => `${name} ${statistic}(${metric})`,
      )
      assert.equal(new Set(figures).size, figures.length)
      const tagged = told.rows.filter(({ metric }) => metric === 'request.tag_search')
      assert.equal(tagged.length, 8)
      assert.ok(tagged.every(({ isPart, alpha }) => isPart && alpha <= 0.025))
    })
  })

  for (const [width, colorScheme] of [
    [1280, 'light'],
    [390, 'dark'],
  ] as const) {
    it(`makes a page that stands by itself, ${width} px, ${colorScheme}`, async () => {
      const slower = { ...run, seed: 'b', slowness: 1.3, rich: true }
      await withRuns([{ ...run, seed: 'a', rich: true }, slower], async (folders) => {
        const path = join(folders[0]!, 'comparison.html')
        const args = ['compare', ...folders, '--html', path, '--fail-if-slower', '5%']
        assert.equal(await main(args, terminal()), 3)
        const { page, complaints } = await openFile(browser!, path, { width, colorScheme })
        assert.equal(await page.evaluate('document.documentElement.scrollWidth'), width)
        const first = page.locator('main > section').first()
        assert.equal(await first.getByRole('heading').textContent(), 'Slower than allowed')
        const row = page.getByRole('row').filter({ hasText: 'request p50' }).first()
        assert.match((await row.textContent())!, /slower$/)
        assert.deepEqual(await seriousFaults(page), [])
        await page.close()
        assert.deepEqual(complaints, [])
        assert.doesNotMatch(await readFile(path, 'utf8'), /<script/)
      })
    })
  }
})
