import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { withoutNode } from '../support/bare-host.ts'
import { RunCase, scenarioText } from '../support/run-case.ts'
import { SshSandbox, type SshServer } from '../support/sshd.ts'
import { eventually, TstsProcess } from '../support/tsts-process.ts'

/** Hosts that are known from an inventory alone, with nothing but sshd and a shell. */
describe('tsts hosts', function () {
  this.timeout(180_000)
  let sandbox: SshSandbox
  let servers: SshServer[]
  let run: RunCase
  let scenario: string
  let sshConfig: string

  before(async function () {
    sandbox = SshSandbox.open(this)
    const under = withoutNode(this)
    servers = []
    for (const address of ['127.0.8.1', '127.0.8.2', '127.0.8.3']) {
      const server = await sandbox.start(address, [], under)
      sandbox.know(server.address, server.port)
      servers.push(server)
    }
    mkdirSync(join(sandbox.folder, '.ssh'), { recursive: true })
    writeFileSync(join(sandbox.folder, '.ssh/known_hosts'), readFileSync(sandbox.knownHosts))
    scenario = join(sandbox.folder, 'scenario.xml')
    sshConfig = join(sandbox.folder, 'hosts.ssh')
  })
  after(() => sandbox?.close())
  beforeEach(async () => {
    run = await RunCase.open()
    for (const { home } of servers) rmSync(join(home, '.cache'), { recursive: true, force: true })
    const inventory = join(sandbox.folder, 'inventory.ini')
    const lines = servers.map(
      ({ address, port }, at) => `load${at + 1} ansible_host=${address} ansible_port=${port}`,
    )
    writeFileSync(
      inventory,
      `[load]\n${lines.join('\n')}\n[all:vars]\nansible_ssh_private_key_file=${sandbox.userKey}\n`,
    )
    writeFileSync(scenario, scenarioText(run.port, { phaseSeconds: 1 }))
    await told(0, 'import', inventory, '--into', scenario, '--ssh-config', sshConfig)
  })
  afterEach(() => run?.close())

  function start(...args: readonly string[]): TstsProcess {
    return new TstsProcess(args, { env: { HOME: sandbox.folder, SSH_AUTH_SOCK: '' } })
  }
  /** Runs `tsts hosts …`; its standard output. */
  async function told(code: number, ...args: readonly string[]): Promise<string> {
    const tsts = start('hosts', ...args)
    assert.equal(await tsts.ended, code, tsts.stdout + tsts.stderr)
    return tsts.stdout
  }
  const cacheOf = ({ home }: SshServer): string => join(home, '.cache/tsts')

  it('import puts them into a scenario, and says how they are reached', () => {
    assert.match(
      readFileSync(scenario, 'utf8'),
      /<clients>\n {4}<client host="load1" cpu="auto"\/>\n {4}<client host="load2" cpu="auto"\/>\n {4}<client host="load3" cpu="auto"\/>\n {2}<\/clients>/,
    )
    const { address, port } = servers[0]!
    assert.match(
      readFileSync(sshConfig, 'utf8'),
      new RegExp(`Host load1\n {2}HostName ${address}\n {2}Port ${port}\n`),
    )
  })

  it('import overwrites no file that it has not written', async () => {
    writeFileSync(join(sandbox.folder, 'mine'), 'Host *\n')
    const tsts = start(
      'hosts',
      'import',
      join(sandbox.folder, 'inventory.ini'),
      '--ssh-config',
      join(sandbox.folder, 'mine'),
    )
    assert.equal(await tsts.ended, 2)
    assert.match(
      tsts.stderr,
      /mine is not overwritten: it is there and was not written by tsts hosts import/,
    )
  })

  it('a file that says how hosts are reached has to be there', async () => {
    const tsts = start('hosts', 'prepare', scenario, '--ssh-config', '/nowhere/hosts.ssh')
    assert.equal(await tsts.ended, 2)
    assert.match(tsts.stderr, /^tsts: --ssh-config \/nowhere\/hosts\.ssh cannot be read: ENOENT/m)
  })

  it('prepare says what is missing, a line a host', async () => {
    const text = await told(5, 'prepare', scenario, '--ssh-config', sshConfig)
    for (const name of ['load1', 'load2', 'load3']) {
      assert.match(text, new RegExp(`^${name}: not ready: ${name} has no Node: .*--send-node`, 'm'))
    }
    assert.match(text, /^0 of 3 hosts are ready after /m)
  })

  it('prepare brings Node and bundle once, a run needs nothing more, and clean removes it', async () => {
    const reach = ['--ssh-config', sshConfig]
    const prepared = await told(0, 'prepare', scenario, ...reach, '--send-node', '--spread')
    assert.equal(prepared.match(/Node [\d.]+ sent \(/g)?.length, 1, prepared)
    assert.equal(prepared.match(/Node [\d.]+ from load\d/g)?.length, 2, prepared)
    assert.match(prepared, /^3 of 3 hosts are ready after /m)
    assert.match(
      await told(0, 'prepare', scenario, ...reach),
      /load1: ready in .*everything was there/,
    )
    const tsts = start('run', scenario, ...reach, '-l', run.logDir, '--seed', '1', '--no-live')
    const code = await tsts.ended
    assert.ok(code === 0 || code === 4, tsts.stdout + tsts.stderr)
    assert.deepEqual(
      new Set(run.summary.launchers.map(({ host }) => host)),
      new Set(['load1', 'load2', 'load3']),
    )
    const cleaned = await told(0, 'clean', scenario, ...reach)
    for (const name of ['load1', 'load2', 'load3']) {
      assert.match(
        cleaned,
        new RegExp(`^${name}: removed 1 bundle, 1 Node(, .*)?: \\d+\\.\\d MB$`, 'm'),
      )
    }
    for (const server of servers) assert.ok(!existsSync(cacheOf(server)), cacheOf(server))
    assert.ok(!existsSync(join(sandbox.folder, '.cache/tsts')))
    assert.match(await told(0, 'clean', scenario, ...reach), /^load1: nothing to remove$/m)
  })

  it('a run sends Node, and spreads it with its data files', async () => {
    const names = Array.from({ length: 200_000 }, (_, at) => `user-${at}`)
    writeFileSync(join(sandbox.folder, 'names.txt'), `${names.join('\n')}\n`)
    const request = '<request><http url="/" method="GET" version="1.1"/></request>'
    const asked =
      '<setdynvars sourcetype="file" fileid="names"><var name="who"/></setdynvars>' +
      '<request subst="true"><http url="/%%_who%%" method="GET" version="1.1"/></request>'
    const text = readFileSync(scenario, 'utf8')
      .replace(
        '<sessions>',
        '<options><option name="file_server" id="names" value="names.txt"/></options><sessions>',
      )
      .replace(request, asked)
    assert.match(text, /file_server/)
    writeFileSync(scenario, text)
    const reach = ['--ssh-config', sshConfig, '--send-node', '--spread']
    const tsts = start('run', scenario, ...reach, '-l', run.logDir, '--seed', '1', '--no-live')
    const code = await tsts.ended
    assert.ok(code === 0 || code === 4, tsts.stdout + tsts.stderr)
    const warnings = run.events.filter(
      ({ type, text: told }) => type === 'warning' && /did not get/.test(told),
    )
    assert.deepEqual(warnings, [])
    assert.ok(
      run.urls.some((url) => url.startsWith('/user-')),
      run.urls.join(),
    )
    assert.equal(run.summary.load.finishedUsers, run.summary.load.plannedUsers)
  })

  it('clean leaves a run alone that goes on, and removes the folder of one that is dead', async () => {
    const reach = ['--ssh-config', sshConfig, '--send-node']
    writeFileSync(
      scenario,
      readFileSync(scenario, 'utf8').replace(/duration="\d+"/, 'duration="20"'),
    )
    const tsts = start('run', scenario, ...reach, '-l', run.logDir, '--no-live')
    await eventually(() => run.requests > 3, 90_000)
    const dead = join(cacheOf(servers[0]!), 'runs/dead-000000000000')
    mkdirSync(dead, { recursive: true })
    writeFileSync(join(cacheOf(servers[0]!), 'node-1-half.77'), 'half')
    const text = await told(0, 'clean', scenario, '--ssh-config', sshConfig)
    assert.match(
      text,
      /^load1: removed 1 Node, 1 folder of a dead run: \d+.*; left, because it runs: \S+$/m,
    )
    assert.match(text, /^load2: nothing to remove; left, because it runs: \S+$/m)
    assert.ok(!existsSync(dead))
    assert.deepEqual(readdirSync(cacheOf(servers[0]!)).length, 3)
    tsts.kill('SIGINT')
    tsts.kill('SIGINT')
    assert.equal(await tsts.ended, 130)
    await told(0, 'clean', scenario, '--ssh-config', sshConfig)
    for (const server of servers) assert.ok(!existsSync(cacheOf(server)))
  })

  it('says what it found on this machine, too', async () => {
    const lines = (await told(0, 'clean', scenario, '--ssh-config', sshConfig)).trim().split('\n')
    assert.match(lines.at(-1)!, /^this machine: /)
  })
})
