/** Which of the messages that a launcher stamps have their receivers compared, so that what that costs is bounded. */

/** Turns three whole numbers into one of 32 bits that looks drawn. Source: MurmurHash3 (Appleby), its last mix. */
function mixed(user: number, stream: number, sequence: number): number {
  let hash = Math.imul(user, 0x9e3779b1) ^ Math.imul(sequence, 0x85ebca6b) ^ (stream << 26)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/**
 * At most so many a second; chosen by a hash, so that at a steady rate they lie all over the second and over all
 * users, by the rate of the second before.
 */
export class ComparedShare {
  readonly #perSecond: number
  #second = -1
  #taken = 0
  #seen = 0
  /** Of hashes: what is below is taken. */
  #below = 2 ** 32

  constructor(perSecond: number) {
    this.#perSecond = perSecond
  }

  takes(user: number, stream: number, sequence: number, nowMs: number): boolean {
    const second = Math.floor(nowMs / 1000)
    if (second !== this.#second) this.#begin(second)
    this.#seen++
    if (this.#taken >= this.#perSecond) return false
    if (mixed(user, stream, sequence) >= this.#below) return false
    this.#taken++
    return true
  }

  #begin(second: number): void {
    const rate = second === this.#second + 1 ? this.#seen : 0
    this.#below = rate <= this.#perSecond ? 2 ** 32 : (this.#perSecond / rate) * 2 ** 32
    this.#second = second
    this.#seen = 0
    this.#taken = 0
  }
}
