/**
 * From `tsts run` to the first request at the target, on hosts over SSH: 1, 8 and 64 of them, each an sshd of its own
 * on this machine (127.0.0.2 to 127.0.0.65), cold (no bundle there) and warm. Beside it Debian's Tsung, on the hosts
 * that it can start on.
 *
 * `npx tsx bench/startup.ts [--hosts 1,8,64] [--rounds 3] [--no-tsung]`, after `npm run build`, with
 * `apt-get install openssh-server openssh-client tsung`.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { SshSandbox, type SshServer } from '../test/support/sshd.ts'
import { median } from './support/figures.ts'
import { isInstalled } from './support/peers.ts'

const { values } = parseArgs({
  options: {
    hosts: { type: 'string', default: '1,8,64' },
    rounds: { type: 'string', default: '3' },
    'no-tsung': { type: 'boolean', default: false },
  },
})
const counts = values.hosts.split(',').map(Number)
const rounds = Number(values.rounds)
/** After which a start has failed, in ms. */
const patienceMs = 90_000
/** For it to end after the last request, in ms. */
const endingMs = 20_000
const main = fileURLToPath(new URL('../dist/controller/main.js', import.meta.url))

/** Times of one start, in ms; null: not within `patienceMs`. */
interface Start {
  readonly firstMs: number | null
  /** Until each user has asked, one for each host. */
  readonly allMs: number | null
  readonly output: string
}

const sandbox = new SshSandbox(which('sshd'), which('ssh-keygen'))
const epmd = values['no-tsung'] ? null : ownEpmd()
try {
  await measure()
} finally {
  if (epmd !== null) endEpmd(epmd)
  await sandbox.close()
}

/** Erlang's name server, which Tsung would start and leave behind; null: there is one, or no Tsung. */
function ownEpmd(): ChildProcess | null {
  if (!isInstalled('tsung') || spawnSync('epmd', ['-names']).status === 0) return null
  return spawn('epmd', [], { stdio: 'ignore', detached: true })
}

/** It stays for others that have found it meanwhile. */
function endEpmd(epmd: ChildProcess): void {
  const names = spawnSync('epmd', ['-names'], { encoding: 'utf8' }).stdout
  if (/^name /m.test(names)) epmd.unref()
  else epmd.kill()
}

async function measure(): Promise<void> {
  const servers: SshServer[] = []
  for (let host = 0; host < Math.max(...counts); host++) {
    const server = await sandbox.start(`127.0.0.${host + 2}`)
    sandbox.know(server.address, server.port)
    servers.push(server)
  }
  const hosts = servers.map(
    ({ address, port }) =>
      `Host ${address} load-${address}\n  HostName ${address}\n  Port ${port}\n`,
  )
  mkdirSync(join(sandbox.folder, '.ssh'), { recursive: true })
  writeFileSync(join(sandbox.folder, '.ssh/config'), sandbox.config(hosts.join('')))
  for (const count of counts) {
    const used = servers.slice(0, count)
    const names = used.map(({ address }) => `load-${address}`)
    await report(`tsts, ${count} hosts, cold`, names, (file) => {
      for (const { home } of used) rmSync(join(home, '.cache'), { recursive: true, force: true })
      return startTsts(file)
    })
    await report(`tsts, ${count} hosts, warm`, names, startTsts)
    if (values['no-tsung'] || !isInstalled('tsung')) continue
    const addresses = used.map(({ address }) => address)
    await report(`tsung, ${count} hosts`, addresses, startTsung)
  }
}

