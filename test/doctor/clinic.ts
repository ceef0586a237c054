/** Hosts of a network, each broken in its own way, and somebody who does what `tsts doctor` tells. */
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Context } from 'mocha'
import type { Examined } from '../../controller/doctor/model.ts'
import { Target } from '../faults/bed.ts'
import { builtMain } from '../support/dist.ts'
import { type Machine, Network } from '../support/netns.ts'
import { requirePeer } from '../support/peers.ts'
import { SshSandbox, type SshServer } from '../support/sshd.ts'
import { TstsProcess } from '../support/tsts-process.ts'

export interface PatientOptions {
  readonly name: string
  /** Within its element `<client>`. */
  readonly client?: string
  /** Lines of a script that runs as the host starts, in a file system of its own; `$HOME` is the login's. */
  readonly setUp?: string
  /** Lines of the configuration of its sshd. */
  readonly sshd?: readonly string[]
  /** Done with it once it is there. */
  readonly breakIt?: (clinic: Clinic, patient: Patient) => void
}

export interface Patient {
  readonly name: string
  readonly machine: Machine
  readonly server: SshServer
}

export interface Visit {
  readonly code: number | null
  readonly seen: string
  /** What was said of a host. */
  readonly of: (name: string) => string
}

export class Clinic {
  readonly network: Network
  readonly controller: Machine
  readonly target: Machine
  readonly patients: readonly Patient[] = []
  readonly sandbox: SshSandbox
  readonly folder: string
  readonly scenario: string
  #server: Target | null = null

  static require(context: Context): void {
    Network.require(context)
    SshSandbox.require(context)
    requirePeer(context, 'unshare', 'util-linux')
    requirePeer(context, 'sysctl', 'procps')
  }

  static async open(context: Context, options: readonly PatientOptions[]): Promise<Clinic> {
    Clinic.require(context)
    const clinic = new Clinic(SshSandbox.open(context), Network.open(context))
    try {
      await clinic.#admit(options)
      return clinic
    } catch (error) {
      await clinic.close()
      throw error
    }
  }

  private constructor(sandbox: SshSandbox, network: Network) {
    this.sandbox = sandbox
    this.network = network
    this.controller = network.add()
    this.target = network.add()
    this.folder = mkdtempSync(join(tmpdir(), 'tsts-clinic-'))
    this.scenario = join(this.folder, 'shop.xml')
  }

  async #admit(options: readonly PatientOptions[]): Promise<void> {
    this.#server = await Target.start(this.target, '')
    for (const each of options) {
      const patient = await this.#start(each)
      ;(this.patients as Patient[]).push(patient)
      this.sandbox.know(patient.machine.address, patient.server.port)
    }
    this.#writeConfig()
    this.#writePrograms()
    for (const [at, each] of options.entries()) each.breakIt?.(this, this.patients[at]!)
    writeFileSync(this.scenario, scenarioText(options, this.target.address, this.#server.port))
  }

  async #start({ name, setUp, sshd = [] }: PatientOptions): Promise<Patient> {
    const machine = this.network.add()
    const script = `HOME=${join(this.sandbox.folder, `home-${machine.address}`)}\n${setUp ?? ''}\nexec "$@"`
    const under = [...machine.under, 'unshare', '--mount', 'sh', '-ec', script, 'sh']
    const server = await this.sandbox.start(machine.address, sshd, under)
    return { name, machine, server }
  }

  #writeConfig(): void {
    const sections = this.patients.map(
      ({ name, server }) => `Host ${name}\n  HostName ${server.address}\n  Port ${server.port}\n`,
    )
    mkdirSync(join(this.folder, '.ssh'), { recursive: true })
    writeFileSync(join(this.folder, '.ssh/config'), this.sandbox.config(sections.join('')))
  }

  /** OpenSSH asks the system for its user's home, and not HOME: a program of that name tells it. */
  #writePrograms(): void {
    const bin = join(this.folder, 'bin')
    mkdirSync(bin)
    const flags = join(this.folder, 'flags')
    writeFileSync(flags, '')
    const ssh = `exec /usr/bin/ssh -F ${join(this.folder, '.ssh/config')} "$@"`
    // The next visit is with the flags that were told.
    const tsts = `shift 2; for each in "$@"; do echo "$each" >> ${flags}; done`
    for (const [name, line] of [
      ['ssh', ssh],
      ['tsts', tsts],
    ] as const) {
      writeFileSync(join(bin, name), `#!/bin/sh\n${line}\n`)
      chmodSync(join(bin, name), 0o755)
    }
  }

  /** `tsts doctor` on the controller's machine, with the flags that remedies have told so far. */
  async visit(...flags: readonly string[]): Promise<Visit> {
    const told = readFileSync(join(this.folder, 'flags'), 'utf8')
      .split('\n')
      .filter((flag) => flag !== '')
    const args = ['doctor', this.scenario, ...new Set(told), ...flags]
    const under = this.controller.under
    const tsts = new TstsProcess(args, { env: { HOME: this.folder }, under })
    const code = await tsts.ended
    const seen = `${tsts.stdout}${tsts.stderr}`
    const of = (name: string): string =>
      seen
        .split('\n')
        .filter((line) => line.startsWith(`${name} `))
        .join('\n')
    return { code, seen, of }
  }

  async visitJson(): Promise<readonly Examined[]> {
    const { seen } = await this.visit('--json')
    return (JSON.parse(seen) as { readonly hosts: readonly Examined[] }).hosts
  }

  /** Does what was told, as it was told: on the controller's machine, or on the target. */
  follow(remedy: string): void {
    const [, command] = /^on [\w.:-]+: (.*)$/s.exec(remedy) ?? []
    const machine = command === undefined ? this.controller : this.target
    const PATH = `${join(this.folder, 'bin')}:${process.env['PATH']}`
    const [program, ...args] = [...machine.under, 'sh', '-ec', command ?? remedy]
    const { status, stderr } = spawnSync(program!, args, {
      env: { ...process.env, HOME: this.folder, PATH },
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error(`${remedy}\nended with ${status}: ${stderr}`)
  }

  /** Runs a program on a machine to its end. */
  on({ under }: Machine, ...command: readonly string[]): string {
    const [program, ...args] = [...under, ...command]
    return execFileSync(program!, args, { encoding: 'utf8' })
  }

  async close(): Promise<void> {
    await this.#server?.stop()
    await this.sandbox.close()
    this.network.close()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** Each host has some hundred users at once. */
function scenarioText(hosts: readonly PatientOptions[], address: string, port: number): string {
  const clients = hosts.map(({ name, client }) => `<client host="${name}">${client ?? ''}</client>`)
  return `<?xml version="1.0"?>
<!DOCTYPE tsung SYSTEM "/usr/share/tsung/tsung-1.0.dtd">
<tsung loglevel="notice">
  <clients>${clients.join('\n  ')}</clients>
  <servers><server host="${address}" port="${port}" type="tcp"/></servers>
  <load>
    <arrivalphase phase="1" duration="10" unit="second">
      <users arrivalrate="${10 * hosts.length}" unit="second"/>
    </arrivalphase>
  </load>
  <sessions>
    <session name="ask" probability="100" type="ts_http">
      <request><http url="/" method="GET" version="1.1"/></request>
      <thinktime value="30"/>
    </session>
  </sessions>
</tsung>
`
}

/** Makes sure that nothing but its own program is built while hosts wait. */
export function built(): void {
  builtMain()
}
