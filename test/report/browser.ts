import type { Context } from 'mocha'
import { type Browser, chromium, type Page } from 'playwright-core'
import { requirePeer } from '../support/peers.ts'

/** Chromium without a window; skips the test when there is none. Close it. */
export async function openBrowser(context: Context): Promise<Browser> {
  const executablePath = requirePeer(context, 'chromium', 'chromium')
  const quiet = ['first-run', 'background-networking', 'component-update', 'sync']
  const args = ['--no-sandbox', '--disable-gpu', '--no-first-run']
  return chromium.launch({
    executablePath,
    args: [...args, ...quiet.slice(1).map((name) => `--disable-${name}`)],
  })
}

export interface Opened {
  readonly page: Page
  /** Console errors, exceptions and requests other than for the file itself. */
  readonly complaints: readonly string[]
}

export async function openFile(
  browser: Browser,
  path: string,
  options: { readonly width: number; readonly colorScheme?: 'light' | 'dark' },
): Promise<Opened> {
  const { width, colorScheme = 'light' } = options
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme })
  const complaints: string[] = []
  const url = `file://${path}`
  page.on('console', (message) => {
    if (message.type() !== 'log') complaints.push(`${message.type()}: ${message.text()}`)
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('request', (request) => {
    if (request.url() !== url && !request.url().startsWith('data:')) complaints.push(request.url())
  })
  await page.goto(url)
  return { page, complaints }
}
