import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { makeReady } from '../../controller/ssh/remote-host.ts'
import type { SshSurroundings } from '../../controller/ssh/settings.ts'
import { type RemoteShell, runToEnd, type SshOptions } from '../../controller/ssh/shell.ts'
import type { SshError } from '../../controller/ssh/ssh-error.ts'
import { openSshShell } from '../../controller/ssh/ssh-shell.ts'
import { SystemSshShell } from '../../controller/ssh/system-ssh.ts'
import { requirePeer } from '../support/peers.ts'
import { SshSandbox, type SshServer } from '../support/sshd.ts'

const options: SshOptions = {
  acceptNewHostKeys: false,
  loginMs: 5000,
  askSecret: async () => null,
}

describe('a host over SSH', function () {
  this.timeout(30_000)
  let sandbox: SshSandbox
  let server: SshServer

  before(async function () {
    sandbox = SshSandbox.open(this)
    server = await sandbox.start('127.0.0.2')
  })
  beforeEach(() => {
    writeFileSync(sandbox.knownHosts, '')
    sandbox.know(server.address, server.port)
  })
  after(() => sandbox?.close())

  function surroundings(config = sandbox.config()): SshSurroundings {
    const { username } = userInfo()
    return { config, home: sandbox.folder, user: username, agentSocket: null }
  }

  function open(given: Partial<SshOptions> = {}, config?: string): Promise<RemoteShell> {
    const target = `${server.address}:${server.port}`
    return openSshShell(target, surroundings(config), { ...options, ...given })
  }

  async function refusal(opening: Promise<RemoteShell>): Promise<SshError> {
    try {
      const shell = await opening
      shell.close()
    } catch (error) {
      return error as SshError
    }
    throw new Error('it was let in')
  }

  it('runs a command and gives its output and exit code', async () => {
    const shell = await open()
    const { stdout, stderr, code } = await runToEnd(shell, 'cat; echo oops >&2; exit 3', 'hello')
    assert.deepEqual([stdout, stderr, code], ['hello', 'oops\n', 3])
    shell.close()
    assert.equal(await shell.lost, '')
  })

  it('tells that the server is gone', async () => {
    const other = await sandbox.start('127.0.0.3')
    sandbox.know(other.address, other.port)
    const shell = await openSshShell(`${other.address}:${other.port}`, surroundings(), options)
    const running = await shell.run('echo $PPID; sleep 60')
    const pid = await new Promise<string>((resolve) =>
      running.stdout.once('data', (bytes: Buffer) => resolve(bytes.toString().trim())),
    )
    process.kill(Number(pid), 'SIGKILL')
    assert.match(await shell.lost, /closed|broke/)
    await other.stop()
  })

  it('refuses a host whose key nobody knows', async () => {
    writeFileSync(sandbox.knownHosts, '')
    const { code, message, hint } = await refusal(open())
    assert.equal(code, 'E_SSH_HOST_KEY')
    assert.match(message, /^the key of 127\.0\.0\.2 is not known: ssh-ed25519 SHA256:/)
    assert.match(hint!, /--accept-new-host-keys/)
    assert.equal(readFileSync(sandbox.knownHosts, 'utf8'), '')
  })

  it('takes and keeps the key of a new host when it may', async () => {
    writeFileSync(sandbox.knownHosts, '')
    const shell = await open({ acceptNewHostKeys: true })
    shell.close()
    assert.match(readFileSync(sandbox.knownHosts, 'utf8'), /^\[127\.0\.0\.2\]:\d+ ssh-ed25519 /)
    const again = await open()
    again.close()
  })

  it('refuses a host that shows another key, whatever was allowed', async () => {
    writeFileSync(sandbox.knownHosts, '')
    sandbox.know(server.address, server.port, `${sandbox.userKey}.pub`)
    const { code, message, hint } = await refusal(open({ acceptNewHostKeys: true }))
    assert.equal(code, 'E_SSH_HOST_KEY')
    assert.match(message, /is not the one in .*known_hosts:1: it shows ssh-ed25519 SHA256:/)
    assert.match(hint!, /ssh-keygen -R/)
  })

  it('tells what it offered when it is not let in', async () => {
    const config = sandbox.config().replace(sandbox.userKey, sandbox.hostKey)
    const { code, message, hint } = await refusal(open({}, config))
    assert.equal(code, 'E_SSH_LOGIN')
    assert.match(message, new RegExp(`lets \\S+ not in; tried ${sandbox.hostKey}`))
    assert.match(hint!, /^try: ssh -p/)
  })

  it('asks for the passphrase of a key', async () => {
    const keygen = '/usr/bin/ssh-keygen'
    const locked = join(sandbox.folder, 'locked')
    writeFileSync(locked, readFileSync(sandbox.userKey), { mode: 0o600 })
    spawnSync(keygen, ['-q', '-p', '-P', '', '-N', 'open sesame', '-f', locked])
    const config = sandbox.config().replace(sandbox.userKey, locked)
    const asked: string[] = []
    const askSecret = async (question: string): Promise<string> => {
      asked.push(question)
      return 'open sesame'
    }
    const shell = await open({ askSecret }, config)
    shell.close()
    assert.deepEqual(asked, [`Passphrase of ${locked}: `])
    const { message } = await refusal(open({}, config))
    assert.match(message, /needs a passphrase, and there is no terminal to ask for it/)
  })

  it('tells that nobody listens', async () => {
    const target = '127.0.0.2:1'
    const { code, message } = await refusal(openSshShell(target, surroundings(), options))
    assert.equal(code, 'E_SSH_UNREACHABLE')
    assert.match(message, /^127\.0\.0\.2:1: .*ECONNREFUSED/)
  })

  it('gives up a server that hangs at the login', async () => {
    const sockets: Socket[] = []
    const silent: Server = createServer((socket) => sockets.push(socket))
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.4', resolve))
    const { port } = silent.address() as { readonly port: number }
    const quick = { ...options, loginMs: 300 }
    const { code, message } = await refusal(
      openSshShell(`127.0.0.4:${port}`, surroundings(), quick),
    )
    assert.equal(code, 'E_SSH_TIMEOUT')
    assert.match(message, /did not get as far as a login in time/)
    for (const socket of sockets) socket.destroy()
    silent.close()
  })

  it('goes through a jump host', async () => {
    const inner = await sandbox.start('127.0.0.5')
    sandbox.know(inner.address, inner.port)
    const config = sandbox.config(
      `Host inside\n  HostName ${inner.address}\n  Port ${inner.port}\n` +
        `  ProxyJump ${server.address}:${server.port}\n`,
    )
    const shell = await openSshShell('inside', surroundings(config), options)
    const { stdout } = await runToEnd(shell, 'echo "$SSH_CONNECTION"')
    assert.match(stdout, / 127\.0\.0\.5 \d+$/m)
    shell.close()
    await inner.stop()
  })

  describe('is made ready', () => {
    const bundle = Buffer.from('console.log("the bundle")\n')

    it('with a Node of PATH and the bundle, which is brought once', async () => {
      const shell = await open()
      const first = await makeReady(shell, bundle, null)
      assert.equal(first.wasCold, true)
      assert.equal(first.bundle.startsWith(`${server.home}/.cache/tsts/`), true)
      const { stdout } = await runToEnd(shell, `'${first.node}' '${first.bundle}'`)
      assert.equal(stdout, 'the bundle\n')
      assert.equal((await makeReady(shell, bundle, null)).wasCold, false)
      writeFileSync(first.bundle, 'something else')
      assert.equal((await makeReady(shell, bundle, null)).wasCold, true)
      assert.deepEqual(readdirSync(join(first.bundle, '..')), ['launcher.mjs'])
      shell.close()
    })

    it('but not without a Node', async () => {
      const shell = await open()
      await assert.rejects(makeReady(shell, bundle, '/nowhere/node'), {
        code: 'E_REMOTE_NODE',
        message: `127.0.0.2:${server.port} has no Node: not at /nowhere/node`,
      })
      shell.close()
    })

    it('nor with one that is too old', async () => {
      const old = join(sandbox.folder, 'old-node')
      writeFileSync(old, '#!/bin/sh\necho v16.20.2\n')
      chmodSync(old, 0o755)
      const shell = await open()
      await assert.rejects(makeReady(shell, bundle, old), {
        code: 'E_REMOTE_NODE',
        message: new RegExp(`has no Node >= 20\\.19: ${old} is 16\\.20\\.2`),
      })
      shell.close()
    })

    it('and says why the bundle cannot be kept', async () => {
      const file = join(server.home, '.cache')
      const shell = await open()
      spawnSync('rm', ['-rf', file])
      writeFileSync(file, 'no folder')
      await assert.rejects(makeReady(shell, bundle, null), { code: 'E_REMOTE' })
      spawnSync('rm', ['-f', file])
      shell.close()
    })
  })

  it('is the same over the system’s own ssh', async function () {
    const ssh = requirePeer(this, 'ssh', 'openssh-client')
    const config = join(sandbox.folder, 'config')
    writeFileSync(
      config,
      sandbox.config(`Host two\n  HostName ${server.address}\n  Port ${server.port}\n`),
    )
    const shell = new SystemSshShell([ssh, '-F', config], 'two', options)
    const ready = await makeReady(shell, Buffer.from('console.log(1)\n'), null)
    assert.ok(existsSync(ready.bundle))
    const { stdout } = await runToEnd(shell, `'${ready.node}' '${ready.bundle}'`)
    assert.equal(stdout, '1\n')
    shell.close()
    const other = new SystemSshShell([ssh, '-F', config, '-p', '1'], 'two', options)
    await assert.rejects(makeReady(other, Buffer.from('x'), null), { code: 'E_SSH_UNREACHABLE' })
    mkdirSync(join(sandbox.folder, 'empty'), { recursive: true })
  })
})
