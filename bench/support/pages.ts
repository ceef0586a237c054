/**
 * Pages of a dashboard, open until standard input ends: in Chromium when it is installed, else readers of its stream.
 *
 * `npx tsx bench/support/pages.ts URL 5`
 */
import { get } from 'node:http'
import { chromium } from 'playwright-core'
import { findProgram } from '../../test/support/peers.ts'

const [url = '', count = '5'] = process.argv.slice(2)
const executablePath = findProgram('chromium')

if (executablePath === null) {
  for (let page = 0; page < Number(count); page++)
    get(`${url}api/events`, (stream) => stream.resume())
  console.log('readers of the stream: apt-get install chromium has real pages')
} else {
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] })
  for (let page = 0; page < Number(count); page++) {
    const opened = await browser.newPage()
    await opened.goto(url)
    await opened.locator('#link.live').waitFor()
  }
  process.stdin.on('end', () => void browser.close())
  console.log('pages in Chromium')
}
process.stdin.resume().on('end', () => setTimeout(() => process.exit(), 1000).unref())
