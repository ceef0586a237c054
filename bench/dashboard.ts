/**
 * What the dashboard costs the controller on top of merging: 60 launchers that report 30 metrics of 1,000 samples every
 * second, five open pages. The same seconds are merged without it, with it and no page, and with it and five pages.
 *
 * `npx tsx bench/dashboard.ts [--launchers 60] [--pages 5] [--seconds 20]`
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { type Collected, Collector } from '../controller/collector.ts'
import { newToken } from '../controller/dashboard/access.ts'
import { Feed } from '../controller/dashboard/feed.ts'
import { defaultListen } from '../controller/dashboard/listen.ts'
import { Dashboard } from '../controller/dashboard/server.ts'
import type { Output, RunHead, Verdict } from '../controller/model.ts'
import { chartLibrary } from '../controller/report/render-report.ts'
import { unsteered } from '../controller/steering.ts'
import { judge } from '../controller/verdict.ts'
import { unsteered as unsteeredClock } from '../core/plan/plan-clock.ts'
import { progressAt } from '../core/plan/progress.ts'
import { stream } from '../core/random.ts'
import type { Interval } from '../core/stats/model.ts'
import { headOf } from '../test/outputs/synthetic-run.ts'
import { median } from './support/figures.ts'
import { busyInterval } from './support/interval.ts'

const { values } = parseArgs({
  options: {
    launchers: { type: 'string', default: '60' },
    pages: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '20' },
  },
})
const launchers = Number(values.launchers)
const pages = Number(values.pages)
const seconds = Number(values.seconds)
const metrics = 30
const samples = 1000
const variants = 20
/** Of a core, on top of merging. */
const budget = 0.05

const told = ['request', 'response', 'connect', 'page', 'session', 'late', 'ttfb']
const random = stream('bench', 'dashboard')
const reports = Array.from({ length: variants }, () =>
  named(busyInterval(metrics, samples, random)),
)

const alone = await merged([], null)
const feed = new Feed(true)
const idle = await merged([feed], null)
const watched = new Feed(true)
const open = await merged([watched], await dashboardOf(watched))
console.log(`${launchers} launchers, ${metrics} metrics of ${samples} samples, every second`)
console.log(`merging alone: ${percent(alone)} of a core`)
console.log(`with the dashboard, nobody looks: ${percent(idle - alone)} more`)
console.log(`with ${pages} open pages: ${percent(open - alone)} more`)
const isKept = open - alone < budget
console.log(`budget: below ${percent(budget)}: ${isKept ? 'kept' : 'MISSED'}`)
process.exitCode = isKept ? 0 : 1

/** Share of a core that a second costs, median over all but the first few. */
async function merged(
  outputs: readonly Output[],
  close: (() => Promise<void>) | null,
): Promise<number> {
  const startMs = performance.now()
  let merging = 0
  const collector = new Collector(outputs, 1000, () => merging)
  const head = bigHead()
  if (outputs.length > 0) {
    collector.judgeBy((soFar, plan) => ({
      verdict: verdict(head, soFar),
      progress: progressAt(plan, [unsteeredClock], null, soFar.endedAtMs),
    }))
  }
  for (const plan of head.plan.launchers) {
    const { launcher, host } = plan
    collector.launcherStarted({ launcher, host, pid: launcher, plan, predecessor: null })
  }
  collector.begin({ ...head, startedAt: 0 })
  const costs: number[] = []
  for (let second = 1; second <= seconds; second++) {
    await new Promise((resolve) => {
      setTimeout(resolve, Math.max(0, startMs + second * 1000 - performance.now()))
    })
    merging = second * 1000
    const before = process.cpuUsage()
    for (const { launcher } of head.plan.launchers)
      collector.interval(launcher, reported(launcher, second))
    // What is written to the pages is written a little later.
    await new Promise((resolve) => setTimeout(resolve, 300))
    const { user, system } = process.cpuUsage(before)
    if (second > 3) costs.push((user + system) / 1e6)
  }
  await close?.()
  return median(costs)
}

async function dashboardOf(feed: Feed): Promise<() => Promise<void>> {
  const hooks = { status: () => ({}), steer: () => unsteered, stop: () => 0 }
  const dashboard = new Dashboard(feed, hooks, chartLibrary)
  await dashboard.open(defaultListen, newToken)
  const file = new URL('./support/pages.ts', import.meta.url).pathname
  const child = spawn(process.execPath, ['--import', 'tsx', file, dashboard.url, String(pages)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const [text] = (await once(child.stdout, 'data')) as [Buffer]
  console.log(`looked at by ${text.toString().trim()}`)
  return async () => {
    if (feed.listeners !== pages) throw new Error(`${feed.listeners} pages were open`)
    child.stdin.end()
    await once(child, 'exit')
    await dashboard.close()
  }
}

function bigHead(): RunHead {
  const head = headOf('no-folder-is-written', { seconds })
  const [first] = head.plan.launchers
  const all = Array.from({ length: launchers }, (_, at) => ({
    ...first!,
    launcher: at + 1,
    host: `load${at + 1}.example`,
  }))
  return { ...head, plan: { ...head.plan, launchers: all } }
}

function verdict(head: RunHead, { last, totals, launchers }: Collected): Verdict {
  return judge({
    plannedUsers: head.plan.users,
    dueUsers: last?.due ?? 0,
    startedUsers: totals.counters.get('users_count') ?? 0,
    cut: true,
    launchers,
    compared: null,
  })
}

function reported(launcher: number, second: number): Interval {
  const report = reports[(launcher + second) % variants]!
  return { ...report, sequence: second, fromMs: (second - 1) * 1000, toMs: second * 1000 }
}

/** Under names that the dashboard tells of. */
function named(interval: Interval): Interval {
  const all = Object.values(interval.samples)
  const name = (at: number): string => told[at] ?? `tr_${at}`
  return { ...interval, samples: Object.fromEntries(all.map((sample, at) => [name(at), sample])) }
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`
}
