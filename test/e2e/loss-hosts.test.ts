/** A host that dies in the middle of a run: its share goes on elsewhere. */
import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { RunCase, scenarioText } from '../support/run-case.ts'
import { SshSandbox, type SshServer } from '../support/sshd.ts'
import { eventually, TstsProcess } from '../support/tsts-process.ts'

describe('a host that dies', function () {
  this.timeout(60_000)
  let sandbox: SshSandbox
  let servers: SshServer[]
  let run: RunCase

  before(async function () {
    sandbox = SshSandbox.open(this)
    servers = [await sandbox.start('127.0.0.2'), await sandbox.start('127.0.0.3')]
    for (const { address, port } of servers) sandbox.know(address, port)
    const hosts = servers.map(
      ({ address, port }, at) => `Host load${at + 1}\n  HostName ${address}\n  Port ${port}\n`,
    )
    mkdirSync(join(sandbox.folder, '.ssh'), { recursive: true })
    writeFileSync(join(sandbox.folder, '.ssh/config'), sandbox.config(hosts.join('')))
    run = await RunCase.open()
  })
  after(() => {
    run?.close()
    return sandbox?.close()
  })

  it('respawn: the launchers of the other play its share, each user and each line once', async () => {
    const names = Array.from({ length: 500 }, (_, line) => `who${line}`)
    writeFileSync(join(run.folder, 'names.csv'), `${names.join('\n')}\n`)
    const file = join(run.folder, 'hosts.xml')
    const ip = (address: string): string => `<ip value="${address}"/></client>`
    const plain = scenarioText(run.port, {
      phaseSeconds: 6,
      thinkSeconds: 0,
      options: '<option name="file_server" id="names" value="names.csv"/>',
    })
    const request = '<request><http url="/" method="GET" version="1.1"/></request>'
    const asked =
      '<setdynvars sourcetype="file" fileid="names"><var name="who"/></setdynvars>' +
      '<request subst="true"><http url="/%%_tsung_userid%%/%%_who%%" method="GET" version="1.1"/></request>'
    const clients = `<client host="load1" cpu="2">${ip('127.0.0.12')}<client host="load2">${ip('127.0.0.13')}`
    writeFileSync(
      file,
      plain.replace(request + request, asked).replace(/<client [^>]*\/>/, clients),
    )
    const args = ['run', file, '-l', run.logDir, '--seed', '1', '--no-live', '--no-report']
    const flags = ['--on-launcher-lost', 'respawn', '--grace', '2']
    const tsts = new TstsProcess([...args, ...flags], { env: { HOME: sandbox.folder } })
    await eventually(() => run.requests > 30)
    // The agent first, so that nobody tells how its launchers end.
    for (const pid of nodesOf(servers[0]!.home)) process.kill(pid, 'SIGKILL')
    assert.equal(await tsts.ended, 5, tsts.stdout + tsts.stderr)

    const { load, requests, launchers } = run.summary
    assert.equal(load.startedUsers + load.maybeStartedUsers, 120, tsts.stdout)
    const { issued, acknowledged, noAck, failed, inFlight, unknown } = requests
    assert.equal(issued, acknowledged + noAck + failed + inFlight + unknown)
    assert.deepEqual(
      launchers.map(({ host, state }) => `${host} ${state}`),
      ['load1 lost', 'load1 lost', 'load2 done', 'load2 done', 'load2 done'],
    )
    assert.ok(launchers.slice(3).every(({ startedUsers }) => startedUsers > 0))
    const users = run.urls.map((url) => url.split('/')[1])
    const lines = run.urls.map((url) => url.split('/')[2])
    assert.equal(new Set(users).size, users.length)
    assert.equal(new Set(lines).size, lines.length)
  })
})

/** Agent and launchers of a run on the host whose home that is; the agent first. */
function nodesOf(home: string): readonly number[] {
  const read = (pid: number, what: string): string => {
    try {
      return readFileSync(`/proc/${pid}/${what}`, 'latin1')
    } catch {
      return '' // it has ended meanwhile, or is not ours
    }
  }
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => read(pid, 'environ').includes(`HOME=${home}\0`))
    .filter((pid) => /\0(agent|launcher)\0/.test(read(pid, 'cmdline')))
    .sort((a, b) => Number(isAgent(read(b, 'cmdline'))) - Number(isAgent(read(a, 'cmdline'))))
}

function isAgent(commandLine: string): boolean {
  return commandLine.includes('\0agent\0')
}
