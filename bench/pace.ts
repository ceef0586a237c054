/**
 * Claim g: how even a constant rate over connected users is, as their target sees it: the coefficient of variation of the
 * requests per 100 ms, and how far the time between two requests of a user is from its period. The target, a Node
 * server, on core 0, everything of ours on core 1.
 *
 * `npm run bench:pace -- [--pairs 5] [--users 15000] [--rate 10000] [--seconds 15] [--launchers 1] [--json]`; the rate should
 * be about half of what the target can answer.
 */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { median } from './support/figures.ts'
import { options } from './support/options.ts'
import { gapErrors, PaceTarget, paceScenario, variation } from './support/pace-target.ts'
import { withFolder } from './support/processes.ts'
import { type Budget, print, type Row } from './support/results.ts'
import { launchersCpuMs, runTsts } from './support/run-tsts.ts'

const flags = options({ pairs: 5, users: 15_000, rate: 10_000, seconds: 15, launchers: 1 })
const { users, rate, launchers } = flags
const measuredMs = flags.seconds * 1000
const periodMs = (1000 * users) / rate
/** Everybody is connected, and has had its first turn. */
const bringUpS = 8
const settleMs = bringUpS * 1000 + 2 * periodMs
const budgets: { readonly [what: string]: Budget } = {
  variation: { of: 'ours', better: 'lower', must: 0.05, wish: null },
  gap: { of: 'ours', better: 'lower', must: 1, wish: null },
}

interface Evenness {
  readonly variation: number
  /** Percent of the period. */
  readonly gapP99: number
  readonly rate: number
  readonly cores: number
  /** Of the target's own event loop, p99.9. */
  readonly targetDelayMs: number
}

spawnSync('taskset', ['-cp', '0', String(process.pid)])
await withFolder(async (folder) => {
  const played: Evenness[] = []
  for (let pair = 0; pair < flags.pairs; pair++) played.push(await play(folder))
  const of = (figure: keyof Evenness): readonly number[] => played.map((each) => each[figure])
  const what = `${users.toLocaleString('en')} users, ${rate.toLocaleString('en')} requests/s, ${launchers} launcher(s)`
  const seen = `${median(of('rate')).toFixed(1)} requests/s came, ${median(of('cores')).toFixed(2)} cores; the target’s own delay p99.9 ${median(of('targetDelayMs')).toFixed(1)} ms`
  const row = (name: string, unit: string, figure: keyof Evenness, budget: Budget): Row => ({
    ...{ claim: 'g', what: `constant rate, ${what}: ${name}`, unit, ours: of(figure) },
    ...{ peer: null, budget, note: figure === 'variation' ? seen : '' },
  })
  const rows = [
    row('variation of requests per 100 ms', 'σ/µ', 'variation', budgets['variation']!),
    row('gap of a user from its period, p99', '% of it', 'gapP99', budgets['gap']!),
  ]
  print({ script: 'pace.ts', rows, missing: [] }, flags.json)
})

async function play(folder: string): Promise<Evenness> {
  const target = await PaceTarget.open()
  // A target that stands still sees nothing evenly.
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  try {
    const file = join(folder, 'pace.xml')
    const seconds = Math.ceil((settleMs + measuredMs) / 1000) + 1
    const client = `maxusers="18000" cpu="${launchers}"`
    const load = { users, arrivalRate: users / (bringUpS - 2), rate, seconds, client }
    writeFileSync(file, paceScenario(target.port, load))
    const summary = await runTsts(1, file, folder)
    const fromMs = target.came[0]!.atMs + settleMs
    const toMs = fromMs + measuredMs
    const errors = gapErrors(target.came, fromMs, toMs, periodMs)
    const there = target.came.filter(({ atMs }) => atMs >= fromMs && atMs < toMs)
    return {
      variation: variation(target.came, fromMs, toMs, 100),
      gapP99: 100 * (errors[Math.floor(errors.length * 0.99)] ?? Number.NaN),
      rate: (1000 * there.length) / measuredMs,
      cores: launchersCpuMs(summary) / (1000 * seconds),
      targetDelayMs: delay.percentile(99.9) / 1e6,
    }
  } finally {
    delay.disable()
    target.close()
  }
}
