import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Summary } from '../../controller/outputs/summary.ts'
import { scaffoldPlugin } from '../../controller/plugins/scaffold.ts'
import { ofBusyMachine } from '../support/busy-machine.ts'
import { execute, tsts } from '../support/dist.ts'
import { installPacked, npm } from '../support/packed.ts'

describe('tsts new plugin', function () {
  this.timeout(180_000)
  let folder = ''
  let made = ''

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'tsts-new-'))
    made = join(folder, 'tsts-plugin-my-store')
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  it('makes a package under the name', async () => {
    const { code, stdout, stderr } = await tsts(['new', 'plugin', 'my-store'], folder)
    assert.equal(code, 0, stderr)
    assert.match(stdout, /^made tsts-plugin-my-store:\n {2}tsts-plugin-my-store\/README\.md\n/)
    assert.deepEqual(readdirSync(made).sort(), [
      'README.md',
      'package.json',
      'plugin.mjs',
      'plugin.test.mjs',
      'scenario.xml',
      'server.mjs',
    ])
    for (const name of readdirSync(made)) {
      assert.doesNotMatch(readFileSync(join(made, name), 'utf8'), /\bkv|_kv|kv_/, name)
    }
    assert.match(readFileSync(join(made, 'scenario.xml'), 'utf8'), /type="ts_my_store"/)
  })

  it('whose tests pass with the tarball of tsts alone', async () => {
    await installPacked(made)
    assert.match(await npm(['test'], made), /pass 1\b/)
  })

  it('whose scenario plays on two launchers', async () => {
    const server = spawn(process.execPath, ['server.mjs', '0'], { cwd: made })
    try {
      const [said] = (await once(server.stdout, 'data')) as [Buffer]
      const port = /port (\d+)/.exec(String(said))![1]!
      const path = join(made, 'scenario.xml')
      writeFileSync(path, readFileSync(path, 'utf8').replace('port="7070"', `port="${port}"`))
      const main = join(made, 'node_modules/tsts/dist/controller/main.js')
      const args = [main, 'run', 'scenario.xml', '--no-live', '--seed', '1']
      const { code, stdout, stderr } = await execute(process.execPath, args, made)
      assert.ok(code === 0 || code === 4, `exit code ${code}\n${stdout}${stderr}`)
    } finally {
      server.kill()
    }
    const summary = JSON.parse(readFileSync(runFile('summary.json'), 'utf8')) as Summary
    assert.deepEqual(
      summary.launchers.map(({ startedUsers }) => startedUsers > 0),
      [true, true],
    )
    const reasons = summary.verdict.reasons.filter(({ code }) => !ofBusyMachine.has(code))
    assert.deepEqual(reasons, [])
    assert.equal(summary.counters['my_store_pushed'], 100)
    assert.equal(summary.counters['my_store_bytes'], 300)
    assert.equal(summary.requests.acknowledged, 300)
  })

  for (const [name, says] of [
    ['Store', /"Store" has to be small letters, digits and dashes/],
    ['../store', /has to be small letters/],
    ['http', /tsts has a protocol or an element http already/],
    ['request', /tsts has a protocol or an element request already/],
  ] as const) {
    it(`refuses the name ${name}`, () => {
      assert.throws(() => scaffoldPlugin(name, folder), { code: 'E_USAGE', message: says })
    })
  }

  it('overwrites nothing', async () => {
    mkdirSync(join(folder, 'tsts-plugin-there'))
    const { code, stderr } = await tsts(['new', 'plugin', 'there'], folder)
    assert.equal(code, 2)
    assert.match(stderr, /tsts-plugin-there cannot be made: EEXIST/)
  })

  function runFile(name: string): string {
    const log = join(made, 'tsts-log')
    return join(log, readdirSync(log)[0]!, name)
  }
})
