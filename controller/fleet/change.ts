/** Lets several wait until something they watch has changed. */
export class Change {
  #promise: Promise<void> = Promise.resolve()
  #resolve: () => void = () => undefined

  constructor() {
    this.#renew()
  }

  /** Whoever waits looks again. */
  notify(): void {
    const resolve = this.#resolve
    this.#renew()
    resolve()
  }

  /**
   * Waits until `holds`.
   *
   * @param deadlineMs from now; Infinity: none
   * @returns whether it holds; false when the deadline passed first
   */
  async until(holds: () => boolean, deadlineMs: number): Promise<boolean> {
    let late = false
    const onDeadline = (): void => {
      late = true
      this.notify()
    }
    const timer = deadlineMs === Infinity ? null : setTimeout(onDeadline, deadlineMs)
    while (!holds() && !late) await this.#promise
    if (timer !== null) clearTimeout(timer)
    return holds()
  }

  #renew(): void {
    this.#promise = new Promise((resolve) => {
      this.#resolve = resolve
    })
  }
}
