/** Bare hosts, each a network namespace with an sshd and nothing else, and an operator who knows them by an inventory. */
import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bareUnder } from '../../test/support/bare-host.ts'
import { type Machine, Network } from '../../test/support/netns.ts'
import { findProgram } from '../../test/support/peers.ts'
import { SshSandbox, type SshServer } from '../../test/support/sshd.ts'

/** What a host writes there is its own. */
const ownFolders = [
  '/etc/sysctl.d',
  '/etc/security/limits.d',
  '/etc/systemd/system.conf.d',
  '/var/lib',
]
const main = fileURLToPath(new URL('../../dist/controller/main.js', import.meta.url))

export interface BareHost {
  readonly name: string
  readonly machine: Machine
  readonly server: SshServer
  /** Where its own folders are, as seen from outside. */
  readonly root: string
}

export interface Done {
  readonly code: number | null
  readonly seconds: number
  /** Standard output and error, as they came. */
  readonly output: string
}

export class Operator {
  readonly hosts: readonly BareHost[]
  readonly target: Machine
  /** The current folder of every command. */
  readonly folder: string
  readonly home: string
  readonly #network: Network
  readonly #sandbox: SshSandbox
  readonly #own: Machine

  /** @param files of each host's own folders, by path, for the host of that name */
  static async open(
    count: number,
    files: { readonly [host: string]: { readonly [path: string]: string } },
  ): Promise<Operator> {
    const network = new Network()
    const sandbox = new SshSandbox(program('sshd'), program('ssh-keygen'))
    try {
      const [own, target] = [network.add(), network.add()]
      const hosts: BareHost[] = []
      for (let at = 1; at <= count; at++) {
        const name = `load${at}`
        hosts.push(await startHost(name, network.add(), sandbox, files[name] ?? {}))
      }
      return new Operator(network, sandbox, hosts, own, target)
    } catch (error) {
      await sandbox.close()
      network.close()
      throw error
    }
  }

  private constructor(
    network: Network,
    sandbox: SshSandbox,
    hosts: readonly BareHost[],
    own: Machine,
    target: Machine,
  ) {
    this.#network = network
    this.#sandbox = sandbox
    this.hosts = hosts
    this.#own = own
    this.target = target
    this.home = join(sandbox.folder, 'operator')
    this.folder = join(this.home, 'shop')
    mkdirSync(join(this.home, '.ssh'), { recursive: true })
    mkdirSync(join(this.home, 'bin'))
    mkdirSync(this.folder)
    const config = join(this.home, '.ssh/config')
    writeFileSync(config, sandbox.config())
    for (const { server } of hosts) sandbox.know(server.address, server.port)
    // OpenSSH asks the system for its user's home, and not HOME.
    this.#write('ssh', `exec /usr/bin/ssh -F ${config} "$@"`)
    this.#write('tsts', `exec ${process.execPath} ${main} "$@"`)
  }

  #write(name: string, line: string): void {
    const path = join(this.home, 'bin', name)
    writeFileSync(path, `#!/bin/sh\n${line}\n`)
    chmodSync(path, 0o755)
  }

  /** The list that the operator was given. */
  get inventory(): string {
    const lines = this.hosts.map(({ name, server }) => `${name} ansible_host=${server.address}\n`)
    return `[load]\n${lines.join('')}\n[load:vars]\nansible_port=${this.hosts[0]!.server.port}\n`
  }

  /** Runs a line of a shell on the operator's machine to its end. */
  do(line: string): Promise<Done> {
    const [command, ...under] = this.#own.under
    const beginMs = performance.now()
    const child = spawn(command!, [...under, 'sh', '-c', line], {
      cwd: this.folder,
      env: {
        ...process.env,
        HOME: this.home,
        PATH: `${join(this.home, 'bin')}:${process.env['PATH']}`,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
      })
    }
    return new Promise((resolve) => {
      child.once('close', (code) =>
        resolve({ code, seconds: (performance.now() - beginMs) / 1000, output }),
      )
    })
  }

  /** What is on a host that was not there before it was used: files, and processes other than its sshd. */
  left({ machine, server, root }: BareHost, before: readonly string[]): readonly string[] {
    const files = [...filesUnder(server.home), ...filesUnder(root)]
    const pids = execFileSync('ip', ['netns', 'pids', machine.name], { encoding: 'utf8' })
    const processes = pids
      .split('\n')
      .filter((pid) => pid !== '')
      .map((pid) => commandOf(pid))
      .filter((command) => command !== '' && !/sshd/.test(command))
    return [...files.filter((path) => !before.includes(path)), ...processes]
  }

  filesOf({ server, root }: BareHost): readonly string[] {
    return [...filesUnder(server.home), ...filesUnder(root)]
  }

  async close(): Promise<void> {
    await this.#sandbox.close()
    this.#network.close()
  }
}

async function startHost(
  name: string,
  machine: Machine,
  sandbox: SshSandbox,
  files: { readonly [path: string]: string },
): Promise<BareHost> {
  const root = join(sandbox.folder, `root-${name}`)
  for (const folder of ownFolders) mkdirSync(join(root, folder), { recursive: true })
  for (const [path, text] of Object.entries(files)) writeFileSync(join(root, path), text)
  const script = [
    ...ownFolders.map((path) => `mkdir -p ${path}; mount --bind ${root}${path} ${path}`),
    // No systemd of this machine's is to be told anything.
    'if [ -d /run/systemd ]; then mount -t tmpfs none /run/systemd; fi',
    'exec "$@"',
  ].join('\n')
  const under = [...machine.under, 'unshare', '--mount', 'sh', '-ec', script, 'sh', ...bareUnder()]
  // Its limits are those of a login.
  const server = await sandbox.start(machine.address, ['UsePAM yes'], under)
  return { name, machine, server, root }
}

function filesUnder(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name))
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ').trim()
  } catch {
    return '' // it has ended meanwhile
  }
}

function program(name: string): string {
  const path = findProgram(name)
  if (path !== null) return path
  throw new Error(`${name} is missing: apt-get install openssh-server openssh-client`)
}
