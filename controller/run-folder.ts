/** The folder of a run: `tsts-log/YYYYMMDD-HHMM`, `-SS` and `-SS-2` only when the name is taken. */
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { UsageError } from './usage-error.ts'

/** Where runs go when neither `-l` nor `TSTS_LOG_DIR` says so. */
export const defaultLogDir = 'tsts-log'

/** Runs that may start within one second before we give up on finding a name. */
const maxSuffix = 1000

/**
 * Makes the folder of a run that starts now and writes the scenario into it.
 *
 * @param logDir its parent, made when it is not there
 * @param scenario its name and its text, entities expanded
 * @returns the folder, absolute
 * @throws {UsageError} when the folder cannot be made or written
 */
export async function makeRunFolder(
  logDir: string,
  scenario: { readonly file: string; readonly text: string },
  now: Date,
): Promise<string> {
  const parent = resolve(logDir)
  let folder: string | null = null
  try {
    await mkdir(parent, { recursive: true })
    folder = await makeUnique(parent, now)
    await writeFile(join(folder, basename(scenario.file)), scenario.text)
    return folder
  } catch (error) {
    if (folder !== null) await rm(folder, { recursive: true, force: true })
    throw new UsageError(`cannot write the log folder ${parent}: ${(error as Error).message}`, {
      cause: error,
    })
  }
}

/** The names to try, in order; local time, as Tsung does. */
export function* runFolderNames(now: Date): Generator<string> {
  const two = (value: number): string => String(value).padStart(2, '0')
  const date = `${now.getFullYear()}${two(now.getMonth() + 1)}${two(now.getDate())}`
  const minute = `${date}-${two(now.getHours())}${two(now.getMinutes())}`
  const second = `${minute}-${two(now.getSeconds())}`
  yield minute
  yield second
  for (let suffix = 2; suffix <= maxSuffix; suffix++) yield `${second}-${suffix}`
}

async function makeUnique(parent: string, now: Date): Promise<string> {
  for (const name of runFolderNames(now)) {
    try {
      await mkdir(join(parent, name))
      return join(parent, name)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
  throw new Error(`${maxSuffix} runs were started in this second`)
}
