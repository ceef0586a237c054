import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { refusingPort } from '../support/recording-server.ts'
import { RunCase, type ScenarioText, scenarioText } from '../support/run-case.ts'
import { TstsProcess } from '../support/tsts-process.ts'

/** 4: a busy machine was late, which is graver than a threshold. */
const failed: readonly (number | null)[] = [3, 4]

describe('thresholds of a run', function () {
  this.timeout(90_000)
  let run: RunCase

  beforeEach(async () => {
    run = await RunCase.open()
  })
  afterEach(() => run.close())

  function start(
    xml: string,
    flags: readonly string[],
    env: { readonly [name: string]: string } = {},
  ): TstsProcess {
    const file = join(run.folder, 'asked.xml')
    writeFileSync(file, xml)
    const args = [
      'run',
      file,
      '-l',
      run.logDir,
      '--seed',
      '1',
      '--no-live',
      '--no-report',
      ...flags,
    ]
    return new TstsProcess(args, { env })
  }

  function withThresholds(text: ScenarioText, ...elements: readonly string[]): string {
    const block = `<thresholds>${elements.map((each) => `\n    <threshold ${each}/>`).join('')}\n  </thresholds>`
    return scenarioText(run.port, text)
      .replace('<sessions>', `${block}\n  <sessions>`)
      .replace('<request>', '<request tag="first">')
  }

  it('of command line and scenario: a line each, summary.json, JUnit, annotations, exit code 3', async () => {
    const junit = join(run.folder, 'junit.xml')
    const xml = withThresholds(
      {},
      'fail_if="count(request.tag_first) &lt; 41"',
      'abort_if="error_rate > 50%"',
    )
    const flags = [
      '--fail-if',
      'max(response) < 0.001us',
      '--fail-if',
      '200 < 81 in phase 1',
      '--junit',
      junit,
    ]
    const tsts = start(xml, flags, { GITHUB_ACTIONS: 'true' })
    const code = await tsts.ended
    assert.ok(failed.includes(code), tsts.stdout + tsts.stderr)
    assert.deepEqual(
      run.summary.thresholds.map(({ kind, expression, ok }) => [kind, expression, ok]),
      [
        ['fail-if', 'max(response) < 0.001us', true],
        ['fail-if', '200 < 81 in phase 1', false],
        ['fail-if', 'count(request.tag_first) < 41', false],
        ['abort-if', 'error_rate > 50%', true],
      ],
    )
    assert.equal(run.summary.exitCode, code)
    assert.equal(run.summary.counters['200'], 80)
    assert.equal(run.summary.metrics['request.tag_first']?.count, 40)
    assert.match(tsts.stdout, /FAILED {2}200 < 81 in phase 1: was 80$/m)
    assert.match(tsts.stdout, /passed {2}error_rate > 50%: never held$/m)
    assert.match(
      readFileSync(junit, 'utf8'),
      /<testcase classname="tsts" name="verdict".*200 &lt; 81 in phase 1/s,
    )
    const annotations = tsts.stderr.split('\n').filter((line) => line.startsWith('::error'))
    assert.deepEqual(annotations.slice(-2), [
      '::error title=asked.xml%3A --fail-if::200 < 81 in phase 1: was 80',
      '::error title=asked.xml%3A --fail-if::count(request.tag_first) < 41: was 40',
    ])
  })

  it('that all hold their limits: exit code 0, and nothing for GitHub to show', async () => {
    const flags = [
      '--fail-if',
      'error_rate > 1%',
      '--fail-if',
      'users < 0.99 planned',
      '--verdict',
      'late_p99=off,stall=off,loop_p99=off,steal=off',
    ]
    const tsts = start(scenarioText(run.port), flags, { GITHUB_ACTIONS: 'true' })
    assert.equal(await tsts.ended, 0, tsts.stdout + tsts.stderr)
    assert.ok(!tsts.stderr.includes('::'))
    assert.ok(run.summary.thresholds.every(({ ok }) => ok))
  })

  it('an abort-if ends the run early and in order', async () => {
    const port = await refusingPort()
    const text = { phaseSeconds: 60, usersPerSecond: 10, thinkSeconds: 0 }
    const tsts = start(scenarioText(port, text), ['--abort-if', 'error_rate > 20% over 2s'])
    const code = await tsts.ended
    assert.ok(failed.includes(code), tsts.stdout + tsts.stderr)
    const { durationMs, load, thresholds } = run.summary
    assert.ok(durationMs < 50_000, `${durationMs} ms`)
    assert.equal(load.finishedUsers, load.startedUsers)
    assert.deepEqual(
      thresholds.map(({ ok, value }) => [ok, value]),
      [[false, 1]],
    )
    const event = run.events.find(({ type }) => type === 'aborted')
    assert.match(
      event?.text ?? '',
      /^error_rate > 20% over 2s: was 100 % at \d+ s, which ended the run: no new users/,
    )
  })

  const wrong: readonly (readonly [string, readonly string[], string])[] = [
    [
      'an expression',
      ['--fail-if', 'p99(request) >> 1s'],
      '--fail-if: a number is missing\n  p99(request) >> 1s\n                ^\n',
    ],
    [
      'a name',
      ['--abort-if', 'p99(tr_shop) > 1s'],
      '--abort-if: nothing called tr_shop is measured by this scenario\n  p99(tr_shop) > 1s\n      ^\n',
    ],
    ['a limit', ['--verdict', 'late=1ms'], '--verdict wants NAME=SUSPECT/INVALID, not "late=1ms"'],
    ['a file', ['--junit', '/nowhere/at/all.xml'], '--junit: there is no folder /nowhere/at'],
  ]
  for (const [what, flags, said] of wrong) {
    it(`${what} that is wrong is told before anything runs: exit code 2`, async () => {
      const tsts = start(scenarioText(run.port), flags)
      assert.equal(await tsts.ended, 2)
      assert.ok(tsts.stderr.includes(said), tsts.stderr)
      assert.ok(!existsSync(run.logDir))
      assert.equal(run.requests, 0)
    })
  }

  it('a wrong one of the scenario is told at its place', async () => {
    const tsts = start(withThresholds({}, 'fail_if="p99(request) > 1s &lt; 2s"'), [])
    assert.equal(await tsts.ended, 2)
    assert.match(tsts.stderr, /asked\.xml:13:\d+.*E_THRESHOLD/)
    const [, excerpt = '', caret = ''] = /(.*fail_if=.*)\n(.*\^)/.exec(tsts.stderr) ?? []
    assert.equal(excerpt.slice(caret.length - 1).slice(0, 4), '&lt;', tsts.stderr)
  })
})
