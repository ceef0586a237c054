/** What a scenario may ask to be written: matches, answers, traffic, other back ends; and a user that ends the run. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RunEvent } from '../../controller/model.ts'
import type { Summary } from '../../controller/outputs/summary.ts'
import { tsungScript } from '../outputs/tsung-script.ts'
import { ofBusyMachine } from '../support/busy-machine.ts'
import { requirePath } from '../support/peers.ts'
import { type RecordingServer, startRecording } from '../support/recording-server.ts'
import { TstsProcess } from '../support/tsts-process.ts'

interface ScenarioText {
  /** Attributes of `<tsung>`. */
  readonly tsung?: string
  readonly actions: string
  readonly client?: string
  readonly users?: number
  readonly seconds?: number
}

function scenarioText(port: number, text: ScenarioText): string {
  return `<?xml version="1.0"?>
<!DOCTYPE tsung SYSTEM "/usr/share/tsung/tsung-1.0.dtd">
<tsung loglevel="notice" ${text.tsung ?? ''}>
  <clients><client host="localhost" ${text.client ?? ''}/></clients>
  <servers><server host="127.0.0.1" port="${port}" type="tcp"/></servers>
  <load>
    <arrivalphase phase="1" duration="${text.seconds ?? 1}" unit="second">
      <users maxnumber="${text.users ?? 10}" arrivalrate="20" unit="second"/>
    </arrivalphase>
  </load>
  <sessions>
    <session name="none" probability="0" type="ts_http"/>
    <session name="ask" probability="100" type="ts_http">
      ${text.actions}
    </session>
  </sessions>
</tsung>
`
}

function request(url: string, inside: string = '', tag: string = ''): string {
  const attribute = tag === '' ? '' : ` tag="${tag}"`
  return `<request${attribute}>${inside}<http url="${url}" method="GET" version="1.1"/></request>`
}

const login = `<transaction name="login">${request('/login')}</transaction>`

