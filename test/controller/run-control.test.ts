/** A run steered and looked at from other terminals, by the commands themselves. */
import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { main } from '../../controller/cli.ts'
import type { RunEvent, Steering, SteeringChange } from '../../controller/model.ts'
import { RunControl } from '../../controller/run-control.ts'
import { unsteered } from '../../controller/steering.ts'
import { UsageError } from '../../controller/usage-error.ts'
import { newFolder, playRun } from '../outputs/synthetic-run.ts'

interface Said {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

async function tsts(...argv: readonly string[]): Promise<Said> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const signals = new EventEmitter()
  const io = { stdin: new PassThrough(), stdout, stderr, signals }
  const code = await main(argv, io)
  return { code, stdout: String(stdout.read() ?? ''), stderr: String(stderr.read() ?? '') }
}

describe('a run, steered from another terminal', function () {
  this.timeout(60_000)
  let folder = ''
  let remove: () => Promise<void>
  let control: RunControl
  let now: Steering = unsteered
  let changes: SteeringChange[] = []
  let events: Omit<RunEvent, 'atMs'>[] = []
  let said: string[] = []
  let troubles: string[] = []

  const newControl = (): RunControl =>
    new RunControl(
      {
        steer: (change) => {
          if (change.arrivalFactor === 13) throw new UsageError('thirteen is refused')
          changes.push(change)
          const { skipPhase: _, ...steering } = change
          now = { ...now, ...steering }
          return now
        },
        stop: (_who, graceMs) => graceMs ?? 30_000,
        tell: (event) => {
          events.push(event)
          for (const output of control.outputs) output.event({ atMs: 1500, ...event })
        },
        onTrouble: (text) => troubles.push(text),
        say: (text) => said.push(text),
      },
      true,
    )

  beforeEach(async () => {
    ;({ folder, remove } = await newFolder())
    ;[now, changes, events, said, troubles] = [unsteered, [], [], [], []]
    control = newControl()
    await control.open(folder, null)
  })
  afterEach(async () => {
    await control.over(0)
    await remove()
  })

  for (const [argv, change, text] of [
    [['rate', '--arrivals', '1.5'], { arrivalFactor: 1.5 }, 'arrivals × 1 to × 1.5'],
    [['rate', '--think', '0.5'], { thinkTimeFactor: 0.5 }, 'think times × 1 to × 0.5'],
    [
      ['rate', '--requests', '30000'],
      { requestsPerSecond: 30_000 },
      'constant rate the scenario’s to 30000/s',
    ],
    [['rate', '--requests', 'plan'], { requestsPerSecond: null }, 'nothing changes'],
    [['rate', '--skip-phase'], { skipPhase: true }, 'the phase ends now'],
    [
      ['rate', '--arrivals', '0', '--think', '2'],
      { arrivalFactor: 0, thinkTimeFactor: 2 },
      'arrivals × 1 to × 0, think times × 1 to × 2',
    ],
    [['pause'], { paused: true }, 'paused'],
    [['resume'], { paused: false }, 'nothing changes'],
  ] as const) {
    it(`tsts ${argv.join(' ')}`, async () => {
      const { code, stderr } = await tsts(...argv, folder)
      assert.equal(code, 0, stderr)
      assert.deepEqual(changes, [change])
      const [event] = events
      assert.equal(event?.type, 'steered')
      const who = new RegExp(`^tsts ${argv[0]} of [^ ]+$`)
      assert.match(event!.steering!.who, who)
      assert.equal(event!.text, `${event!.steering!.who}: ${text}`)
      assert.deepEqual(event!.steering!.from, unsteered)
      assert.deepEqual(event!.steering!.to, now)
    })
  }

  it('says how it is steered then, and so does tsts status', async () => {
    await tsts('rate', '--arrivals', '1.5', folder)
    const { stdout } = await tsts('pause', folder)
    assert.equal(stdout, `${folder}: paused, arrivals × 1.5\n`)
    await playRun(control.outputs, folder, { seconds: 4 })
    await tsts('rate', '--think', '2', folder)
    const status = await tsts('status', folder)
    assert.match(status.stdout, /^steered {3}paused, arrivals × 1\.5, think times × 2$/m)
    assert.match(status.stdout, /^verdict {3}valid so far$/m)
    const told = JSON.parse((await tsts('status', folder, '--json')).stdout) as {
      steering: Steering
    }
    assert.deepEqual(told.steering, now)
    assert.equal(
      (await tsts('resume', folder)).stdout,
      `${folder}: arrivals × 1.5, think times × 2\n`,
    )
    const back = await tsts('rate', '--arrivals', '1', '--think', '1', folder)
    assert.equal(back.stdout, `${folder}: as planned\n`)
  })

  for (const [argv, text] of [
    [['rate'], /what is to change/],
    [['rate', '--arrivals', 'fast'], /--arrivals wants a number of at least 0, not "fast"/],
    [['rate', '--arrivals', '-1'], /--arrivals wants a number of at least 0/],
    [['rate', '--arrivals', '5000'], /arrivalFactor is a number from 0 to 1000/],
    [['rate', '--arrivals', '13'], /thirteen is refused/],
    [['rate', '--requests', 'some'], /--requests wants a number/],
  ] as const) {
    it(`refuses tsts ${argv.join(' ')} in a line`, async () => {
      const { code, stderr } = await tsts(...argv, folder)
      assert.equal(code, 2)
      assert.match(stderr, text)
      assert.equal(stderr.trim().split('\n').length, 1)
      assert.deepEqual([changes, events], [[], []])
    })
  }

  it('keeps how it was steered when another controller goes on', () => {
    const event: RunEvent = {
      atMs: 10,
      type: 'steered',
      text: '',
      steering: { who: 'x', from: unsteered, to: { ...unsteered, paused: true } },
    }
    for (const output of control.outputs) output.event(event)
    return tsts('rate', '--think', '2', folder).then(() => {
      assert.equal(events[0]?.steering?.from.paused, true)
    })
  })

  it('opens its dashboard when somebody asks, and it is the same for all', async () => {
    assert.deepEqual(said, [])
    const [first, second] = [
      tsts('attach', folder, '--dashboard'),
      tsts('attach', '--dashboard', folder),
    ]
    const address = /the dashboard is at (http:\/\/127\.0\.0\.1:\d+\/)\n/
    const url = await untilTold(() => runFile().dashboard?.port)
    assert.equal((await fetch(`http://127.0.0.1:${url}/api/status`)).status, 200)
    await playRun(control.outputs, folder, { seconds: 3 })
    await control.over(0)
    const [a, b] = await Promise.all([first, second])
    assert.equal(address.exec(a.stderr)?.[1], `http://127.0.0.1:${url}/`)
    assert.equal(address.exec(b.stderr)?.[1], `http://127.0.0.1:${url}/`)
    assert.match(a.stdout, /phase 1 has begun/)
  })

  it('keeps its token for the next controller where only its user reads', async () => {
    await control.over(0)
    control = newControl()
    await control.open(folder, { host: '0.0.0.0', port: 0 })
    assert.match(said[0]!, /^the dashboard is at http:\/\/0\.0\.0\.0:\d+\/#token=[\w-]{43}$/)
    const { dashboard } = runFile()
    assert.ok(said[0]!.endsWith(dashboard!.token!))
    assert.equal(statSync(join(folder, 'run.json')).mode & 0o077, 0)
    await control.over(0)
    assert.ok(!existsSync(join(folder, 'run.json')))
  })

  it('goes on without a dashboard that cannot be opened, and says so', async () => {
    const taken = newControl()
    const { folder: other, remove: removeOther } = await newFolder()
    await taken.open(other, { host: '127.0.0.1', port: 0 })
    const port = Number(/:(\d+)\/$/.exec(said[0]!)?.[1])
    await control.over(0)
    control = newControl()
    await control.open(folder, { host: '127.0.0.1', port })
    assert.equal(troubles.length, 1)
    assert.match(
      troubles[0]!,
      new RegExp(`cannot be opened at 127\\.0\\.0\\.1:${port}: .*EADDRINUSE`),
    )
    assert.equal((await tsts('pause', folder)).code, 0)
    await taken.over(0)
    await removeOther()
  })

  function runFile(): { dashboard?: { port: number; token: string | null } } {
    return JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8')) as ReturnType<typeof runFile>
  }

  async function untilTold<Value>(of: () => Value | undefined): Promise<Value> {
    for (;;) {
      const value = of()
      if (value !== undefined) return value
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }
})
