/** Plugins that are not ours: each comes as a pack of files, is unpacked beside it and loaded. */
import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { decodePack, packEntry } from '../core/plugin-pack.ts'
import type { SentPlugin } from '../core/wire/messages.ts'
import type { AnyPlugin } from '../plugins/api.ts'
import { pluginOf } from '../plugins/plugin-shape.ts'
import { players } from './players.ts'

/**
 * Our protocols and those of the plugins, by session type.
 *
 * @throws {Error} when a plugin cannot be loaded, with its type
 */
export async function withSentPlugins(
  plugins: readonly SentPlugin[],
): Promise<{ readonly [type: string]: AnyPlugin }> {
  const all: { [type: string]: AnyPlugin } = { ...players }
  for (const sent of plugins) all[sent.type] = await load(sent)
  return all
}

async function load({ type, path, sha256 }: SentPlugin): Promise<AnyPlugin> {
  try {
    const folder = await unpacked(path, sha256)
    const entry = (await import(pathToFileURL(join(folder, packEntry)).href)) as {
      readonly module: { readonly [name: string]: unknown }
    }
    return pluginOf(entry.module)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new Error(`the plugin of ${type} cannot be loaded: ${why}`, { cause: error })
  }
}

/** The folder with its files; launchers of one host share it. */
async function unpacked(path: string, sha256: string): Promise<string> {
  const folder = `${path}.files`
  if (await isThere(folder)) return folder
  const bytes = await readFile(path)
  const got = createHash('sha256').update(bytes).digest('hex')
  if (got !== sha256) throw new Error('it arrived broken')
  const fresh = `${folder}.${process.pid}`
  for (const [file, content] of decodePack(gunzipSync(bytes))) {
    await mkdir(dirname(join(fresh, file)), { recursive: true, mode: 0o700 })
    await writeFile(join(fresh, file), content, { mode: 0o600 })
  }
  try {
    await rename(fresh, folder)
  } catch (error) {
    // Another launcher was faster.
    if (!(await isThere(folder))) throw error
    await rm(fresh, { recursive: true })
  }
  return folder
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
