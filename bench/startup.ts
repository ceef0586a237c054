/**
 * Claim i: from `tsts run` to the first request at the target. With 1, 8 and 64 launchers of this machine; with 1, 8 and
 * 64 hosts over SSH, each an sshd of its own on this machine (127.0.0.2 to 127.0.0.65), cold (no bundle there) and warm,
 * beside Debian's Tsung on the hosts that it can start on.
 *
 * `npm run bench:startup -- [--launchers 1,8,64] [--hosts 1,8,64] [--pairs 3] [--json]`, with
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
import { absent, isInstalled } from './support/peers.ts'
import { print, type Row } from './support/results.ts'

const { values } = parseArgs({
  options: {
    launchers: { type: 'string', default: '1,8,64' },
    hosts: { type: 'string', default: '1,8,64' },
    pairs: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
  },
})
const [launcherCounts, hostCounts] = [values.launchers, values.hosts].map((list) =>
  list.split(',').map(Number),
) as [number[], number[]]
const pairs = Number(values.pairs)
/** After which a start has failed, in ms. */
const patienceMs = 90_000
/** For it to end after the last request, in ms. */
const endingMs = 20_000
const main = fileURLToPath(new URL('../dist/controller/main.js', import.meta.url))

/** Of one start, in s. */
interface Start {
  readonly first: number
  /** Until each user has asked, one for each launcher. */
  readonly all: number
}

/** What is started, time after time. */
interface Way {
  readonly name: string
  /** The elements of `<clients>`. */
  readonly clients: string
  readonly start: (file: string) => ChildProcess
}

const missing = [...absent(['tsung'])]
const sandbox = new SshSandbox(which('sshd'), which('ssh-keygen'))
const epmd = ownEpmd()
try {
  const rows: Row[] = []
  for (const count of launcherCounts) rows.push(...(await rowsOfLaunchers(count)))
  const servers = await startServers(Math.max(...hostCounts))
  for (const count of hostCounts) rows.push(...(await rowsOfHosts(servers.slice(0, count))))
  print({ script: 'startup.ts', rows, missing }, values.json)
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

async function rowsOfLaunchers(count: number): Promise<readonly Row[]> {
  const clients = `<client host="localhost" cpu="${count}"/>`
  const [starts] = await inTurn([{ name: 'tsts', clients, start: startTsts }], count)
  return starts === undefined ? [] : [rowOf(`${count} local launcher(s)`, starts, [])]
}

async function startServers(count: number): Promise<readonly SshServer[]> {
  const servers: SshServer[] = []
  for (let host = 0; host < count; host++) {
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
  return servers
}

async function rowsOfHosts(servers: readonly SshServer[]): Promise<readonly Row[]> {
  const named = (prefix: string): string =>
    servers.map(({ address }) => `<client host="${prefix}${address}"/>`).join('\n    ')
  const cold = (file: string): ChildProcess => {
    for (const { home } of servers) rmSync(join(home, '.cache'), { recursive: true, force: true })
    return startTsts(file)
  }
  const ways: Way[] = [
    { name: 'tsts, cold', clients: named('load-'), start: cold },
    { name: 'tsts, warm', clients: named('load-'), start: startTsts },
  ]
  if (isInstalled('tsung')) ways.push({ name: 'tsung', clients: named(''), start: startTsung })
  const [first, warm, tsung = []] = await inTurn(ways, servers.length)
  const rows: Row[] = []
  const what = `${servers.length} host(s) by SSH`
  if (first !== undefined) rows.push(rowOf(`${what}, cold`, first, []))
  if (warm !== undefined) rows.push(rowOf(`${what}, warm`, warm, tsung))
  return rows
}

/** @returns the starts of each; undefined: one of them failed, which `missing` tells */
async function inTurn(
  ways: readonly Way[],
  users: number,
): Promise<readonly (readonly Start[] | undefined)[]> {
  const starts = new Map<Way, Start[]>(ways.map((way) => [way, []]))
  for (let pair = 0; pair < pairs; pair++) {
    for (const [way, taken] of [...starts]) {
      try {
        taken.push(await timed(way, users))
        console.error(`${way.name}, ${users}: ${taken.at(-1)!.first.toFixed(2)} s`)
      } catch (error) {
        starts.delete(way)
        missing.push(`start of ${users}: ${way.name} is left out: ${(error as Error).message}`)
      }
    }
  }
  return ways.map((way) => starts.get(way))
}

function rowOf(what: string, ours: readonly Start[], theirs: readonly Start[]): Row {
  const first = (starts: readonly Start[]): readonly number[] => starts.map(({ first }) => first)
  const all = (starts: readonly Start[]): string =>
    `${median(starts.map(({ all }) => all)).toFixed(2)} s`
  const beside = theirs.length === 0 ? '' : `; tsung ${all(theirs)}`
  return {
    ...{ claim: 'i', what: `start, ${what}: first request`, unit: 's', ours: first(ours) },
    peer: theirs.length === 0 ? null : { name: 'tsung', values: first(theirs) },
    ...{ budget: null, note: `a request of each after ${all(ours)}${beside}` },
  }
}

/**
 * Plays a user for each launcher, all within a second, and looks when they come.
 *
 * @throws {Error} not all have come within `patienceMs`
 */
async function timed({ clients, start }: Way, users: number): Promise<Start> {
  const comeMs: number[] = []
  const beginMs = performance.now()
  const target: Server = createServer((_request, response) => {
    comeMs.push(performance.now() - beginMs)
    response.end('hello')
  })
  await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve))
  const file = join(sandbox.folder, 'startup.xml')
  writeFileSync(file, scenario((target.address() as AddressInfo).port, clients, users))
  const child = start(file)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (bytes: Buffer) => {
      output = (output + bytes.toString()).slice(-20_000)
    })
  }
  const ended = new Promise((resolve) => child.once('close', resolve))
  const endMs = beginMs + patienceMs
  while (comeMs.length < users && performance.now() < endMs && child.exitCode === null) {
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  // Tsung may wait for ever for users that it has lost sight of.
  const timer = setTimeout(() => process.kill(-child.pid!, 'SIGKILL'), endingMs)
  await ended
  clearTimeout(timer)
  target.closeAllConnections()
  await new Promise((resolve) => target.close(resolve))
  if (comeMs.length >= users) return { first: comeMs[0]! / 1000, all: comeMs[users - 1]! / 1000 }
  throw new Error(
    `${comeMs.length} of ${users} requests within ${patienceMs / 1000} s: ${reasonOf(output)}`,
  )
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

function scenario(port: number, clients: string, users: number): string {
  return `<?xml version="1.0"?>
<!DOCTYPE tsung SYSTEM "/usr/share/tsung/tsung-1.0.dtd">
<tsung loglevel="notice">
  <clients>
    ${clients}
  </clients>
  <servers><server host="127.0.0.1" port="${port}" type="tcp"/></servers>
  <load>
    <arrivalphase phase="1" duration="1" unit="second">
      <users maxnumber="${users}" arrivalrate="${users * 20}" unit="second"/>
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
