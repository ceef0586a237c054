/** A new plugin: the example under another name. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { elementTable } from '../../core/scenario/elements.ts'
import { declarations } from '../../plugins/registry.ts'
import { UsageError } from '../usage-error.ts'
import { packageRoot } from '../version.ts'

const example = 'tsts-plugin-kv'

/**
 * Makes the folder `tsts-plugin-NAME`.
 *
 * @param name small letters, digits and dashes
 * @param where the folder in which it is made
 * @returns its path, and its files
 * @throws {UsageError} when the name cannot be used, or the folder is there
 */
export function scaffoldPlugin(
  name: string,
  where: string,
): { readonly folder: string; readonly files: readonly string[] } {
  const word = wordOf(name)
  const folder = join(where, `tsts-plugin-${name}`)
  const from = fileURLToPath(new URL(`examples/${example}/`, packageRoot))
  const files = readdirSync(from).sort()
  try {
    mkdirSync(folder)
  } catch (error) {
    const text = `new: ${folder} cannot be made: ${(error as Error).message}`
    throw new UsageError(text, { cause: error })
  }
  for (const file of files) {
    const text = readFileSync(join(from, file), 'utf8')
    writeFileSync(join(folder, file), renamed(text, name, word))
  }
  return { folder, files }
}

/** The name as elements, counters and types have it. */
function wordOf(name: string): string {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) {
    throw new UsageError(`new plugin: "${name}" has to be small letters, digits and dashes`)
  }
  const word = name.replaceAll('-', '_')
  const isTaken = declarations.some(({ type }) => type === `ts_${word}`)
  if (isTaken || elementTable(declarations).has(word)) {
    throw new UsageError(`new plugin: tsts has a protocol or an element ${word} already`)
  }
  return word
}

function renamed(text: string, name: string, word: string): string {
  return text
    .replaceAll(example, `tsts-plugin-${name}`)
    .replace(/(?<![A-Za-z])kv(?![A-Za-z])/g, word)
}
