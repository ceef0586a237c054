import { readFileSync } from 'node:fs'

/** A small file of the system; null where there is none, or it may not be read. */
export function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null // not on this system, not ours, or no descriptor is left
  }
}