async function report(
  what: string,
  hosts: readonly string[],
  start: (file: string) => ChildProcess,
): Promise<void> {
  const starts: Start[] = []
  for (let round = 0; round < rounds; round++) {
    const taken = await timed(hosts, start)
    starts.push(taken)
    if (taken.firstMs === null) {
      console.log(`${what}: no request within ${patienceMs / 1000} s: ${reasonOf(taken.output)}`)
      return
    }
  }
  const seconds = (of: (start: Start) => number | null): string => {
    const known = starts.map(of).filter((ms) => ms !== null)
    if (known.length < starts.length) return 'not all'
    const text = (ms: number): string => (ms / 1000).toFixed(2)
    return `${text(median(known))} s (${text(Math.min(...known))}–${text(Math.max(...known))})`
  }
  console.log(
    `${what}: first request after ${seconds(({ firstMs }) => firstMs)}, ` +
      `a request for each host after ${seconds(({ allMs }) => allMs)}`,
  )
}

/** Plays a user for each host, all within a second, and looks when they come. */
async function timed(
  hosts: readonly string[],
  start: (file: string) => ChildProcess,
): Promise<Start> {
  let seen = 0
  let firstMs: number | null = null
  let allMs: number | null = null
  const beginMs = performance.now()
  const target: Server = createServer((_request, response) => {
    firstMs ??= performance.now() - beginMs
    if (++seen === hosts.length) allMs = performance.now() - beginMs
    response.end('hello')
  })
  await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve))
  const file = join(sandbox.folder, 'startup.xml')
  writeFileSync(file, scenario((target.address() as AddressInfo).port, hosts))
  const child = start(file)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (bytes: Buffer) => {
      output = (output + bytes.toString()).slice(-20_000)
    })
  }
  const ended = new Promise((resolve) => child.once('close', resolve))
  const endMs = beginMs + patienceMs
  while (seen < hosts.length && performance.now() < endMs && child.exitCode === null) {
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  // Tsung may wait for ever for users that it has lost sight of.
  const timer = setTimeout(() => process.kill(-child.pid!, 'SIGKILL'), endingMs)
  await ended
  clearTimeout(timer)
  target.closeAllConnections()
  await new Promise((resolve) => target.close(resolve))
  return { firstMs, allMs, output }
}

function startTsts(file: string): ChildProcess {
  const logs = join(sandbox.folder, 'logs-tsts')
  const args = [main, 'run', file, '-l', logs, '--no-live', '--no-report', '-w', '0']
  return run(process.execPath, args)
}

/** By the same keys: Tsung's remote connector may be any command. */
function startTsung(file: string): ChildProcess {
  const connector = join(sandbox.folder, 'connector')
  const config = join(sandbox.folder, '.ssh/config')
  writeFileSync(connector, `#!/bin/sh\nexec ssh -F ${config} "$@"\n`)
  chmodSync(connector, 0o700)
  const logs = join(sandbox.folder, 'logs-tsung')
  const id = `start${process.pid}`
  const args = ['-f', file, '-l', logs, '-i', id, '-n', '-w', '0', '-I', '127.0.0.1']
  return run('tsung', [...args, '-r', connector, 'start'])
}

function run(command: string, args: readonly string[]): ChildProcess {
  const env = { ...process.env, HOME: sandbox.folder }
  // A group of its own: Tsung is started by a shell, and has to end with it.
  return spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
}

/** The last lines that say something. */
function reasonOf(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '')
  return lines.slice(-3).join(' | ').slice(0, 400)
}

function which(program: string): string {
  return execFileSync('sh', ['-c', `PATH="$PATH:/usr/sbin:/sbin" command -v ${program}`])
    .toString()
    .trim()
}

function scenario(port: number, hosts: readonly string[]): string {
  const clients = hosts.map((host) => `<client host="${host}"/>`).join('\n    ')
  return `<?xml version="1.0"?>
<!DOCTYPE tsung SYSTEM "/usr/share/tsung/tsung-1.0.dtd">
<tsung loglevel="notice">
  <clients>
    ${clients}
  </clients>
  <servers><server host="127.0.0.1" port="${port}" type="tcp"/></servers>
  <load>
    <arrivalphase phase="1" duration="1" unit="second">
      <users maxnumber="${hosts.length}" arrivalrate="${hosts.length * 20}" unit="second"/>
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
