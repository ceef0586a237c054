/**
 * The files that a plugin needs, laid out so that Node finds them on a host that has nothing else: the plugin, the
 * packages it depends on as npm would install them, and `tsts/plugin` in one file.
 */
import { type Dirent, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { packEntry } from '../../core/plugin-pack.ts'
import { importsOf } from '../../core/scenario/parse/module-text.ts'
import { pluginBundle } from '../version.ts'
import { findPackage, moduleTypeOf, type PluginPlace } from './place.ts'

type Package = PluginPlace & { readonly type: 'package' }

/** More than this is no protocol: something else lies in the folder. */
const maxPackBytes: number = 64 * 1024 * 1024
const maxPackFiles = 10_000

export interface Collected {
  readonly files: ReadonlyMap<string, Uint8Array>
  /** Where folders of the pack came from, longest paths first. */
  readonly origins: readonly (readonly [packed: string, folder: string])[]
}

/** @throws {Error} when a file cannot be read, or there are too many */
export function collectPlugin(place: PluginPlace): Collected {
  const collector = new Collector()
  collector.add('node_modules/tsts/package.json', Buffer.from(tstsManifest))
  collector.add('node_modules/tsts/plugin.mjs', readFileSync(pluginBundle))
  const entry = place.type === 'file' ? collector.addModule(place.path) : collector.addRoot(place)
  const text = `export * as module from ${JSON.stringify(entry)}\n`
  collector.add(packEntry, Buffer.from(text))
  return collector.collected
}

const tstsManifest = JSON.stringify({
  name: 'tsts',
  type: 'module',
  exports: { './plugin': './plugin.mjs' },
})

class Collector {
  readonly #files = new Map<string, Uint8Array>()
  readonly #origins: (readonly [packed: string, folder: string])[] = []
  /** Real folder of each package in the pack, by its place there. */
  readonly #packages = new Map<string, string>()
  #bytes = 0

  get collected(): Collected {
    const origins = [...this.#origins].sort(([a], [b]) => b.length - a.length)
    return { files: this.#files, origins }
  }

  add(path: string, bytes: Uint8Array): void {
    this.#files.set(path, bytes)
    this.#bytes += bytes.length
    if (this.#files.size > maxPackFiles || this.#bytes > maxPackBytes) {
      const bounds = `${maxPackFiles} files, ${maxPackBytes / 1024 / 1024} MB`
      throw new Error(`it is too large to be sent (at most ${bounds}), ${this.#largest()}`)
    }
  }

  /** @returns how the pack's entry imports it */
  addRoot(root: Package): string {
    const { name } = root.manifest
    this.#addPackage(root, `node_modules/${name}`)
    this.#addDependencies([[root, `node_modules/${name}`]])
    return name
  }

  /** @returns how the pack's entry imports it */
  addModule(path: string): string {
    const modules = modulesFrom(path)
    const folder = commonFolder([...modules.keys()])
    const packed = (file: string): string => `plugin/${slashed(relative(folder, file))}`
    const bare = new Set<string>()
    for (const [file, { bytes, packages }] of modules) {
      this.add(packed(file), bytes)
      for (const name of packages) bare.add(name)
    }
    const type = moduleTypeOf(path)
    const manifest = type === null ? {} : { type }
    this.add('plugin/package.json', Buffer.from(JSON.stringify(manifest)))
    this.#origins.push(['plugin', folder])
    this.#addNamed([...bare], dirname(path), '')
    return `./${packed(path)}`
  }

  /** Breadth first: what a package sees is settled before its own dependencies are looked at. */
  #addDependencies(packages: readonly (readonly [Package, string])[]): void {
    for (const [{ folder, manifest }, place] of packages) {
      this.#addNamed(manifest.dependencies, folder, place)
    }
  }

  /** @param from the folder that imports them @param place the same in the pack; empty: its top */
  #addNamed(names: readonly string[], from: string, place: string): void {
    const added: [Package, string][] = []
    for (const name of names) {
      // Ours is the one that plays.
      if (name === 'tsts') continue
      const found = findPackage(name, from)
      // Node says it better when it is loaded, and it may be optional.
      if (found === null) continue
      const seen = this.#seenFrom(place, name)
      if (seen !== null && this.#packages.get(seen) === found.folder) continue
      const to = `${seen === null || place === '' ? '' : `${place}/`}node_modules/${name}`
      this.#addPackage(found, to)
      added.push([found, to])
    }
    this.#addDependencies(added)
  }

  /** The package of that name that Node finds from a place in the pack. */
  #seenFrom(place: string, name: string): string | null {
    for (let at = place; ; at = at.slice(0, Math.max(0, at.lastIndexOf('node_modules/') - 1))) {
      const there = `${at === '' ? '' : `${at}/`}node_modules/${name}`
      if (this.#packages.has(there)) return there
      if (at === '') return null
    }
  }

  #addPackage({ folder }: Package, to: string): void {
    this.#packages.set(to, folder)
    this.#origins.push([to, folder])
    this.#addFolder(folder, to)
  }

  #addFolder(folder: string, to: string): void {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (isLeftOut(entry)) continue
      const path = join(folder, entry.name)
      if (entry.isDirectory()) this.#addFolder(path, `${to}/${entry.name}`)
      else if (statSync(path, { throwIfNoEntry: false })?.isFile() === true) {
        this.add(`${to}/${entry.name}`, readFileSync(path))
      }
    }
  }

  #largest(): string {
    const sizes = new Map<string, number>()
    for (const [path, bytes] of this.#files) {
      const of = this.#origins.find(([packed]) => path.startsWith(`${packed}/`))?.[1] ?? path
      sizes.set(of, (sizes.get(of) ?? 0) + bytes.length)
    }
    const [folder] = [...sizes].sort(([, a], [, b]) => b - a)[0]!
    return `most of it is ${folder}`
  }
}

