/**
 * Header blocks to names and values. All text is byte strings.
 *
 * Source: RFC 7541, sections 2.3, 4, 5 and 6.
 */
import { DynamicTable, type TableEntry } from './dynamic-table.ts'
import { ErrorCode, Http2Error } from './frames.ts'
import { huffmanDecode } from './huffman.ts'
import { KnownFields } from './known-fields.ts'
import { entryBytes, firstTableBytes, staticTable } from './static-table.ts'

/** Of one block, names and values together with what each entry takes. */
const maxListBytes = 256 * 1024
/** Larger numbers stand for nothing that is taken. */
const maxInteger = 2 ** 28

/** Where Huffman codes are spelt out: one block is read at a time. */
let scratch = new Uint8Array(4096)

const known = new KnownFields()
const fixed: readonly TableEntry[] = staticTable.map(([name, value]) => entryOf(name, value))

export class HpackDecoder {
  readonly #table = new DynamicTable<TableEntry>()
  // Of the block that is read.
  #bytes: Uint8Array = scratch
  #at = 0
  #end = 0

  /**
   * @param bytes lent; a whole block from `from` to `to`
   * @returns names and values in turn
   * @throws {Http2Error} the block is none, or too long
   */
  decode(bytes: Uint8Array, from: number, to: number): string[] {
    const headers: string[] = []
    let listBytes = 0
    let isFirst = true
    this.#bytes = bytes
    this.#at = from
    this.#end = to
    while (this.#at < this.#end) {
      const first = bytes[this.#at]!
      if ((first & 0xe0) === 0x20) {
        if (!isFirst) throw bad('a table that changes within a block')
        this.#resize(this.#integer(31))
        continue
      }
      isFirst = false
      const { name, value, bytes: size } = this.#field(first)
      headers.push(name, value)
      listBytes += size
      if (listBytes > maxListBytes) {
        throw new Http2Error(ErrorCode.enhanceYourCalm, 'the headers of an answer have no end')
      }
    }
    // Lent.
    this.#bytes = scratch
    return headers
  }

  #field(first: number): TableEntry {
    if (first >= 0x80) return this.#entry(this.#integer(127))
    const isKept = first >= 0x40
    const from = this.#at
    const nameIndex = this.#integer(isKept ? 63 : 15)
    const nameAt = this.#at
    if (nameIndex === 0) this.#skipString()
    this.#skipString()
    // Numbers of the table stand for another name each time.
    const isFixed = nameIndex <= fixed.length
    let entry = isFixed ? known.get(this.#bytes, from, this.#at) : null
    if (entry === null) {
      this.#at = nameAt
      const name = nameIndex === 0 ? this.#string() : this.#entry(nameIndex).name
      entry = entryOf(name, this.#string())
      if (isFixed) known.keep(this.#bytes, from, this.#at, entry)
    }
    if (isKept) this.#table.add(entry)
    return entry
  }

  #entry(index: number): TableEntry {
    if (index > 0 && index <= fixed.length) return fixed[index - 1]!
    const entry = index === 0 ? null : this.#table.get(index - fixed.length)
    if (entry === null) throw bad(`a header number ${index}`)
    return entry
  }

  #resize(bytes: number): void {
    if (bytes > firstTableBytes) throw bad(`a table of ${bytes} bytes`)
    this.#table.resize(bytes)
  }

  /** @param mask of the bits that it has in its first byte */
  #integer(mask: number): number {
    let value = this.#byte() & mask
    if (value < mask) return value
    for (let factor = 1; ; factor *= 128) {
      const byte = this.#byte()
      value += (byte & 127) * factor
      if (value > maxInteger) throw bad('a number that is too large')
      if (byte < 128) return value
    }
  }

  #byte(): number {
    if (this.#at >= this.#end) throw bad('a block that ends too early')
    return this.#bytes[this.#at++]!
  }

  /** @returns where its text begins; it ends where it stands now */
  #skipString(): number {
    const length = this.#integer(127)
    const from = this.#at
    if (length > this.#end - from) throw bad('a block that ends too early')
    this.#at += length
    return from
  }

  #string(): string {
    const isCoded = this.#at < this.#end && this.#bytes[this.#at]! >= 0x80
    const from = this.#skipString()
    const length = this.#at - from
    if (!isCoded) return text(this.#bytes, from, this.#at)
    if (scratch.length < 2 * length) scratch = new Uint8Array(4 * length)
    return text(scratch, 0, huffmanDecode(this.#bytes, from, this.#at, scratch))
  }
}

function entryOf(name: string, value: string): TableEntry {
  return { name, value, bytes: name.length + value.length + entryBytes }
}

function bad(what: string): Http2Error {
  return new Http2Error(ErrorCode.compressionError, `compressed headers have ${what}`)
}

/** In slices: a call takes a limited number of arguments. */
function text(bytes: Uint8Array, from: number, to: number): string {
  const slice = 8192
  let result = ''
  for (let at = from; at < to; at += slice) {
    const part = bytes.subarray(at, Math.min(to, at + slice))
    result += String.fromCharCode.apply(null, part as unknown as number[])
  }
  return result
}
