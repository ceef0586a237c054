/**
 * Names and values to header blocks. All text is byte strings.
 *
 * A header that is alike from request to request is kept in the table of the connection, as browsers do; what differs
 * each time (paths, lengths) is not, and secrets are never. Source: RFC 7541, sections 2.3, 4, 5, 6 and 7.1.3.
 */
import { DynamicTable, type TableEntry } from './dynamic-table.ts'
import { huffmanEncode } from './huffman.ts'
import { entryBytes, firstTableBytes, staticTable } from './static-table.ts'

/** A header, made ready for every connection. */
export interface Field extends TableEntry {
  /** Its number in the static table; 0: it has none. */
  readonly index: number
  /** What says it where no table has it. */
  readonly literal: string
  readonly isKept: boolean
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
  readonly #table = new DynamicTable<Field>()
  /** What the next block has to say of the table: its smallest size since the last one; null: nothing. */
  #smallest: number | null = null

  /** The other side has set the size of the table. It need not be used. */
  setTableBytes(bytes: number): void {
    const next = Math.min(bytes, firstTableBytes)
    if (next === this.#table.maxBytes) return
    this.#smallest = Math.min(this.#smallest ?? next, next)
    this.#table.resize(next)
  }

  /** @returns a byte string */
  encode(fields: readonly Field[]): string {
    let block = this.#smallest === null ? '' : this.#resizing()
    for (const each of fields) {
      const number = each.index === 0 && each.isKept ? this.#table.find(each) : 0
      if (each.index > 0) block += integer(indexed, each.index)
      else if (number > 0) block += integer(indexed, staticTable.length + number)
      else {
        block += each.literal
        if (each.isKept) this.#table.add(each)
      }
    }
    return block
  }

  #resizing(): string {
    const smallest = this.#smallest!
    this.#smallest = null
    const { maxBytes } = this.#table
    const last = integer(resized, maxBytes)
    return smallest < maxBytes ? integer(resized, smallest) + last : last
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
