/** The package as it is published. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { builtMain, execute } from './dist.ts'
import { root } from './sources.ts'

export interface Tarball {
  readonly path: string
  /** Paths in it. */
  readonly files: readonly string[]
}

let made: Promise<Tarball> | null = null

/** Packed once, from a fresh build. @throws when it cannot be */
export function packed(): Promise<Tarball> {
  made ??= pack()
  return made
}

async function pack(): Promise<Tarball> {
  builtMain()
  const folder = mkdtempSync(join(tmpdir(), 'tsts-tarball-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  // dist/ is built: the scripts of the package need not run again.
  const args = ['pack', '--ignore-scripts', '--json', `--pack-destination=${folder}`]
  const [tarball] = JSON.parse(await npm(args, root)) as {
    readonly filename: string
    readonly files: readonly { readonly path: string }[]
  }[]
  const files = tarball!.files.map(({ path }) => path)
  return { path: join(folder, tarball!.filename), files }
}

/** Installs the package into a folder, as a user would. */
export async function installPacked(folder: string, args: readonly string[] = []): Promise<void> {
  const { path } = await packed()
  const flags = ['--omit=dev', '--prefer-offline', '--no-audit', '--no-fund']
  await npm(['install', ...flags, ...args, path], folder)
}

/** A folder that is a package of nobody. */
export function writeManifest(folder: string): void {
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n')
}

/**
 * What npm prints.
 *
 * @throws when it fails
 */
export async function npm(args: readonly string[], cwd: string): Promise<string> {
  const { code, stdout, stderr } = await execute('npm', args, cwd)
  if (code !== 0) throw new Error(`npm ${args.join(' ')} ended with ${code}:\n${stdout}${stderr}`)
  return stdout
}
