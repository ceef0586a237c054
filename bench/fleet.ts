/**
 * What a launcher costs its controller to get ready, to start, to report and to stop, with 10, 100 and 1,000 of them:
 * the time of each must not grow with their number. The launchers are fake ones, all in one process.
 *
 * `npx tsx bench/fleet.ts`
 */
import { Collector } from '../controller/collector.ts'
import { Fleet } from '../controller/fleet/fleet.ts'

import type { Interval } from '../core/stats/model.ts'
import { assignmentOf, fakeAgent, localTransport } from '../test/support/fake-fleet.ts'
import { median } from './support/figures.ts'

const rounds = 3

/** A collector that knows how many users were reported. */
class Counting extends Collector {
  users = 0

  override interval(launcher: number, interval: Interval): void {
    super.interval(launcher, interval)
    this.users += interval.counters['users_count'] ?? 0
  }
}

interface Times {
  readonly readyMs: number
  /** From the order to start to the last report of all, and their end. */
  readonly playMs: number
  readonly stopMs: number
  /** CPU time of the controller in all. */
  readonly cpuMs: number
}

for (const count of [10, 100, 1000]) {
  const all: Times[] = []
  for (let round = 0; round < rounds; round++) all.push(await timesOf(count))
  const each = (of: (times: Times) => number): string =>
    `${((median(all.map(of)) * 1000) / count).toFixed(0)} µs`
  console.log(
    `${count} launchers, for each: ready ${each((all) => all.readyMs)}, start and report ` +
      `${each((all) => all.playMs)}, stop ${each((all) => all.stopMs)}; CPU ${each((all) => all.cpuMs)}`,
  )
}

/** Half of them end by themselves, half have to be stopped. */
async function timesOf(count: number): Promise<Times> {
  const holding = Array.from({ length: count }, (_, at) => [at + 1, at % 2 ? 'hold' : 'finish'])
  const agent = fakeAgent({ launchers: Object.fromEntries(holding) })
  const collector = new Counting([], 1000, () => performance.timeOrigin + performance.now())
  const fleet = new Fleet([localTransport(agent)], collector)
  const assignment = assignmentOf(Array.from({ length: count }, () => 10))
  try {
    await fleet.connect()
    const cpu = process.cpuUsage()
    const beginMs = performance.now()
    if (!(await fleet.prepare(assignment))) throw new Error('not all are ready')
    const readyMs = performance.now()
    fleet.start(0)
    const wanted = count * 10
    while (collector.users < wanted) await new Promise((resolve) => setImmediate(resolve))
    const playedMs = performance.now()
    fleet.stop(0)
    await fleet.ended()
    const endMs = performance.now()
    const { user, system } = process.cpuUsage(cpu)
    return {
      readyMs: readyMs - beginMs,
      playMs: playedMs - readyMs,
      stopMs: endMs - playedMs,
      cpuMs: (user + system) / 1000,
    }
  } finally {
    await fleet.close()
  }
}
