/** How many ports of one source address are taken at once. */

/** How long a port is kept after its connection was closed from this side. Source: Linux, TCP_TIMEWAIT_LEN. */
const timeWaitMs = 60_000
const stepMs = 5000
/** Those that are over, and the one that goes on. */
const steps = timeWaitMs / stepMs + 1

export class PortUse {
  /** Of connections that are open, or being opened. */
  open = 0
  /** Closed from this side in each step, by its number: a ring. */
  readonly #closed = new Uint32Array(steps)
  #step = 0
  #sum = 0

  /** A connection was closed from this side. */
  close(nowMs: number): void {
    this.#turnTo(nowMs)
    this.#closed[this.#step % steps]!++
    this.#sum++
  }

  /** Ports whose connections were closed from this side in the last 60 to 65 s: no others are in TIME_WAIT. */
  closed(nowMs: number): number {
    this.#turnTo(nowMs)
    return this.#sum
  }

  #turnTo(nowMs: number): void {
    const now = Math.floor(nowMs / stepMs)
    for (let gone = Math.max(this.#step + 1, now - steps + 1); gone <= now; gone++) {
      this.#sum -= this.#closed[gone % steps]!
      this.#closed[gone % steps] = 0
    }
    if (now > this.#step) this.#step = now
  }
}
