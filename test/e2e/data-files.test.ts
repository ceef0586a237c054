/** Data files over several launchers: every line is used once before any twice, and no user waits for the controller. */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Summary } from '../../controller/outputs/summary.ts'
import { type RecordingServer, startRecording } from '../support/recording-server.ts'
import { TstsProcess } from '../support/tsts-process.ts'

interface Played {
  readonly summary: Summary
  /** Lines that were asked for, in the order in which the target heard of them. */
  readonly lines: readonly string[]
}

describe('data files', function () {
  this.timeout(60_000)
  let folder: string
  let server: RecordingServer
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tsts-data-'))
    server = await startRecording()
  })
  afterEach(async () => {
    await server.close()
    rmSync(folder, { recursive: true, force: true })
  })

  /** Each of `users` users takes a line and asks for it. */
  async function play(
    users: number,
    content: string,
    client: string,
    options: { readonly order?: string; readonly server?: string; readonly think?: string } = {},
  ): Promise<Played> {
    const data = join(folder, 'data')
    mkdirSync(data)
    writeFileSync(join(data, 'logins.csv'), content)
    const file = join(folder, 'logins.xml')
    writeFileSync(
      file,
      `<?xml version="1.0"?>
<!DOCTYPE tsung SYSTEM "/usr/share/tsung/tsung-1.0.dtd">
<tsung loglevel="notice">
  <clients><client host="localhost" ${client}/></clients>
  <servers><server host="127.0.0.1" port="${server.port}" type="tcp"/></servers>
  <load>
    <arrivalphase phase="1" duration="2" unit="second">
      <users maxnumber="${users}" arrivalrate="${users}" unit="second"/>
    </arrivalphase>
  </load>
  <options>
    <option name="${options.server ?? 'file_server'}" id="logins" value="data/logins.csv"/>
  </options>
  <sessions>
    <session name="login" probability="100" type="ts_http">
      <setdynvars sourcetype="file" fileid="logins" delimiter=";" order="${options.order ?? 'iter'}">
        <var name="user"/><var name="word"/>
      </setdynvars>
      <request subst="true"><http url="/-%%_user%%/%%_word%%" method="GET" version="1.1"/></request>
      ${options.think ?? ''}
    </session>
  </sessions>
</tsung>
`,
    )
    const logs = join(folder, 'log')
    const tsts = new TstsProcess(['run', file, '-l', logs, '--seed', '1', '--no-report'])
    const code = await tsts.ended
    assert.ok(code === 0 || code === 4, `exit code ${code}: ${tsts.stderr}`)
    const run = join(logs, readdirSync(logs)[0]!)
    const summary = JSON.parse(readFileSync(join(run, 'summary.json'), 'utf8')) as Summary
    const lines = server.requests.map(({ bytes }) => /^GET \/-(\S+) /.exec(bytes)?.[1] ?? bytes)
    return { summary, lines }
  }

  const numbered = (count: number): readonly string[] =>
    Array.from({ length: count }, (_, line) => `u${line}/p${line}`)
  const csv = (count: number): string =>
    numbered(count)
      .map((line) => `${line.replace('/', ';')}\n`)
      .join('')

  it('as many users as lines on four launchers: each line once', async () => {
    const { lines } = await play(200, csv(200), 'cpu="4"')
    assert.deepEqual([...lines].sort(), [...numbered(200)].sort())
  })

  it('nobody waits where there are many lines', async () => {
    const { lines, summary } = await play(200, csv(20_000), 'cpu="4"')
    assert.equal(new Set(lines).size, 200)
    assert.equal(summary.counters['tsts_lease_waits'] ?? 0, 0)
  })

  it('a launcher that hands over leaves its lines to the next', async () => {
    const { lines, summary } = await play(60, csv(60), 'maxusers="8"', {
      think: '<thinktime value="0.5"/>',
    })
    assert.ok(summary.launchers.length > 1)
    assert.deepEqual([...lines].sort(), [...numbered(60)].sort())
    assert.equal(summary.load.finishedUsers, 60)
  })

  it('the file is gone through again when all lines were used', async () => {
    const { lines } = await play(50, csv(20), 'cpu="1"')
    const times = new Map<string, number>()
    for (const line of lines) times.set(line, (times.get(line) ?? 0) + 1)
    assert.equal(times.size, 20)
    assert.ok([...times.values()].every((count) => count === 2 || count === 3))
  })

  for (const [name, options] of [
    ['file_server', { order: 'random' }],
    ['local_file_server', { order: 'random', server: 'local_file_server' }],
  ] as const) {
    it(`${name}: lines at random, the same with the same seed`, async () => {
      const { lines } = await play(40, csv(1000), 'cpu="2"', options)
      const sorted = [...lines].sort()
      assert.ok(new Set(lines).size > 30)
      await server.close()
      rmSync(folder, { recursive: true })
      mkdirSync(folder)
      server = await startRecording()
      const again = await play(40, csv(1000), 'cpu="1"', options)
      assert.deepEqual([...again.lines].sort(), sorted)
    })
  }

  it('fields are cut at the delimiter, line ends of any kind are none of their business', async () => {
    const { lines } = await play(3, 'a;b\r\nc\n\nd;e;f\n\n\n', 'cpu="1"')
    assert.deepEqual([...lines].sort(), ['/', 'a/b', 'c/'])
  })
})
