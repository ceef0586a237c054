/** A scenario from the disk, with everything that was found in it. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { ReadFile } from '../core/scenario/parse/files.ts'
import { type ReadResult, readScenario } from '../core/scenario/read.ts'
import { withTypeFaults } from '../core/scenario/unknown-types.ts'
import { metricNames } from '../core/stats/names.ts'
import type { PluginDeclaration } from '../plugins/api.ts'
import { dataPlaces } from './data-files.ts'
import type { PluginFile } from './fleet/model.ts'
import { Plugins } from './plugins/plugins.ts'
import { UsageError } from './usage-error.ts'

export interface LoadedScenario extends ReadResult {
  /** Of `expandedXml` in UTF-8, hexadecimal: of the file that is kept with the run. */
  readonly sha256: string
  /** Where its files are looked for, absolute. */
  readonly folder: string
  /** Of the protocols that are not ours. */
  readonly plugins: readonly PluginFile[]
  /** Of all protocols that it was read with. */
  readonly declarations: readonly PluginDeclaration[]
}

export interface LoadOptions {
  /** Requests with one of these tags are left out. */
  readonly excludeTags?: readonly string[]
  /** The scenario itself, when it came from standard input; its files are looked for in the current folder. */
  readonly stdin?: Uint8Array
  /** Paths of plugins, besides those that its sessions lead to. */
  readonly plugins?: readonly string[]
}

/** Tsung's name for a scenario from standard input. */
const stdinName = 'tsung_stdin.xml'

/**
 * @param path of the scenario, as it is shown; not used when `stdin` is given
 * @throws {UsageError} when the file cannot be read, or a plugin that was named cannot be used
 */
export async function loadScenario(
  path: string,
  options: LoadOptions = {},
): Promise<LoadedScenario> {
  const file = options.stdin === undefined ? path : stdinName
  const bytes = options.stdin ?? (await bytesOf(path))
  const folder = dirname(resolve(file))
  const plugins = await Plugins.given(options.plugins ?? [])
  const read = (): ReadResult =>
    readScenario({
      file,
      bytes,
      readFile: readerIn(folder),
      plugins: plugins.declarations,
      metrics: metricNames.map(({ name }) => name),
      excludeTags: options.excludeTags ?? [],
    })
  let result = read()
  if (result.unknownTypes.length > 0) {
    const types = result.unknownTypes.map(({ type }) => type)
    const faults = await plugins.find(types, folder)
    if (types.some((type) => !faults.has(type))) result = read()
    result = { ...result, diagnostics: withTypeFaults(result, faults) }
  }
  const sha256 = createHash('sha256').update(result.expandedXml, 'utf8').digest('hex')
  const files = plugins.loaded.map((each) => each.file)
  return { ...result, sha256, folder, plugins: files, declarations: plugins.declarations }
}

async function bytesOf(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path)
  } catch (cause) {
    throw new UsageError(`the scenario ${path} cannot be read: ${whyOf(cause)}`, { cause })
  }
}

function readerIn(folder: string): ReadFile {
  return (path, use) => {
    // No file has such a name; the system would say so with an exception of another kind.
    if (path.includes('\0')) return null
    const places = use === 'data' ? dataPlaces(path, folder) : [resolve(folder, path)]
    for (const place of places) {
      const bytes = bytesIfThere(place)
      if (bytes !== null) return bytes
    }
    return null
  }
}

function bytesIfThere(path: string): Uint8Array | null {
  try {
    return readFileSync(path)
  } catch (error) {
    // The caller tells it, at the place in the scenario that names the file.
    if (codeOf(error) !== '') return null
    throw error
  }
}

function whyOf(error: unknown): string {
  switch (codeOf(error)) {
    case 'ENOENT':
      return 'there is no such file'
    case 'EISDIR':
      return 'it is a folder'
    case 'EACCES':
      return 'you may not read it'
    default:
      return error instanceof Error ? error.message : String(error)
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
