/** The parts of one message: a message that lies in one piece is not copied. */

const nothing = new Uint8Array(0)

export class Pieces {
  /** The only part so far, lent; null: there is none, or what came was copied. */
  #lent: Uint8Array | null = null
  #own: Uint8Array = nothing
  #length = 0

  add(bytes: Uint8Array, from: number, to: number): void {
    if (this.#length === 0) {
      this.#lent = bytes.subarray(from, to)
      this.#length = to - from
      return
    }
    this.keep()
    this.#append(bytes.subarray(from, to))
  }

  /** What is lent is about to be overwritten. */
  keep(): void {
    const lent = this.#lent
    if (lent === null) return
    this.#lent = null
    this.#length = 0
    this.#append(lent)
  }

  /** The whole message, for whoever takes it: lent when it lay in one piece. */
  take(): Uint8Array {
    const whole = this.#lent ?? this.#own.subarray(0, this.#length)
    this.#lent = null
    this.#own = nothing
    this.#length = 0
    return whole
  }

  #append(bytes: Uint8Array): void {
    const needed = this.#length + bytes.length
    if (needed > this.#own.length) {
      const larger = new Uint8Array(Math.max(needed, this.#own.length * 2))
      larger.set(this.#own.subarray(0, this.#length))
      this.#own = larger
    }
    this.#own.set(bytes, this.#length)
    this.#length = needed
  }
}
