import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import type { Context } from 'mocha'
import { requirePeer } from './peers.ts'

/** Keys, folders and known hosts of one test; nothing of the machine's own SSH is touched. */
export class SshSandbox {
  readonly folder: string
  readonly userKey: string
  readonly hostKey: string
  readonly knownHosts: string
  readonly #sshd: string
  readonly #running: ChildProcess[] = []

  /** Skips the test when sshd is not installed. @returns the programs */
  static require(context: Context): { readonly sshd: string; readonly keygen: string } {
    const sshd = requirePeer(context, 'sshd', 'openssh-server')
    const keygen = requirePeer(context, 'ssh-keygen', 'openssh-client')
    return { sshd, keygen }
  }

  /** Skips the test as `require` does. */
  static open(context: Context): SshSandbox {
    const { sshd, keygen } = SshSandbox.require(context)
    return new SshSandbox(sshd, keygen)
  }

  constructor(sshd: string, keygen: string) {
    this.#sshd = sshd
    this.folder = mkdtempSync(join(tmpdir(), 'tsts-ssh-'))
    this.userKey = join(this.folder, 'user')
    this.hostKey = join(this.folder, 'host')
    this.knownHosts = join(this.folder, 'known_hosts')
    for (const key of [this.userKey, this.hostKey]) {
      spawnSync(keygen, ['-q', '-t', 'ed25519', '-N', '', '-f', key])
    }
    writeFileSync(this.knownHosts, '')
    // sshd of Debian wants it, whoever runs it.
    if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true })
  }

  /**
   * Starts a server; `home` is where it keeps what users put there.
   *
   * @param more lines of its configuration
   * @param under before its command: what makes it run elsewhere, or with other limits, on port 2222
   */
  async start(
    address: string,
    more: readonly string[] = [],
    under: readonly string[] = [],
  ): Promise<SshServer> {
    const port = under.length > 0 ? 2222 : await freePort(address)
    const home = join(this.folder, `home-${address}`)
    mkdirSync(home, { recursive: true })
    const config = join(this.folder, `sshd-${address}-${port}.conf`)
    // Of a word that is there twice sshd takes the first.
    const lines = [
      ...more,
      `ListenAddress ${address}:${port}`,
      `HostKey ${this.hostKey}`,
      `AuthorizedKeysFile ${this.userKey}.pub`,
      `PidFile none`,
      'StrictModes no',
      'UsePAM no',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      `SetEnv HOME=${home} PATH=${process.env['PATH']}`,
    ]
    writeFileSync(config, `${lines.join('\n')}\n`)
    const [command, ...args] = [...under, this.#sshd, '-D', '-e', '-f', config]
    const child = spawn(command!, args, { stdio: ['ignore', 'ignore', 'pipe'] })
    let told = ''
    child.stderr.on('data', (bytes: Buffer) => {
      told += bytes.toString()
    })
    this.#running.push(child)
    await listening(child, () => told)
    return { address, port, home, pid: child.pid!, stop: () => ended(child) }
  }

  /** Text of a configuration that reaches the servers with the sandbox's key and known hosts alone. */
  config(more = ''): string {
    return `${more}
Host *
  User ${userInfo().username}
  IdentityFile ${this.userKey}
  IdentityAgent none
  UserKnownHostsFile ${this.knownHosts}
`
  }

  /** Makes the servers' key known for an address and port. */
  know(address: string, port: number, publicKey = `${this.hostKey}.pub`): void {
    const [type, key] = readFileSync(publicKey, 'utf8').split(' ')
    const text = readFileSync(this.knownHosts, 'utf8')
    writeFileSync(this.knownHosts, `${text}[${address}]:${port} ${type} ${key}\n`)
  }

  async close(): Promise<void> {
    await Promise.all(this.#running.map(ended))
    rmSync(this.folder, { recursive: true, force: true })
  }
}

export interface SshServer {
  readonly address: string
  readonly port: number
  readonly home: string
  readonly pid: number
  stop(): Promise<void>
}

function freePort(address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, address, () => {
      const { port } = server.address() as { readonly port: number }
      server.close(() => resolve(port))
    })
  })
}

async function listening(child: ChildProcess, told: () => string): Promise<void> {
  for (let attempt = 0; attempt < 800; attempt++) {
    if (child.exitCode !== null) throw new Error(`sshd did not start: ${told()}`)
    if (told().includes('Server listening on')) return
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  throw new Error(`sshd does not listen: ${told()}`)
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    child.once('exit', () => resolve())
    child.kill('SIGTERM')
  })
}
