import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CapacityReport } from '../../controller/capacity/model.ts'
import { type Echo, startEcho } from '../../controller/echo/server.ts'
import { tsts } from '../support/dist.ts'
import { TstsProcess } from '../support/tsts-process.ts'

/** Requests a second that the target serves. */
const capacity = 100

/** One user, one request. */
function scenarioText(port: number): string {
  return `<?xml version="1.0"?>
<!DOCTYPE tsung SYSTEM "/usr/share/tsung/tsung-1.0.dtd">
<tsung>
  <clients><client host="localhost" use_controller_vm="true"/></clients>
  <servers><server host="127.0.0.1" port="${port}" type="tcp"/></servers>
  <load><arrivalphase phase="1" duration="1" unit="minute"><users arrivalrate="60" unit="second"/></arrivalphase></load>
  <sessions>
    <session name="ask" probability="100" type="ts_http">
      <request><http url="/" method="GET" version="1.1"/></request>
    </session>
  </sessions>
</tsung>
`
}

/** 40 connected users that take turns. */
function pacedText(port: number): string {
  return scenarioText(port)
    .replace(
      /<arrivalphase.*<\/arrivalphase>/,
      () =>
        '<arrivalphase phase="1" duration="1" unit="minute"><users maxnumber="40" arrivalrate="40" unit="second"/><rate value="280"/></arrivalphase>',
    )
    .replace(
      /<request>.*<\/request>/,
      (request) => `<for var="n" from="1" to="1000000"><pace/>${request}</for>`,
    )
}

