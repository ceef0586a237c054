import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root: string = fileURLToPath(new URL('../../', import.meta.url))

export interface Source {
  /** From the root of the repository, with `/`. */
  readonly path: string
  readonly text: string
  readonly imports: readonly Import[]
}

export interface Import {
  /** Path of one of our files, from the root; or a package; or `node:…`. */
  readonly target: string
  readonly kind: 'file' | 'package' | 'node'
}

/** Every TypeScript file below these folders, with what it imports (types included). */
export function sources(...folders: readonly string[]): Source[] {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => source(`${folder}/${name.split(sep).join('/')}`))
      .sort((a, b) => a.path.localeCompare(b.path)),
  )
}

export function source(path: string): Source {
  const text = readFileSync(join(root, path), 'utf8')
  return { path, text, imports: importsOf(path, text) }
}

const importForms = [
  /^(?:import|export)\b[^'";]*?\bfrom\s+'([^']+)'/gm,
  /^import\s+'([^']+)'/gm,
  /\bimport\('([^']+)'\)/g,
]

function importsOf(path: string, text: string): Import[] {
  return importForms.flatMap((form) =>
    [...text.matchAll(form)].map((match) => importOf(path, match[1]!)),
  )
}

function importOf(path: string, specifier: string): Import {
  if (specifier.startsWith('.')) {
    const target = normalize(join(dirname(path), specifier))
      .split(sep)
      .join('/')
    return { target, kind: 'file' }
  }
  if (specifier.startsWith('node:')) return { target: specifier, kind: 'node' }
  // `#name` is the package `name` with types of ours.
  const [scopeOrName = '', name = ''] = specifier.replace(/^#/, '').split('/')
  const target = scopeOrName.startsWith('@') ? `${scopeOrName}/${name}` : scopeOrName
  return { target, kind: 'package' }
}
