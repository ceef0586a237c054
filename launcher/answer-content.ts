/** The content of an answer that came in several reads, for its matches and extractions. */

/** Bytes of an answer that are kept: matches and extractions do not see what is beyond. */
export const maxContentBytes: number = 32 * 1024 * 1024
const firstBytes = 16 * 1024

export class AnswerContent {
  #bytes: Buffer = Buffer.allocUnsafeSlow(firstBytes)
  #length = 0
  #isCut = false

  /** More came than is kept. */
  get isCut(): boolean {
    return this.#isCut
  }

  append(bytes: Uint8Array): void {
    const room = maxContentBytes - this.#length
    const taken = bytes.length <= room ? bytes : bytes.subarray(0, room)
    if (taken.length < bytes.length) this.#isCut = true
    this.#reserve(this.#length + taken.length)
    this.#bytes.set(taken, this.#length)
    this.#length += taken.length
  }

  /** As a byte string. */
  text(): string {
    return this.#bytes.toString('latin1', 0, this.#length)
  }

  #reserve(length: number): void {
    let size = this.#bytes.length
    if (length <= size) return
    while (size < length) size *= 2
    const larger = Buffer.allocUnsafeSlow(Math.min(size, maxContentBytes))
    this.#bytes.copy(larger, 0, 0, this.#length)
    this.#bytes = larger
  }
}
