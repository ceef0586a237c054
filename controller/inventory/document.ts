/** YAML and JSON as values that know their lines. */
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import { InventoryError, type Place } from './model.ts'

/** A value of a document: plain data, and where it stands. */
export interface DocumentValue {
  readonly at: Place
  /** Plain data, all of it. */
  readonly value: unknown
  /** Entries of a mapping; null: it is none. */
  readonly entries: readonly DocumentEntry[] | null
  /** Items of a list; null: it is none. */
  readonly items: readonly DocumentValue[] | null
}

export interface DocumentEntry {
  readonly key: string
  readonly keyAt: Place
  readonly value: DocumentValue
}

/** Aliases of a document may make it larger than its text, up to so often. */
const maxAliases = 1000

/**
 * @param file as it is shown
 * @throws {InventoryError} when the text is neither YAML nor JSON
 */
export function readDocument(text: string, file: string): DocumentValue {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, customTags: [vault, unsafe] })
  const place = (offset: number): Place => ({ file, line: lines.linePos(offset).line })
  const [error] = document.errors
  if (error !== undefined) {
    throw new InventoryError(
      place(error.pos[0]),
      error.message.split('\n')[0]!.replace(/ at line .*$/, ''),
    )
  }
  let aliases = 0
  const wrap = (node: unknown, parent: Place): DocumentValue => {
    const at = hasRange(node) ? place(node.range[0]) : parent
    if (isAlias(node)) {
      if (++aliases > maxAliases)
        throw new InventoryError(at, `there are more than ${maxAliases} aliases`)
      return wrap(node.resolve(document), at)
    }
    if (isMap(node)) {
      const merged: DocumentEntry[] = []
      const own: DocumentEntry[] = []
      for (const { key, value } of node.items) {
        const keyAt = hasRange(key) ? place(key.range[0]) : at
        const wrapped = wrap(value, keyAt)
        const name = isScalar(key) ? String(key.value) : String(key)
        // `<<: *others` takes over what is not said here.
        if (name === '<<' && wrapped.entries !== null) merged.push(...wrapped.entries)
        else own.push({ key: name, keyAt, value: wrapped })
      }
      const entries = [...merged, ...own]
      const value = Object.fromEntries(entries.map((each) => [each.key, each.value.value]))
      return { at, value, entries, items: null }
    }
    if (isSeq(node)) {
      const items = node.items.map((item) => wrap(item, at))
      return { at, value: items.map(({ value }) => value), entries: null, items }
    }
    return { at, value: isScalar(node) ? node.value : null, entries: null, items: null }
  }
  return wrap(document.contents, { file, line: 1 })
}

/** The value of a key; null: there is none. */
export function entryOf({ entries }: DocumentValue, key: string): DocumentValue | null {
  return entries?.findLast((each) => each.key === key)?.value ?? null
}

/** Secrets that only Ansible can read: text that is not looked at. */
const vault = { tag: '!vault', resolve: (text: string) => text }
const unsafe = { tag: '!unsafe', resolve: (text: string) => text }

function hasRange(
  node: unknown,
): node is Node & { readonly range: readonly [number, number, number] } {
  return typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)
}
