/**
 * The agent: one process per host and run. It starts the host's launchers, watches them and relays their messages,
 * each with the launcher's number.
 *
 * It listens on a Unix socket in a folder that only its user can enter, so that it outlives the connection that
 * started it: a controller that comes back, or another one, goes on where the last was cut off.
 *
 * ```
 * listening --a controller--> led --it is cut off--> listening --grace is over, or nobody ever came--> gone
 *                              '--stop--> gone
 * ```
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { hostHealthMs } from '../core/stats/model.ts'
import { encodeLine, LineDecoder } from '../core/wire/codec.ts'
import {
  type AgentLauncher,
  type AgentMessage,
  type LauncherMessage,
  protocolVersion,
  type ToAgent,
} from '../core/wire/messages.ts'
import { agentFacts } from './agent-facts.ts'
import { Channel } from './channel.ts'
import { hostClockOffsetMs } from './clock.ts'
import { HostMonitor } from './host-health.ts'
import { answerTo } from './probe.ts'
import { SentFiles } from './sent-files.ts'

type Ask = Extract<ToAgent, { readonly type: 'ask' }>
type Child = ChildProcessByStdio<Writable, Readable, Readable>

/** Text of a launcher's standard error that is kept to explain its death, in characters. */
const keptStderr = 4000
/** Silence of the controller that is borne until it says otherwise. */
const firstGraceMs = 15_000
/** How often silence is looked for. */
const watchMs = 250

interface Launcher {
  readonly child: Child
  /** It said that it is done, or that it failed: its end is in order. */
  said: boolean
}

class Agent {
  readonly #folder: string
  readonly #program: readonly string[]
  readonly #server: Server
  readonly #files: SentFiles
  readonly #launchers = new Map<number, Launcher>()
  /** How launchers ended, kept for a controller that was not there to hear it. */
  readonly #ended = new Map<number, AgentLauncher>()
  #controller: Channel | null = null
  #graceMs = firstGraceMs
  #heardMs = performance.now()
  #stopping = false
  #host: HostMonitor | null = null

