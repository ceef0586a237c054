import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEcho } from '../controller/echo/server.ts'
import type { Summary } from '../controller/outputs/summary.ts'
import { ofBusyMachine } from './support/busy-machine.ts'
import { tsts } from './support/dist.ts'
import { tenTimesAsFast } from './support/examples.ts'
import { section } from './support/markdown.ts'
import { requirePath, requirePeer } from './support/peers.ts'
import { root } from './support/sources.ts'

/** They have elements or attributes of ours. */
const notTsung = ['closed-load.xml', 'constant-rate.xml', 'mqtt.xml', 'websocket.xml']

/** Their tests start a server of another kind: test/mqtt/example.test.ts. */
const notHttp = ['mqtt.xml']

const folder = join(root, 'examples')
const names = readdirSync(folder).filter((name) => name.endsWith('.xml'))

/** What a run has to come to; `requests` where the scenario fixes them, `more` where others follow the planned users. */
const expected: {
  readonly [name: string]: {
    readonly users: number
    readonly requests?: number
    readonly more?: true
    /** Counter of the answers; default `200`. */
    readonly answers?: string
  }
} = {
  'closed-load.xml': { users: 30, more: true },
  'constant-rate.xml': { users: 20 },
  'data-file.xml': { users: 20, requests: 20 * 3 },
  'flow.xml': { users: 20, requests: 20 * (2 + 1 + 3 + 1 + 1) },
  'headers-and-auth.xml': { users: 20, requests: 20 * 6 },
  'javascript.xml': { users: 20, requests: 20 },
  'matches.xml': { users: 20, requests: 20 * 3 },
  'mqtt.xml': { users: 5 + 20 },
  'phases.xml': { users: 25 + 150 + 10 },
  'quickstart.xml': { users: 100 },
  'several-clients.xml': { users: 160, requests: 320 },
  'static-users.xml': { users: 30 + 4, requests: 34 },
  'websocket.xml': { users: 20, answers: 'tsts_acknowledged' },
}

describe('examples', () => {
  it('each has an expectation here', () => {
    assert.deepEqual(names, Object.keys(expected))
  })

  for (const name of names.filter((each) => !notTsung.includes(each))) {
    it(`${name} is valid for Tsung's DTD`, function () {
      const xmllint = requirePeer(this, 'xmllint', 'libxml2-utils')
      requirePath(this, '/usr/share/tsung/tsung-1.0.dtd', 'apt-get install tsung')
      const args = ['--noout', '--valid', join(folder, name)]
      const { status, stderr } = spawnSync(xmllint, args, { encoding: 'utf8' })
      assert.equal(status, 0, stderr)
    })
  }

  for (const name of names) {
    it(`${name}: check finds no error and nothing that cannot be played`, async () => {
      const { code, stdout, stderr } = await tsts(['check', join(folder, name)])
      assert.equal(code, 0, stdout + stderr)
      assert.doesNotMatch(stdout + stderr, /not playable/)
    })

    it(`${name}: plan tells its users`, async () => {
      const { code, stdout } = await tsts(['plan', join(folder, name)])
      assert.equal(code, 0, stdout)
      assert.match(stdout, new RegExp(`\\b${expected[name]!.users}\\b`))
    })

    if (notHttp.includes(name)) continue

    it(`${name} runs, ten times as fast`, async function () {
      this.timeout(60_000)
      const { users, requests, more, answers = '200' } = expected[name]!
      const summary = await play(name)
      const started = summary.counters['users_count']!
      assert.equal(summary.load.plannedUsers, users)
      assert.ok(more === true ? started > users : started === users, `${started} users started`)
      assert.equal(summary.counters['finish_users_count'], started)
      assert.deepEqual(summary.errors, [])
      assert.equal(summary.counters[answers], summary.requests.acknowledged)
      if (requests !== undefined) assert.equal(summary.requests.issued, requests)
    })
  }
})

/** Plays an example against a target of its own; the files of its folder are those that the README tells. */
async function play(name: string): Promise<Summary> {
  const echo = await startEcho({ port: 0 })
  const place = mkdtempSync(join(tmpdir(), 'tsts-example-'))
  try {
    const file = join(place, name)
    writeFileSync(file, tenTimesAsFast(name, echo.port))
    for (const other of readdirSync(folder).filter((each) => !each.endsWith('.xml'))) {
      cpSync(join(folder, other), join(place, other), { recursive: true })
    }
    const logs = join(place, 'logs')
    const { code, stdout, stderr } = await tsts(['run', file, '-l', logs, '--no-live'], place)
    // A busy machine may make a launcher late, which the verdict has to say.
    assert.ok(code === 0 || code === 4, `exit code ${code}\n${stdout}${stderr}`)
    const run = join(logs, readdirSync(logs)[0]!)
    const readme = section(readFileSync(join(root, 'README.md'), 'utf8'), 'Reading a run')
    for (const [, told] of readme.matchAll(/^\| `([a-z.]+)` \|/gm)) {
      assert.ok(readdirSync(run).includes(told!), told)
    }
    const summary = JSON.parse(readFileSync(join(run, 'summary.json'), 'utf8')) as Summary
    assert.deepEqual(
      summary.verdict.reasons.filter((reason) => !ofBusyMachine.has(reason.code)),
      [],
    )
    return summary
  } finally {
    await echo.close()
    rmSync(place, { recursive: true, force: true })
  }
}
