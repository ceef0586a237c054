/** Files that a scenario names, read through the reader that was given. */
import { fromBytes } from '../../byte-string.ts'
import type { Position } from '../model.ts'
import type { Report } from '../report.ts'

/** Reads a file by its path from the scenario's folder; null when it cannot be read. */
export type ReadFile = (path: string, use: 'entity' | 'data' | 'module') => Uint8Array | null

export interface Files {
  /** Null after a reported error when the file cannot be read. */
  readonly bytes: (path: string, position: Position) => Uint8Array | null
  /** The same as a byte string: a character per byte. */
  readonly byteString: (path: string, position: Position) => string | null
  /** Null, and nothing reported, when the file cannot be read. */
  readonly quietly: (path: string) => string | null
}

export function filesOf(readFile: ReadFile, report: Report): Files {
  const bytes = (path: string, position: Position): Uint8Array | null => {
    const found = path === '' ? null : readFile(path, 'data')
    if (found === null) {
      const text = path === '' ? 'no file is named' : `the file ${path} cannot be read`
      const hint = 'paths begin at the folder of the scenario'
      report.error('E_FILE', text, position, hint)
    }
    return found
  }
  return {
    bytes,
    byteString: (path, position) => {
      const found = bytes(path, position)
      return found === null ? null : fromBytes(found)
    },
    quietly: (path) => {
      const found = path === '' ? null : readFile(path, 'data')
      return found === null ? null : fromBytes(found)
    },
  }
}
