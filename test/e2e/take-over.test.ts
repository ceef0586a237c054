/** Runs that outlive their terminal and their controller: --detach, attach, status, stop, kill -9. */
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { RunCase } from '../support/run-case.ts'
import { SshSandbox } from '../support/sshd.ts'
import { eventually, isRunning, TstsProcess } from '../support/tsts-process.ts'

const users = 120

interface Options {
  readonly client?: string
  readonly seconds?: number
  readonly thinkSeconds?: number
}

describe('a run and its controller', function () {
  this.timeout(120_000)
  let run: RunCase
  beforeEach(async () => {
    run = await RunCase.open()
  })
  afterEach(() => run.close())

  /** Each user takes a line of a file, tells it with its id, thinks, and tells it again. */
  function write({
    client = 'host="localhost"',
    seconds = 6,
    thinkSeconds = 0.5,
  }: Options): string {
    const lines = Array.from({ length: 2 * users }, (_, line) => `l${line}\n`).join('')
    writeFileSync(join(run.folder, 'lines.csv'), lines)
    const request = (path: string): string =>
      `<request subst="true"><http url="${path}" method="GET" version="1.1"/></request>`
    const path = join(run.folder, 'users.xml')
    writeFileSync(
      path,
      `<?xml version="1.0"?>
<!DOCTYPE tsung SYSTEM "/usr/share/tsung/tsung-1.0.dtd">
<tsung>
  <clients><client ${client}/></clients>
  <servers><server host="127.0.0.1" port="${run.port}" type="tcp"/></servers>
  <load>
    <arrivalphase phase="1" duration="${seconds}" unit="second">
      <users maxnumber="${users}" arrivalrate="${users / seconds}" unit="second"/>
    </arrivalphase>
  </load>
  <options><option name="file_server" id="lines" value="lines.csv"/></options>
  <sessions>
    <session name="ask" probability="100" type="ts_http">
      <setdynvars sourcetype="file" fileid="lines" delimiter=";" order="iter"><var name="line"/></setdynvars>
      ${request('/first/%%_tsung_userid%%/%%_line%%')}
      <thinktime value="${thinkSeconds}"/>
      ${request('/again/%%_tsung_userid%%/%%_line%%')}
    </session>
  </sessions>
</tsung>
`,
    )
    return path
  }

  const tsts = (...args: readonly string[]): TstsProcess => new TstsProcess(args)
  const folder = (): string => run.runs[0]!
  const controllerPid = (): number =>
    (JSON.parse(readFileSync(join(folder(), 'run.json'), 'utf8')) as { pid: number }).pid

  async function detach(options: Options = {}, ...flags: readonly string[]): Promise<TstsProcess> {
    const path = write(options)
    const started = tsts('run', path, '-l', run.logDir, '--seed', '1', '--detach', ...flags)
    assert.equal(await started.ended, 0, started.stdout + started.stderr)
    return started
  }

  /** Ends the controller as nobody can prevent it. */
  async function killController(): Promise<void> {
    const pid = controllerPid()
    process.kill(pid, 'SIGKILL')
    await eventually(() => !isRunning(pid))
  }

  /** Everybody has played once, with a line of its own, and everything is told. */
  function assertWhole(): void {
    const { load, requests, counters } = run.summary
    assert.equal(load.finishedUsers, users)
    assert.equal(requests.acknowledged, 2 * users)
    assert.equal(requests.issued, 2 * users)
    assert.equal(counters['200'], 2 * users)
    assert.equal(run.requests, 2 * users)
    const firsts = run.urls.filter((url) => url.startsWith('/first/')).map((url) => url.split('/'))
    assert.equal(new Set(firsts.map(([, , id]) => id)).size, users)
    assert.equal(new Set(firsts.map(([, , , line]) => line)).size, users)
    const expected = ['events.ndjson', 'match.log', 'report.html', 'series.ndjson', 'summary.json']
    assert.deepEqual(run.files, [...expected, 'tsung.log', 'users.xml'])
    const seconds = run
      .read('series.ndjson')
      .split('\n')
      .filter((line) => line.includes('"type":"second"'))
    const told = seconds.map((line) => (JSON.parse(line) as { atMs: number }).atMs)
    assert.deepEqual(
      told,
      told.map((_, at) => 1000 * (at + 1)),
    )
  }

  it('a threshold that ended it holds for the controller that takes over, too', async () => {
    await detach({ seconds: 30, thinkSeconds: 6 }, '--abort-if', 'min(users) >= 0 over 2s')
    await eventually(() => run.events.some(({ type }) => type === 'aborted'))
    await killController()
    const attached = tsts('attach', folder())
    const code = await attached.ended
    assert.ok(code === 3 || code === 4, attached.stdout + attached.stderr)
    const { thresholds, load } = run.summary
    assert.deepEqual(
      thresholds.map(({ ok }) => ok),
      [false],
    )
    assert.match(thresholds[0]!.text, /which ended the run$/)
    assert.ok(load.startedUsers < users)
    assert.equal(load.finishedUsers, load.startedUsers)
    assert.equal(run.events.filter(({ type }) => type === 'aborted').length, 1)
  })

  it('goes on in the background, tells how it is, and is stopped', async () => {
    const started = await detach({ seconds: 60 })
    assert.match(started.stdout, /goes on in the background \(process \d+\)/)
    assert.ok(isRunning(controllerPid()))
    const status = tsts('status', '-l', run.logDir, '--json')
    assert.equal(await status.ended, 0, status.stderr)
    const told = JSON.parse(status.stdout) as { folder: string; load: { plannedUsers: number } }
    assert.equal(told.folder, folder())
    assert.equal(told.load.plannedUsers, users)
    const plain = tsts('status', folder())
    assert.equal(await plain.ended, 0)
    assert.match(plain.stdout, /^scenario {2}users\.xml, seed 1$/m)
    const pid = controllerPid()
    const stop = tsts('stop', folder())
    assert.equal(await stop.ended, 0, stop.stderr)
    await eventually(() => !isRunning(pid))
    const { exitCode, load } = run.summary
    assert.ok(exitCode === 0 || exitCode === 4)
    assert.ok(load.startedUsers < users && load.startedUsers === load.finishedUsers)
    assert.match(run.read('events.ndjson'), /tsts stop: no new users, users have 30 s to end/)
    const late = tsts('status', folder())
    assert.equal(await late.ended, 2)
    assert.match(late.stderr, /no run goes on in /)
  })

  it('is shown in several terminals at once, which may leave', async () => {
    await detach()
    const first = tsts('attach', folder())
    const second = tsts('attach', '-l', run.logDir)
    await first.said(/phase 1 has begun/)
    await second.said(/phase 1 has begun/)
    first.kill('SIGINT')
    assert.equal(await first.ended, 0)
    assert.match(first.stdout, /the run goes on; tsts attach .* shows it again/)
    const code = await second.ended
    assert.equal(code, run.summary.exitCode)
    assert.match(second.stdout, /120 of 120 planned started/)
    assertWhole()
  })

  it('what cannot be run says so, and is not in the background', async () => {
    const path = write({ client: 'host="127.0.0.1" maxusers="none"' })
    const started = tsts('run', path, '-l', run.logDir, '--detach')
    assert.equal(await started.ended, 2)
    assert.match(started.stderr, /users\.xml:4:/)
    assert.ok(!existsSync(run.logDir))
  })

  it('goes on when its terminal is gone', async () => {
    const path = write({})
    const started = tsts('run', path, '-l', run.logDir, '--seed', '1')
    await started.said(/phase 1 has begun/)
    started.hangUp()
    started.kill('SIGHUP')
    const code = await started.ended
    assert.ok(code === 0 || code === 4)
    assert.match(run.read('events.ndjson'), /the terminal is gone, the run goes on: tsts attach/)
    assertWhole()
  })

  it('killed, and killed again: others take its place, and the report is whole', async () => {
    await detach({ client: 'host="localhost" cpu="2" maxusers="8"', seconds: 9, thinkSeconds: 1 })
    await new Promise((resolve) => setTimeout(resolve, 2500))
    await killController()
    const dead = tsts('status', folder())
    assert.equal(await dead.ended, 2)
    assert.match(dead.stderr, /the controller of .* is gone: tsts attach takes its run over/)
    await new Promise((resolve) => setTimeout(resolve, 1000))
    const attached = tsts('attach', folder())
    await attached.said(/the controller was lost, another one goes on/)
    await attached.said(/the agent on localhost is there again/)
    await killController()
    const code = await attached.ended
    assert.ok(code === 0 || code === 4, attached.stdout + attached.stderr)
    assert.equal(attached.stdout.match(/another one takes over/g)?.length, 2)
    assert.equal(run.read('events.ndjson').match(/another one goes on/g)?.length, 2)
    assertWhole()
  })

  it('what was lost before it was killed is not forgotten', async () => {
    await detach({ client: 'host="localhost" cpu="2"' }, '--on-launcher-lost', 'respawn')
    const events = (): string =>
      run.files.includes('events.ndjson') ? run.read('events.ndjson') : ''
    await eventually(() => /phase 1 has begun/.test(events()))
    const pid = Number(/launcher 1 on localhost \(pid (\d+)\)/.exec(events())![1])
    process.kill(pid, 'SIGKILL')
    await eventually(() => /the share of launcher 1 is played again/.test(events()))
    await killController()
    const attached = tsts('attach', folder())
    assert.equal(await attached.ended, 5, attached.stdout)
    const { load, requests, launchers } = run.summary
    assert.equal(requests.issued, requests.acknowledged + requests.unknown)
    const [first] = launchers
    assert.equal(first!.state, 'lost')
    const lostUsers = load.unknownUsers
    assert.equal(load.startedUsers, load.finishedUsers + lostUsers)
    assert.ok(load.startedUsers >= users - load.maybeStartedUsers)
  })

  it('nobody comes within the grace: the load ends, and what is known is told', async () => {
    await detach({ seconds: 30 }, '--grace', '1')
    await new Promise((resolve) => setTimeout(resolve, 4000))
    await killController()
    const played = run.requests
    await new Promise((resolve) => setTimeout(resolve, 6000))
    const ended = run.requests
    await new Promise((resolve) => setTimeout(resolve, 500))
    assert.equal(run.requests, ended)
    assert.ok(ended > played)
    const attached = tsts('attach', folder())
    assert.equal(await attached.ended, 5, attached.stdout + attached.stderr)
    assert.match(run.read('events.ndjson'), /the agent of this run is gone/)
    const { load, verdict } = run.summary
    assert.equal(verdict.status, 'invalid')
    assert.ok(load.startedUsers > 0 && load.startedUsers < users)
    assert.ok(!existsSync(join(folder(), 'journal.ndjson')))
  })

  it('is taken over on another host, too', async function () {
    const sandbox = SshSandbox.open(this)
    try {
      const server = await sandbox.start('127.0.0.2')
      sandbox.know(server.address, server.port)
      mkdirSync(join(sandbox.folder, '.ssh'), { recursive: true })
      const host = `Host load1\n  HostName ${server.address}\n  Port ${server.port}\n`
      writeFileSync(join(sandbox.folder, '.ssh/config'), sandbox.config(host))
      const env = { HOME: sandbox.folder }
      const path = write({ client: 'host="load1" cpu="2"' })
      const args = ['run', path, '-l', run.logDir, '--seed', '1', '--detach']
      const started = new TstsProcess(args, { env })
      assert.equal(await started.ended, 0, started.stdout + started.stderr)
      await new Promise((resolve) => setTimeout(resolve, 2000))
      await killController()
      const attached = new TstsProcess(['attach', folder()], { env })
      const code = await attached.ended
      assert.ok(code === 0 || code === 4, attached.stdout + attached.stderr)
      assertWhole()
    } finally {
      await sandbox.close()
    }
  })
})
