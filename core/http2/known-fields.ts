/**
 * Headers that servers say in the same bytes again and again, whichever the connection: what they mean need not be
 * found out anew, and is there once for all tables.
 */
import type { TableEntry } from './dynamic-table.ts'

const slots = 256
/** Longer ones differ mostly from answer to answer. */
const maxBytes = 128
const hashedBytes = 6

export class KnownFields {
  /** What stands in each slot, as it was said. */
  readonly #said = new Uint8Array(slots * maxBytes)
  readonly #lengths = new Uint8Array(slots)
  readonly #entries: (TableEntry | null)[] = new Array(slots).fill(null)

  /** @param bytes a header from `from` to `to` */
  get(bytes: Uint8Array, from: number, to: number): TableEntry | null {
    const length = to - from
    if (length > maxBytes) return null
    const slot = slotOf(bytes, from, to)
    if (this.#lengths[slot] !== length) return null
    const said = this.#said
    const start = slot * maxBytes
    for (let at = 0; at < length; at++) if (said[start + at] !== bytes[from + at]) return null
    return this.#entries[slot]!
  }

  /** In place of another one. */
  keep(bytes: Uint8Array, from: number, to: number, entry: TableEntry): void {
    const length = to - from
    if (length > maxBytes) return
    const slot = slotOf(bytes, from, to)
    const start = slot * maxBytes
    for (let at = 0; at < length; at++) this.#said[start + at] = bytes[from + at]!
    this.#lengths[slot] = length
    this.#entries[slot] = entry
  }
}

/** By its first and last bytes: those of another header, or of another second of a date, differ there. */
function slotOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = bytes[from]! + 7 * (to - from)
  for (let at = Math.max(from, to - hashedBytes); at < to; at++) {
    hash = (Math.imul(hash, 31) + bytes[at]!) | 0
  }
  return (hash ^ (hash >>> 8) ^ (hash >>> 16)) & (slots - 1)
}
