/**
 * What Taurus does with Tsung (its executor `tsung`): the command it starts, the files it reads while the run goes on.
 * Source: the executor's documentation and behaviour, Taurus 1.16.
 */
import assert from 'node:assert/strict'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ofBusyMachine } from '../support/busy-machine.ts'
import { type RecordingServer, startRecording } from '../support/recording-server.ts'
import { eventually, TstsProcess } from '../support/tsts-process.ts'

/** Of the kind that Taurus makes of a list of requests. */
function configuration(port: number): string {
  return `<?xml version='1.0' encoding='UTF-8'?>
<!DOCTYPE tsung SYSTEM "/usr/share/tsung/tsung-1.0.dtd">
<tsung loglevel="notice" version="1.0" dumptraffic="protocol" backend="text">
  <clients>
    <client host="localhost" use_controller_vm="true"/>
  </clients>
  <servers>
    <server host="127.0.0.1" port="${port}" type="tcp"/>
  </servers>
  <load duration="3" unit="second">
    <arrivalphase phase="1" duration="3" unit="second">
      <users arrivalrate="10" unit="second"/>
    </arrivalphase>
  </load>
  <options>
    <option name="thinktime" value="1" random="false"/>
    <option name="connect_timeout" value="5000"/>
    <option name="max_retries" value="1"/>
  </options>
  <sessions>
    <session name="taurus_requests" probability="100" type="ts_http">
      <request>
        <http url="http://127.0.0.1:${port}/" method="GET" version="1.1">
          <http_header name="X-Trace" value="1"/>
        </http>
      </request>
      <request>
        <http url="/buy" method="POST" version="1.1" contents="a=1"/>
      </request>
    </session>
  </sessions>
</tsung>
`
}

/** Reads what is new in a file at each call, as far as whole lines go. */
class Tail {
  readonly #path: string
  #offset = 0

  constructor(path: string) {
    this.#path = path
  }

  lines(): readonly string[] {
    const text = readFileSync(this.#path, 'latin1')
    const end = text.lastIndexOf('\n') + 1
    const fresh = text.slice(this.#offset, end)
    this.#offset = Math.max(this.#offset, end)
    return fresh.split('\n').slice(0, -1)
  }
}

interface Row {
  readonly second: number
  readonly url: string
  readonly seconds: number
  readonly status: string
  readonly transaction: string
}

/** The columns that Taurus takes. */
function rowOf(line: string): Row {
  const fields = line.split(';')
  return {
    second: Math.trunc(Number(fields[0])),
    url: fields[4]! + fields[5]!,
    status: fields[6]!,
    seconds: Number(fields[8]) / 1000,
    transaction: fields[9]!,
  }
}

describe('as Taurus uses Tsung', function () {
  this.timeout(60_000)
  const folder = mkdtempSync(join(tmpdir(), 'tsts-taurus-'))
  let server: RecordingServer
  before(async () => {
    server = await startRecording()
  })
  after(async () => {
    await server.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('asks whether it is there with -v', async () => {
    assert.equal(await new TstsProcess(['-v']).ended, 0)
  })

  it('plays its configuration, is read while it runs, and ends with 0', async () => {
    const config = join(folder, 'tsung-config.xml')
    writeFileSync(config, configuration(server.port))
    const base = join(folder, 'tsung_taurus_1')
    mkdirSync(base)
    const startedS = Date.now() / 1000
    const tsts = new TstsProcess([
      '-f',
      config,
      '-l',
      base,
      '-i',
      'tsung_taurus_1',
      '-w',
      '0',
      'start',
    ])

    await eventually(() => readdirSync(base).length > 0)
    const run = join(base, readdirSync(base)[0]!)
    const dumpPath = join(run, 'tsung.dump')
    await eventually(() => existsSync(dumpPath) && statSync(dumpPath).size > 0)
    const dump = new Tail(dumpPath)
    const log = new Tail(join(run, 'tsung.log'))

    const early: string[] = []
    await eventually(() => early.push(...dump.lines()) > 5)
    const code = await tsts.ended
    const verdict = JSON.parse(readFileSync(join(run, 'summary.json'), 'utf8')) as {
      verdict: { reasons: { code: string }[] }
    }
    // A machine that is busy otherwise makes launchers late.
    const reasons = verdict.verdict.reasons.filter((reason) => !ofBusyMachine.has(reason.code))
    assert.deepEqual(reasons, [], tsts.stderr)
    assert.ok(code === 0 || code === 4)
    assert.equal(readdirSync(base).length, 1, 'exactly one entry under -l')

    const [header, ...rest] = [...early, ...dump.lines()]
    assert.ok(header!.startsWith('#'))
    const rows = rest.map(rowOf)
    assert.equal(rows.length, server.requests.length)
    for (const row of rows) {
      assert.ok(row.second >= Math.floor(startedS) && row.second <= startedS + 60)
      assert.ok(row.seconds >= 0 && row.seconds < 5)
      assert.match(row.url, /^127\.0\.0\.1(?:http:\/\/127\.0\.0\.1:\d+)?\/(?:buy)?$/)
      assert.equal(row.status, '200')
      assert.equal(row.transaction, '-')
    }
    const concurrency = log.lines().flatMap((line) => {
      const found = /^stats: users (\d+) (\d+)$/.exec(line)
      return found === null ? [] : [Number(found[2])]
    })
    assert.ok(concurrency.length >= 1)
    assert.ok(concurrency.at(-1)! >= 1)
  })
})
