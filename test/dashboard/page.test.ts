import assert from 'node:assert/strict'
import type { Browser, Page } from 'playwright-core'
import type { Feed } from '../../controller/dashboard/feed.ts'
import { defaultListen } from '../../controller/dashboard/listen.ts'
import { newFolder, playRun, type RunOptions } from '../outputs/synthetic-run.ts'
import { seriousFaults } from '../report/axe.ts'
import { openBrowser } from '../report/browser.ts'
import { type OpenedDashboard, openDashboard } from './open.ts'

const waitMs = 30_000

interface OpenPage {
  readonly page: Page
  /** Console errors, exceptions and requests to others. */
  readonly complaints: string[]
}

describe('dashboard in a browser', function () {
  this.timeout(120_000)
  let browser: Browser | null = null
  let opened: OpenedDashboard
  const toClose: (() => Promise<unknown>)[] = []

  before(async function () {
    browser = await openBrowser(this)
  })
  after(async () => {
    await browser?.close()
  })
  beforeEach(async () => {
    opened = await openDashboard()
  })
  afterEach(async () => {
    for (const close of toClose.splice(0)) await close()
    await opened.dashboard.close()
  })

  async function play(feed: Feed, options: RunOptions): Promise<void> {
    const { folder, remove } = await newFolder()
    try {
      await playRun([feed], folder, options)
    } finally {
      await remove()
    }
  }

  async function open(
    url: string,
    {
      width = 1280,
      colorScheme = 'light',
    }: { width?: number; colorScheme?: 'light' | 'dark' } = {},
  ): Promise<OpenPage> {
    const context = await browser!.newContext({ viewport: { width, height: 900 }, colorScheme })
    toClose.push(() => context.close())
    const page = await context.newPage()
    page.setDefaultTimeout(waitMs)
    const complaints: string[] = []
    page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`))
    page.on('pageerror', (error) => complaints.push(String(error)))
    page.on('request', (request) => {
      const own = request.url().startsWith(`${new URL(url).origin}/`)
      if (!own && !request.url().startsWith('data:')) complaints.push(request.url())
    })
    await page.goto(url)
    return { page, complaints }
  }

  const says = (page: Page, selector: string, text: RegExp): Promise<void> =>
    page.locator(selector).filter({ hasText: text }).waitFor()

  for (const [width, colorScheme] of [
    [1280, 'light'],
    [1280, 'dark'],
    [390, 'light'],
    [390, 'dark'],
  ] as const) {
    it(`shows the run to everybody, ${width} px, ${colorScheme}`, async () => {
      await play(opened.feed, { seconds: 40, loss: true, steered: true })
      const { page, complaints } = await open(opened.dashboard.url, { width, colorScheme })
      await says(page, '#link', /^live$/)
      await says(page, '#verdict', /Invalid so far.*launcher 2 was lost/s)
      await says(page, '#figure-users', /^0at most 62/)
      await says(page, '#launchers tbody tr:nth-child(2)', /^2load2\.examplelost/)
      await says(
        page,
        '#errors tbody tr',
        /error_connect_econnrefused10.*user 61, browse: GET \/basket/,
      )
      await says(page, '#phases tbody tr.now', /^2.*playing$/)
      await says(page, '#subtitle', /paused, arrivals × 1\.5/)
      for (const canvas of await page.locator('figure canvas').all()) {
        const box = await canvas.boundingBox()
        assert.ok(box && box.width > 300 && box.height >= 180, JSON.stringify(box))
      }
      assert.equal(await page.locator('figure canvas').count(), 8)
      await says(page, '#progress-text', /^0:40, the plan stands with 0:35 left$/)
      await says(
        page,
        '#hosts tbody tr:nth-child(2)',
        /^load260 %4\.0 %1\.6 GB.*3,600 of 28,232 \(10\.0\.0\.2\)1,2000:40$/,
      )
      await says(
        page,
        '#description-hosts',
        /^At 0:40: CPU 60\.0, stolen 4\.00, ports of an address 12\.8\.$/,
      )
      await says(page, '#description-network', /received 1,800, sent 360/)
      assert.equal(await page.evaluate('document.documentElement.scrollWidth'), width)
      assert.deepEqual(await seriousFaults(page), [])
      assert.deepEqual(complaints, [])
    })
  }

  it('shows each second as it comes, to five pages alike', async () => {
    const pages = await Promise.all(
      Array.from({ length: 5 }, () => open(opened.dashboard.url, { width: 800 })),
    )
    for (const { page } of pages) await says(page, '#link', /^live$/)
    assert.equal(opened.feed.listeners, 5)
    await play(opened.feed, { seconds: 9 })
    for (const { page, complaints } of pages) {
      await says(page, '#progress-text', /^0:09 of 0:09/)
      await says(
        page,
        '#description-arrivals',
        /^At 0:09: started 20\.0, due 20\.0, planned 20\.0\.$/,
      )
      assert.deepEqual(complaints, [])
    }
  })

  it('shows no hosts as long as none has told', async () => {
    await play(opened.feed, { seconds: 4, hosts: 0 })
    const { page, complaints } = await open(opened.dashboard.url)
    await says(page, '#none-hosts', /^None so far\.$/)
    await says(page, '#description-hosts', /^At 0:04: CPU –, stolen –/)
    assert.deepEqual(complaints, [])
  })

  it('steers by keyboard, and shows what came of it', async () => {
    await play(opened.feed, { seconds: 8 })
    const { page, complaints } = await open(opened.dashboard.url)
    await says(page, '#link', /^live$/)
    opened.atMs = 8000
    await page.getByLabel('Arrivals, times the plan').fill('1.5')
    await page.keyboard.press('Enter')
    await says(page, '#said', /Applied/)
    assert.equal(opened.helm.now.arrivalFactor, 1.5)
    assert.equal(opened.helm.now.requestsPerSecond, null)
    await says(page, '#events li:first-child', /0:08dashboard 127\.0\.0\.1: arrivals × 1 to × 1\.5/)
    await page.getByLabel('Constant rate, requests per second').fill('30000')
    await page.getByRole('button', { name: 'Apply' }).click()
    await says(page, '#events li:first-child', /constant rate the scenario’s to 30000\/s/)
    await page.getByRole('button', { name: 'Pause' }).press('Enter')
    await page.getByRole('button', { name: 'Resume' }).waitFor()
    assert.equal(opened.helm.now.paused, true)
    await page.getByRole('button', { name: 'Skip this phase' }).click()
    await says(page, '#events li:first-child', /the phase ends now/)
    await page.getByLabel('Arrivals, times the plan').fill('13')
    await page.keyboard.press('Enter')
    await says(page, '#said.bad', /Nothing was changed: the launchers refuse thirteen/)
    assert.equal(opened.helm.now.arrivalFactor, 1.5)
    assert.deepEqual(
      complaints.filter((text) => !text.includes('400')),
      [],
    )
  })

  it('stops only after it was asked twice', async () => {
    await play(opened.feed, { seconds: 4 })
    const { page } = await open(opened.dashboard.url)
    await says(page, '#link', /^live$/)
    const stop = page.getByRole('button', { name: 'Stop the run…' })
    await stop.click()
    assert.deepEqual(await seriousFaults(page), [])
    await page.keyboard.press('Escape')
    await stop.click()
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
    assert.deepEqual(opened.stops, [])
    await stop.click()
    await page.getByRole('button', { name: 'Stop the run', exact: true }).click()
    await says(page, '#said', /users have 30 s to end/)
    assert.deepEqual(opened.stops, [null])
    opened.feed.over(4)
    await says(page, '#link', /the run is over/)
    await says(page, '#verdict', /exit code 4/)
    assert.ok(await stop.isDisabled())
  })

  it('keeps the token to itself', async () => {
    const guarded = await openDashboard({ host: '0.0.0.0', port: 0 })
    toClose.push(() => guarded.dashboard.close())
    await play(guarded.feed, { seconds: 4 })
    const url = guarded.dashboard.url.replace('0.0.0.0', '127.0.0.1')
    const stranger = await open(url.replace(/#.*/, ''))
    await says(stranger.page, '#link', /the token is missing or wrong/)
    const { page, complaints } = await open(url)
    await says(page, '#link', /^live$/)
    assert.equal(page.url(), url.replace(/#.*/, ''))
    await page.reload()
    await says(page, '#link', /^live$/)
    await page.getByRole('button', { name: 'Pause' }).click()
    await page.getByRole('button', { name: 'Resume' }).waitFor()
    assert.equal(guarded.helm.now.paused, true)
    assert.deepEqual(complaints, [])
  })

  it('comes back by itself when the run answers again', async () => {
    await play(opened.feed, { seconds: 6 })
    const { page } = await open(opened.dashboard.url)
    await says(page, '#progress-text', /^0:06/)
    const { port } = opened.dashboard.at!
    await opened.dashboard.close()
    await says(page, '#link', /does not answer, trying again/)
    opened = await openDashboard({ ...defaultListen, port })
    await play(opened.feed, { seconds: 3 })
    await says(page, '#link', /^live$/)
    await says(page, '#progress-text', /^0:03/)
  })

  it('would be found out by the check of what people cannot use', async () => {
    const { page } = await open(opened.dashboard.url)
    await page.evaluate("document.querySelector('main').append(document.createElement('img'))")
    const faults = await seriousFaults(page)
    assert.equal(faults.length, 1)
    assert.match(faults[0]!, /^image-alt/)
  })

  it('takes no name of a scenario or a target for markup', async () => {
    const hostile = `</script><script>alert(1)</script><img src=x onerror=alert(2)>"'&--><!--`
    await play(opened.feed, { seconds: 20, loss: true, hostile })
    const { page, complaints } = await open(opened.dashboard.url)
    await says(page, '#errors', /<img src=x/)
    assert.equal(await page.locator('main img').count(), 0)
    assert.deepEqual(complaints, [])
  })
})
