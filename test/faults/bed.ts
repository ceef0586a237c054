/** What a fault is tried on: machines in a network of their own, sshd on each host, a target, and a run over them. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Context } from 'mocha'
import type { Summary } from '../../controller/outputs/summary.ts'
import { type Machine, Network } from '../support/netns.ts'
import { RunCase, type ScenarioText, scenarioText } from '../support/run-case.ts'
import { SshSandbox, type SshServer } from '../support/sshd.ts'
import { eventually, TstsProcess } from '../support/tsts-process.ts'
import type { TargetCounts } from './target.ts'

export interface Host {
  readonly name: string
  readonly machine: Machine
  readonly server: SshServer
}

export interface BedOptions {
  readonly hosts: number
  /** Of the target, as `tsts echo --delay`. */
  readonly delay?: string
  /** Before the command of the hosts' sshd, e.g. `prlimit`. */
  readonly limits?: readonly string[]
}

export interface Play extends ScenarioText {
  /** Every single value is written out. */
  readonly fullStats?: boolean
  /** The view is redrawn, where there is a terminal. */
  readonly live?: boolean
  /** Before the command of the controller, on its machine. */
  readonly under?: readonly string[]
}

/** How a run ended, and what there is to read of it. */
export interface Ended {
  readonly code: number | null
  /** All that a user has seen. */
  readonly seen: string
  readonly summary: Summary
}

export class Bed {
  readonly network: Network
  readonly controller: Machine
  readonly target: Target
  readonly hosts: readonly Host[]
  readonly files: RunCase
  readonly #sandbox: SshSandbox
  readonly #running: TstsProcess[] = []

  private constructor(
    network: Network,
    controller: Machine,
    sandbox: SshSandbox,
    parts: { readonly target: Target; readonly hosts: readonly Host[]; readonly files: RunCase },
  ) {
    this.network = network
    this.controller = controller
    this.#sandbox = sandbox
    this.target = parts.target
    this.hosts = parts.hosts
    this.files = parts.files
  }

  /** Skips the test where the machine does not allow it. */
  static async open(context: Context, options: BedOptions): Promise<Bed> {
    const sandbox = SshSandbox.open(context)
    let network: Network | null = null
    let target: Target | null = null
    try {
      network = Network.open(context)
      const controller = network.add()
      target = await Target.start(network.add(), options.delay ?? '')
      const hosts: Host[] = []
      for (let number = 1; number <= options.hosts; number++) {
        const machine = network.add()
        const under = [...machine.under, ...(options.limits ?? [])]
        const server = await sandbox.start(machine.address, [], under)
        sandbox.know(machine.address, server.port)
        hosts.push({ name: `load${number}`, machine, server })
      }
      writeConfig(sandbox, hosts)
      const files = await RunCase.open()
      return new Bed(network, controller, sandbox, { target, hosts, files })
    } catch (error) {
      await target?.stop()
      await sandbox.close()
      network?.close()
      throw error
    }
  }

  /** `tsts run` on the controller's machine; `client` stands in the element of each host. */
  start(play: Play, ...flags: readonly string[]): TstsProcess {
    return this.startIn(this.files.logDir, this.hosts, play, flags)
  }

