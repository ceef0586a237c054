/**
 * Arrivals delivered against planned, and how late: users that connect, ask once and go, at a rate that should be about
 * half of what `npm run bench:http -- --close` gives. nginx on core 0, everything of ours on core 1.
 *
 * `npx tsx bench/arrivals.ts [--rate 5000] [--seconds 10]`. Needs nginx (`apt-get install nginx-light`).
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startNginx } from './support/nginx.ts'
import { runTsts } from './support/run-tsts.ts'

const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '5000' },
    seconds: { type: 'string', default: '10' },
  },
})
const rate = Number(values.rate)
const seconds = Number(values.seconds)

const folder = mkdtempSync(join(tmpdir(), 'tsts-bench-'))
const nginx = await startNginx(0, 18_082)
try {
  const file = join(folder, 'arrivals.xml')
  writeFileSync(file, scenarioText(nginx.port))
  const { counters, metrics } = await runTsts(1, file, join(folder, 'log'))
  const planned = rate * seconds
  const delivered = counters['users_count'] ?? 0
  const { p50, p99 } = metrics['late']!
  console.log(`planned ${planned} users in ${seconds} s, started ${delivered}`)
  console.log(`delivered ${((100 * delivered) / planned).toFixed(3)} %  (budget: at least 99.9 %)`)
  console.log(`late: p50 ${p50} ms, p99 ${p99} ms  (budget: p99 at most 5 ms, wish 2 ms)`)
} finally {
  await nginx.stop()
  rmSync(folder, { recursive: true, force: true })
}

function scenarioText(port: number): string {
  const sources = Array.from({ length: 60 }, (_, at) => `<ip value="127.0.1.${at + 1}"/>`).join('')
  return `<?xml version="1.0"?>
<!DOCTYPE tsung SYSTEM "tsung-1.0.dtd">
<tsung>
  <clients><client host="localhost" maxusers="15000">${sources}</client></clients>
  <servers><server host="127.0.0.1" port="${port}" type="tcp"/></servers>
  <load>
    <arrivalphase phase="1" duration="${seconds}" unit="second">
      <users arrivalrate="${rate}" unit="second"/>
    </arrivalphase>
  </load>
  <sessions>
    <session name="one" probability="100" type="ts_http">
      <request><http url="/" method="GET"/></request>
    </session>
  </sessions>
</tsung>
`
}
