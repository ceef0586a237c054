/**
 * Bare hosts made ready (`tsts hosts prepare --send-node`), each sent everything by the controller and with `--spread`:
 * the time, and the bytes that the controller sent. Each host is a network namespace with an sshd and no Node; what the
 * controller sends goes out at 20 Mbit/s.
 *
 * `npx tsx bench/spread.ts [--hosts 8] [--mbit 20]`, as root after `npm run build`, with
 * `apt-get install openssh-server openssh-client iproute2 nftables util-linux`.
 */
import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ownNode } from '../controller/ssh/own-node.ts'
import { bareUnder } from '../test/support/bare-host.ts'
import { type Machine, Network } from '../test/support/netns.ts'
import { findProgram } from '../test/support/peers.ts'
import { SshSandbox } from '../test/support/sshd.ts'
import { options } from './support/options.ts'

const { hosts: count, mbit, json } = options({ hosts: 8, mbit: 20 }, 'hosts')
const main = fileURLToPath(new URL('../dist/controller/main.js', import.meta.url))

interface Preparation {
  readonly seconds: number
  /** On the wire, headers and answers included. */
  readonly megabytes: number
}

const network = new Network()
const sandbox = new SshSandbox(program('sshd'), program('ssh-keygen'))
try {
  await measure()
} finally {
  await sandbox.close()
  network.close()
}

async function measure(): Promise<void> {
  const controller = network.add()
  const homes: string[] = []
  const config: string[] = []
  const names: string[] = []
  for (let host = 1; host <= count; host++) {
    const machine = network.add()
    const server = await sandbox.start(machine.address, [], [...machine.under, ...bareUnder()])
    sandbox.know(server.address, server.port)
    homes.push(server.home)
    names.push(`load${host}`)
    config.push(`Host load${host}\n  HostName ${server.address}\n  Port ${server.port}\n`)
  }
  mkdirSync(join(sandbox.folder, '.ssh'), { recursive: true })
  writeFileSync(join(sandbox.folder, '.ssh/config'), sandbox.config(config.join('')))
  const file = join(sandbox.folder, 'spread.xml')
  writeFileSync(file, scenario(names))
  // Node is packed once on a machine, not for each run.
  process.env['HOME'] = sandbox.folder
  await (await ownNode()).file.gzipped()
  network.slow(controller, mbit)
  const empty = (): void => {
    for (const home of homes) rmSync(join(home, '.cache'), { recursive: true, force: true })
  }
  const spread = await prepared(controller, file, ['--spread'])
  if (!json) console.log(told('--spread', spread))
  empty()
  const direct = await prepared(controller, file, [])
  if (!json) console.log(told('each by the controller', direct))
  empty()
  if (json) console.log(JSON.stringify({ hosts: count, mbit, spread, direct }))
}

function told(what: string, { seconds, megabytes }: Preparation): string {
  return (
    `${count} hosts, ${mbit} Mbit/s, ${what}: all ready after ${seconds.toFixed(1)} s, ` +
    `the controller sent ${megabytes.toFixed(1)} MB`
  )
}

/** @throws when a host was not made ready */
async function prepared(
  controller: Machine,
  file: string,
  flags: readonly string[],
): Promise<Preparation> {
  const [command, ...under] = controller.under
  const tsts = [process.execPath, main, 'hosts', 'prepare', file, '--send-node', ...flags]
  const sentBefore = sentBytes(controller)
  const beginMs = performance.now()
  const child = spawn(command!, [...under, ...tsts], {
    env: { ...process.env, HOME: sandbox.folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (bytes: Buffer) => {
      output += bytes.toString()
    })
  }
  const code = await new Promise((resolve) => child.once('close', resolve))
  const seconds = (performance.now() - beginMs) / 1000
  if (code !== 0) throw new Error(`hosts prepare ended with exit code ${code}:\n${output}`)
  if (!json) console.log(output.trimEnd())
  return { seconds, megabytes: (sentBytes(controller) - sentBefore) / 1e6 }
}

/** What has gone out of the machine's cable. Source: proc_pid_net(5), dev. */
function sentBytes({ under }: Machine): number {
  const [command, ...args] = under
  const text = execFileSync(command!, [...args, 'cat', '/proc/net/dev'], { encoding: 'utf8' })
  const line = text.split('\n').find((each) => each.trim().startsWith('eth0:'))!
  return Number(line.split(':')[1]!.trim().split(/\s+/)[8])
}

function program(name: string): string {
  const path = findProgram(name)
  if (path === null)
    throw new Error(`${name} is missing: apt-get install openssh-server openssh-client`)
  return path
}

function scenario(hosts: readonly string[]): string {
  return `<?xml version="1.0"?>
<!DOCTYPE tsung SYSTEM "/usr/share/tsung/tsung-1.0.dtd">
<tsung loglevel="notice">
  <clients>
    ${hosts.map((host) => `<client host="${host}"/>`).join('\n    ')}
  </clients>
  <servers><server host="127.0.0.1" port="80" type="tcp"/></servers>
  <load>
    <arrivalphase phase="1" duration="1" unit="second">
      <users maxnumber="1" arrivalrate="1" unit="second"/>
    </arrivalphase>
  </load>
  <sessions>
    <session name="ask" probability="100" type="ts_http">
      <request><http url="/" method="GET" version="1.1"/></request>
    </session>
  </sessions>
</tsung>
`
}
