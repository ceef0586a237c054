/** Joins of a launcher at a barrier, in the order in which they came. */
interface Joined {
  readonly launcher: number
  count: number
}

/**
 * The rendezvous of users over all launchers (`ack="global"`, `wait_global`).
 *
 * Counts joins; every `size` of them are released together, the longest waiting first, and the count starts again.
 * Source: reference of Tsung's barrier, tsung-core.md 5.3.
 */
export class Barrier {
  readonly #size: number
  #waiting: Joined[] = []
  #count = 0

  /** @param size joins that open it; at least 1 */
  constructor(size: number) {
    this.#size = Math.max(1, size)
  }

  get waiting(): number {
    return this.#count
  }

  /** @returns who is released by this: users by launcher; empty while the barrier is closed */
  join(launcher: number, count: number): ReadonlyMap<number, number> {
    this.#waiting.push({ launcher, count })
    this.#count += count
    return this.#release(Math.floor(this.#count / this.#size) * this.#size)
  }

  /** Its users wait no more. */
  leave(launcher: number): void {
    this.#waiting = this.#waiting.filter((each) => each.launcher !== launcher)
    this.#count = this.#waiting.reduce((sum, { count }) => sum + count, 0)
  }

  /** Everybody who waits goes on. */
  open(): ReadonlyMap<number, number> {
    return this.#release(this.#count)
  }

  #release(count: number): ReadonlyMap<number, number> {
    const released = new Map<number, number>()
    let left = count
    while (left > 0) {
      const first = this.#waiting[0]!
      const taken = Math.min(left, first.count)
      released.set(first.launcher, (released.get(first.launcher) ?? 0) + taken)
      first.count -= taken
      left -= taken
      if (first.count === 0) this.#waiting.shift()
    }
    this.#count -= count
    return released
  }
}
