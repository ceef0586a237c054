import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Summary } from '../../controller/outputs/summary.ts'
import { ofBusyMachine } from '../support/busy-machine.ts'
import { builtMain, execute } from '../support/dist.ts'
import { root } from '../support/sources.ts'
import { SshSandbox } from '../support/sshd.ts'
import { TstsProcess } from '../support/tsts-process.ts'

const page = join(root, 'docs/plugins.md')
const example = join(root, 'examples/tsts-plugin-kv')

/** The files that the tutorial has one type, by name. */
function typedFiles(): ReadonlyMap<string, string> {
  const text = readFileSync(page, 'utf8')
  const blocks = text.matchAll(/^`([\w.-]+)`:\n\n```\w+\n(.*?)^```$/gms)
  return new Map([...blocks].map(([, name, content]) => [name!, content!]))
}

describe('the plugin of docs/plugins.md, typed in', function () {
  this.timeout(120_000)
  let folder = ''
  let server: ChildProcess | null = null
  let scenario = ''

  before(async () => {
    builtMain()
    folder = mkdtempSync(join(tmpdir(), 'tsts-tutorial-'))
    for (const [name, content] of typedFiles()) writeFileSync(join(folder, name), content)
    mkdirSync(join(folder, 'node_modules'))
    symlinkSync(root, join(folder, 'node_modules/tsts'))
    server = spawn(process.execPath, ['server.mjs', '0'], { cwd: folder })
    const [said] = (await once(server.stdout!, 'data')) as [Buffer]
    const port = /port (\d+)/.exec(String(said))![1]!
    scenario = typedFiles()
      .get('scenario.xml')!
      .replace('port="7070"', `port="${port}"`)
      .replace(/duration="\d+"/, 'duration="2"')
      .replace(/arrivalrate="\d+"/, 'arrivalrate="20"')
  })
  after(() => {
    server?.kill()
    rmSync(folder, { recursive: true, force: true })
  })

  it('is the example, file by file', () => {
    const files = readdirSync(example).filter((name) => name !== 'README.md')
    assert.deepEqual([...typedFiles().keys()].sort(), files.sort())
    for (const [name, content] of typedFiles()) {
      assert.equal(content, readFileSync(join(example, name), 'utf8'), name)
    }
  })

  it('has less than 100 lines', () => {
    const lines = typedFiles().get('plugin.mjs')!.trimEnd().split('\n').length
    assert.ok(lines < 100, `${lines} lines`)
  })

  it('passes the conformance suite', async () => {
    const { code, stdout } = await execute(process.execPath, ['--test'], folder)
    assert.equal(code, 0, stdout)
    assert.match(stdout, /pass 1\b/)
  })

  it('is found by tsts check, beside its scenario', async () => {
    const path = write('check.xml', scenario)
    const { code, stdout } = await execute(process.execPath, [builtMain(), 'check', path], root)
    assert.equal(code, 0, stdout)
    assert.equal(stdout, 'check.xml: a valid scenario, 1 session, 1 server, 1 phase\n')
  })

  it('plays on two local launchers', async () => {
    const summary = await run('local.xml', scenario)
    assert.equal(summary.launchers.filter(({ startedUsers }) => startedUsers > 0).length, 2)
  })

  it('plays on two hosts, which have nothing but Node', async function () {
    const sandbox = SshSandbox.open(this)
    try {
      mkdirSync(join(sandbox.folder, '.ssh'))
      const hosts: string[] = []
      for (const address of ['127.0.9.1', '127.0.9.2']) {
        const { port } = await sandbox.start(address)
        sandbox.know(address, port)
        const name = `load${hosts.length + 1}`
        hosts.push(`Host ${name}\n  HostName ${address}\n  Port ${port}\n`)
      }
      writeFileSync(join(sandbox.folder, '.ssh/config'), sandbox.config(hosts.join('')))
      const clients = '<client host="load1"/><client host="load2"/>'
      const remote = scenario.replace(/<client host="localhost" cpu="2"\/>/, clients)
      const summary = await run('remote.xml', remote, { HOME: sandbox.folder })
      const started = summary.launchers.map(({ host, startedUsers }) => [host, startedUsers > 0])
      assert.deepEqual(started.sort(), [
        ['load1', true],
        ['load2', true],
      ])
      // Plugins lie in the folder of the run, which goes with it.
      for (const address of ['127.0.9.1', '127.0.9.2']) {
        const runs = join(sandbox.folder, `home-${address}`, '.cache/tsts/runs')
        assert.deepEqual(readdirSync(runs), [])
      }
    } finally {
      await sandbox.close()
    }
  })

  function write(name: string, text: string): string {
    const path = join(folder, name)
    writeFileSync(path, text)
    return path
  }

  /** Plays it to its end, which has to be that of 40 users. */
  async function run(
    name: string,
    text: string,
    env: { readonly [name: string]: string } = {},
  ): Promise<Summary> {
    const logs = join(folder, `log-${name}`)
    const args = ['run', write(name, text), '-l', logs, '--no-live', '--seed', '1']
    const tsts = new TstsProcess([...args, '--fail-if', 'rate(kv_pushed) < 1'], { env })
    const code = await tsts.ended
    assert.ok(code === 0 || code === 4, `exit code ${code}\n${tsts.stdout}${tsts.stderr}`)
    const file = join(logs, readdirSync(logs)[0]!, 'summary.json')
    const summary = JSON.parse(readFileSync(file, 'utf8')) as Summary
    const reasons = summary.verdict.reasons.filter((reason) => !ofBusyMachine.has(reason.code))
    assert.deepEqual(reasons, [])
    assert.deepEqual(summary.errors, [])
    assert.equal(summary.requests.acknowledged, 120)
    assert.equal(summary.counters['kv_pushed'], 40)
    assert.equal(summary.counters['kv_bytes'], 120)
    assert.equal(summary.counters['match'], 40)
    return summary
  }
})
