import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execute, type Outcome, tsts } from '../support/dist.ts'
import { Network } from '../support/netns.ts'
import { requirePeer } from '../support/peers.ts'
import { root } from '../support/sources.ts'
import { SshSandbox } from '../support/sshd.ts'

const folder = join(root, 'examples/fleet/ansible')
const playbook = join(folder, 'prepare.yml')
const limitsFile = '80-tsts-fleet.conf'

/** Folders that the play writes to; the host under test has its own. */
const ownFolders = ['/etc/security/limits.d', '/etc/sysctl.d', '/usr/local/bin', '/opt']

describe('the Ansible play of examples/fleet', function () {
  this.timeout(240_000)
  let ansible = ''

  before(function () {
    ansible = requirePeer(this, 'ansible-playbook', 'ansible-core')
  })

  it('is one', async () => {
    const inventory = join(folder, 'inventory.ini')
    const { code, stderr } = await execute(
      ansible,
      ['-i', inventory, '--syntax-check', playbook],
      root,
    )
    assert.equal(code, 0, stderr)
  })

  it('has an inventory that tsts hosts import reads', async () => {
    const { code, stdout, stderr } = await tsts(['hosts', 'import', join(folder, 'inventory.ini')])
    assert.equal(code, 0, stderr)
    for (const address of ['192.0.2.11', '192.0.2.12']) assert.ok(stdout.includes(address), stdout)
  })

  it('makes a bare host ready, and changes nothing the second time', async function () {
    requirePeer(this, 'unshare', 'util-linux')
    const network = Network.open(this)
    const sandbox = SshSandbox.open(this)
    const work = mkdtempSync(join(tmpdir(), 'tsts-fleet-'))
    try {
      const host = network.add()
      const { under: onHost } = host
      const own = ownFolders.map((path, at) => [path, join(work, `folder-${at}`)] as const)
      for (const [, mine] of own) mkdirSync(mine)
      const mounts = own.map(([path, mine]) => `mkdir -p ${path}; mount --bind ${mine} ${path}`)
      const inside = ['unshare', '--mount', '--propagation', 'private', 'sh', '-c']
      const enter = [...inside, `set -e; ${mounts.join('; ')}; exec "$@"`, 'sh']
      const { home, address, port } = await sandbox.start(host.address, [], [...onHost, ...enter])
      const args = playArgs(sandbox, address, port, work)
      const play = (): Promise<Outcome> =>
        execute('env', [...settings(work), ...onHost, ansible, ...args], work)

      const first = await play()
      assert.equal(first.code, 0, first.stdout + first.stderr)
      const keys = readFileSync(join(home, '.ssh/authorized_keys'), 'utf8')
      assert.equal(keys, readFileSync(`${sandbox.userKey}.pub`, 'utf8'))
      const [limits, sysctls, programs, packages] = own.map(([, mine]) => mine)
      assert.match(readFileSync(join(limits!, limitsFile), 'utf8'), /^root - nofile 1048576$/m)
      const kept = readFileSync(join(sysctls!, limitsFile), 'utf8')
      assert.equal(kept, 'net.ipv4.ip_local_port_range = 1024 65535\nnet.ipv4.tcp_tw_reuse = 1\n')
      const node = await execute(join(packages!, 'node-v20.20.0-linux-x64/bin/node'), [], root)
      assert.equal(node.stdout, 'v20.20.0\n')
      const link = await execute('readlink', [join(programs!, 'node')], root)
      assert.equal(link.stdout.trim(), '/opt/node-v20.20.0-linux-x64/bin/node')
      const asked = ['sysctl', '-n', 'net.ipv4.ip_local_port_range', 'net.ipv4.tcp_tw_reuse']
      const now = await execute(onHost[0]!, [...onHost.slice(1), ...asked], root)
      assert.match(now.stdout, /^1024\s65535\n1\n$/)

      const second = await play()
      assert.equal(second.code, 0, second.stdout + second.stderr)
      assert.match(second.stdout, /changed=0 .*failed=0/)
      assert.doesNotMatch(first.stdout, /changed=0 /)
    } finally {
      await sandbox.close()
      network.close()
      rmSync(work, { recursive: true, force: true })
    }
  })
})

/** Nothing of the machine's own Ansible is read or written. */
function settings(work: string): readonly string[] {
  return [
    `HOME=${work}`,
    `ANSIBLE_HOME=${join(work, 'ansible')}`,
    `ANSIBLE_LOCAL_TEMP=${join(work, 'local')}`,
    'ANSIBLE_NOCOLOR=1',
    // This sshd has no sftp.
    'ANSIBLE_SSH_TRANSFER_METHOD=piped',
  ]
}

function playArgs(
  sandbox: SshSandbox,
  address: string,
  port: number,
  work: string,
): readonly string[] {
  sandbox.know(address, port)
  const config = join(work, 'ssh_config')
  writeFileSync(config, sandbox.config())
  const variables = {
    ansible_port: port,
    ansible_ssh_common_args: `-F ${config}`,
    // Where Debian has it; each version of Python would be looked for otherwise.
    ansible_python_interpreter: '/usr/bin/python3',
    // A host that has Node already keeps it.
    node_program: '/opt/node-v20.20.0-linux-x64/bin/node',
    node_platform: 'linux-x64',
    node_archive: archive(work),
    controller_keys: [`${sandbox.userKey}.pub`],
  }
  return ['-i', `${address},`, '-e', JSON.stringify(variables), playbook]
}

/** Laid out like an archive of nodejs.org, with a program in it that tells its version alone. */
function archive(work: string): string {
  const path = join(work, 'node.tar.gz')
  const bin = join(work, 'node-v20.20.0-linux-x64/bin')
  mkdirSync(bin, { recursive: true })
  writeFileSync(join(bin, 'node'), '#!/bin/sh\necho v20.20.0\n', { mode: 0o755 })
  const made = spawnSync('tar', ['-czf', path, '-C', work, 'node-v20.20.0-linux-x64'])
  assert.equal(made.status, 0, String(made.stderr))
  return path
}
