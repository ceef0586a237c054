import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { builtMain } from '../support/dist.ts'
import { LineTarget } from '../support/line-target.ts'
import { SshSandbox } from '../support/sshd.ts'
import { eventually, TstsProcess } from '../support/tsts-process.ts'

/** A plugin that asks the target where it was loaded from. */
const where = `import { definePlugin } from 'tsts/plugin'
HEAD
export const plugin = definePlugin({
  apiVersion: 1,
  type: 'ts_where',
  doc: 'tells where it is',
  elements: [{ name: 'where', doc: 'tells it' }],
  encode: () => ENCODE,
  decode: (bytes) => (bytes.at(-1) === 10 ? 'done' : 'more'),
})
`

interface Case {
  readonly clients?: string
  /** Runs in the plugin when it is loaded. */
  readonly head?: string
  readonly encode?: string
  readonly requests?: number
}

describe('plugins of third parties in a run', function () {
  this.timeout(90_000)
  let folder = ''
  let logs = ''
  let target: LineTarget

  before(() => void builtMain())
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tsts-plugins-e2e-'))
    logs = join(folder, 'logs')
    target = await LineTarget.open()
  })
  afterEach(async () => {
    await target.close()
    rmSync(folder, { recursive: true, force: true })
  })

  function write(given: Case): string {
    const { clients = '<client host="localhost"/>', head = '', requests = 1 } = given
    const { encode = "import.meta.url + '\\n'" } = given
    const plugin = join(folder, 'node_modules/tsts-plugin-where')
    mkdirSync(plugin, { recursive: true })
    writeFileSync(
      join(plugin, 'package.json'),
      '{ "name": "tsts-plugin-where", "type": "module", "exports": "./index.js" }',
    )
    const text = where.replace('HEAD', () => head).replace('ENCODE', () => encode)
    writeFileSync(join(plugin, 'index.js'), text)
    const request = '<request><where/></request><thinktime value="0.5"/>'
    const scenario = join(folder, 'where.xml')
    writeFileSync(
      scenario,
      `<!DOCTYPE tsung SYSTEM "tsung-1.0.dtd"><tsung><clients>${clients}</clients>
<servers><server host="127.0.0.1" port="${target.port}" type="tcp"/></servers>
<load><arrivalphase phase="1" duration="1" unit="second"><users maxnumber="8" arrivalrate="8" unit="second"/></arrivalphase></load>
<sessions><session name="s" probability="100" type="ts_where">${request.repeat(requests)}</session></sessions></tsung>`,
    )
    return scenario
  }

  function start(scenario: string, env: { readonly [name: string]: string } = {}): TstsProcess {
    return new TstsProcess(['run', scenario, '-l', logs, '--no-live', '--seed', '1'], { env })
  }

  function told(name: string): string {
    return readFileSync(join(logs, readdirSync(logs)[0]!, name), 'utf8')
  }

  it('are loaded by every launcher from what its own agent was sent', async function () {
    const sandbox = SshSandbox.open(this)
    try {
      const { port, home } = await sandbox.start('127.0.9.3')
      sandbox.know('127.0.9.3', port)
      mkdirSync(join(sandbox.folder, '.ssh'))
      const host = `Host load1\n  HostName 127.0.9.3\n  Port ${port}\n`
      writeFileSync(join(sandbox.folder, '.ssh/config'), sandbox.config(host))
      const own = join(folder, 'tmp')
      mkdirSync(own)
      const clients = '<client host="localhost"/><client host="load1"/>'
      const env = { HOME: sandbox.folder, TMPDIR: own }
      const tsts = start(write({ clients }), env)
      const code = await tsts.ended
      assert.ok(code === 0 || code === 4, tsts.stdout + tsts.stderr)
      const places = target.lines.map((url) => new URL(url).pathname)
      assert.equal(places.length, 8)
      const inFiles = /\/files\/[0-9a-f]{64}\.files\/node_modules\/tsts-plugin-where\/index\.js$/
      for (const place of places) assert.match(place, inFiles)
      const remote = places.filter((place) => place.startsWith(join(home, '.cache/tsts/runs')))
      assert.equal(remote.length, 4, places.join('\n'))
      assert.deepEqual(readdirSync(own), [])
    } finally {
      await sandbox.close()
    }
  })

  it('that cannot be loaded by a launcher end the run before it begins', async () => {
    const head = `if (process.argv[2] === 'launcher') throw new Error('not in a launcher')`
    const tsts = start(write({ head }))
    assert.equal(await tsts.ended, 5, tsts.stdout + tsts.stderr)
    assert.match(
      told('events.ndjson'),
      /the plugin of ts_where cannot be loaded: not in a launcher/,
    )
    assert.deepEqual(target.lines, [])
  })

  it('that throw what they should not end their launcher, with the place in the plugin', async () => {
    const tsts = start(write({ encode: 'missing.length' }))
    assert.equal(await tsts.ended, 5, tsts.stdout + tsts.stderr)
    assert.match(told('events.ndjson'), /tsts-plugin-where\/index\.js:8.*missing is not defined/)
  })

  it('play in tsts try', async () => {
    const tsts = new TstsProcess(['try', write({})])
    assert.equal(await tsts.ended, 0, tsts.stdout + tsts.stderr)
    assert.match(tsts.stdout, /> file:\/\/.*tsts-plugin-where\/index\.js/)
  })

  it('go on under another controller', async () => {
    const scenario = write({ requests: 12 })
    const tsts = start(scenario)
    await eventually(() => target.lines.length > 4, 30_000)
    tsts.kill('SIGKILL')
    await tsts.ended
    const [run] = readdirSync(logs)
    // It reads neither the scenario nor the plugin again.
    rmSync(join(folder, 'node_modules'), { recursive: true })
    const attach = new TstsProcess(['attach', join(logs, run!), '--no-live'])
    const code = await attach.ended
    assert.ok(code === 0 || code === 4, attach.stdout + attach.stderr)
    assert.match(told('summary.json'), /"finishedUsers": 8,/)
    assert.equal(target.lines.length, 8 * 12)
  })
})
