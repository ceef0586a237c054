import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import type { Context } from 'mocha'
import { requirePeer } from './peers.ts'

/** A machine of the network: a network namespace with one cable. */
export interface Machine {
  readonly address: string
  /** Before a command it makes that run on this machine. */
  readonly under: readonly string[]
  /** Its namespace. */
  readonly name: string
  /** The end of its cable in the switch. */
  readonly port: string
}

/** Which packets a machine does not let in: all from an address, or a share of them, in percent. */
export interface Deafness {
  readonly from: Machine
  readonly percent: number
}

const folder = '/run/netns'
let networks = 0

/**
 * A network of its own: a switch, and machines on its cables, each a network namespace. The machine's own network is
 * not touched, and addresses may be the same in two of them.
 *
 * Names start with the id of this process; what an earlier one left behind when it was killed is removed first.
 */
export class Network {
  readonly #prefix: string
  readonly #switch: string
  readonly #machines: Machine[] = []
  readonly #onExit = (): void => this.close()

  /** Skips the test where there is no root, or a program is missing. */
  static require(context: Context): void {
    for (const program of ['ip', 'tc']) requirePeer(context, program, 'iproute2')
    requirePeer(context, 'nft', 'nftables')
    requirePeer(context, 'nsenter', 'util-linux')
    if (process.getuid?.() !== 0) {
      console.log('skipped: network namespaces need root: run the tests as root')
      context.skip()
    }
  }

  static open(context: Context): Network {
    Network.require(context)
    return new Network()
  }

  constructor() {
    removeLeftovers()
    this.#prefix = `tsts-${process.pid}-${++networks}`
    this.#switch = `${this.#prefix}-switch`
    process.once('exit', this.#onExit)
    try {
      ip('netns', 'add', this.#switch)
      ip('-n', this.#switch, 'link', 'add', 'br0', 'type', 'bridge')
      ip('-n', this.#switch, 'link', 'set', 'br0', 'up')
    } catch (error) {
      this.close()
      throw error
    }
  }

  add(): Machine {
    const number = this.#machines.length + 1
    const name = `${this.#prefix}-${number}`
    const port = `port${number}`
    const address = `10.77.0.${number}`
    this.#machines.push({ address, name, port, under: ['nsenter', `--net=${folder}/${name}`] })
    ip('netns', 'add', name)
    const cable = ['type', 'veth', 'peer', 'name', 'eth0', 'netns', name]
    ip('link', 'add', port, 'netns', this.#switch, ...cable)
    ip('-n', this.#switch, 'link', 'set', port, 'master', 'br0', 'up')
    ip('-n', name, 'addr', 'add', `${address}/24`, 'dev', 'eth0')
    for (const device of ['lo', 'eth0']) ip('-n', name, 'link', 'set', device, 'up')
    return this.#machines.at(-1)!
  }

  /** Pulls the cable of a machine. */
  cut({ port }: Machine): void {
    ip('-n', this.#switch, 'link', 'set', port, 'down')
  }

  mend({ port }: Machine): void {
    ip('-n', this.#switch, 'link', 'set', port, 'up')
  }

  deafen({ under }: Machine, { from, percent }: Deafness): void {
    const share = percent >= 100 ? '' : `numgen random mod 100 < ${percent} `
    const rule = `ip saddr ${from.address} ${share}drop`
    const rules = `table inet faults {\n chain in {\n type filter hook input priority 0;\n ${rule}\n }\n}\n`
    const [command, ...args] = under
    execFileSync(command!, [...args, 'nft', '-f', '-'], { input: rules })
  }

  /** It hears all again. */
  undeafen({ under }: Machine): void {
    const [command, ...args] = under
    execFileSync(command!, [...args, 'nft', 'delete', 'table', 'inet', 'faults'])
  }

  /** What a machine sends goes out at that rate. */
  slow({ name }: Machine, mbitPerSecond: number): void {
    const shape = ['rate', `${mbitPerSecond}mbit`, 'burst', '32kbit', 'latency', '400ms']
    execFileSync('tc', ['-n', name, 'qdisc', 'add', 'dev', 'eth0', 'root', 'tbf', ...shape])
  }

  /** The cables go with the namespaces. */
  close(): void {
    process.off('exit', this.#onExit)
    removeNamespaces((name) => name.startsWith(`${this.#prefix}-`))
    this.#machines.length = 0
  }
}

function ip(...args: readonly string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] })
}

function removeNamespaces(isOurs: (name: string) => boolean): void {
  if (!existsSync(folder)) return
  for (const name of readdirSync(folder).filter(isOurs)) {
    // Sessions of sshd outlive it, and a link that was cut would keep them for a quarter of an hour.
    const { stdout } = spawnSync('ip', ['netns', 'pids', name], { encoding: 'utf8' })
    for (const pid of stdout.split('\n').filter((line) => line !== '')) kill(Number(pid))
    spawnSync('ip', ['netns', 'del', name])
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended meanwhile.
  }
}

/** Of processes that are not there any more. */
function removeLeftovers(): void {
  removeNamespaces((name) => {
    const pid = /^tsts-(\d+)-/.exec(name)?.[1]
    return pid !== undefined && !existsSync(`/proc/${pid}`)
  })
}
