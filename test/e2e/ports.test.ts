import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tsts } from '../support/dist.ts'
import { RunCase, type ScenarioText, scenarioText } from '../support/run-case.ts'
import { TstsProcess } from '../support/tsts-process.ts'

describe('ports of a run', function () {
  this.timeout(90_000)
  let run: RunCase

  beforeEach(async () => {
    run = await RunCase.open()
  })
  afterEach(() => run.close())

  /** @param client what `<client host="localhost"` is followed by */
  function scenario(text: ScenarioText, client: string, ports: readonly [number, number]): string {
    const options = `<option name="ports_range" min="${ports[0]}" max="${ports[1]}"/>`
    const plain = scenarioText(run.port, { ...text, options })
    const file = join(run.folder, 'ports.xml')
    writeFileSync(file, plain.replace(/<client host="localhost" *\/>/, `<client ${client}`))
    return file
  }

  function play(file: string): TstsProcess {
    return new TstsProcess(['run', file, '-l', run.logDir, '--seed', '1', '--no-live'])
  }

  it('launchers and their successors share an address, and nobody fails', async () => {
    const client = 'host="localhost" cpu="2" maxusers="6"><ip value="127.0.78.1"/></client>'
    const file = scenario({ thinkSeconds: 2 }, client, [22_000, 22_059])
    const process = play(file)
    const code = await process.ended
    assert.ok(code === 0 || code === 4, process.stdout + process.stderr)
    const { load, requests, errors, launchers } = run.summary
    assert.deepEqual(errors, [])
    assert.equal(load.finishedUsers, 40)
    assert.equal(requests.acknowledged, 80)
    assert.ok(launchers.length > 2, `${launchers.length} launchers`)
  })

  it('too few are predicted by plan and run, and named when they are used up', async () => {
    const client = 'host="localhost"><ip value="127.0.78.2"/></client>'
    const file = scenario({ thinkSeconds: 1 }, client, [22_100, 22_103])
    const planned = await tsts(['plan', file])
    assert.equal(planned.code, 0, planned.stderr)
    assert.match(planned.stdout, /localhost will run short: \d+ ports are needed/)
    await play(file).ended
    const warnings = run.events.filter(({ type }) => type === 'warning').map(({ text }) => text)
    assert.match(
      warnings[0] ?? '',
      /^localhost will run short: \d+ ports are needed at once .*there are 4 \(22100-22103 /,
    )
    const named = warnings.filter((text) => /^a limit of localhost was reached/.test(text))
    assert.equal(named.length, 1, warnings.join('\n'))
    assert.match(named[0]!, /no free port on 127\.0\.78\.2 .* of its 4 \(22100-22103\)/)
    const { counters } = run.summary
    assert.ok((counters['tsts_ports_taken'] ?? 0) > 0)
  })

  it('plan says which hosts a batch scheduler would give, or which it has given', async () => {
    const file = scenario({}, 'type="batch" batch="lsf"/>', [22_200, 22_299])
    const outside = new TstsProcess(['plan', file], { env: { LSB_HOSTS: '' } })
    assert.equal(await outside.ended, 0, outside.stderr)
    assert.match(
      outside.stdout,
      /LSB_HOSTS\s+is\s+not\s+set.*a\s+run\s+in\s+a\s+job\s+of\s+lsf\s+reads/s,
    )
    const inside = new TstsProcess(['plan', file], { env: { LSB_HOSTS: 'node17 node18 node18' } })
    assert.equal(await inside.ended, 0, inside.stderr)
    assert.match(inside.stdout, /on 3 launchers/)
    assert.match(inside.stdout, /node17 .*node18 .*node18/s)
  })
})
