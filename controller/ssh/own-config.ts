/** The text of the user's own ssh_config, with the files that it includes. Source: ssh_config(5), Include. */
import { readdirSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, dirname, isAbsolute, join } from 'node:path'
import { UsageError } from '../usage-error.ts'

/** As deep as OpenSSH includes. */
const maxDepth = 16

/**
 * @param before a file that is read first, so that what it says of a host counts; null: none
 * @throws {UsageError} when that file cannot be read
 */
export function ownConfig(before: string | null): string {
  const folder = join(homedir(), '.ssh')
  const own = included(join(folder, 'config'), folder, 0)
  if (before === null) return own
  try {
    readFileSync(before)
  } catch (error) {
    const text = `--ssh-config ${before} cannot be read: ${(error as Error).message}`
    throw new UsageError(text, { cause: error })
  }
  // What an Include at the end of a block leaves open ends before the next file.
  return `${included(before, dirname(before), 0)}\nMatch all\n${own}`
}

/** Text of a file; empty when it cannot be read. */
function included(path: string, folder: string, depth: number): string {
  if (depth > maxDepth) return ''
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    return '' // not everybody has one
  }
  return text.replace(/^[ \t]*include[ \t=]+(.+)$/gim, (_, names: string) =>
    (names.match(/"[^"]*"|\S+/g) ?? [])
      .flatMap((name) => matching(name.replace(/^"|"$/g, ''), folder))
      .map((each) => included(each, folder, depth + 1))
      .join('\n'),
  )
}

/** Files that a name means: relative to `~/.ssh`, with `*` and `?` in its last part. */
function matching(name: string, folder: string): readonly string[] {
  const home = name.replace(/^~(?=\/)/, homedir())
  const path = isAbsolute(home) ? home : join(folder, home)
  if (!/[*?]/.test(basename(path))) return [path]
  const source = basename(path)
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  const pattern = new RegExp(`^${source}$`)
  try {
    return readdirSync(dirname(path))
      .filter((each) => pattern.test(each))
      .sort()
      .map((each) => join(dirname(path), each))
  } catch {
    return [] // no such folder: nothing is included
  }
}
