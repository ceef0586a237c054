/** What launchers need from each other while they run: the barrier of their users, and user ids beyond the plan. */
import type { Journal } from '../journal.ts'
import { Barrier } from './barrier.ts'

/** When `global_ack_timeout` is not set, in ms. Source: reference tsung-core.md, 5.3. */
export const defaultGlobalAckTimeoutMs = 3_600_000

/** Longest timer Node can set. */
const maxTimerMs = 2 ** 31 - 1

export class Rendezvous {
  readonly #barrier: Barrier
  readonly #timeoutMs: number
  readonly #release: (launcher: number, count: number) => void
  readonly #journal: Journal
  #timer: NodeJS.Timeout | null = null
  #nextUserId: number

  /**
   * @param size joins that open the barrier
   * @param timeoutMs the barrier opens for those who wait when nobody joined for so long; null: the default
   * @param users of the plan: ids above it are leased
   * @param journal what the clock does is noted there
   * @param release lets `count` users of `launcher` go on
   */
  constructor(
    size: number,
    timeoutMs: number | null,
    users: number,
    journal: Journal,
    release: (launcher: number, count: number) => void,
  ) {
    this.#barrier = new Barrier(size)
    this.#timeoutMs = Math.min(timeoutMs ?? defaultGlobalAckTimeoutMs, maxTimerMs)
    this.#nextUserId = users + 1
    this.#journal = journal
    this.#release = release
  }

  join(launcher: number, count: number): void {
    this.#tell(this.#barrier.join(launcher, count))
    this.close()
    if (!this.#journal.replaying) this.arm()
  }

  /** Whoever waits goes on when nobody joins for long. */
  arm(): void {
    if (this.#barrier.waiting === 0) return
    const cause = { type: 'did', deed: { name: 'barrier-timeout' } } as const
    this.#timer = setTimeout(() => this.#journal.cause(cause, () => this.open()), this.#timeoutMs)
  }

  /** Everybody who waits goes on. */
  open(): void {
    this.#tell(this.#barrier.open())
  }

  /** A launcher is gone: whoever waited on it does not count any more. */
  gone(launcher: number): void {
    this.#barrier.leave(launcher)
    if (this.#barrier.waiting === 0) this.close()
  }

  /** @returns the first of `count` ids that nobody else has */
  leaseUserIds(count: number): number {
    const from = this.#nextUserId
    this.#nextUserId += count
    return from
  }

  /** Nobody is released by the clock any more. */
  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }

  #tell(released: ReadonlyMap<number, number>): void {
    for (const [launcher, count] of released) this.#release(launcher, count)
  }
}
