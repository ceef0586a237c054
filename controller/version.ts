/** What this program is and what it runs on. */
import { readFileSync } from 'node:fs'
import { availableParallelism, hostname, release, type as systemType } from 'node:os'
import type { Environment } from './model.ts'

/** The version of tsts, from its package. */
export function tstsVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('package.json', packageRoot), 'utf8')) as {
    readonly version: string
  }
  return version
}

export function environment(): Environment {
  return {
    tsts: tstsVersion(),
    node: process.versions.node,
    os: `${systemType()} ${release()}`,
    host: hostname(),
    cores: availableParallelism(),
  }
}

const isCompiled = import.meta.url.endsWith('.js')

/** The package's own folder: the controller lives in `dist/` once it is compiled. */
export const packageRoot: URL = new URL(isCompiled ? '../../' : '../', import.meta.url)

/** `tsts/plugin` in one file. */
export const pluginBundle: URL = new URL('dist/plugin.mjs', packageRoot)

/** The bundled launcher and agent. */
export const launcherBundle: URL = new URL('dist/launcher.mjs', packageRoot)