describe('what a run writes', function () {
  this.timeout(60_000)
  let folder: string
  let server: RecordingServer
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tsts-outputs-'))
    server = await startRecording()
  })
  afterEach(async () => {
    await server.close()
    rmSync(folder, { recursive: true, force: true })
  })

  interface Played {
    readonly names: readonly string[]
    readonly stdout: string
    readonly summary: Summary
    readonly folder: string
    read(name: string): string
  }

  async function play(text: ScenarioText, ...flags: readonly string[]): Promise<Played> {
    const file = join(folder, 'outputs.xml')
    writeFileSync(file, scenarioText(server.port, text))
    const logs = join(folder, 'log')
    const tsts = new TstsProcess(['run', file, '-l', logs, '--seed', '1', '--no-report', ...flags])
    const code = await tsts.ended
    assert.ok(code === 0 || code === 4, `exit code ${code}: ${tsts.stderr}`)
    const run = join(logs, readdirSync(logs)[0]!)
    const read = (name: string): string => readFileSync(join(run, name), 'latin1')
    const summary = JSON.parse(read('summary.json')) as Summary
    return { names: readdirSync(run).sort(), stdout: tsts.stdout, summary, folder: run, read }
  }

  it('match.log and kept answers', async () => {
    const matches =
      '<match do="log" when="match" name="hit">200 OK</match>' +
      '<match do="dump" when="nomatch" name="kept">no such text</match>'
    const actions = `<thinktime value="0.01"/><transaction name="t">${request('/a', matches)}</transaction>`
    const { names, read } = await play({ actions, users: 5, client: 'cpu="2"' })
    const [header, ...lines] = read('match.log').trimEnd().split('\n')
    assert.equal(header, '# timestamp userid sessionid requestid event transaction name')
    assert.equal(lines.length, 10)
    for (const line of lines) {
      assert.match(line, /^\d+\.\d{6} [1-5] 2 3 (?:match tr_t hit|nomatch tr_t kept)$/)
    }
    const kept = names.filter((name) => name.startsWith('match-'))
    assert.equal(kept.length, 5)
    for (const name of kept) {
      assert.match(name, /^match-[1-5]-2-3-[1-5]\.dump$/)
      assert.match(read(name), /^HTTP\/1\.1 200 OK\r\n/)
    }
  })

  for (const mode of ['true', 'light'] as const) {
    it(`dumptraffic="${mode}"`, async () => {
      const tsung = `dumptraffic="${mode}"`
      const { read } = await play({ actions: login, users: 3, tsung })
      const dump = read('tsung.dump')
      assert.equal(dump.match(/^NewClient:\d+(?:\.\d+)?:2\nload:\d$/gm)?.length, 3)
      assert.equal(dump.match(/^EndClient:\d+(?:\.\d+)?:[1-3]\nload:\d$/gm)?.length, 3)
      assert.equal(
        dump.match(/^Send:\d+(?:\.\d+)?:<0\.\d+\.0>:GET \/login HTTP\/1\.1\r$/gm)?.length,
        3,
      )
      assert.equal(dump.match(/^Recv:\d+(?:\.\d+)?:<0\.\d+\.0>:HTTP\/1\.1 200 OK\r$/gm)?.length, 3)
      assert.ok(dump.trimEnd().endsWith('load:0'))
    })
  }

  const row =
    /^\d+(?:\.\d+)?;<0\.\d+\.0>;\d;get;127\.0\.0\.1;\/login;200;\d+;\d+\.\d{3};tr_login;;;$/

  it('dumptraffic="protocol"', async () => {
    const { read } = await play({ actions: login, users: 3, tsung: 'dumptraffic="protocol"' })
    const [header, ...rows] = read('tsung.dump').trimEnd().split('\n')
    assert.match(header!, /^#date;pid;id;/)
    assert.equal(rows.length, 3)
    for (const each of rows) assert.match(each, row)
  })

  it('dumptraffic="protocol_local"', async () => {
    const tsung = 'dumptraffic="protocol_local"'
    const { read } = await play({ actions: login, users: 4, tsung, client: 'cpu="2"' })
    assert.equal(read('tsung.dump'), '')
    const rows = [1, 2].flatMap((launcher) => {
      const lines = read(`tsung-${launcher}.dump`).trimEnd().split('\n')
      assert.equal(lines.length, 2)
      return lines
    })
    for (const each of rows) assert.match(each, row)
  })

  it('backend="json", in the folder and on standard output', async () => {
    interface Log {
      readonly stats: readonly {
        readonly samples: readonly { readonly [name: string]: unknown }[]
      }[]
    }
    const countOf = (text: string): unknown => {
      const { stats } = JSON.parse(text) as Log
      return stats.at(-1)?.samples.find(({ name }) => name === 'http_200')
    }
    const tsung = 'backend="json"'
    const { read } = await play({ actions: login, users: 3, tsung })
    assert.deepEqual(countOf(read('tsung.log')), { name: 'http_200', value: 3, total: 3 })
    rmSync(join(folder, 'log'), { recursive: true })
    const { stdout, names } = await play({ actions: login, users: 3, tsung }, '-m', '-', '-q')
    assert.deepEqual(countOf(stdout), { name: 'http_200', value: 3, total: 3 })
    assert.ok(!names.includes('tsung.log'))
  })

  it('backend="fullstats" has every value, as the histograms have', async function () {
    const {
      read,
      summary,
      folder: run,
    } = await play({
      actions: `${login}${request('/b')}`,
      users: 8,
      tsung: 'backend="fullstats"',
      client: 'cpu="2"',
    })
    const text = read('tsung-fullstats.log')
    const values = [...text.matchAll(/^\{sample,request,\[(.*)\]\}$/gm)].flatMap((found) =>
      found[1]!.split(',').map(Number),
    )
    assert.equal(values.length, 16)
    const mean = values.reduce((sum, each) => sum + each, 0) / values.length
    assert.ok(Math.abs(mean - summary.metrics['request']!.mean) < 0.002)
    assert.equal(text.match(/\{sample,tr_login,/g)?.length, 8)
    const sent = [...text.matchAll(/\{sum,size_sent,(\d+)\}/g)].map((found) => Number(found[1]))
    assert.equal(
      sent.reduce((sum, each) => sum + each, 0),
      summary.counters['size_sent'],
    )
    const script = requirePath(this, tsungScript('tsung_percentile.pl'), 'apt-get install tsung')
    const told = execFileSync(script, [], { cwd: run, encoding: 'utf8' })
    assert.match(told, /Read : 16 values for sample,request\n/)
  })

  it('interactions are measured between launchers, the last of a run too', async () => {
    const actions =
      '<interaction action="send" id="mail"/><thinktime value="0.2"/>' +
      `${request('/a')}<interaction action="receive" id="mail"/>`
    const { summary } = await play({ actions, users: 4, client: 'cpu="2"' })
    const { count, max } = summary.metrics['tr_mail']!
    assert.equal(count, 4)
    assert.ok(max >= 0 && max < 5000)
  })

  it('requests with an excluded tag are left out', async () => {
    const actions = `${request('/a', '', 'img')}${request('/b', '', 'page')}${request('/c')}`
    await play({ actions, users: 2 }, '-x', 'img,page')
    assert.deepEqual(
      server.requests.map(({ bytes }) => bytes.split(' ')[1]),
      ['/c', '/c'],
    )
  })

  for (const [what, actions] of [
    ['abort_test', request('/a', '<match do="abort_test" when="match" name="stop">200 OK</match>')],
    ['<abort type="all"/>', '<abort type="all"/>'],
  ] as const) {
    it(`${what} ends the whole run at once, in order`, async () => {
      const startedMs = Date.now()
      const think = '<thinktime value="100"/>'
      const text = { actions: `${actions}${think}`, users: 2000, seconds: 100, client: 'cpu="2"' }
      const { summary, read } = await play(text)
      assert.ok(Date.now() - startedMs < 30_000)
      const reasons = summary.verdict.reasons.filter(({ code }) => !ofBusyMachine.has(code))
      assert.deepEqual(reasons, [])
      assert.ok(summary.load.startedUsers < 100)
      const events = read('events.ndjson')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as RunEvent)
      assert.equal(events.filter(({ type }) => type === 'aborted').length, 1)
      assert.match(read('tsung.log'), /EndMonitor/)
    })
  }
})
