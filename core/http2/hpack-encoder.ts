/**
 * Names and values to header blocks. All text is byte strings.
 *
 * A header that is alike from request to request is kept in the table of the connection, as browsers do; what differs
 * each time (paths, lengths) is not, and secrets are never. Source: RFC 7541, sections 2.3, 4, 5, 6 and 7.1.3.
 */
import { huffmanEncode } from './huffman.ts'
import { entryBytes, firstTableBytes, staticTable } from './static-table.ts'

/** A header, made ready for every connection. */
export interface Field {
  readonly name: string
  readonly value: string
  /** Its number in the static table; 0: it has none. */
  readonly index: number
  /** What says it where no table has it. */
  readonly literal: string
  readonly isKept: boolean
  /** In a table. */
  readonly bytes: number
}

const fixedFields: ReadonlyMap<string, number> = new Map(
  staticTable.map(([name, value], at) => [`${name}\0${value}`, at + 1]),
)
/** The lowest number that has the name. */
const fixedNames: ReadonlyMap<string, number> = new Map(
  staticTable.map(([name], at) => [name, at + 1] as const).reverse(),
)

/** They are another with most requests. */
const changing: ReadonlySet<string> = new Set([
  ':path',
  'age',
  'content-length',
  'date',
  'etag',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-unmodified-since',
  'range',
])
/** A shorter cookie could be guessed from how well it compresses. */
const secretCookieBytes = 20

const indexed = { flag: 0x80, mask: 127 } as const
const kept = { flag: 0x40, mask: 63 } as const
const notKept = { flag: 0, mask: 15 } as const
const secret = { flag: 0x10, mask: 15 } as const
const resized = { flag: 0x20, mask: 31 } as const
const coded = { flag: 0x80, mask: 127 } as const
const plain = { flag: 0, mask: 127 } as const

/** @param name lower case */
export function field(name: string, value: string): Field {
  const form = isSecret(name, value) ? secret : changing.has(name) ? notKept : kept
  const nameIndex = fixedNames.get(name) ?? 0
  const said = integer(form, nameIndex) + (nameIndex === 0 ? string(name) : '') + string(value)
  return {
    ...{ name, value, index: fixedFields.get(`${name}\0${value}`) ?? 0, literal: said },
    ...{ isKept: form === kept, bytes: name.length + value.length + entryBytes },
  }
}

export class HpackEncoder {
  /** The newest last. */
  readonly #entries: Field[] = []
  #tableBytes = 0
  #maxTableBytes = firstTableBytes
  /** What the next block has to say of the table: its smallest size since the last one; null: nothing. */
  #smallest: number | null = null

  /** The other side has set the size of the table. It need not be used. */
  setTableBytes(bytes: number): void {
    const next = Math.min(bytes, firstTableBytes)
    if (next === this.#maxTableBytes) return
    this.#smallest = Math.min(this.#smallest ?? next, next)
    this.#maxTableBytes = next
    this.#makeRoom(next)
  }

  /** @returns a byte string */
  encode(fields: readonly Field[]): string {
    let block = this.#smallest === null ? '' : this.#resizing()
    for (const each of fields) {
      const index = each.index > 0 ? each.index : each.isKept ? this.#find(each) : 0
      if (index > 0) block += integer(indexed, index)
      else {
        block += each.literal
        if (each.isKept) this.#keep(each)
      }
    }
    return block
  }

  #find({ name, value }: Field): number {
    const entries = this.#entries
    for (let at = entries.length - 1; at >= 0; at--) {
      const entry = entries[at]!
      if (entry.value === value && entry.name === name) {
        return staticTable.length + entries.length - at
      }
    }
    return 0
  }

  #keep(entry: Field): void {
    this.#makeRoom(this.#maxTableBytes - entry.bytes)
    if (entry.bytes > this.#maxTableBytes) return
    this.#entries.push(entry)
    this.#tableBytes += entry.bytes
  }

  #makeRoom(maxBytes: number): void {
    let gone = 0
    while (this.#tableBytes > maxBytes && gone < this.#entries.length) {
      this.#tableBytes -= this.#entries[gone++]!.bytes
    }
    if (gone > 0) this.#entries.splice(0, gone)
  }

  #resizing(): string {
    const smallest = this.#smallest!
    this.#smallest = null
    const last = integer(resized, this.#maxTableBytes)
    return smallest < this.#maxTableBytes ? integer(resized, smallest) + last : last
  }
}

function isSecret(name: string, value: string): boolean {
  if (name === 'cookie') return value.length < secretCookieBytes
  return name === 'authorization' || name === 'proxy-authorization'
}

/** @param form what the first byte has beside the number */
function integer(
  { flag, mask }: { readonly flag: number; readonly mask: number },
  value: number,
): string {
  if (value < mask) return String.fromCharCode(flag | value)
  let text = String.fromCharCode(flag | mask)
  let left = value - mask
  for (; left >= 128; left = Math.floor(left / 128)) text += String.fromCharCode((left % 128) | 128)
  return text + String.fromCharCode(left)
}

function string(text: string): string {
  const short = huffmanEncode(text)
  return short === null ? integer(plain, text.length) + text : integer(coded, short.length) + short
}
