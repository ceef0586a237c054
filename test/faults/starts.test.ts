/** Hosts that cannot be used from the start: nobody plays, and the user reads why. */
import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { RunCase } from '../support/run-case.ts'
import { SshSandbox, type SshServer } from '../support/sshd.ts'
import { TstsProcess } from '../support/tsts-process.ts'
import { assertBalanced } from './bed.ts'
import { assertAsPromised } from './quotes.ts'
import { type Fault, together } from './together.ts'

describe('a host that cannot be used', function () {
  this.timeout(150_000)
  let sandbox: SshSandbox
  let silent: { readonly server: Server; readonly sockets: Socket[] }

  before(async function () {
    sandbox = SshSandbox.open(this)
    const good = await sandbox.start('127.0.0.2')
    const closed = await sandbox.start('127.0.0.3', ['AllowUsers nobody-at-all'])
    for (const { address, port } of [good, closed]) sandbox.know(address, port)
    silent = await silentServer('127.0.0.4')
    mkdirSync(join(sandbox.folder, '.ssh'), { recursive: true })
    const hosts = [
      section('load1', good),
      section('unknown', good, `UserKnownHostsFile ${join(sandbox.folder, 'nothing-known')}`),
      section('changed', good, `UserKnownHostsFile ${otherKey(sandbox, good)}`),
      section('refusing', closed),
      section('nobody', { address: '127.0.0.4', port: 1 }),
      section(
        'hanging',
        silent.server.address() as { readonly address: string; readonly port: number },
      ),
    ]
    writeFileSync(join(sandbox.folder, '.ssh/config'), sandbox.config(hosts.join('')))
  })
  after(async () => {
    for (const socket of silent?.sockets ?? []) socket.destroy()
    silent?.server.close()
    await sandbox?.close()
  })

  function start(title: string, host: string, node?: () => string): Fault {
    const run = async (): Promise<void> => {
      const files = await RunCase.open()
      try {
        const flags = node === undefined ? [] : ['--remote-node', node()]
        const args = [...files.arguments({ host }), '--no-live', '--no-report', ...flags]
        const tsts = new TstsProcess(args, { env: { HOME: sandbox.folder } })
        const code = await tsts.ended
        const { summary } = files
        assertAsPromised(title, { code, seen: tsts.stdout + tsts.stderr, summary })
        assertBalanced(summary)
        assert.equal(summary.requests.issued, 0)
        assert.equal(files.requests, 0)
      } finally {
        files.close()
      }
    }
    return { title, run }
  }

  const faults = [
    start('the key of a host is not known', 'unknown'),
    start('the key of a host has changed', 'changed'),
    start('the host refuses the key', 'refusing'),
    start('nobody listens on the host', 'nobody'),
    start('the host hangs at the login', 'hanging'),
    start('no Node on the host', 'load1', () => '/nowhere/node'),
    start('Node on the host is too old', 'load1', () => oldNode(sandbox)),
  ]

  together(faults, SshSandbox.require)
})

function section(
  name: string,
  { address, port }: Pick<SshServer, 'address' | 'port'>,
  more = '',
): string {
  return `Host ${name}\n  HostName ${address}\n  Port ${port}\n  ${more}\n`
}

/** A file in which another key stands for the server. */
function otherKey({ folder, userKey }: SshSandbox, { address, port }: SshServer): string {
  const path = join(folder, 'other-known')
  const [type, key] = readFileSync(`${userKey}.pub`, 'utf8').split(' ')
  writeFileSync(path, `[${address}]:${port} ${type} ${key}\n`)
  return path
}

function oldNode({ folder }: SshSandbox): string {
  const path = join(folder, 'old-node')
  writeFileSync(path, '#!/bin/sh\necho v16.20.2\n')
  chmodSync(path, 0o755)
  return path
}

/** Takes connections, and says nothing. */
async function silentServer(
  address: string,
): Promise<{ readonly server: Server; readonly sockets: Socket[] }> {
  const sockets: Socket[] = []
  const server = createServer((socket) => sockets.push(socket))
  await new Promise<void>((resolve) => server.listen(0, address, resolve))
  return { server, sockets }
}
