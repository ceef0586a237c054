/**
 * How fast a user reads: a token bucket for what comes in while an answer is awaited.
 *
 * A packet that is larger than what the bucket holds waits until the rate has made up for it; meanwhile the socket is not
 * read, so that the target feels it through TCP. Source: reference tsung-core.md, 5.9.
 */
import type { Connection } from './connection.ts'
import { Timer, type TimerOwner, type TimerWheel } from './timer-wheel.ts'

export interface RateLimited {
  /** The wait for these bytes is over. @param bytes lent until it returns */
  passed(connection: Connection, bytes: Uint8Array): void
}

/** What may wait at once: a socket that is not read hands over little more, datagrams beyond it are lost. */
const maxHeldBytes = 256 * 1024

export class RateLimit implements TimerOwner {
  readonly bytesPerMs: number
  readonly burstBytes: number
  readonly #wheel: TimerWheel
  readonly #owner: RateLimited
  readonly #timer: Timer
  #tokens = 0
  /** When `#tokens` was worked out. */
  #filledMs: number
  #connection: Connection | null = null
  /** What waits; the first has been paid for when the timer fires. */
  #held: Buffer[] = []
  #heldBytes = 0

  /** @param bytesPerMs > 0 */
  constructor(wheel: TimerWheel, owner: RateLimited, bytesPerMs: number, burstBytes: number) {
    this.bytesPerMs = bytesPerMs
    this.burstBytes = burstBytes
    this.#wheel = wheel
    this.#owner = owner
    this.#timer = new Timer(this)
    this.#filledMs = performance.now()
  }

  get isHolding(): boolean {
    return this.#held.length > 0
  }

  /** @returns whether the bytes may be read now; if not, they come by `passed` */
  passes(connection: Connection, bytes: Uint8Array): boolean {
    if (this.isHolding) {
      this.#hold(bytes)
      return false
    }
    const waitMs = this.#waitMs(bytes.length, performance.now())
    if (waitMs === 0) return true
    this.#connection = connection
    this.#hold(bytes)
    connection.pause()
    this.#arm(waitMs)
    return false
  }

  wake(): void {
    const connection = this.#connection!
    this.#filledMs = this.#timer.dueMs
    const bytes = this.#held.shift()!
    this.#heldBytes -= bytes.length
    const next = this.#held[0]
    if (next === undefined) {
      this.#connection = null
      connection.resume()
    } else this.#arm(this.#waitMs(next.length, this.#filledMs))
    this.#owner.passed(connection, bytes)
  }

  /** Nothing waits any longer. @returns what was held, in order */
  release(): readonly Uint8Array[] {
    const held = this.#held
    this.#wheel.disarm(this.#timer)
    this.#held = []
    this.#heldBytes = 0
    this.#connection?.resume()
    this.#connection = null
    return held
  }

  #hold(bytes: Uint8Array): void {
    if (this.#heldBytes + bytes.length > maxHeldBytes) return
    this.#held.push(Buffer.from(bytes))
    this.#heldBytes += bytes.length
  }

  #arm(waitMs: number): void {
    this.#timer.dueMs = this.#filledMs + waitMs
    this.#wheel.arm(this.#timer)
  }

  /** Takes `bytes` tokens. @returns how long to wait for those that are missing */
  #waitMs(bytes: number, nowMs: number): number {
    const grown = this.bytesPerMs * Math.max(0, nowMs - this.#filledMs)
    const tokens = Math.min(this.#tokens + grown, this.burstBytes)
    this.#filledMs = nowMs
    if (bytes < tokens) {
      this.#tokens = tokens - bytes
      return 0
    }
    this.#tokens = 0
    return Math.floor((bytes - tokens) / this.bytesPerMs)
  }
}
