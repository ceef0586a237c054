import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { SpreadTree } from '../../controller/spread/tree.ts'
import { fetchTo } from '../../controller/ssh/deliver.ts'
import { bundleFile } from '../../controller/ssh/host-file.ts'
import { ownNode, platformObstacle } from '../../controller/ssh/own-node.ts'
import { makeReady, type ReadyHost, type Supply } from '../../controller/ssh/remote-host.ts'
import { type RemoteShell, runToEnd, type SshOptions } from '../../controller/ssh/shell.ts'
import { openSshShell } from '../../controller/ssh/ssh-shell.ts'
import { FileGiver } from '../../launcher/spread.ts'
import { withoutNode } from '../support/bare-host.ts'
import { builtMain } from '../support/dist.ts'
import { requirePeer } from '../support/peers.ts'
import { SshSandbox, type SshServer } from '../support/sshd.ts'
import { eventually } from '../support/tsts-process.ts'

const options: SshOptions = {
  acceptNewHostKeys: false,
  loginMs: 15_000,
  askSecret: async () => null,
}

describe('a host without a Node', function () {
  this.timeout(120_000)
  const addresses = ['127.0.7.1', '127.0.7.2', '127.0.7.3', '127.0.7.4']
  let sandbox: SshSandbox
  let servers: SshServer[]
  let bundle: Buffer
  const shells: RemoteShell[] = []
  const { HOME } = process.env

  before(async function () {
    sandbox = SshSandbox.open(this)
    const under = withoutNode(this)
    // Our own Node is kept packed in the home.
    process.env['HOME'] = sandbox.folder
    bundle = readFileSync(join(dirname(builtMain()), '../launcher.mjs'))
    servers = []
    for (const address of addresses) {
      const server = await sandbox.start(address, [], under)
      sandbox.know(server.address, server.port)
      servers.push(server)
    }
  })
  after(async () => {
    process.env['HOME'] = HOME
    await sandbox?.close()
  })
  afterEach(() => {
    for (const shell of shells.splice(0)) shell.close()
    for (const { home } of servers) rmSync(join(home, '.cache'), { recursive: true, force: true })
  })

  async function open({ address, port }: SshServer): Promise<RemoteShell> {
    const home = sandbox.folder
    const surroundings = {
      config: sandbox.config(),
      home,
      user: userInfo().username,
      agentSocket: null,
    }
    const shell = await openSshShell(`${address}:${port}`, surroundings, options)
    shells.push(shell)
    return shell
  }
  const supplied = (more: Partial<Supply> = {}): Supply => ({
    ownNode,
    tree: null,
    onBytes: () => undefined,
    ...more,
  })

  it('is refused, with what could be done', async () => {
    const shell = await open(servers[0]!)
    await assert.rejects(makeReady(shell, bundle, null), {
      code: 'E_REMOTE_NODE',
      message: `${shell.host} has no Node: neither in PATH nor in the usual places`,
      hint: 'install it, say where it is (--remote-node PATH), or let ours be sent (--send-node)',
    })
  })

  it('gets ours, packed, and keeps it', async () => {
    const shell = await open(servers[0]!)
    let sent = 0
    const onBytes = (count: number): void => {
      sent += count
    }
    const ready = await makeReady(shell, bundle, null, supplied({ onBytes }))
    assert.equal(ready.nodeVersion, process.versions.node)
    assert.match(ready.node, /\/\.cache\/tsts\/node-[\d.]+-[0-9a-f]{16}$/)
    assert.deepEqual(
      ready.brought.map(({ what, from }) => [what, from]),
      [
        [`Node ${process.versions.node}`, null],
        ['the bundle', null],
      ],
    )
    const { file } = await ownNode()
    assert.equal(sent, (await file.gzipped()).length + (await bundleFile(bundle).gzipped()).length)
    const { stdout } = await runToEnd(shell, `'${ready.node}' -p 6*7`)
    assert.equal(stdout, '42\n')
    // A run that is not told to send one finds it.
    const again = await makeReady(shell, bundle, null)
    assert.deepEqual([again.node, again.brought], [ready.node, []])
    const cache = join(servers[0]!.home, '.cache/tsts')
    assert.equal(readdirSync(cache).length, 2)
  })

  it('is told when it is of another kind than this machine', async () => {
    const own = { system: 'Linux x86_64', glibc: '2.36' }
    assert.equal(platformObstacle(own, { system: 'Linux x86_64', glibc: '2.31' }), null)
    assert.match(
      platformObstacle(own, { system: 'Linux aarch64', glibc: '2.36' })!,
      /is for Linux x86_64, the host is Linux aarch64/,
    )
    assert.match(
      platformObstacle(own, { system: 'Linux x86_64', glibc: null })!,
      /needs the GNU C library/,
    )
    const shell = await open(servers[0]!)
    const foreign = async () => ({
      ...(await ownNode()),
      platform: { system: 'Darwin arm64', glibc: null },
    })
    await assert.rejects(makeReady(shell, bundle, null, supplied({ ownNode: foreign })), {
      code: 'E_REMOTE_NODE',
      message: /it cannot be sent: the Node of this machine is for Darwin arm64, the host is Linux/,
    })
    assert.ok(!existsSync(join(servers[0]!.home, '.cache/tsts')))
  })

  it('is told when ours does not start there', async () => {
    const shell = await open(servers[0]!)
    const program = Buffer.from('#!/nowhere/loader\n')
    const broken = async () => {
      const own = await ownNode()
      return { ...own, file: { ...bundleFile(program), path: 'node-0-broken', isProgram: true } }
    }
    await assert.rejects(makeReady(shell, bundle, null, supplied({ ownNode: broken })), {
      code: 'E_REMOTE_NODE',
      message: /the Node of this machine does not start on 127\.0\.7\.1/,
    })
  })

  it('gets it from another host, so that it is sent once', async () => {
    const fallbacks: string[] = []
    const names = servers.map(({ address, port }) => `${address}:${port}`)
    const tree = new SpreadTree((text) => fallbacks.push(text), names)
    const ready = await Promise.all(
      servers.map(async (server) =>
        makeReady(await open(server), bundle, null, supplied({ tree })),
      ),
    )
    assert.deepEqual(fallbacks, [])
    const given = (what: string): (string | null)[] =>
      ready.map(({ brought }) => brought.find((each) => each.what.startsWith(what))!.from)
    for (const what of ['Node', 'the bundle']) {
      assert.equal(given(what).filter((from) => from === null).length, 1, what)
    }
    const sent = ready
      .flatMap(({ brought }) => brought)
      .reduce((sum, { sentBytes }) => sum + sentBytes, 0)
    const { file } = await ownNode()
    assert.equal(sent, (await file.gzipped()).length + (await bundleFile(bundle).gzipped()).length)
    for (const { node, bundle: path } of ready)
      assert.ok(existsSync(node) && readFileSync(path).equals(bundle))
    // The connections are still there, the listeners are not.
    await eventually(() => listenersOf(ready).length === 0)
  })

  it('gets it from here when the other host cannot be reached', async () => {
    const fallbacks: string[] = []
    const tree = new SpreadTree((text) => fallbacks.push(text))
    const { file } = await ownNode()
    const give = async () => ({ address: '127.0.7.9', port: 1, token: 'a1' })
    tree.ready('deaf', { host: 'deaf', give, close: () => undefined }, [file.sha256])
    const { brought } = await makeReady(await open(servers[0]!), bundle, null, supplied({ tree }))
    assert.deepEqual(
      brought.map(({ from }) => from),
      [null, null],
    )
    assert.match(
      fallbacks[0]!,
      /did not get a file from deaf: 127\.0\.7\.9 port 1 cannot be reached/,
    )
  })

  for (const fetcher of ['bash', 'curl'] as const) {
    it(`fetches with ${fetcher}, and keeps nothing that is not what it should be`, async function () {
      requirePeer(this, fetcher, fetcher)
      const shell = await open(servers[0]!)
      const folder = join(servers[0]!.home, '.cache/tsts')
      mkdirSync(folder, { recursive: true })
      const source = join(sandbox.folder, 'source')
      writeFileSync(source, bundle)
      const giver = new FileGiver('127.0.0.1')
      const file = bundleFile(bundle)
      const tools = { hasGzip: true, fetcher }
      const fetch = async (sha256: string, token: string): Promise<void> => {
        const offer = await giver.offer(source, token)
        await fetchTo(shell, folder, { ...file, sha256 }, tools, offer, () => undefined)
      }
      try {
        await fetch(file.sha256, 'aa')
        assert.ok(readFileSync(join(folder, file.path)).equals(bundle))
        rmSync(join(folder, file.path))
        await assert.rejects(fetch('0'.repeat(64), 'bb'), /it arrived broken/)
        const offer = { ...(await giver.offer(source, 'cc')), token: 'dd' }
        await assert.rejects(
          fetchTo(shell, folder, file, tools, offer, () => undefined),
          /404/,
        )
        assert.deepEqual(readdirSync(join(folder, file.sha256)), [])
      } finally {
        giver.close()
      }
    })
  }
})

/** Processes that give files, of the Nodes of these hosts. */
function listenersOf(ready: readonly ReadyHost[]): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      } catch {
        return '' // it has ended meanwhile
      }
    })
    .filter((line) => ready.some(({ node }) => line.startsWith(`${node}\0`)))
}