describe('tsts capacity', function () {
  this.timeout(600_000)
  let folder = ''
  let echo: Echo | null = null

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tsts-capacity-'))
    echo = await startEcho({ port: 0, capacityPerSecond: capacity })
    writeFileSync(join(folder, 'ask.xml'), scenarioText(echo.port))
    writeFileSync(join(folder, 'paced.xml'), pacedText(echo.port))
  })
  afterEach(async () => {
    await echo?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const args = (...more: readonly string[]): readonly string[] => [
    ...['capacity', join(folder, 'ask.xml'), '--slo', 'p95(request) < 800ms, error_rate < 5%'],
    ...['-l', join(folder, 'log'), '--step', '4s', '--settle', '1s', ...more],
  ]
  /** The only entry of the log folder. */
  const searchFolder = (): string => {
    const [name, ...others] = readdirSync(join(folder, 'log'))
    assert.deepEqual(others, [])
    return join(folder, 'log', name!)
  }
  const reportOf = (): CapacityReport =>
    JSON.parse(readFileSync(join(searchFolder(), 'capacity.json'), 'utf8')) as CapacityReport

  it('finds what a target serves, or says why it cannot', async () => {
    const search = new TstsProcess(
      args('--precision', '15%', '--json', '--cool-down', '20s', '--budget', '4m'),
    )
    const code = await search.ended
    const report = JSON.parse(search.stdout) as CapacityReport
    const { answer, steps } = report
    assert.deepEqual(reportOf(), report)
    for (const step of steps) {
      assert.ok(existsSync(join(searchFolder(), step.folder, 'report.html')), step.folder)
      // Far above and far below there is no doubt, however busy this machine is.
      if (step.outcome === 'untrusted') assert.match(step.reasons.join(), /^V_/)
      else if (step.ratePerSecond > 1.4 * capacity) assert.equal(step.outcome, 'missed')
    }
    const held = answer.ratePerSecond ?? 0
    assert.ok(held <= 1.2 * capacity, `${search.stdout}\n${search.stderr}`)
    if (answer.kind === 'found') {
      assert.equal(code, 0)
      assert.ok(answer.missedPerSecond! <= held * 1.15)
      assert.ok(held >= 0.6 * capacity, search.stderr)
    } else {
      // A machine that is busy otherwise makes the generator late, or takes its time.
      assert.ok(answer.kind === 'generator' || answer.kind === 'budget', answer.kind)
      assert.equal(code, 4)
      assert.ok(steps.some(({ outcome }) => outcome === 'untrusted') || answer.kind === 'budget')
    }
    const page = readFileSync(join(searchFolder(), 'capacity.html'), 'utf8')
    assert.ok(page.includes(`${steps.at(-1)!.folder}/report.html`))
  })

  it('finds the constant rate that a target serves, over users that stay connected', async () => {
    const [, , ...flags] = args('--precision', '45%', '--json', '--budget', '4m')
    const { code, stdout, stderr } = await tsts(['capacity', join(folder, 'paced.xml'), ...flags])
    const { answer, limits, times, steps } = JSON.parse(stdout) as CapacityReport
    assert.deepEqual([limits.of, limits.from, times.bringUpMs], ['rate', 70, 2000])
    for (const step of steps) {
      assert.equal(step.startedUsers, 40)
      if (step.outcome === 'untrusted') assert.match(step.reasons.join(), /^V_/)
      else if (step.ratePerSecond > 1.3 * capacity) assert.equal(step.outcome, 'missed')
      else if (step.ratePerSecond < 0.7 * capacity) assert.equal(step.outcome, 'held')
      if (step.outcome !== 'held' || step.ratePerSecond > 0.9 * capacity) continue
      // Turns come evenly: as many as the rate says, but for the few at its borders.
      const wanted = (step.ratePerSecond * step.measuredMs) / 1000
      assert.ok(
        Math.abs(step.requests - wanted) <= 0.05 * wanted + 2,
        `${step.requests}, ${wanted}`,
      )
    }
    if (answer.kind === 'found') {
      assert.equal(code, 0)
      assert.ok(answer.ratePerSecond! > 0.8 * capacity, stderr)
      assert.ok(answer.ratePerSecond! < 1.15 * capacity, stderr)
      assert.match(stderr, /turns a second\?/)
    } else {
      assert.ok(answer.kind === 'generator' || answer.kind === 'budget', answer.kind)
      assert.equal(code, 4)
    }
  })

  it('refuses to search a constant rate where there is none', async () => {
    const { code, stderr } = await tsts([...args(), '--of', 'rate'])
    assert.equal(code, 2)
    assert.match(stderr, /--of rate needs users, a <rate> in an <arrivalphase>, and <pace\/>/)
    assert.ok(!existsSync(join(folder, 'log')))
  })

  it('tells what is known when it is interrupted', async () => {
    const search = new TstsProcess(args('--from', '5'))
    await search.said(/^ +1 +5\.00\/s.*$/m)
    search.kill('SIGINT')
    assert.equal(await search.ended, 130)
    assert.match(search.stdout, /the search was interrupted\n/)
    assert.equal(reportOf().answer.kind, 'interrupted')
    assert.ok(reportOf().steps.length >= 1)
  })

  it('ends when its time is over', async () => {
    const { code, stdout } = await tsts(args('--from', '5', '--budget', '12s'))
    assert.equal(code, 4, stdout)
    assert.match(stdout, /the time was over \(--budget\)\n/)
  })

  it('is content with the highest rate that it may try', async () => {
    const { code, stdout } = await tsts(args('--from', '5', '--to', '5', '-q'))
    if (code === 0) {
      assert.match(stdout, /at least 5\.00 users\/s: it holds at the highest rate/)
      assert.equal(reportOf().answer.kind, 'to')
    } else assert.match(stdout, /the load generator is the limit/)
    assert.doesNotMatch(stdout, / +1 +5\.00\/s/)
  })

  const refused: [flags: string[], message: RegExp][] = [
    [['--from', '10', '--to', '5'], /--from 10 is more than --to 5/],
    [['--step', '1s'], /--step wants a time of at least 4s, not "1s"/],
    [['--precision', '0'], /--precision wants 0\.5% to 100%, not "0"/],
    [['--budget', 'all day'], /--budget wants a time/],
  ]
  for (const [flags, message] of refused) {
    it(`refuses ${flags.join(' ')}`, async () => {
      const plain = ['capacity', join(folder, 'ask.xml'), '--slo', 'p99(request) < 1s']
      const { code, stderr } = await tsts([...plain, ...flags])
      assert.equal(code, 2)
      assert.match(stderr, message)
      assert.ok(!existsSync(join(folder, 'log')))
    })
  }

  it('refuses an objective about what the scenario does not measure', async () => {
    const { code, stderr } = await tsts([
      'capacity',
      join(folder, 'ask.xml'),
      '--slo',
      'p99(tr_x) < 1s',
    ])
    assert.equal(code, 2)
    assert.match(stderr, /nothing called tr_x is measured by this scenario/)
  })
})
