/** A real run with exports, and a target for it. */
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Summary } from '../../controller/outputs/summary.ts'
import { startRecording } from '../support/recording-server.ts'
import { TstsProcess } from '../support/tsts-process.ts'

export interface ExportedRun {
  readonly folder: string
  readonly summary: Summary
  readonly stdout: string
  readonly stderr: string
}

const seconds = 5

/** Plays 100 users for 5 s, with a transaction and a tag. */
export async function playExported(
  flagsOf: (folder: string) => readonly string[],
  use: (run: ExportedRun) => Promise<void>,
  meanwhile: (tsts: TstsProcess, logs: string) => Promise<void> = async () => undefined,
  env: { readonly [name: string]: string } = {},
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tsts-exports-'))
  const target = await startRecording()
  try {
    const file = join(folder, 'shop.xml')
    writeFileSync(file, scenarioText(target.port))
    const flags = ['-l', join(folder, 'logs'), '--seed', '1', '--no-report', ...flagsOf(folder)]
    const tsts = new TstsProcess(['run', file, ...flags], { env })
    await meanwhile(tsts, join(folder, 'logs'))
    const code = await tsts.ended
    // A busy machine may make a launcher late, which the verdict has to say; null: `meanwhile` has ended it.
    assert.ok(
      code === 0 || code === 4 || code === null,
      `exit code ${code}: ${tsts.stdout}${tsts.stderr}`,
    )
    const run = join(folder, 'logs', readdirSync(join(folder, 'logs'))[0]!)
    const summary = JSON.parse(readFileSync(join(run, 'summary.json'), 'utf8')) as Summary
    await use({ folder, summary, stdout: tsts.stdout, stderr: tsts.stderr })
  } finally {
    await target.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

function scenarioText(port: number): string {
  return `<?xml version="1.0"?>
<!DOCTYPE tsung SYSTEM "/usr/share/tsung/tsung-1.0.dtd">
<tsung loglevel="notice">
  <clients><client host="localhost" cpu="2"/></clients>
  <servers><server host="127.0.0.1" port="${port}" type="tcp"/></servers>
  <load>
    <arrivalphase phase="1" duration="${seconds}" unit="second">
      <users arrivalrate="20" unit="second"/>
    </arrivalphase>
  </load>
  <sessions>
    <session name="shop" probability="100" type="ts_http">
      <transaction name="buy">
        <request tag="cart"><http url="/cart" method="GET" version="1.1"/></request>
      </transaction>
      <request><http url="/" method="GET" version="1.1"/></request>
    </session>
  </sessions>
</tsung>
`
}