/** What no module needs. */
function isLeftOut({ name }: Dirent): boolean {
  return name === 'node_modules' || name === 'tsts-log' || name.startsWith('.')
}

interface Module {
  readonly bytes: Uint8Array
  /** Names of packages that it imports. */
  readonly packages: readonly string[]
}

/** A module, and those that it imports by relative paths. @throws the system's error when one cannot be read */
function modulesFrom(path: string): ReadonlyMap<string, Module> {
  const found = new Map<string, Module>()
  const look = (file: string): void => {
    if (found.has(file)) return
    const bytes = readFileSync(file)
    const specifiers = importsOf(bytes.toString('utf8')).filter((each) => !/^\w+:/.test(each))
    const packages = specifiers.filter((each) => !each.startsWith('.')).map(nameIn)
    found.set(file, { bytes, packages })
    for (const each of specifiers) {
      const other = each.startsWith('.') ? fileOf(join(dirname(file), each)) : null
      if (other !== null) look(other)
    }
  }
  look(path)
  return found
}

/** `require` leaves out what a file's name ends with. Null: there is none, which Node says better. */
function fileOf(path: string): string | null {
  const names = ['', '.js', '.cjs', '.json', '/index.js'].map((end) => path + end)
  return names.find((name) => statSync(name, { throwIfNoEntry: false })?.isFile()) ?? null
}

/** The package of an import: `a/b` is of `a`, `@a/b/c` of `@a/b`. */
function nameIn(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

function commonFolder(paths: readonly string[]): string {
  const [first = [], ...others] = paths.map((path) => dirname(path).split(sep))
  let length = first.length
  for (const other of others) {
    while (first.slice(0, length).join(sep) !== other.slice(0, length).join(sep)) length--
  }
  return first.slice(0, length).join(sep) || sep
}

function slashed(path: string): string {
  return path.split(sep).join('/')
}
