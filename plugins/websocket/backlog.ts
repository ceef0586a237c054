/** Messages that came while nobody waited for one, for a `receive` to come. */

/** Of one user. */
const maxMessages = 1000
const maxBytes = 64 * 1024

export class Backlog {
  readonly #messages: Uint8Array[] = []
  #bytes = 0

  /** @param message lent; @returns false: there is no room for it */
  add(message: Uint8Array): boolean {
    const bytes = this.#bytes + message.length
    if (bytes > maxBytes || this.#messages.length >= maxMessages) return false
    this.#bytes = bytes
    this.#messages.push(new Uint8Array(message))
    return true
  }

  /** The oldest that count, at most so many; they are given up. */
  take(count: number, counts: (message: Uint8Array) => boolean): readonly Uint8Array[] {
    const taken: Uint8Array[] = []
    for (let at = 0; at < this.#messages.length && taken.length < count; ) {
      const message = this.#messages[at]!
      if (counts(message)) {
        taken.push(message)
        this.#messages.splice(at, 1)
        this.#bytes -= message.length
      } else at++
    }
    return taken
  }
}
