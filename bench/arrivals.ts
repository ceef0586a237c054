/**
 * Claim g: arrivals delivered against planned, and how late, at 25, 50 and 80 % of capacity, with Tsung at the same rates
 * beside it. Users connect, ask once and go; capacity is what tsts reaches with such sessions as fast as they go. nginx
 * on core 0, the client on core 1.
 *
 * `npm run bench:arrivals -- [--pairs 5] [--seconds 10] [--capacity SESSIONS_PER_SECOND] [--json]`
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { contenders, tsungCounts } from './support/contenders.ts'
import { median } from './support/figures.ts'
import { type Nginx, paths, startNginx } from './support/nginx.ts'
import { options } from './support/options.ts'
import { absent, isInstalled } from './support/peers.ts'
import { withFolder } from './support/processes.ts'
import { type Budget, print, type Row } from './support/results.ts'
import { runTsts } from './support/run-tsts.ts'
import { scenario } from './support/scenario.ts'

const shares = [0.25, 0.5, 0.8] as const
const sources = 60
const probes = 3
/** Asked at half of capacity. */
const deliveredBudget: Budget = { of: 'ours', better: 'higher', must: 99.9, wish: 100 }
const lateBudget: Budget = { of: 'ours', better: 'lower', must: 5, wish: 2 }

const { pairs, seconds, capacity, json } = options({ pairs: 5, seconds: 10, capacity: Infinity })

await withFolder(async (folder) => {
  const nginx = await startNginx(folder, { core: 0 })
  const reached = Number.isFinite(capacity) ? capacity : await sessionRate(nginx, folder)
  console.error(`capacity ${Math.round(reached)} sessions/s`)
  const rows: Row[] = []
  for (const share of shares) rows.push(...(await playShare(share, reached, nginx, folder)))
  print({ script: 'arrivals.ts', rows, missing: absent(['tsung']) }, json)
})

/** Median of a few closed loops. */
async function sessionRate(nginx: Nginx, folder: string): Promise<number> {
  const base = { users: 50, seconds: 5, port: nginx.port, path: paths.hello }
  const [tsts] = contenders({ ...base, tls: false, close: true, bodyBytes: 0 }, folder, [])
  const rates: number[] = []
  for (let probe = 0; probe < probes; probe++) rates.push((await tsts!.run()).rate)
  return median(rates)
}

async function playShare(
  share: number,
  reached: number,
  nginx: Nginx,
  folder: string,
): Promise<readonly Row[]> {
  const rate = Math.round(reached * share)
  const planned = rate * seconds
  const file = join(folder, `arrivals-${rate}.xml`)
  writeFileSync(file, scenarioText(rate, nginx.port))
  const percent = (users: number | undefined): number => (100 * (users ?? 0)) / planned
  const [delivered, late, theirs]: [number[], number[], number[]] = [[], [], []]
  for (let pair = 0; pair < pairs; pair++) {
    const { counters, metrics } = await runTsts(1, file, folder)
    delivered.push(percent(counters['users_count']))
    late.push(metrics['late']!.p99)
    if (isInstalled('tsung')) {
      theirs.push(percent((await tsungCounts(file, folder)).counts['users_count']))
    }
  }
  const what = `arrivals at ${share * 100} % of capacity, ${rate} users/s`
  const isHalf = share === 0.5
  const peer = theirs.length === 0 ? null : { name: 'tsung', values: theirs }
  return [
    {
      ...{
        claim: 'g',
        what: `${what}: delivered`,
        unit: '% of the planned',
        ours: delivered,
        peer,
      },
      ...{ budget: isHalf ? deliveredBudget : null, note: '' },
    },
    {
      ...{ claim: 'g', what: `${what}: late p99`, unit: 'ms', ours: late, peer: null },
      ...{ budget: isHalf ? lateBudget : null, note: 'Tsung does not measure it' },
    },
  ]
}

/** The load ends with its last user, or for a client that cannot keep up 1 s after the phase. */
function scenarioText(rate: number, port: number): string {
  return scenario({
    port,
    sources,
    loadAttributes: `duration="${seconds + 1}" unit="second"`,
    load: `<arrivalphase phase="1" duration="${seconds}" unit="second">
      <users arrivalrate="${rate}" unit="second" maxnumber="${rate * seconds}"/>
    </arrivalphase>`,
    session: `<request><http url="${paths.hello}" method="GET"/></request>`,
  })
}