  startIn(
    logDir: string,
    hosts: readonly Host[],
    { fullStats, live, under, ...text }: Play,
    flags: readonly string[],
  ): TstsProcess {
    const host = hosts.map(({ name }) => name).join(`" ${text.client ?? ''}/><client host="`)
    const xml = scenarioText(this.target.port, { ...text, host })
      .replace('<server host="127.0.0.1"', `<server host="${this.target.address}"`)
      .replace('loglevel=', fullStats ? 'backend="fullstats" loglevel=' : 'loglevel=')
    const path = join(this.files.folder, 'shop.xml')
    writeFileSync(path, xml)
    const view = live ? [] : ['--no-live']
    const args = ['run', path, '-l', logDir, '--seed', '1', '--no-report', ...view, ...flags]
    const tsts = new TstsProcess(args, {
      env: { HOME: this.#sandbox.folder },
      under: [...this.controller.under, ...(under ?? [])],
    })
    this.#running.push(tsts)
    return tsts
  }

  async ended(tsts: TstsProcess, logDir: string = this.files.logDir): Promise<Ended> {
    const code = await tsts.ended
    const seen = `${tsts.stdout}${tsts.stderr}`
    const run = join(logDir, readdirSync(logDir)[0]!)
    const summary = JSON.parse(readFileSync(join(run, 'summary.json'), 'utf8')) as Summary
    assertBalanced(summary)
    return { code, seen, summary }
  }

  /** Nothing of ours runs on a host any more, and no run has left a folder. */
  async assertClean(deadlineMs: number = 15_000): Promise<void> {
    const left = (): readonly string[] => this.hosts.flatMap(({ server }) => leftOn(server))
    try {
      await eventually(() => left().length === 0, deadlineMs)
    } catch {
      assert.deepEqual(left(), [])
    }
  }

  /** Waits until the target has counted so many requests in all, and no more. */
  async requested(count: number): Promise<void> {
    await eventually(() => this.target.requests >= count)
    assert.equal(this.target.requests, count)
  }

  /** Ids of the processes on a host that have this word in their command, e.g. `agent`. */
  processes({ server }: Host, role: string): readonly number[] {
    return processesIn(server.home).filter((pid) => commandOf(pid).includes(role))
  }

  async close(): Promise<void> {
    for (const tsts of this.#running) tsts.kill('SIGKILL')
    await this.target.stop()
    for (const { server } of this.hosts) {
      for (const pid of processesIn(server.home)) kill(pid)
    }
    await this.#sandbox.close()
    this.files.close()
    this.network.close()
  }
}

/** Invariant 12. */
export function assertBalanced({ requests }: Summary): void {
  const { issued, acknowledged, noAck, failed, inFlight, unknown } = requests
  assert.equal(issued, acknowledged + noAck + failed + inFlight + unknown)
  for (const [name, count] of Object.entries(requests)) assert.ok(count >= 0, `${name}: ${count}`)
}

/** All users played to their end; nothing was lost, and nothing counted twice. */
export function assertWhole({ summary, seen }: Ended, bed: Bed, users: number): void {
  const { load, requests, counters } = summary
  assert.equal(load.startedUsers, users, seen)
  assert.equal(load.finishedUsers, users)
  assert.equal(load.unknownUsers, 0)
  assert.deepEqual(requests, {
    issued: 2 * users,
    acknowledged: 2 * users,
    noAck: 0,
    failed: 0,
    inFlight: 0,
    unknown: 0,
  })
  assert.equal(counters['200'], 2 * users)
  assert.equal(bed.target.requests, 2 * users)
}

/** The target, on a machine. */
export class Target {
  readonly address: string
  port = 0
  requests = 0
  /** When its count last rose, on this process's clock. */
  lastMs = 0
  readonly #child: ChildProcess

  static async start(machine: Machine, delay: string): Promise<Target> {
    const target = new Target(machine, delay)
    await eventually(() => target.port > 0, 30_000)
    return target
  }

  private constructor({ address, under }: Machine, delay: string) {
    this.address = address
    const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
    const file = fileURLToPath(new URL('target.ts', import.meta.url))
    const [command, ...args] = [...under, process.execPath, '--import', tsx, file, address, delay]
    this.#child = spawn(command!, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    this.#child.on('message', ({ port, requests }: TargetCounts) => {
      this.port = port
      this.requests = requests
      this.lastMs = performance.now()
    })
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const ended = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await ended
  }
}

function writeConfig(sandbox: SshSandbox, hosts: readonly Host[]): void {
  const sections = hosts.map(
    ({ name, server }) => `Host ${name}\n  HostName ${server.address}\n  Port ${server.port}\n`,
  )
  mkdirSync(join(sandbox.folder, '.ssh'), { recursive: true })
  writeFileSync(join(sandbox.folder, '.ssh/config'), sandbox.config(sections.join('')))
}

function leftOn({ home }: SshServer): readonly string[] {
  const runs = join(home, '.cache/tsts/runs')
  return [
    ...processesIn(home).map((pid) => `process ${pid}: ${commandOf(pid)}`),
    ...(existsSync(runs) ? readdirSync(runs).map((name) => `folder ${join(runs, name)}`) : []),
  ]
}

/** Processes whose home is that folder: those that the server has started. */
function processesIn(home: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => textOf(pid, 'environ').includes(`HOME=${home}\0`))
}

function commandOf(pid: number): string {
  return textOf(pid, 'cmdline').replaceAll('\0', ' ').trim()
}

function textOf(pid: number, file: 'environ' | 'cmdline'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1')
  } catch {
    return '' // it has ended meanwhile
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended meanwhile.
  }
}
