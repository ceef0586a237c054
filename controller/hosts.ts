/** The hosts of a run: one agent each, however many clients are on it. */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Client } from '../core/scenario/model.ts'
import { clientHosts, localName } from './local-hosts.ts'
import { SpreadTree } from './spread/tree.ts'
import { ownConfig } from './ssh/own-config.ts'
import { ownNode } from './ssh/own-node.ts'
import type { Supply } from './ssh/remote-host.ts'
import { ownSurroundings } from './ssh/settings.ts'
import type { RemoteShell, SshOptions } from './ssh/shell.ts'
import { SystemSshShell } from './ssh/system-ssh.ts'
import { AgentTransport } from './transports/agent-transport.ts'
import { localWay } from './transports/local.ts'
import { remoteWays } from './transports/remote.ts'
import { type LinkDeadlines, linkDeadlines, type Transport } from './transports/transport.ts'
import { launcherBundle } from './version.ts'

export interface Hosts {
  readonly transports: readonly Transport[]
  /** Index of the transport to each client's host. */
  readonly ofClient: readonly number[]
}

/** How hosts are reached. */
export interface ReachOptions {
  /** Clients on other hosts are played on this machine. */
  readonly local: boolean
  /** The system's ssh and its arguments; null: our own. */
  readonly sshCommand: readonly string[] | null
  /** Path of Node on other hosts; null: it is looked for. */
  readonly remoteNode: string | null
  /** Where a host has no Node that plays, this machine's is sent. */
  readonly sendNode: boolean
  /** Hosts that have Node and the bundle give them to the others. */
  readonly spread: boolean
  /** A file of ssh_config(5) that is read before the user's own; null: none. */
  readonly sshConfig: string | null
  readonly acceptNewHostKeys: boolean
  /** How long an agent goes on without a controller, and is waited for, in ms. */
  readonly graceMs: number
  readonly askSecret: SshOptions['askSecret']
}

/** From the first packet to the login, in ms. */
const loginMs = 15_000
/** Hosts that are being connected to, at most, at the same time: a login costs a CPU some 50 ms. */
const maxOpenings = 24

/** A name for a run that no other has on any host. */
export function newRunName(): string {
  return `${Date.now().toString(36)}-${randomBytes(6).toString('hex')}`
}

/**
 * @param run its name
 * @param onFallback told why a host did not get a file from another one
 */
export function hostsOf(
  clients: readonly Client[],
  options: ReachOptions,
  run: string,
  onFallback?: (text: string) => void,
): Hosts {
  const deadlines = { ...linkDeadlines, graceMs: options.graceMs }
  const { names, ofClient } = clientHosts(clients, options.local)
  const turn = turns(maxOpenings)
  const remote = names.filter((name) => name !== localName)
  const supply = supplyOf(options, remote, onFallback)
  const transports = names.map((name) =>
    name === localName
      ? localTransport(run, deadlines)
      : remoteTransport(name, run, { ...options, turn, supply }, deadlines),
  )
  return { transports, ofClient }
}

/** The hosts of a scenario besides this machine, each with what opens a shell there. */
export function remoteHosts(
  clients: readonly Client[],
  options: ReachOptions,
): readonly RemoteHost[] {
  const turn = turns(maxOpenings)
  return clientHosts(clients, options.local)
    .names.filter((name) => name !== localName)
    .map((host) => ({ host, open: () => turn(() => openShell(host, options)) }))
}

export interface RemoteHost {
  readonly host: string
  /** @throws {SshError} */
  readonly open: () => Promise<RemoteShell>
}

/**
 * What hosts may get besides the bundle.
 *
 * @param hosts all that will be made ready
 * @param onFallback told why a host did not get a file from another one
 */
export function supplyOf(
  options: Pick<ReachOptions, 'sendNode' | 'spread'>,
  hosts: readonly string[],
  onFallback?: (text: string) => void,
): Omit<Supply, 'onBytes'> {
  return {
    ownNode: options.sendNode ? ownNode : null,
    tree: options.spread ? new SpreadTree(onFallback, hosts) : null,
  }
}

/** What runs on hosts. */
export function ownBundle(): Buffer {
  return readFileSync(launcherBundle)
}

function localTransport(run: string, deadlines: LinkDeadlines): Transport {
  const program = [process.execPath, fileURLToPath(launcherBundle)]
  return new AgentTransport(
    { host: localName, isLocal: true },
    () => localWay(program, localRunFolder(run)),
    deadlines,
  )
}

/** Where this machine's agent of a run lives. */
export function localRunFolder(run: string): string {
  return join(tmpdir(), `tsts-${userInfo().uid}-${run}`)
}

function remoteTransport(
  host: string,
  run: string,
  options: ReachOptions & { readonly turn: Turn; readonly supply: Omit<Supply, 'onBytes'> },
  deadlines: LinkDeadlines,
): Transport {
  let moves = 0
  const onBytes = (): void => {
    moves++
  }
  const ways = remoteWays({
    host,
    open: () => openShell(host, options),
    bundle: ownBundle(),
    node: options.remoteNode,
    supply: { ...options.supply, onBytes },
    run,
  })
  return new AgentTransport(
    { host, isLocal: false, moves: () => moves },
    () => options.turn(ways),
    deadlines,
  )
}

async function openShell(host: string, options: ReachOptions): Promise<RemoteShell> {
  const ssh: SshOptions = { ...options, loginMs }
  const { sshCommand, sshConfig } = options
  if (sshCommand !== null) return new SystemSshShell(sshCommand, host, ssh)
  // Loaded only where it is used: it costs 50 MB.
  const { openSshShell } = await import('./ssh/ssh-shell.ts')
  return openSshShell(host, ownSurroundings(ownConfig(sshConfig)), ssh)
}

type Turn = <Result>(work: () => Promise<Result>) => Promise<Result>

/** Lets `most` pieces of work go on at a time, first come, first served. */
function turns(most: number): Turn {
  let free = most
  const waiting: (() => void)[] = []
  return async (work) => {
    if (free > 0) free--
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next === undefined) free++
      else next()
    }
  }
}
