import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { Context } from 'mocha'

/** Where programs live that a plain user's PATH lacks (nginx, sshd). */
const systemFolders = ['/usr/local/sbin', '/usr/sbin', '/sbin']

/**
 * Finds the program of another project that a test compares with or needs.
 *
 * Absent: prints `skipped: … apt-get install X` and skips the test, or, with TSTS_REQUIRE_PEERS=1, throws.
 *
 * @param context `this` of the test or of its `before` hook (a `function`, not an arrow)
 * @param debianPackage what brings it, e.g. `nginx-light`
 * @returns its absolute path
 */
export function requirePeer(context: Context, program: string, debianPackage: string): string {
  const path = findProgram(program)
  if (path !== null) return path
  return absent(context, `${program} is missing: apt-get install ${debianPackage}`)
}

/**
 * The same for what is no program: a file or folder that a test needs, e.g. the corpus.
 *
 * @param remedy how to get it, e.g. `set TSTS_CORPUS`
 * @returns `path`
 */
export function requirePath(context: Context, path: string, remedy: string): string {
  if (isAccessible(path, constants.R_OK)) return path
  return absent(context, `${path} is missing: ${remedy}`)
}

/** Absolute path of an executable, or null. */
export function findProgram(program: string): string | null {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...systemFolders]
  for (const folder of folders) {
    if (folder === '') continue
    const path = join(folder, program)
    if (isAccessible(path, constants.X_OK)) return path
  }
  return null
}

function absent(context: Context, what: string): never {
  if (process.env['TSTS_REQUIRE_PEERS'] === '1') {
    throw new Error(`${what} (TSTS_REQUIRE_PEERS=1)`)
  }
  console.log(`skipped: ${what}`)
  return context.skip()
}

function isAccessible(path: string, mode: number): boolean {
  try {
    accessSync(path, mode)
    return true
  } catch {
    return false
  }
}
