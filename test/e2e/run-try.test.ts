import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { RunCase, scenarioText } from '../support/run-case.ts'
import { eventually, TstsProcess } from '../support/tsts-process.ts'

describe('tsts try', function () {
  this.timeout(30_000)
  let run: RunCase
  beforeEach(async () => {
    run = await RunCase.open()
  })
  afterEach(() => run.close())

  /** Writes a scenario and starts `tsts try` on it. */
  function tryIt(xml: string, ...flags: string[]): TstsProcess {
    const path = join(run.folder, 'shop.xml')
    writeFileSync(path, xml)
    return new TstsProcess(['try', path, ...flags])
  }

  it('shows every step of one user, with its bytes', async () => {
    const tsts = tryIt(scenarioText(run.port), '--user', '7')
    assert.equal(await tsts.ended, 0)
    assert.equal(tsts.stderr, '')
    assert.match(tsts.stdout, /^session ask, user 7, seed 1\n/)
    assert.match(tsts.stdout, /line 13: request GET \/\n/)
    assert.match(tsts.stdout, /connected to 127\.0\.0\.1:\d+ in/)
    assert.match(tsts.stdout, /> GET \/ HTTP\/1\.1\n +> Host: 127\.0\.0\.1/)
    assert.match(tsts.stdout, /< HTTP\/1\.1 200 OK\n/)
    assert.match(tsts.stdout, /thinks for 100 ms/)
    assert.match(tsts.stdout, /\b200 2\b/)
    assert.equal(run.requests, 2)
  })

  it('shows variables, lines of data files, substitution, extraction, matches and branches', async () => {
    writeFileSync(join(run.folder, 'logins.csv'), 'ann;x y\nbob;2\n')
    const request = '<http url="/%%_user%%?c=%%_color%%" method="GET" version="1.1"/>'
    const actions = `
      <setdynvars sourcetype="file" fileid="logins" delimiter=";"><var name="user"/><var name="word"/></setdynvars>
      <request subst="true">
        <match do="log" when="match" name="greets">hel</match>
        <dyn_variable name="greeting" re="(h.l+)"/>${request}
      </request>
      <if var="color" neq="red"><request><http url="/x" method="GET" version="1.1"/></request></if>`
    const option = '<option name="file_server" id="logins" value="logins.csv"/>'
    const xml = scenarioText(run.port, { options: option }).replace(
      /(<session [^>]*>).*<\/session>/s,
      `$1${actions}</session>`,
    )
    const tsts = tryIt(xml, '--user-data', 'color=red', '--user-data', 'unused=a=b')
    assert.equal(await tsts.ended, 0)
    for (const said of [
      /color += "red"/,
      /unused += "a=b"/,
      /user += "ann"\n.*word += "x y"/,
      /> GET \/ann\?c=red HTTP\/1\.1/,
      /greeting += "hell"/,
      /match of "hel"/,
      /color neq "red": no/,
      /\bmatch 1\b/,
    ]) {
      assert.match(tsts.stdout, said)
    }
    assert.doesNotMatch(tsts.stdout, /GET \/x/)
  })

  it('refuses user data that is no NAME=VALUE', async () => {
    const tsts = tryIt(scenarioText(run.port), '--user-data', 'color')
    assert.equal(await tsts.ended, 2)
    assert.match(tsts.stderr, /--user-data wants NAME=VALUE, not "color"/)
    assert.equal(tsts.stdout, '')
  })

  it('tells an error of the target and ends in order', async () => {
    const { port } = run
    run.close()
    const other = await RunCase.open()
    run = other
    const tsts = tryIt(scenarioText(port))
    assert.equal(await tsts.ended, 0)
    assert.match(tsts.stdout, /ERROR error_connect_econnrefused/)
  })

  it('refuses a session that is not there, and says which are', async () => {
    const tsts = tryIt(scenarioText(run.port), '--session', 'task')
    assert.equal(await tsts.ended, 2)
    assert.match(tsts.stderr, /no session task: did you mean ask\?/)
  })

  it('refuses a session that cannot be played yet, and plays another of the file', async () => {
    const xml = scenarioText(run.port).replace(
      '</sessions>',
      `<session name="talk" probability="0" type="ts_jabber">
         <request><jabber type="connect" ack="local"/></request></session></sessions>`,
    )
    const talk = tryIt(xml, '--session', 'talk')
    assert.equal(await talk.ended, 2)
    assert.match(talk.stderr, /not playable yet/)
    const ask = tryIt(xml, '--session', 'ask')
    assert.equal(await ask.ended, 0)
    assert.match(ask.stdout, /200 2/)
  })

  it('ends with 130 after Ctrl-C', async () => {
    const tsts = tryIt(scenarioText(run.port, { thinkSeconds: 300 }))
    await eventually(() => run.requests >= 1)
    await tsts.said(/thinks for/)
    tsts.kill('SIGINT')
    assert.equal(await tsts.ended, 130)
  })
})

describe('tsts demo', function () {
  this.timeout(120_000)

  it('plays the example against a target of its own and says where the report is', async () => {
    const run = await RunCase.open()
    try {
      const tsts = new TstsProcess(['demo', '-l', run.logDir])
      const code = await tsts.ended
      assert.ok(code === 0 || code === 4, tsts.stdout + tsts.stderr)
      assert.match(tsts.stdout, /report\.html/)
      const { summary } = run
      assert.equal(summary.counters['users_count'], summary.load.plannedUsers)
      assert.deepEqual(summary.errors, [])
      assert.ok(run.files.includes('report.html'))
    } finally {
      run.close()
    }
  })
})
