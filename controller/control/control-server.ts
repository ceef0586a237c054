/** The run's side of its control socket: tells those who look what happens, does what they ask. */
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeLine, LineDecoder } from '../../core/wire/codec.ts'
import { historySeconds, LiveWindow } from '../live/window.ts'
import type {
  ErrorExample,
  Output,
  RunEvent,
  RunHead,
  Second,
  Standing,
  Steering,
  SteeringChange,
} from '../model.ts'
import { parseChange, unsteered } from '../steering.ts'
import {
  type ControlReply,
  type ControlRequest,
  controlVersion,
  type RunStatus,
  type WireSecond,
} from './messages.ts'
import { removeSocket, socketFolder } from './run-file.ts'

/** Who reads so slowly that more than so many bytes wait is not told any more. */
const maxPendingBytes = 32 * 1024 * 1024
/** The last few that a late comer is told. */
const eventsKept = 20
/** Characters of who steers. */
const whoMax = 100

export interface ControlHooks {
  /** @returns how long users have to end, ms */
  stop(graceMs: number | null): number
  /** @throws {UsageError} when the run cannot be steered so */
  steer(who: string, change: SteeringChange): Steering
  /**
   * @param listen where, as `HOST:PORT`; null: wherever it is, or by default
   * @returns the address of the dashboard
   * @throws when it cannot be opened there
   */
  dashboard(listen: string | null): Promise<string>
}

