import assert from 'node:assert/strict'
import type { Summary } from '../../controller/outputs/summary.ts'
import { ofBusyMachine } from '../support/busy-machine.ts'
import { RunCase, scenarioText } from '../support/run-case.ts'
import { eventually, isRunning, TstsProcess } from '../support/tsts-process.ts'

/** A machine that is busy otherwise makes launchers late, which a run may say; nothing else. */
function assertSound(summary: Summary, code: number | null, also: readonly string[] = []): void {
  assert.equal(code, summary.exitCode)
  const other = summary.verdict.reasons.filter(({ code: each }) => !ofBusyMachine.has(each))
  assert.deepEqual(
    other.map((reason) => reason.code),
    also,
  )
  assert.equal(code, summary.verdict.status === 'valid' ? 0 : 4)
}

function assertBooks({ requests }: Summary): void {
  const { issued, acknowledged, noAck, failed, inFlight, unknown } = requests
  assert.equal(issued, acknowledged + noAck + failed + inFlight + unknown)
}

describe('tsts run', function () {
  this.timeout(60_000)
  let run: RunCase
  beforeEach(async () => {
    run = await RunCase.open()
  })
  afterEach(() => run.close())

  it('plays a scenario on two launchers, from XML to report', async () => {
    const tsts = new TstsProcess(run.arguments({ client: 'cpu="2"' }))
    const code = await tsts.ended
    assert.equal(tsts.stderr, '')
    const { summary } = run
    assertSound(summary, code)
    assert.equal(summary.load.plannedUsers, 40)
    assert.equal(summary.counters['users_count'], 40)
    assert.equal(summary.load.finishedUsers, 40)
    assert.equal(summary.seed, '1')
    assert.equal(summary.launchers.length, 2)
    assert.ok(summary.launchers.every(({ state }) => state === 'done'))
    assertBooks(summary)
    assert.equal(summary.requests.acknowledged, 80)
    assert.equal(summary.counters['200'], 80)
    assert.equal(run.requests, 80)
    assert.deepEqual(run.files, [
      'events.ndjson',
      'match.log',
      'report.html',
      'series.ndjson',
      'shop.xml',
      'summary.json',
      'tsung.log',
    ])
    assert.match(run.read('tsung.log'), /^stats: users_count \d+ 40$/m)
    assert.equal(run.events.at(0)?.type, 'run-started')
    assert.equal(run.events.at(-1)?.type, 'run-ended')
  })

  it('plays the same users with the same seed, whatever the launchers', async () => {
    const started: number[] = []
    for (const cpu of [1, 3]) {
      const again = await RunCase.open()
      const text = { client: `cpu="${cpu}"`, phaseSeconds: 1, usersPerSecond: 10 }
      await new TstsProcess(again.arguments(text)).ended
      started.push(again.summary.counters['users_count'] ?? 0, again.requests)
      again.close()
    }
    assert.deepEqual(started, [10, 20, 10, 20])
  })

  it('ends with 130 after Ctrl-C, when those that play have ended', async () => {
    const text = { phaseSeconds: 100, usersPerSecond: 10, thinkSeconds: 1 }
    const tsts = new TstsProcess(run.arguments(text))
    await eventually(() => run.requests >= 3)
    tsts.kill('SIGINT')
    assert.equal(await tsts.ended, 130)
    const { summary } = run
    assert.equal(summary.exitCode, 130)
    assert.ok(summary.load.startedUsers >= 3)
    assert.ok(summary.load.startedUsers < summary.load.plannedUsers)
    assert.equal(summary.load.finishedUsers, summary.load.startedUsers)
    assert.equal(summary.requests.acknowledged, 2 * summary.load.startedUsers)
    assert.ok(run.events.some(({ type }) => type === 'interrupted'))
    assert.ok(run.files.includes('report.html'))
  })

  it('ends at once after Ctrl-C twice, with what was measured', async () => {
    const text = { phaseSeconds: 100, usersPerSecond: 10, thinkSeconds: 300 }
    const tsts = new TstsProcess([...run.arguments(text), '--drain', '300'])
    await eventually(() => run.requests >= 3)
    tsts.kill('SIGINT')
    await tsts.said(/SIGINT: no new users/)
    tsts.kill('SIGINT')
    assert.equal(await tsts.ended, 130)
    const { summary } = run
    assert.ok(summary.load.startedUsers >= 3)
    assertBooks(summary)
    assert.ok(run.files.includes('report.html'))
  })

  it('goes on without a launcher that is killed, ends with 5, and says what is unknown', async () => {
    const text = { client: 'cpu="2"', phaseSeconds: 4, usersPerSecond: 20, thinkSeconds: 2 }
    const tsts = new TstsProcess(run.arguments(text))
    const [, pid] = await tsts.said(/launcher 1 on localhost \(pid (\d+)\)/)
    await tsts.said(/phase 1 has begun/)
    process.kill(Number(pid), 'SIGKILL')
    assert.equal(await tsts.ended, 5)
    const { summary } = run
    assert.equal(summary.exitCode, 5)
    assert.equal(summary.verdict.status, 'invalid')
    const [lost, other] = summary.launchers
    assert.equal(lost?.state, 'lost')
    assert.equal(lost?.pid, Number(pid))
    assert.equal(lost?.unknownUsers, lost!.startedUsers - lost!.finishedUsers)
    assert.equal(other?.state, 'done')
    assert.equal(other?.startedUsers, other?.plannedUsers)
    assert.equal(summary.load.unknownUsers, lost?.unknownUsers)
    assertBooks(summary)
    const event = run.events.find(({ type }) => type === 'launcher-lost')
    assert.match(event!.text, /launcher 1 on localhost .*SIGKILL/)
    assert.ok(run.files.includes('report.html'))
  })

  it('hands over at maxusers and loses nobody', async () => {
    const text = { client: 'maxusers="5"', usersPerSecond: 20, thinkSeconds: 0.5 }
    const tsts = new TstsProcess(run.arguments(text))
    const code = await tsts.ended
    const { summary } = run
    assertSound(summary, code)
    assert.equal(summary.counters['users_count'], 40)
    assert.equal(summary.load.finishedUsers, 40)
    assert.equal(run.requests, 80)
    assert.ok(summary.launchers.length > 1)
    const planned = summary.launchers.reduce((sum, each) => sum + each.plannedUsers, 0)
    assert.equal(planned, 40)
    assert.ok(run.events.some(({ type }) => type === 'launcher-handover'))
  })

  it('is cut by the duration of <load>', async () => {
    const load = 'duration="2" unit="second"'
    const text = { load, phaseSeconds: 100, usersPerSecond: 10, thinkSeconds: 300 }
    const tsts = new TstsProcess(run.arguments(text))
    const code = await tsts.ended
    const { summary } = run
    assertSound(summary, code)
    assert.ok(summary.load.startedUsers > 0)
    assert.ok(summary.load.startedUsers < summary.load.plannedUsers)
    const cut = run.events.find(({ type }) => type === 'duration-reached')
    assert.ok(cut!.atMs >= 2000)
  })

  it('leaves no process behind when the controller is killed', async () => {
    const text = { phaseSeconds: 100, usersPerSecond: 10, thinkSeconds: 300 }
    const tsts = new TstsProcess([...run.arguments(text), '--grace', '1'])
    const [, pid] = await tsts.said(/launcher 1 on localhost \(pid (\d+)\)/)
    await eventually(() => run.requests >= 3)
    assert.ok(isRunning(Number(pid)))
    tsts.kill('SIGKILL')
    assert.equal(await tsts.ended, null)
    await eventually(() => !isRunning(Number(pid)))
  })

  it('goes on when a file of the run cannot be written, and says so', async () => {
    const args = run.arguments({ phaseSeconds: 1 })
    const tsts = new TstsProcess([...args, '-m', 'no-such-folder/tsung.log'])
    const code = await tsts.ended
    assertSound(run.summary, code, ['V_FILES'])
    assert.match(tsts.stderr, /cannot write .*no-such-folder/)
    assert.ok(run.events.some(({ type, text }) => type === 'warning' && text.includes('no-such')))
  })

  it('goes on to its report when nobody reads what it says', async () => {
    const tsts = new TstsProcess(run.arguments({ phaseSeconds: 1 }))
    await tsts.said(/phase 1 has begun/)
    tsts.hangUp()
    const code = await tsts.ended
    assertSound(run.summary, code)
    assert.ok(run.files.includes('report.html'))
  })

  it('gives two runs of one minute two folders', async () => {
    const args = run.arguments({ phaseSeconds: 1, usersPerSecond: 2 })
    const codes = await Promise.all([new TstsProcess(args).ended, new TstsProcess(args).ended])
    assert.ok(codes.every((code) => code === 0 || code === 4))
    assert.equal(run.runs.length, 2)
  })

  it('reads a scenario from standard input', async () => {
    const stdin = scenarioText(run.port, { phaseSeconds: 1, usersPerSecond: 3 })
    const args = ['-f', '-', '-l', run.logDir, '-w', '0', '-n', 'start']
    const tsts = new TstsProcess(args, { stdin })
    const code = await tsts.ended
    assertSound(run.summary, code)
    assert.equal(run.requests, 6)
    assert.ok(run.files.includes('tsung_stdin.xml'))
  })

  it('writes statistics to standard output when -m is -', async () => {
    const args = [...run.arguments({ phaseSeconds: 1, usersPerSecond: 3 }), '-m', '-']
    const tsts = new TstsProcess(args)
    await tsts.ended
    assert.match(tsts.stdout, /^# stats: dump at \d+\n/)
    assert.match(tsts.stdout, /\nEndMonitor:\{\d+,\d+,\d+\}\n$/)
  })

  it('plays a client on another host here when it is told so', async () => {
    const text = { host: 'far.example', phaseSeconds: 1, usersPerSecond: 3 }
    const tsts = new TstsProcess([...run.arguments(text), '--local'])
    const code = await tsts.ended
    assertSound(run.summary, code)
    assert.equal(run.requests, 6)
  })
})

describe('tsts run refuses', function () {
  this.timeout(30_000)
  let run: RunCase
  beforeEach(async () => {
    run = await RunCase.open()
  })
  afterEach(() => run.close())

  for (const [name, text, want] of [
    ['what is no attribute', { client: 'cpus="2"' }, /shop\.xml:4:\d+: error: .*cpus/],
  ] as const) {
    it(`${name}, with 2`, async () => {
      const tsts = new TstsProcess(run.arguments(text))
      assert.equal(await tsts.ended, 2)
      assert.match(tsts.stderr, want)
      assert.throws(() => run.runs, { code: 'ENOENT' })
    })
  }

  it('a log folder that cannot be written, with 2', async () => {
    const args = run.arguments().with(3, `${run.folder}/shop.xml/log`)
    const tsts = new TstsProcess(args)
    assert.equal(await tsts.ended, 2)
    assert.match(tsts.stderr, /cannot write the log folder/)
    assert.equal(run.requests, 0)
  })

  it('a file that is not there, with 2', async () => {
    const tsts = new TstsProcess(['run', `${run.folder}/none.xml`])
    assert.equal(await tsts.ended, 2)
    assert.match(tsts.stderr, /none\.xml/)
  })
})
