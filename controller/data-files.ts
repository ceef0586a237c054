/** The data files of a scenario on this machine: where they lie and how many lines they have. */
import { readFile } from 'node:fs/promises'
import { isAbsolute, resolve } from 'node:path'
import { lineStarts } from '../core/data-lines.ts'
import type { FileServer } from '../core/scenario/model.ts'
import type { DataFile } from './fleet/model.ts'
import { UsageError } from './usage-error.ts'

/** Where a data file is looked for, in order: the scenario's folder, and the current one, where Tsung looks. */
export function dataPlaces(path: string, folder: string): readonly string[] {
  return isAbsolute(path) ? [path] : [resolve(folder, path), resolve(path)]
}

/**
 * @param folder of the scenario
 * @throws {UsageError} when a file cannot be read (any more)
 */
export async function findDataFiles(
  fileServers: readonly FileServer[],
  folder: string,
): Promise<readonly DataFile[]> {
  return Promise.all(
    fileServers.map(async ({ id, path, local }) => {
      const { place, bytes } = await firstReadable(path, dataPlaces(path, folder))
      return { id, path: place, lines: lineStarts(bytes).length - 1, isLocal: local }
    }),
  )
}

async function firstReadable(
  path: string,
  places: readonly string[],
): Promise<{ readonly place: string; readonly bytes: Uint8Array }> {
  let cause: unknown
  for (const place of places) {
    try {
      return { place, bytes: await readFile(place) }
    } catch (error) {
      cause ??= error
    }
  }
  throw new UsageError(`the data file ${path} cannot be read: ${(cause as Error).message}`, {
    cause,
  })
}
