/**
 * Resident memory of an idle connected HTTP user: a launcher with many users that asked once and think, against one
 * with few.
 *
 * `npx tsx bench/idle.ts [--users 15000]`. Needs nginx (`apt-get install nginx-light`).
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startNginx } from './support/nginx.ts'
import { runTsts } from './support/run-tsts.ts'

const { values } = parseArgs({ options: { users: { type: 'string', default: '15000' } } })
const many = Number(values.users)
const few = 10
const arrivalSeconds = 15

const folder = mkdtempSync(join(tmpdir(), 'tsts-bench-'))
const nginx = await startNginx(0, 18_081)
try {
  const base = await resident(few)
  const full = await resident(many)
  const perUser = (full - base) / (many - few)
  console.log(`launcher with ${few} users: ${mib(base)} MiB; with ${many}: ${mib(full)} MiB`)
  console.log(`per idle connected HTTP user: ${(perUser / 1024).toFixed(2)} KiB resident`)
  console.log('budget: at most 8 KB (wish 5 KB)')
} finally {
  await nginx.stop()
  rmSync(folder, { recursive: true, force: true })
}

/** The most memory the launcher had, in bytes. */
async function resident(users: number): Promise<number> {
  const file = join(folder, `idle-${users}.xml`)
  writeFileSync(
    file,
    `<?xml version="1.0"?>
<!DOCTYPE tsung SYSTEM "tsung-1.0.dtd">
<tsung>
  <clients><client host="localhost" use_controller_vm="true" maxusers="19000"/></clients>
  <servers><server host="127.0.0.1" port="${nginx.port}" type="tcp"/></servers>
  <load duration="${arrivalSeconds + 10}" unit="second">
    <arrivalphase phase="1" duration="${arrivalSeconds}" unit="second">
      <users arrivalrate="${users / arrivalSeconds}" unit="second" maxnumber="${users}"/>
    </arrivalphase>
  </load>
  <sessions>
    <session name="idle" probability="100" type="ts_http">
      <request><http url="/" method="GET"/></request>
      <thinktime value="600"/>
    </session>
  </sessions>
</tsung>
`,
  )
  const summary = await runTsts(1, file, join(folder, `idle-${users}`))
  const connected = summary.gauges['connected']!.max
  if (connected < users) throw new Error(`only ${connected} of ${users} users were connected`)
  return summary.launchers[0]!.rssBytesMax
}

function mib(bytes: number): string {
  return (bytes / 1024 / 1024).toFixed(1)
}
