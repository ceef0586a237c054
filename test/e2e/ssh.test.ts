import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { RunCase, type ScenarioText, scenarioText } from '../support/run-case.ts'
import { SshSandbox, type SshServer } from '../support/sshd.ts'
import { eventually, TstsProcess } from '../support/tsts-process.ts'

describe('tsts run over SSH', function () {
  this.timeout(60_000)
  let sandbox: SshSandbox
  let servers: SshServer[]
  let run: RunCase

  before(async function () {
    sandbox = SshSandbox.open(this)
    servers = [await sandbox.start('127.0.0.2'), await sandbox.start('127.0.0.3')]
    for (const { address, port } of servers) sandbox.know(address, port)
    const hosts = servers.map(
      ({ address, port }, at) => `Host load${at + 1}\n  HostName ${address}\n  Port ${port}\n`,
    )
    mkdirSync(join(sandbox.folder, '.ssh'), { recursive: true })
    writeFileSync(
      join(sandbox.folder, '.ssh/config'),
      sandbox.config(`${hosts.join('')}Host nobody\n  HostName 127.0.0.4\n  Port 1\n`),
    )
  })
  after(() => sandbox?.close())
  beforeEach(async () => {
    run = await RunCase.open()
  })
  afterEach(() => run.close())

  function start(text: ScenarioText, ...flags: readonly string[]): TstsProcess {
    const clients = { host: 'load1' }
    const args = run.arguments({ ...clients, ...text })
    return new TstsProcess([...args, '--no-live', ...flags], { env: { HOME: sandbox.folder } })
  }

  /** Nothing of ours runs on the hosts any more, and no run has left a folder. */
  async function assertClean(): Promise<void> {
    await eventually(() =>
      servers.every(({ home }) => {
        const runs = join(home, '.cache/tsts/runs')
        return (
          processesIn(home).length === 0 && (!existsSync(runs) || readdirSync(runs).length === 0)
        )
      }),
    )
  }

  it('plays on another host, and leaves nothing there but the bundle', async () => {
    const tsts = start({ client: 'cpu="2"' })
    const code = await tsts.ended
    assert.ok(code === 0 || code === 4, tsts.stdout + tsts.stderr)
    const { load, launchers, requests } = run.summary
    assert.equal(load.finishedUsers, 40)
    assert.equal(requests.acknowledged, 80)
    assert.deepEqual(
      launchers.map(({ host, state }) => [host, state]),
      [
        ['load1', 'done'],
        ['load1', 'done'],
      ],
    )
    await assertClean()
    assert.equal(readdirSync(join(servers[0]!.home, '.cache/tsts')).length, 2)
  })

  it('plays the same users and requests on one host and on two', async () => {
    const seen: unknown[] = []
    for (const host of ['load1', 'load1"/><client host="load2']) {
      const again = await RunCase.open()
      try {
        const args = again.arguments({ host })
        const tsts = new TstsProcess([...args, '--no-live'], { env: { HOME: sandbox.folder } })
        const code = await tsts.ended
        assert.ok(code === 0 || code === 4, tsts.stdout + tsts.stderr)
        const { counters, metrics, load } = again.summary
        const { users_count, finish_users_count, size_sent, size_rcv } = counters
        const { request, session, connect } = metrics
        seen.push({
          counts: [users_count, finish_users_count, size_sent, size_rcv, counters['200']],
          samples: [request?.count, session?.count, connect?.count],
          load: load.plannedUsers,
          asked: again.requests,
        })
      } finally {
        again.close()
      }
    }
    assert.deepEqual(seen[0], seen[1])
    await assertClean()
  })

  it('brings data files along, and no line is used twice', async () => {
    const names = Array.from({ length: 40 }, (_, at) => `name-${at}`)
    writeFileSync(join(run.folder, 'names.csv'), `${names.join('\n')}\n`)
    const file = join(run.folder, 'data.xml')
    const plain = scenarioText(run.port, {
      host: 'load1" cpu="2"/><client host="load2',
      options: '<option name="file_server" id="names" value="names.csv"/>',
      thinkSeconds: 0,
    })
    const request = '<request><http url="/" method="GET" version="1.1"/></request>'
    const asked =
      '<setdynvars sourcetype="file" fileid="names"><var name="who"/></setdynvars>' +
      '<request subst="true"><http url="/%%_who%%" method="GET" version="1.1"/></request>'
    writeFileSync(file, plain.replace(request + request, asked))
    const args = ['run', file, '-l', run.logDir, '--seed', '1', '--no-live']
    const tsts = new TstsProcess(args, { env: { HOME: sandbox.folder } })
    const code = await tsts.ended
    assert.ok(code === 0 || code === 4, tsts.stdout + tsts.stderr)
    assert.deepEqual([...run.urls].sort(), names.map((name) => `/${name}`).sort())
    await assertClean()
  })

  it('goes on when the connection to a host is cut, and counts nothing twice', async () => {
    const tsts = start({ phaseSeconds: 4 })
    await tsts.said(/started|users/)
    await eventually(() => run.requests > 10)
    for (const pid of connectionsOf(servers[0]!)) process.kill(pid, 'SIGKILL')
    const code = await tsts.ended
    assert.ok(code === 0 || code === 4, tsts.stdout + tsts.stderr)
    const { load, requests } = run.summary
    assert.equal(load.finishedUsers, 80)
    assert.equal(requests.acknowledged, 160)
    assert.equal(run.requests, 160)
    const warnings = run.events.filter(({ type }) => type === 'warning').map(({ text }) => text)
    assert.ok(
      warnings.some((text) => /the agent on load1 .*its load goes on/.test(text)),
      warnings.join(),
    )
    assert.ok(warnings.some((text) => /the agent on load1 is there again/.test(text)))
    await assertClean()
  })

  it('goes on over another connection when one falls silent', async () => {
    const tsts = start({ phaseSeconds: 10, usersPerSecond: 5 })
    await eventually(() => run.requests > 10)
    const frozen = connectionsOf(servers[0]!)
    for (const pid of frozen) process.kill(pid, 'SIGSTOP')
    try {
      const code = await tsts.ended
      assert.ok(code === 0 || code === 4, tsts.stdout + tsts.stderr)
    } finally {
      for (const pid of frozen) process.kill(pid, 'SIGKILL')
    }
    const { load, requests } = run.summary
    assert.equal(load.finishedUsers, 50)
    assert.equal(requests.acknowledged, 100)
    assert.equal(run.requests, 100)
    const warnings = run.events.filter(({ type }) => type === 'warning').map(({ text }) => text)
    assert.ok(warnings.some((text) => /the agent on load1 said nothing for/.test(text)))
    assert.ok(warnings.some((text) => /the agent on load1 is there again/.test(text)))
    await assertClean()
  })

  it('says why a host cannot be reached, and starts nobody', async () => {
    const tsts = start({ host: 'load1"/><client host="nobody' })
    assert.equal(await tsts.ended, 5)
    assert.match(tsts.stdout + tsts.stderr, /the agent on nobody was not started: .*ECONNREFUSED/)
    assert.equal(run.requests, 0)
    await assertClean()
  })

  it('ends on the hosts when the controller is killed and its grace is over', async () => {
    const tsts = start({ phaseSeconds: 30 }, '--grace', '1')
    await eventually(() => run.requests > 10)
    tsts.kill('SIGKILL')
    await tsts.ended
    await assertClean()
  })
})

/** Processes whose home is that folder: those that the server has started. */
function processesIn(home: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => environmentOf(pid).includes(`HOME=${home}\0`))
}

function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1')
  } catch {
    return '' // it has ended meanwhile, or is not ours
  }
}

/** The processes of the server that hold its connections. */
function connectionsOf({ pid }: SshServer): readonly number[] {
  const children = execFileSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' })
  return children.trim().split('\n').map(Number)
}
