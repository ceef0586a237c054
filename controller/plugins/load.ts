/**
 * Loads a plugin as launchers do: from a copy of its files that has nothing else around it. What works here works on a host
 * that has nothing but Node.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { encodePack, packEntry } from '../../core/plugin-pack.ts'
import type { PluginDeclaration } from '../../plugins/api.ts'
import { declarationFaults } from '../../plugins/declaration-faults.ts'
import { type LoadablePlugin, pluginOf } from '../../plugins/plugin-shape.ts'
import type { PluginFile } from '../fleet/model.ts'
import { type Collected, collectPlugin } from './collect.ts'
import { type PluginPlace, placeText } from './place.ts'

export interface LoadedPlugin {
  readonly declaration: PluginDeclaration
  readonly file: PluginFile
  /** Where it was found, for people. */
  readonly where: string
}

/** Of this process: plugins that were found more than once are loaded once. */
const loaded = new Map<string, Promise<LoadedPlugin>>()

/** @throws {Error} when it cannot be used, saying why in one line */
export function loadPlugin(place: PluginPlace): Promise<LoadedPlugin> {
  const where = placeText(place)
  let plugin = loaded.get(where)
  if (plugin === undefined) {
    plugin = load(place, where)
    loaded.set(where, plugin)
  }
  return plugin
}

async function load(place: PluginPlace, where: string): Promise<LoadedPlugin> {
  const collected = collectPlugin(place)
  const pack = gzipSync(encodePack(collected.files))
  const sha256 = createHash('sha256').update(pack).digest('hex')
  const path = join(ownFolder(), sha256)
  writeFileSync(path, pack, { mode: 0o600 })
  const folder = `${path}.files`
  for (const [file, bytes] of collected.files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true, mode: 0o700 })
    writeFileSync(join(folder, file), bytes, { mode: 0o600 })
  }
  const { declaration } = await pluginIn(folder, collected)
  const [fault] = declarationFaults(declaration)
  if (fault !== undefined) throw new Error(fault)
  const { type, counters } = declaration
  return { declaration, file: { type, path, sha256, counters }, where }
}

async function pluginIn(folder: string, { origins }: Collected): Promise<LoadablePlugin> {
  let module: { readonly [name: string]: unknown }
  try {
    const entry = (await import(pathToFileURL(join(folder, packEntry)).href)) as {
      readonly module: typeof module
    }
    module = entry.module
  } catch (error) {
    const told = inPlace(textOf(error), folder, origins)
    throw new Error(told.replace(/\s+/g, ' '), { cause: error })
  }
  return pluginOf(module)
}

/** With its place, where only the stack has it. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return `it threw ${String(error)}`
  const [, url, line] = /(file:\/\/\/[^\s()]+?):(\d+)/.exec(error.stack ?? '') ?? []
  const place = url === undefined ? '' : ` (${fileURLToPath(url)}:${line})`
  return `${error.message}${place}`
}

/** What is said of the copy is meant of the original. */
function inPlace(text: string, folder: string, origins: Collected['origins']): string {
  let told = text.replaceAll(pathToFileURL(folder).href, folder)
  for (const [packed, original] of origins) {
    told = told.replaceAll(`${folder}/${packed}/`, `${original}/`)
  }
  return told.replaceAll(`${folder}/`, '')
}

let own: string | null = null

/** For the packs of this process; it goes with it. */
function ownFolder(): string {
  if (own === null) {
    const folder = mkdtempSync(join(tmpdir(), 'tsts-plugins-'))
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
    own = folder
  }
  return own
}
