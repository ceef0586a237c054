/** Other projects' load generators: where they come from and what version is here. */
import { spawnSync } from 'node:child_process'

export const peerNames = ['wrk', 'h2load', 'hey', 'autocannon', 'locust', 'tsung'] as const
export type PeerName = (typeof peerNames)[number]

interface Source {
  readonly install: string
  readonly versionArguments: readonly string[]
  readonly version: RegExp
}

const sources: { readonly [Name in PeerName | 'nginx']: Source } = {
  wrk: { install: 'apt-get install wrk', versionArguments: ['-v'], version: /wrk (\S+)/ },
  h2load: {
    install: 'apt-get install nghttp2-client',
    versionArguments: ['--version'],
    version: /nghttp2\/(\S+)/,
  },
  // It knows no version of its own.
  hey: {
    install: 'apt-get install hey',
    versionArguments: ['-h'],
    version: /never said/,
  },
  autocannon: {
    install: 'npm install -g autocannon',
    versionArguments: ['--version'],
    version: /autocannon v?(\S+)/,
  },
  locust: {
    install: 'apt-get install python3-locust',
    versionArguments: ['--version'],
    version: /locust (\d\S*)/,
  },
  tsung: { install: 'apt-get install tsung', versionArguments: ['-v'], version: /version (\S+)/ },
  nginx: {
    install: 'apt-get install nginx-light',
    versionArguments: ['-v'],
    version: /nginx\/(\S+)/,
  },
}

export function isInstalled(program: string): boolean {
  return spawnSync('sh', ['-c', 'command -v "$0"', program]).status === 0
}

/** `wrk is absent: apt-get install wrk`, for each that is. */
export function absent(names: readonly PeerName[]): readonly string[] {
  return names
    .filter((name) => !isInstalled(name))
    .map((name) => `${name} is absent: ${sources[name].install}`)
}

/** The version that the program tells, or else Debian's. */
export function versionOf(name: PeerName | 'nginx'): string {
  if (!isInstalled(name)) return 'absent'
  const { install, versionArguments, version } = sources[name]
  const told = spawnSync(name, [...versionArguments], { encoding: 'utf8', timeout: 20_000 })
  const found = version.exec(`${told.stdout}${told.stderr}`)
  if (found !== null) return found[1]!
  const fromDebian = install.split(' ').at(-1)!
  const asked = spawnSync('dpkg-query', ['-W', '-f', `\${Version}`, fromDebian], {
    encoding: 'utf8',
  })
  return asked.status === 0 ? asked.stdout.trim() : 'unknown'
}
