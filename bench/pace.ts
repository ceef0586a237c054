/**
 * How even a constant rate over connected users is, as their target sees it: the coefficient of variation of the requests
 * per 100 ms, and how far the time between two requests of a user is from its period. The target on core 0, everything of
 * ours on core 1.
 *
 * `npx tsx bench/pace.ts [--users 5000] [--rate 5000] [--seconds 20] [--launchers 1]`; the rate should be about half of
 * what `npm run bench:http` gives.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { gapErrors, PaceTarget, paceScenario, variation } from './support/pace-target.ts'
import { runTsts } from './support/run-tsts.ts'

const { values } = parseArgs({
  options: {
    users: { type: 'string', default: '5000' },
    rate: { type: 'string', default: '5000' },
    seconds: { type: 'string', default: '20' },
    launchers: { type: 'string', default: '1' },
  },
})
const users = Number(values.users)
const rate = Number(values.rate)
const measuredMs = Number(values.seconds) * 1000
const periodMs = (1000 * users) / rate
/** Everybody is connected, and has had its first turn. */
const bringUpS = 6
const settleMs = bringUpS * 1000 + 2 * periodMs

spawnSync('taskset', ['-cp', '0', String(process.pid)])
const folder = mkdtempSync(join(tmpdir(), 'tsts-bench-'))
const target = await PaceTarget.open()
/** A target that stands still sees nothing evenly. */
const ownDelay = monitorEventLoopDelay({ resolution: 1 })
ownDelay.enable()
try {
  const file = join(folder, 'pace.xml')
  const seconds = Math.ceil((settleMs + measuredMs) / 1000) + 1
  const client = `maxusers="18000" cpu="${values.launchers}"`
  const load = { users, arrivalRate: users / (bringUpS - 1), rate, seconds, client }
  writeFileSync(file, paceScenario(target.port, load))
  const { counters, metrics, launchers } = await runTsts(1, file, join(folder, 'log'))
  const fromMs = target.came[0]!.atMs + settleMs
  const toMs = fromMs + measuredMs
  const there = target.came.filter(({ atMs }) => atMs >= fromMs && atMs < toMs)
  const errors = gapErrors(target.came, fromMs, toMs, periodMs)
  const percent = (part: number): string => `${(100 * part).toFixed(3)} %`
  const at = (quantile: number): string =>
    percent(errors[Math.floor(errors.length * quantile)] ?? 0)
  const cpuMs = launchers.reduce((sum, each) => sum + each.cpuMs, 0)
  console.log(
    `${users} users, ${rate} requests/s, ${values.launchers} launcher(s), ${measuredMs / 1000} s`,
  )
  console.log(`requests/s at the target: ${((1000 * there.length) / measuredMs).toFixed(1)}`)
  console.log(
    `variation of requests per 100 ms: ${variation(target.came, fromMs, toMs, 100).toFixed(4)}  (budget: below 0.05)`,
  )
  console.log(
    `gap of a user from its period of ${periodMs} ms: p50 ${at(0.5)}, p99 ${at(0.99)}  (budget: p99 at most 1 %)`,
  )
  console.log(
    `turns: ${counters['tsts_turns_due']} due, ${counters['tsts_turns_taken']} taken; late p99 ${metrics['late']!.p99} ms; ` +
      `CPU of launchers ${(cpuMs / (1000 * seconds)).toFixed(2)} cores`,
  )
  console.log(
    `the target itself stood still for up to ${(ownDelay.max / 1e6).toFixed(0)} ms, p99.9 ${(ownDelay.percentile(99.9) / 1e6).toFixed(1)} ms`,
  )
} finally {
  target.close()
  rmSync(folder, { recursive: true, force: true })
}
