/**
 * The files of a plugin as one: what travels to a launcher.
 *
 * A line of JSON, `[[path, length], …]`, then the bytes of all files in that order. Compressed by whoever writes it.
 */

/** The module that a launcher loads; it exports the plugin's own module as `module`. */
export const packEntry = 'main.mjs'

/** Contents by path: relative, with slashes, sorted in the pack. */
export type PackedFiles = ReadonlyMap<string, Uint8Array>

export function encodePack(files: PackedFiles): Uint8Array<ArrayBuffer> {
  const sorted = [...files].sort(([a], [b]) => (a < b ? -1 : 1))
  const index = sorted.map(([path, bytes]) => [path, bytes.length])
  const head = new TextEncoder().encode(`${JSON.stringify(index)}\n`)
  const length = sorted.reduce((sum, [, bytes]) => sum + bytes.length, head.length)
  const pack = new Uint8Array(length)
  pack.set(head)
  let at = head.length
  for (const [, bytes] of sorted) {
    pack.set(bytes, at)
    at += bytes.length
  }
  return pack
}

/** @throws {Error} when it is no pack, or a path leads out of its folder */
export function decodePack(pack: Uint8Array): PackedFiles {
  const end = pack.indexOf(10)
  const head: unknown = JSON.parse(new TextDecoder().decode(pack.subarray(0, Math.max(0, end))))
  if (!Array.isArray(head)) throw new Error('it is no pack of a plugin')
  const files = new Map<string, Uint8Array>()
  let at = end + 1
  for (const [path, length] of head as readonly [string, number][]) {
    if (!isInside(path)) throw new Error(`the path ${path} leads out of the pack`)
    if (at + length > pack.length) throw new Error(`${path} is cut off`)
    files.set(path, pack.subarray(at, at + length))
    at += length
  }
  return files
}

function isInside(path: string): boolean {
  if (path.includes('\\') || path.includes('\0')) return false
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
}
