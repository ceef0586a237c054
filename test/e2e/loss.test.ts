/** One launcher is killed (-9) in the middle of its users, under each policy. */
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LossPolicy } from '../../controller/fleet/model.ts'
import type { Summary } from '../../controller/outputs/summary.ts'
import { type RecordingServer, startRecording } from '../support/recording-server.ts'
import { isRunning, TstsProcess } from '../support/tsts-process.ts'

const users = 80

interface Played {
  readonly code: number | null
  readonly summary: Summary
  readonly events: string
  /** Users that the target heard of, in order; and the lines that they brought. */
  readonly ids: readonly number[]
  readonly lines: readonly string[]
}

describe('a launcher that is killed', function () {
  this.timeout(120_000)
  let folder: string
  let server: RecordingServer
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tsts-loss-'))
    server = await startRecording()
  })
  afterEach(async () => {
    await server.close()
    rmSync(folder, { recursive: true, force: true })
  })

  /** Each user takes a line, asks for it under its own id, thinks, and asks again. */
  function write(client: string, phases: string, thinkSeconds = 0.7): string {
    writeFileSync(
      join(folder, 'lines.csv'),
      Array.from({ length: 10 * users }, (_, line) => `l${line}\n`).join(''),
    )
    const file = join(folder, 'loss.xml')
    const request = (path: string): string =>
      `<request subst="true"><http url="${path}" method="GET" version="1.1"/></request>`
    writeFileSync(
      file,
      `<?xml version="1.0"?>
<!DOCTYPE tsung SYSTEM "/usr/share/tsung/tsung-1.0.dtd">
<tsung loglevel="notice">
  <clients><client host="localhost" ${client}/></clients>
  <servers><server host="127.0.0.1" port="${server.port}" type="tcp"/></servers>
  <load>${phases}</load>
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
    return file
  }

  const phase = (seconds: number): string =>
    `<arrivalphase phase="1" duration="${seconds}" unit="second">
      <users maxnumber="${users}" arrivalrate="${users / seconds}" unit="second"/>
    </arrivalphase>`

  /** Kills the launcher of that number some ms after the load has begun, or when it has taken over. */
  async function play(
    policy: LossPolicy,
    file: string,
    kill: {
      readonly launcher: number
      readonly afterMs: number
      readonly signal?: NodeJS.Signals
      readonly flags?: readonly string[]
    },
  ): Promise<Played> {
    const logs = join(folder, 'log')
    const flags = [
      '--seed',
      '1',
      '--no-report',
      '--no-live',
      '--on-launcher-lost',
      policy,
      ...(kill.flags ?? []),
    ]
    const tsts = new TstsProcess(['run', file, '-l', logs, ...flags])
    await tsts.said(/phase 1 has begun/)
    const [, pid] = await tsts.said(
      new RegExp(`launcher ${kill.launcher} on localhost \\(pid (\\d+)\\)`),
    )
    await new Promise((resolve) => setTimeout(resolve, kill.afterMs))
    process.kill(Number(pid), kill.signal ?? 'SIGKILL')
    const code = await tsts.ended
    const run = join(logs, readdirSync(logs)[0]!)
    const summary = JSON.parse(readFileSync(join(run, 'summary.json'), 'utf8')) as Summary
    const events = readFileSync(join(run, 'events.ndjson'), 'utf8')
    const firsts = server.requests.flatMap(({ bytes }) => {
      const [, id, line] = /^GET \/first\/(\d+)\/(\S+) /.exec(bytes) ?? []
      return id === undefined ? [] : [{ id: Number(id), line: line! }]
    })
    return {
      code,
      summary,
      events,
      ids: firsts.map(({ id }) => id),
      lines: firsts.map(({ line }) => line),
    }
  }

  function assertSound({ code, summary, ids, lines }: Played): void {
    assert.equal(code, 5)
    assert.equal(summary.exitCode, 5)
    const { issued, acknowledged, noAck, failed, inFlight, unknown } = summary.requests
    assert.equal(issued, acknowledged + noAck + failed + inFlight + unknown)
    assert.ok(unknown >= 0)
    assert.equal(new Set(ids).size, ids.length, 'a user was started twice')
    assert.equal(new Set(lines).size, lines.length, 'a line was used twice')
    for (const id of ids) assert.ok(id >= 1 && id <= users)
    const { startedUsers, maybeStartedUsers, unknownUsers, finishedUsers } = summary.load
    // One may die between being counted and its first request, or between that and being counted.
    assert.ok(ids.length <= startedUsers + maybeStartedUsers)
    assert.ok(ids.length >= startedUsers - unknownUsers)
    assert.equal(finishedUsers + unknownUsers, startedUsers)
    const planned = summary.launchers.reduce((sum, { plannedUsers }) => sum + plannedUsers, 0)
    assert.equal(planned, users)
    const [lost, ...others] = summary.launchers.filter(({ state }) => state === 'lost')
    assert.equal(others.length, 0)
    assert.equal(lost!.unknownUsers, unknownUsers)
    assert.equal(lost!.maybeStartedUsers, maybeStartedUsers)
  }

  it('respawn: another one of four goes on, every user is started or declared', async () => {
    const file = write('cpu="4"', phase(6))
    const played = await play('respawn', file, { launcher: 2, afterMs: 2000 })
    assertSound(played)
    const { summary, events } = played
    const { load, launchers } = summary
    assert.equal(load.startedUsers + load.maybeStartedUsers, users)
    const [dead, next] = [launchers[1]!, launchers[4]!]
    assert.deepEqual([dead.state, next.launcher, next.state], ['lost', 5, 'done'])
    assert.ok(next.startedUsers > 0)
    assert.equal(dead.startedUsers + dead.maybeStartedUsers + next.startedUsers, users / 4)
    assert.match(
      events,
      /"type":"launcher-respawn","text":"the share of launcher 2 is played again/,
    )
    assert.ok(summary.launchers.every(({ clock }) => Math.abs(clock!.offsetMs) < 5))
  })

  it('continue: the rest of its share is missing, and said within bounds', async () => {
    const file = write('cpu="4"', phase(6))
    const played = await play('continue', file, { launcher: 2, afterMs: 2000 })
    assertSound(played)
    const { summary, events } = played
    assert.equal(summary.launchers.length, 4)
    const { startedUsers, maybeStartedUsers } = summary.load
    const text =
      /no launcher goes on from launcher 2 \(--on-launcher-lost=continue\): ([^"]*)/.exec(
        events,
      )![1]!
    const bounds = text.match(/\d+/g)!.map(Number)
    assert.equal(bounds.at(0), users - startedUsers - maybeStartedUsers)
    assert.equal(bounds.at(-1), users - startedUsers)
    assert.equal(summary.verdict.status, 'invalid')
  })

  it('abort: all end at once', async () => {
    const file = write(
      'cpu="4"',
      phase(600).replace(
        /maxnumber="\d+" arrivalrate="[\d.]+"/,
        `maxnumber="${users}" arrivalrate="20"`,
      ),
    )
    const played = await play('abort', file, { launcher: 2, afterMs: 1500 })
    assertSound(played)
    const { summary, events } = played
    assert.ok(summary.load.startedUsers < users)
    assert.match(events, /"type":"aborted","text":"launcher 2 was lost: all users end/)
    const states = summary.launchers.map(({ state }) => state)
    assert.deepEqual(states, ['stopped', 'lost', 'stopped', 'stopped'])
  })

  for (const [title, afterMs] of [
    ['as soon as it plays', 0],
    ['when it is about to be full', 250],
    ['when its successor plays', 900],
  ] as const) {
    it(`respawn: one that is killed at maxusers, ${title}`, async () => {
      const file = write('maxusers="8"', phase(6), 3)
      const played = await play('respawn', file, { launcher: 2, afterMs })
      assertSound(played)
      const { load, launchers } = played.summary
      assert.equal(load.startedUsers + load.maybeStartedUsers, users)
      assert.equal(launchers.find(({ launcher }) => launcher === 2)!.state, 'lost')
    })
  }

  it('respawn: one that hangs is given up, ended, and followed by another', async () => {
    const frozen = {
      launcher: 2,
      afterMs: 1000,
      signal: 'SIGSTOP',
      flags: ['--grace', '1'],
    } as const
    const played = await play('respawn', write('cpu="4"', phase(12)), frozen)
    assertSound(played)
    const { load, launchers } = played.summary
    assert.equal(load.startedUsers + load.maybeStartedUsers, users)
    assert.ok(!isRunning(launchers[1]!.pid))
    assert.match(played.events, /launcher 2 on localhost .* was given up/)
  })

  it('respawn: one that waits for its users before the next phase, beside static users', async () => {
    const waiting = `<arrivalphase phase="1" duration="2" unit="second" wait_all_sessions_end="true">
        <users maxnumber="${users / 2}" arrivalrate="${users / 4}" unit="second"/></arrivalphase>
      <arrivalphase phase="2" duration="2" unit="second">
        <users maxnumber="${users / 2 - 4}" arrivalrate="${users / 4}" unit="second"/></arrivalphase>
      ${[1, 3, 4, 5].map((at) => `<user session="ask" start_time="${at}" unit="second"/>`).join('')}`
    const played = await play('respawn', write('cpu="2"', waiting), { launcher: 1, afterMs: 2300 })
    assertSound(played)
    const { load } = played.summary
    assert.equal(load.startedUsers + load.maybeStartedUsers, users)
    assert.equal(load.staticUsers.plannedUsers, 4)
  })
})
