import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { Readable, Writable } from 'node:stream'
import { main } from '../../controller/cli.ts'
import { tstsVersion } from '../../controller/version.ts'

/** Runs the command line in this process. */
async function tsts(...argv: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const told = { stdout: '', stderr: '' }
  const stream = (name: 'stdout' | 'stderr'): Writable =>
    new Writable({
      write(text, _encoding, done) {
        told[name] += String(text)
        done()
      },
    })
  const code = await main(argv, {
    stdin: Readable.from([]),
    stdout: stream('stdout'),
    stderr: stream('stderr'),
    signals: new EventEmitter(),
  })
  return { code, ...told }
}

describe('the command line refuses', () => {
  for (const [name, argv, want] of [
    ['no command', [], /which command\?/],
    ['an unknown command', ['rnu', 'x.xml'], /no command rnu, did you mean run\?/],
    ['a command unlike any', ['xyzzy'], /no command xyzzy; tsts --help/],
    ['an unknown flag', ['run', 'x.xml', '--log-dri', 'y'], /log-dri \(did you mean --log-dir\?\)/],
    ['a second file', ['check', 'x.xml', 'y.xml'], /unknown y\.xml/],
    ['a missing file', ['check'], /check: an argument is missing/],
    ['a run of nothing', ['run'], /which scenario\?/],
    ['a flag without its value', ['run', 'x.xml', '--seed'], /seed/],
    ['a flag that is given twice', ['run', 'x', '-l', 'a', '-l', 'b'], /--log-dir is given more/],
    ['words for a number', ['run', 'x.xml', '--drain', 'soon'], /--drain wants a number/],
    ['a negative number', ['run', 'x.xml', '-w', '-1'], /--warm-up wants a number of at least 0/],
    ['another arrival process', ['run', 'x.xml', '--arrivals', 'even'], /even/],
    ['a scenario that is not there', ['-f', '/none.xml', 'start'], /Config file \/none\.xml/],
    ['tsung stop of nothing', ['-l', '/none', 'stop'], /no run goes on in \/none; which is/],
    ['tsung status of nothing', ['-l', '/none', 'status'], /no run goes on in \/none; which is/],
    ['attach to nothing', ['attach', '/none'], /no run goes on in \/none; which is/],
    ['steering of no run', ['pause'], /no run goes on in /],
    ['tsung debug', ['-f', 'x.xml', 'debug'], /tsts try/],
    ['tsung view of nothing', ['view'], /tsts view -l FOLDER/],
    ['a report of what is no run', ['report', '/proc'], /\/proc/],
    ['no file after --prometheus', ['run', '--prometheus', '/none.xml'], /no such file/],
    ['no file after --dashboard', ['run', '--dashboard', '/none.xml'], /no such file/],
    ['no place for a dashboard', ['run', 'x.xml', '--dashboard=a:b:c'], /wants HOST:PORT/],
    ['help about nothing known', ['help', 'thinktim'], /thinktime/],
  ] as const) {
    it(`${name} with 2 and a line that helps`, async () => {
      const { code, stdout, stderr } = await tsts(...argv)
      assert.equal(code, 2)
      assert.equal(stdout, '')
      assert.match(stderr, want)
      assert.doesNotMatch(stderr, /\n\s+at /)
    })
  }
})

describe('the command line tells', () => {
  for (const flag of ['--version', '-v']) {
    it(`its version for ${flag}`, async () => {
      const { code, stdout } = await tsts(flag)
      assert.equal(code, 0)
      assert.equal(stdout.trim(), tstsVersion())
    })
  }

  for (const argv of [['--help'], ['-h'], ['help']]) {
    it(`every command for ${argv.join(' ')}`, async () => {
      const { code, stdout } = await tsts(...argv)
      assert.equal(code, 0)
      for (const name of [
        'run',
        'check',
        'plan',
        'try',
        'report',
        'echo',
        'demo',
        'start',
        'help',
      ]) {
        assert.match(stdout, new RegExp(`^\\s+tsts ${name}\\b`, 'm'))
      }
    })
  }

  it('the flags of a command', async () => {
    const { stdout } = await tsts('run', '--help')
    for (const flag of ['--log-dir', '--seed', '--arrivals', '--drain', '--exclude-tag']) {
      assert.match(stdout, new RegExp(flag))
    }
  })

  it('what exit codes mean', async () => {
    const { code, stdout } = await tsts('help', 'exit-codes')
    assert.equal(code, 0)
    assert.match(stdout, /130 {2}interrupted/)
  })

  it('what an element is', async () => {
    const { code, stdout } = await tsts('help', 'thinktime')
    assert.equal(code, 0)
    assert.match(stdout, /thinktime/)
  })

  it('what it does instead of what only Tsung can do', async () => {
    const flags = ['-i', 'a', '-r', 'rsh', '-s', '-p', '5', '-6', '-T', '7', '-k', '-n', '-F']
    const { code, stderr } = await tsts(...flags, '-f', '/none.xml', 'start')
    assert.equal(code, 2)
    assert.match(stderr, /Config file/)
    const run = await tsts('run', '/none.xml', ...flags)
    for (const flag of ['-i', '-r', '-s', '-p', '-6', '-T', '-k', '-F']) {
      assert.match(run.stderr, new RegExp(`^tsts: warning: ${flag} \\(`, 'm'))
    }
    assert.doesNotMatch(run.stderr, /warning: -n/)
  })
})
