/**
 * The agent: one process per host. It starts the host's launchers, watches them and relays their messages, each with
 * the launcher's number.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { availableParallelism, hostname, networkInterfaces, totalmem } from 'node:os'
import type { Readable, Writable } from 'node:stream'
import { encodeLine, LineDecoder } from '../core/wire/codec.ts'
import {
  type AgentFacts,
  type AgentMessage,
  type LauncherMessage,
  protocolVersion,
  type ToAgent,
} from '../core/wire/messages.ts'
import { Channel, standardStreams } from './channel.ts'
import { hostClockOffsetMs } from './clock.ts'
import { readDescriptorLimit } from './health.ts'

type Child = ChildProcessByStdio<Writable, Readable, Readable>

/** Text of a launcher's standard error that is kept to explain its death, in characters. */
const keptStderr = 4000

class Agent {
  readonly #channel: Channel
  readonly #children = new Map<number, Child>()
  readonly #program: readonly string[]
  #stopping = false

  /** @param program how a launcher is started */
  constructor(program: readonly string[], token: string) {
    this.#program = program
    const { input, output } = standardStreams()
    this.#channel = new Channel(input, output, {
      message: (value) => this.#on(value as ToAgent),
      stray: (text) => this.#send({ type: 'stray', launcher: 0, text }),
      closed: () => this.#stop(0),
    })
    this.#send({ type: 'hello', version: protocolVersion, token, facts: facts() })
  }

  #send(message: AgentMessage): void {
    this.#channel.send(message)
  }

  #relay(launcher: number, message: LauncherMessage): void {
    this.#channel.send({ launcher, message })
  }

  #on(command: ToAgent): void {
    if ('launcher' in command) {
      const child = this.#children.get(command.launcher)
      for (const line of encodeLine(command.message)) child?.stdin.write(line)
      return
    }
    switch (command.type) {
      case 'launch':
        for (const launcher of command.launchers) this.#launch(launcher)
        return
      case 'ping':
        this.#send({ type: 'pong', t1: command.t1, t2: performance.now() + hostClockOffsetMs })
        return
      case 'stop':
        this.#stop(command.graceMs)
        return
      default:
        return
    }
  }

  #launch(launcher: number): void {
    const [command, ...args] = this.#program
    const child = spawn(command!, args, { stdio: ['pipe', 'pipe', 'pipe'] })
    this.#children.set(launcher, child)
    let told = ''
    child.stderr.on('data', (bytes: Buffer) => {
      told = (told + bytes.toString()).slice(-keptStderr)
    })
    // A dead launcher's pipe breaks under a late command; its exit is told below.
    child.stdin.on('error', () => undefined)
    const { onLine, state } = this.#relayLines(launcher)
    child.stdout.on('data', onLine)
    child.on('error', (error) => this.#gone(launcher, state.done, `cannot start: ${error.message}`))
    child.on('close', (code, signal) => {
      const how = signal === null ? `ended with exit code ${code}` : `was killed by ${signal}`
      this.#gone(launcher, state.done && code === 0, told === '' ? how : `${how}: ${told.trim()}`)
    })
  }

  /** `done` and `failed` are noted: a launcher that ends after them ends in order. */
  #relayLines(launcher: number): { onLine: (bytes: Buffer) => void; state: { done: boolean } } {
    const state = { done: false }
    const decoder = new LineDecoder(
      (value) => {
        const message = value as LauncherMessage
        if (message.type === 'done' || message.type === 'failed') state.done = true
        this.#relay(launcher, message)
      },
      (text) => this.#send({ type: 'stray', launcher, text }),
    )
    return { onLine: (bytes) => decoder.push(bytes), state }
  }

  #gone(launcher: number, orderly: boolean, how: string): void {
    if (!this.#children.delete(launcher)) return
    if (!orderly) {
      this.#relay(launcher, { type: 'failed', code: 'E_LAUNCHER_DIED', text: how })
    }
    if (this.#stopping && this.#children.size === 0) void this.#exit()
  }

  /** Launchers get their standard input closed, which ends them; after the grace they are killed. */
  #stop(graceMs: number): void {
    if (this.#stopping) return
    this.#stopping = true
    if (this.#children.size === 0) {
      void this.#exit()
      return
    }
    setTimeout(() => {
      for (const child of this.#children.values()) child.kill('SIGKILL')
    }, graceMs + 500)
    setTimeout(() => {
      for (const child of this.#children.values()) child.stdin.end()
    }, graceMs)
  }

  async #exit(): Promise<void> {
    await this.#channel.end()
    process.exit(0)
  }
}

/**
 * Starts this process as an agent.
 *
 * @param program how a launcher is started, e.g. `[node, launcher.mjs, 'launcher']`
 */
export function runAgent(program: readonly string[], token: string): void {
  // Ctrl-C in a terminal reaches the whole group: the controller decides what it means.
  process.on('SIGINT', () => undefined)
  new Agent(program, token)
}

function facts(): AgentFacts {
  return {
    host: hostname(),
    pid: process.pid,
    node: process.versions.node,
    cores: usableCores(),
    addresses: Object.values(networkInterfaces())
      .flatMap((each) => each ?? [])
      .map((each) => each.address),
    descriptorLimit: readDescriptorLimit(),
    portRange: portRange(),
    memoryBytes: totalmem(),
  }
}

/** Cores of this process: affinity and cgroup limits included, which `availableParallelism` leaves out. */
function usableCores(): number {
  const cores = availableParallelism()
  const quota = /^(\d+) (\d+)/.exec(readText('/sys/fs/cgroup/cpu.max') ?? '')
  return quota === null ? cores : Math.min(cores, Number(quota[1]) / Number(quota[2]))
}

function portRange(): readonly [number, number] {
  const range = /^(\d+)\s+(\d+)/.exec(readText('/proc/sys/net/ipv4/ip_local_port_range') ?? '')
  return range === null ? [32768, 60999] : [Number(range[1]), Number(range[2])]
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null // not on this system
  }
}
