/**
 * What one side of a connection remembers of the headers that it has said. The newest has the lowest number.
 *
 * Source: RFC 7541, sections 2.3.2, 2.3.3 and 4.
 */
import { firstTableBytes } from './static-table.ts'

export interface TableEntry {
  readonly name: string
  readonly value: string
  /** What it takes in the table. */
  readonly bytes: number
}

/** Entries that have gone leave the list together: one may go with each header. */
const maxGone = 64

export class DynamicTable<Entry extends TableEntry> {
  /** The newest last; the first `#gone` are in it no more. */
  readonly #entries: Entry[] = []
  #gone = 0
  #bytes = 0
  #maxBytes = firstTableBytes

  get maxBytes(): number {
    return this.#maxBytes
  }

  resize(maxBytes: number): void {
    this.#maxBytes = maxBytes
    this.#makeRoom(maxBytes)
  }

  /** One that is larger than the table empties it. */
  add(entry: Entry): void {
    this.#makeRoom(this.#maxBytes - entry.bytes)
    if (entry.bytes > this.#maxBytes) return
    this.#entries.push(entry)
    this.#bytes += entry.bytes
  }

  /** @param number from 1 on; null: there is none */
  get(number: number): Entry | null {
    const at = this.#entries.length - number
    return at < this.#gone ? null : this.#entries[at]!
  }

  /** Its number; 0: it is not in the table. */
  find({ name, value }: TableEntry): number {
    const entries = this.#entries
    for (let at = entries.length - 1; at >= this.#gone; at--) {
      const entry = entries[at]!
      if (entry.value === value && entry.name === name) return entries.length - at
    }
    return 0
  }

  #makeRoom(maxBytes: number): void {
    while (this.#bytes > maxBytes && this.#gone < this.#entries.length) {
      this.#bytes -= this.#entries[this.#gone++]!.bytes
    }
    if (this.#gone < maxGone) return
    this.#entries.splice(0, this.#gone)
    this.#gone = 0
  }
}
