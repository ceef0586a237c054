/** What was measured on, and with what. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus, loadavg, release, totalmem, type } from 'node:os'
import { fileURLToPath } from 'node:url'
import { peerNames, versionOf } from './peers.ts'

export interface Machine {
  readonly date: string
  readonly processor: string
  readonly cores: number
  readonly memoryGiB: number
  readonly kernel: string
  /** Processes that wanted a core in the last minute: near 0 before a bench, or others disturb it. */
  readonly loadAverage: number
  /** tsts, Node, nginx and the peers: name and version. */
  readonly versions: readonly (readonly [name: string, version: string])[]
}

const root = fileURLToPath(new URL('../..', import.meta.url))

export function machine(): Machine {
  return {
    date: new Date().toISOString().slice(0, 10),
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 1024 ** 3),
    kernel: `${type()} ${release()}`,
    loadAverage: loadavg()[0]!,
    versions: [
      ['tsts', tstsVersion()],
      ['Node', process.versions.node],
      ['nginx', versionOf('nginx')],
      ...peerNames.map((name) => [name, versionOf(name)] as const),
    ],
  }
}

function tstsVersion(): string {
  const text = readFileSync(`${root}/package.json`, 'utf8')
  const { version } = JSON.parse(text) as { readonly version: string }
  try {
    const commit = execFileSync('git', ['describe', '--always', '--dirty'], {
      cwd: root,
      encoding: 'utf8',
    })
    return `${version} (${commit.trim()})`
  } catch {
    return version // no checkout
  }
}