  /** @param program how a launcher is started */
  constructor(folder: string, program: readonly string[]) {
    this.#folder = folder
    this.#program = program
    this.#files = new SentFiles(folder, (message) => this.#send(message))
    this.#server = createServer((socket) => this.#led(socket))
    this.#server.listen(socketPath(folder))
    setInterval(() => this.#watch(), watchMs).unref()
  }

  /** Another controller, or the same one again: the last connection counts. */
  #led(socket: Socket): void {
    this.#controller?.cut()
    this.#heardMs = performance.now()
    const channel = new Channel(socket, socket, {
      message: (value) => {
        this.#heardMs = performance.now()
        this.#on(value as ToAgent)
      },
      stray: (text) => this.#send({ type: 'stray', launcher: 0, text }),
      closed: () => {
        if (this.#controller !== channel) return
        this.#controller = null
        this.#flow(true)
      },
      drained: () => this.#flow(true),
    })
    this.#controller = channel
    this.#flow(true)
    const launchers = [
      ...[...this.#launchers].map(([launcher, { child }]) => ({
        launcher,
        pid: child.pid ?? 0,
        ended: null,
      })),
      ...this.#ended.values(),
    ]
    const folder = this.#folder
    this.#send({ type: 'hello', version: protocolVersion, facts: agentFacts(), folder, launchers })
  }

  #send(message: AgentMessage): void {
    this.#tell(message)
  }

  #relay(launcher: number, message: LauncherMessage): void {
    this.#tell({ launcher, message })
  }

  /** Nobody there: launchers keep what matters and say it again. */
  #tell(message: object): void {
    if (this.#controller !== null && !this.#controller.send(message)) this.#flow(false)
  }

  /** Launchers are not read while the controller does not read: they wait, and nothing piles up here. */
  #flow(open: boolean): void {
    for (const { child } of this.#launchers.values()) {
      if (open) child.stdout.resume()
      else child.stdout.pause()
    }
  }

  #on(command: ToAgent): void {
    if ('launcher' in command) {
      const launcher = this.#launchers.get(command.launcher)
      for (const line of encodeLine(command.message)) launcher?.child.stdin.write(line)
      return
    }
    switch (command.type) {
      case 'watch':
        this.#graceMs = command.graceMs
        return
      case 'launch':
        this.#watchHost()
        for (const launcher of command.launchers) this.#launch(launcher)
        return
      case 'kill':
        for (const each of command.launchers) this.#launchers.get(each)?.child.kill('SIGKILL')
        return
      case 'file':
        this.#files.keep(command)
        return
      case 'offer':
        void this.#files.offer(command)
        return
      case 'fetch':
        void this.#files.fetch(command)
        return
      case 'unoffer':
        this.#files.close()
        return
      case 'ask':
        void this.#answer(command)
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

  async #answer({ id, question }: Ask): Promise<void> {
    this.#send({ type: 'answer', id, answer: await answerTo(question, this.#folder) })
  }

  /** From the first launcher on: nobody asks how a host fares that does nothing. */
  #watchHost(): void {
    if (this.#host !== null) return
    this.#host = new HostMonitor()
    setInterval(() => this.#tellHost(), hostHealthMs).unref()
  }

  #tellHost(): void {
    if (this.#host !== null) this.#send({ type: 'health', health: this.#host.take() })
  }

  /** The order may come twice, when it was not known whether it arrived. */
  #launch(number: number): void {
    if (this.#launchers.has(number) || this.#ended.has(number)) return
    const [command, ...args] = this.#program
    const child = spawn(command!, args, { stdio: ['pipe', 'pipe', 'pipe'] })
    const launcher: Launcher = { child, said: false }
    this.#launchers.set(number, launcher)
    let told = ''
    child.stderr.on('data', (bytes: Buffer) => {
      told = (told + bytes.toString()).slice(-keptStderr)
    })
    // A dead launcher's pipe breaks under a late command; its exit is told below.
    child.stdin.on('error', () => undefined)
    const decoder = new LineDecoder(
      (value) => {
        const message = value as LauncherMessage
        launcher.said ||= message.type === 'done' || message.type === 'failed'
        this.#relay(number, message)
      },
      (text) => this.#send({ type: 'stray', launcher: number, text }),
    )
    child.stdout.on('data', (bytes: Buffer) => decoder.push(bytes))
    child.on('error', (error) => this.#gone(number, false, `cannot start: ${error.message}`))
    child.on('close', (code, signal) => {
      const how = signal === null ? `ended with exit code ${code}` : `was killed by ${signal}`
      const why = told === '' ? how : `${how}: ${told.trim()}`
      this.#gone(number, launcher.said && code === 0, why)
    })
  }

  #gone(number: number, orderly: boolean, how: string): void {
    const launcher = this.#launchers.get(number)
    if (launcher === undefined) return
    this.#launchers.delete(number)
    const ended = orderly ? '' : how
    this.#ended.set(number, { launcher: number, pid: launcher.child.pid ?? 0, ended })
    if (!orderly) this.#relay(number, { type: 'failed', code: 'E_LAUNCHER_DIED', text: how })
    if (this.#stopping && this.#launchers.size === 0) void this.#exit()
  }

  #watch(): void {
    if (performance.now() - this.#heardMs > this.#graceMs) this.#stop(0)
  }

  /** Launchers get their standard input closed, which ends them; after the grace they are killed. */
  #stop(graceMs: number): void {
    if (this.#stopping) return
    this.#stopping = true
    // A run may be shorter than the time between two.
    this.#tellHost()
    if (this.#launchers.size === 0) {
      void this.#exit()
      return
    }
    setTimeout(() => {
      for (const { child } of this.#launchers.values()) child.kill('SIGKILL')
    }, graceMs + 500)
    setTimeout(() => {
      for (const { child } of this.#launchers.values()) child.stdin.end()
    }, graceMs)
  }

  async #exit(): Promise<void> {
    this.#server.close()
    this.#files.close()
    await this.#controller?.end()
    rmSync(this.#folder, { recursive: true, force: true })
    process.exit(0)
  }
}

/** Where the agent of a run listens. */
export function socketPath(folder: string): string {
  return join(folder, 'agent')
}

/**
 * Starts this process as an agent.
 *
 * @param folder of this run alone; it goes with the agent
 * @param program how a launcher is started, e.g. `[node, launcher.mjs, 'launcher']`
 */
export function runAgent(folder: string, program: readonly string[]): void {
  // The terminal, and the session that started it, may go: only its controller and its own watch end it.
  for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined)
  new Agent(folder, program)
}
