/**
 * What variables cost: requests per second of one core with two substitutions and one `re` extraction per request,
 * beside the same requests without. nginx (1 KB of HTML) on core 0, tsts on core 1, both in turn in the same run.
 *
 * `npx tsx bench/language.ts [--pairs 5] [--seconds 5] [--users 50]`.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { median, spread } from './support/figures.ts'
import { startNginx } from './support/nginx.ts'
import { runTsts } from './support/run-tsts.ts'

const { values } = parseArgs({
  options: {
    pairs: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '5' },
    users: { type: 'string', default: '50' },
  },
})
const pairs = Number(values.pairs)
const seconds = Number(values.seconds)

const requests = {
  plain: '<request><http url="/page?user=12&amp;token=a7d3c9" method="GET"/></request>',
  variables: `<request subst="true">
    <dyn_variable name="token" re='name="token" value="([^"]*)"'/>
    <http url="/page?user=%%_tsung_userid%%&amp;token=%%_token%%" method="GET"/>
  </request>`,
} as const
type Variant = keyof typeof requests

const folder = mkdtempSync(join(tmpdir(), 'tsts-bench-'))
const nginx = await startNginx(0, 18_081)
try {
  const rounds: { readonly [Name in Variant]: Round[] } = { plain: [], variables: [] }
  for (let pair = 0; pair < pairs; pair++) {
    for (const name of ['plain', 'variables'] as const) rounds[name].push(await play(name, pair))
  }
  console.log(`keep-alive GET, requests/s on one core, ${values.users} users, ${pairs} pairs`)
  console.log(`plain                           ${textOf(rounds.plain)}`)
  console.log(`two substitutions and one re    ${textOf(rounds.variables)}`)
  const ratio = (of: (round: Round) => number): string =>
    median(rounds.variables.map((round, at) => of(round) / of(rounds.plain[at]!))).toFixed(2)
  const [rate, cost] = [ratio((each) => each.rate), ratio((each) => each.cpuUs)]
  console.log(`rate ${rate} of plain (budget: at least 0.6), CPU of a request ${cost} times plain`)
} finally {
  await nginx.stop()
  rmSync(folder, { recursive: true, force: true })
}

interface Round {
  /** Requests per second. */
  readonly rate: number
  /** CPU of the launcher for one request, in µs. */
  readonly cpuUs: number
}

function textOf(rounds: readonly Round[]): string {
  const cpuUs = median(rounds.map((round) => round.cpuUs)).toFixed(1)
  return `${spread(rounds.map(({ rate }) => rate))}, ${cpuUs} µs of CPU each`
}

async function play(name: Variant, pair: number): Promise<Round> {
  const file = join(folder, `${name}.xml`)
  writeFileSync(file, scenario(requests[name]))
  const { metrics, counters, launchers } = await runTsts(1, file, join(folder, `${name}-${pair}`))
  const answered = metrics['request']!.count
  if (counters['200'] !== answered) throw new Error(`${name}: not every answer was a 200`)
  return { rate: answered / seconds, cpuUs: (launchers[0]!.cpuMs * 1000) / answered }
}

/** Users that ask as fast as they are answered until the run is cut. */
function scenario(request: string): string {
  const users = '<user session="get" start_time="0" unit="second"/>'.repeat(Number(values.users))
  return `<?xml version="1.0"?>
<!DOCTYPE tsung SYSTEM "/usr/share/tsung/tsung-1.0.dtd">
<tsung loglevel="error">
  <clients><client host="localhost" maxusers="30000"/></clients>
  <servers><server host="127.0.0.1" port="${nginx.port}" type="tcp"/></servers>
  <load duration="${seconds}" unit="second">${users}</load>
  <sessions>
    <session name="get" weight="1" type="ts_http">
      <setdynvars sourcetype="value" value="none"><var name="token"/></setdynvars>
      <for var="i" from="1" to="1000000000">${request}</for>
    </session>
  </sessions>
</tsung>
`
}
