/** Where plugins lie: a package beside the scenario or above it, or what `--plugin` names. */
import { readFileSync, realpathSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { UsageError } from '../usage-error.ts'

/** What is loaded. */
export type PluginPlace =
  | { readonly type: 'package'; readonly folder: string; readonly manifest: Manifest }
  /** A module by itself, with what it imports by relative paths. */
  | { readonly type: 'file'; readonly path: string }

/** What a `package.json` says, as far as it is of use here. */
export interface Manifest {
  readonly name: string
  readonly moduleType: string | null
  /** Packages that it needs, or may need. */
  readonly dependencies: readonly string[]
}

/** The package that has the sessions of a type: `ts_my_protocol` is `tsts-plugin-my-protocol`. */
export function packageName(type: string): string {
  return `tsts-plugin-${type.slice('ts_'.length).replaceAll('_', '-')}`
}

/**
 * The package of a type, as Node would find it from a folder; a folder that is that package itself counts too.
 *
 * @param folder of the scenario, absolute
 */
export function findPlugin(type: string, folder: string): PluginPlace | null {
  const name = packageName(type)
  for (const above of foldersFrom(folder)) {
    const own = manifestIn(above)
    if (own?.name === name) return { type: 'package', folder: above, manifest: own }
    const installed = packageIn(join(above, 'node_modules', name))
    if (installed !== null) return installed
  }
  return null
}

/** @throws {UsageError} when there is no file or package of that path */
export function placeOf(path: string): PluginPlace {
  const absolute = resolve(path)
  const stat = statSync(absolute, { throwIfNoEntry: false })
  if (stat === undefined) throw new UsageError(`--plugin ${path}: there is no such file or folder`)
  if (!stat.isDirectory()) return { type: 'file', path: realpathSync(absolute) }
  const found = packageIn(absolute)
  if (found !== null) return found
  throw new UsageError(`--plugin ${path}: the folder is no package, it has no package.json`)
}

/** How people would name it. */
export function placeText(place: PluginPlace): string {
  return place.type === 'file' ? place.path : place.folder
}

/** The package of a folder; null: it is none. */
function packageIn(folder: string): (PluginPlace & { readonly type: 'package' }) | null {
  const manifest = manifestIn(folder)
  return manifest === null ? null : { type: 'package', folder: realpathSync(folder), manifest }
}

/** A package that one in `folder` imports; null: it is not installed. */
export function findPackage(
  name: string,
  folder: string,
): (PluginPlace & { readonly type: 'package' }) | null {
  for (const above of foldersFrom(folder)) {
    const found = packageIn(join(above, 'node_modules', name))
    if (found !== null) return found
  }
  return null
}

/** The `type` of the package that a file belongs to. */
export function moduleTypeOf(path: string): string | null {
  for (const above of foldersFrom(dirname(path))) {
    const manifest = manifestIn(above)
    if (manifest !== null) return manifest.moduleType
  }
  return null
}

/** The folder and all above it. */
function foldersFrom(folder: string): readonly string[] {
  const above = dirname(folder)
  return above === folder ? [folder] : [folder, ...foldersFrom(above)]
}

/** @throws {UsageError} when there is one that cannot be read */
function manifestIn(folder: string): Manifest | null {
  const path = join(folder, 'package.json')
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    return null
  }
  try {
    const found = JSON.parse(text) as { readonly [name: string]: unknown }
    const { name, type } = found
    return {
      name: typeof name === 'string' && isName(name) ? name : 'tsts-plugin',
      moduleType: typeof type === 'string' ? type : null,
      dependencies: ['dependencies', 'optionalDependencies', 'peerDependencies'].flatMap((group) =>
        Object.keys((found[group] ?? {}) as object).filter(isName),
      ),
    }
  } catch (error) {
    throw new UsageError(`${path} cannot be read: ${(error as Error).message}`, { cause: error })
  }
}

/** It leads to no other folder. */
function isName(name: string): boolean {
  return /^(@[\w.-]+\/)?[\w-][\w.-]*$/.test(name)
}