export class ControlServer implements Output {
  readonly #hooks: ControlHooks
  readonly #hasReport: boolean
  readonly #server: Server
  #socket = ''
  readonly #clients = new Set<Socket>()
  readonly #watchers = new Set<Socket>()
  readonly #history: WireSecond[] = []
  readonly #events: RunEvent[] = []
  #past: { readonly usersMax: number; readonly errors: { readonly [name: string]: number } } = {
    usersMax: 0,
    errors: {},
  }
  #window: LiveWindow | null = null

  /** @param hasReport whether a report will be written at the end */
  constructor(hooks: ControlHooks, hasReport: boolean) {
    this.#hooks = hooks
    this.#hasReport = hasReport
    this.#server = createServer((socket) => this.#serve(socket))
    this.#server.unref()
  }

  /**
   * @param folder of the run
   * @returns path of the socket: in that folder, or elsewhere when it cannot be there
   * @throws the system's error
   */
  async listen(folder: string): Promise<string> {
    const path = join(folder, 'control')
    rmSync(path, { force: true })
    // The system knows no longer names of sockets.
    const fits = Buffer.byteLength(path) < 100 && (await this.#listenAt(path).catch(() => false))
    if (!fits) await this.#listenAt(join(mkdtempSync(join(tmpdir(), socketFolder)), 'control'))
    return this.#socket
  }

  async #listenAt(path: string): Promise<boolean> {
    await once(this.#server.listen(path), 'listening')
    this.#socket = path
    return true
  }

  start(head: RunHead): void {
    this.#window = new LiveWindow(head)
    for (const socket of this.#watchers) this.#tellPast(socket)
  }

  second(second: Second): void {
    const window = this.#window!
    window.second(second)
    const { totals, ...gauges } = second
    const counters = Object.fromEntries(totals.counters)
    const kept = window.names.flatMap((name) => {
      const sample = totals.samples.get(name)
      return sample !== undefined && sample.count > 0 ? [[name, sample.encode()] as const] : []
    })
    const told: WireSecond = { ...gauges, counters, samples: Object.fromEntries(kept) }
    this.#history.push(told)
    if (this.#history.length > historySeconds) this.#forget(this.#history.shift()!)
    this.#tell({ type: 'second', second: told })
  }

  event(event: RunEvent): void {
    this.#window?.event(event)
    this.#events.push(event)
    if (this.#events.length > eventsKept) this.#events.shift()
    this.#tell({ type: 'event', event })
  }

  standing(standing: Standing): void {
    if (this.#window !== null) this.#window.standing = standing
    this.#tell({ type: 'standing', standing })
  }

  example(example: ErrorExample): void {
    this.#window?.example(example)
    this.#tell({ type: 'example', example })
  }

  end(): void {
    // `over` says so, when everything is written.
  }

  async close(): Promise<void> {
    // It is reached until the report is there.
  }

  /** Nobody is served any more when it resolves. */
  async over(exitCode: number): Promise<void> {
    // Whoever is told looks into the folder: nothing of this is left there by then.
    removeSocket(this.#socket)
    this.#tell({ type: 'over', exitCode })
    this.#server.close()
    await Promise.all(
      [...this.#clients].map(
        (socket) =>
          new Promise<void>((resolve) => {
            socket.once('close', () => resolve())
            socket.setTimeout(1000, () => socket.destroy())
            socket.end()
          }),
      ),
    )
  }

  #serve(socket: Socket): void {
    this.#clients.add(socket)
    socket.unref()
    const decoder = new LineDecoder(
      (value) => this.#on(socket, value as ControlRequest),
      () => socket.destroy(),
    )
    socket.on('data', (bytes) => decoder.push(bytes))
    socket.on('error', () => undefined)
    socket.on('close', () => {
      this.#clients.delete(socket)
      this.#watchers.delete(socket)
    })
  }

  #on(socket: Socket, request: ControlRequest): void {
    switch (request.type) {
      case 'watch':
        this.#watchers.add(socket)
        if (this.#window !== null) this.#tellPast(socket)
        return
      case 'status':
        send(socket, { type: 'status', status: this.status() })
        return
      case 'stop':
        send(socket, { type: 'stopping', graceMs: this.#hooks.stop(request.graceMs) })
        return
      case 'steer':
        void answer(socket, async () => {
          const who = String(request.who).slice(0, whoMax)
          const steering = this.#hooks.steer(who, parseChange(request.change))
          return { type: 'steered', steering }
        })
        return
      case 'dashboard':
        void answer(socket, async () => {
          return { type: 'dashboard', url: await this.#hooks.dashboard(request.listen) }
        })
        return
      default:
        socket.destroy()
    }
  }

  #tellPast(socket: Socket): void {
    const { head, examples, steering, standing } = this.#window!
    const hasReport = this.#hasReport
    const past = { ...this.#past, examples: [...examples.values()], steering, standing }
    send(socket, { type: 'head', version: controlVersion, head, hasReport, past })
    const events = [...this.#events]
    for (const second of this.#history) {
      while ((events[0]?.atMs ?? Infinity) <= second.atMs) {
        send(socket, { type: 'event', event: events.shift()! })
      }
      send(socket, { type: 'second', second })
    }
    for (const event of events) send(socket, { type: 'event', event })
  }

  #tell(reply: ControlReply): void {
    for (const socket of this.#watchers) send(socket, reply)
  }

  #forget({ usersMax, counters }: WireSecond): void {
    const errors = { ...this.#past.errors }
    for (const [name, count] of Object.entries(counters)) {
      if (name.startsWith('error_')) errors[name] = (errors[name] ?? 0) + count
    }
    this.#past = { usersMax: Math.max(usersMax, this.#past.usersMax), errors }
  }

  status(): RunStatus {
    const window = this.#window
    const last = window?.last ?? null
    const plan = window?.head.plan
    return {
      version: controlVersion,
      state: last === null ? 'starting' : 'running',
      pid: process.pid,
      folder: window?.head.folder ?? '',
      scenario: window?.head.scenario.file ?? '',
      seed: plan?.seed ?? '',
      elapsedMs: last?.atMs ?? 0,
      plannedMs: Math.min(plan?.durationMs ?? 0, plan?.cutAfterMs ?? Infinity),
      endMs: window?.progress.endMs ?? null,
      phase: last?.phase ?? 0,
      phases: plan?.phases.length ?? 0,
      load: {
        plannedUsers: plan?.users ?? 0,
        dueUsers: last?.due ?? 0,
        startedUsers: last?.started ?? 0,
        finishedUsers: last?.finished ?? 0,
        users: last?.users ?? 0,
      },
      connected: last?.connected ?? 0,
      requestsPerSecond: window?.recent().requestRate ?? 0,
      errors: Object.fromEntries(window?.errors ?? []),
      launchers: last?.launchers ?? 0,
      steering: window?.steering ?? unsteered,
      verdict: window?.standing?.verdict ?? null,
      lastEvents: this.#events.slice(-3),
    }
  }
}

/** What cannot be done is told as it is. */
async function answer(socket: Socket, make: () => Promise<ControlReply>): Promise<void> {
  try {
    send(socket, await make())
  } catch (error) {
    send(socket, { type: 'refused', text: (error as Error).message })
  }
}

function send(socket: Socket, reply: ControlReply): void {
  if (socket.writableLength > maxPendingBytes) socket.destroy()
  if (socket.destroyed) return
  for (const line of encodeLine(reply)) socket.write(line)
}
