/** A host in this process whose monotonic clock is off and drifts, behind a link that takes its time. */
import type { AgentHandlers, AgentLink, Transport } from '../../controller/transports/transport.ts'
import type { ClockReading } from '../../core/deliveries/model.ts'
import { firstCursor } from '../../core/plan/cursor.ts'
import { type LauncherMessage, protocolVersion, type ToAgent } from '../../core/wire/messages.ts'
import { intervalOf } from './intervals.ts'

export interface Skew {
  /** Its clock shows so many ms more than ours at first. */
  readonly aheadMs: number
  /** And so many ms more each second. */
  readonly driftMs: number
  /** One way: out to the host, and back. */
  readonly outMs: number
  readonly backMs: number
}

/** Tells it what its launcher does. */
export interface Script {
  /** What launchers say some ms after their start; times are of the run. */
  readonly says?: readonly {
    readonly afterMs: number
    readonly action: 'send' | 'receive'
    readonly id: string
  }[]
  /** Messages come to its users from other hosts: it says so 50 ms after its start. */
  readonly needsClocks?: boolean
  /** Until its launchers are done, ms after their start. */
  readonly playsMs: number
}

const facts = {
  host: 'skewed',
  pid: 1,
  node: '20',
  cores: 1,
  addresses: [],
  descriptorLimit: 1024,
  portRange: [32768, 60999] as const,
  memoryBytes: 1,
  tcpTwReuse: 0,
}

export class SkewedHost implements Transport {
  readonly host: string
  readonly isLocal = true
  /** When users of it interacted, on our clock. */
  readonly saidMs: number[] = []
  /** How clocks stand as its launchers were told, and what this host's showed then. */
  readonly clocksTold: { readonly nowMs: number; readonly clocks: readonly ClockReading[] }[] = []
  /** When its run began, on our clock. */
  begunMs = 0
  readonly #skew: Skew
  readonly #script: Script
  readonly #madeMs: number = performance.now()
  readonly #counts = new Map<number, number>()
  #handlers: AgentHandlers | null = null

  constructor(host: string, skew: Skew, script: Script) {
    this.host = host
    this.#skew = skew
    this.#script = script
  }

  /** What its clock shows. */
  nowMs(): number {
    const ours = performance.now()
    const { aheadMs, driftMs } = this.#skew
    return ours + aheadMs + ((ours - this.#madeMs) * driftMs) / 1000
  }

  connect(handlers: AgentHandlers): AgentLink {
    this.#handlers = handlers
    const type = 'hello'
    this.#say({ type, version: protocolVersion, facts, folder: '/', launchers: [] })
    const send = (message: ToAgent): void =>
      void setTimeout(() => this.#on(message), this.#skew.outMs)
    return { send, backlog: 0, reopen: () => undefined, close: async () => undefined }
  }

  #say(message: Parameters<AgentHandlers['message']>[0]): void {
    setTimeout(() => this.#handlers?.message(message), this.#skew.backMs)
  }

  #post(launcher: number, message: LauncherMessage): void {
    const n = (this.#counts.get(launcher) ?? 0) + 1
    this.#counts.set(launcher, n)
    const numbered: LauncherMessage = { ...message, ...{ n } }
    this.#say({ launcher, message: numbered })
  }

  #on(command: ToAgent): void {
    if (!('launcher' in command)) {
      if (command.type !== 'launch') return
      for (const each of command.launchers) {
        this.#post(each, { type: 'hello', version: protocolVersion, pid: 1 })
      }
      return
    }
    const { launcher, message } = command
    if (message.type === 'setup') this.#post(launcher, { type: 'ready' })
    else if (message.type === 'ping') {
      this.#say({ launcher, message: { type: 'pong', t1: message.t1, t2: this.nowMs() } })
    } else if (message.type === 'clocks') {
      this.clocksTold.push({ nowMs: this.nowMs(), clocks: message.clocks })
    } else if (message.type === 'start') this.#play(launcher, message.delayMs)
  }

  #play(launcher: number, delayMs: number): void {
    const originMs = this.nowMs() + delayMs
    this.begunMs = performance.now() + delayMs
    this.#post(launcher, { type: 'started', originMs })
    for (const { afterMs, action, id } of this.#script.says ?? []) {
      setTimeout(() => {
        const atMs = this.nowMs() - originMs
        this.saidMs.push(performance.now())
        this.#post(launcher, { type: 'interaction', action, id, atMs })
      }, delayMs + afterMs)
    }
    if (this.#script.needsClocks === true) {
      setTimeout(() => this.#tellDeliveries(launcher, originMs), delayMs + 50)
    }
    setTimeout(() => {
      const atMs = this.nowMs() - originMs
      const cursor = { ...firstCursor, atMs, originMs }
      this.#post(launcher, { type: 'interval', interval: { ...intervalOf(2, 0, atMs), cursor } })
      this.#post(launcher, { type: 'done' })
    }, delayMs + this.#script.playsMs)
  }

  #tellDeliveries(launcher: number, originMs: number): void {
    const atMs = this.nowMs() - originMs
    const cursor = { ...firstCursor, atMs, originMs }
    const deliveries = { clockErrorMs: 0, fanOuts: [] }
    const interval = { ...intervalOf(1, 0, atMs), cursor, deliveries }
    this.#post(launcher, { type: 'interval', interval })
  }
}
