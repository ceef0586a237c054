/** What a host allows one process, read from Linux's files: cores, memory, descriptors, ports. */

/** What is asked of the system. */
export interface HostReadings {
  /** `os.availableParallelism()`: affinity is in it, control groups are not. */
  readonly parallelism: number
  /** `os.totalmem()`. */
  readonly memoryBytes: number
  /** The text of a file, or null where there is none. */
  readonly read: (path: string) => string | null
}

export interface HostLimits {
  /** Limits of control groups included; fractions possible, > 0. */
  readonly cores: number
  /** Limits of control groups included. */
  readonly memoryBytes: number
  /** Open files of one process; 0: unknown. */
  readonly descriptorLimit: number
  /** `net.ipv4.ip_local_port_range`, both ends included. */
  readonly portRange: readonly [number, number]
  /** `net.ipv4.tcp_tw_reuse`: 1: ports in TIME_WAIT are used again after a second, 2: on loopback alone. */
  readonly tcpTwReuse: number
}

/** Linux's own defaults. */
const defaultPortRange = [32_768, 60_999] as const

export function hostLimits({ parallelism, memoryBytes, read }: HostReadings): HostLimits {
  const groups = controlGroups(read('/proc/self/cgroup') ?? '')
  const quotas = groups.flatMap(({ folder, version }) => quotaOf(folder, version, read))
  const memories = groups.flatMap(({ folder, version }) => memoryOf(folder, version, read))
  const ports = /^(\d+)\s+(\d+)/.exec(read('/proc/sys/net/ipv4/ip_local_port_range') ?? '')
  const files = /^Max open files\s+(\d+)/m.exec(read('/proc/self/limits') ?? '')
  return {
    cores: Math.min(parallelism, ...quotas),
    memoryBytes: Math.min(memoryBytes, ...memories),
    descriptorLimit: Number(files?.[1] ?? 0),
    portRange: ports === null ? defaultPortRange : [Number(ports[1]), Number(ports[2])],
    tcpTwReuse: Number(read('/proc/sys/net/ipv4/tcp_tw_reuse')?.trim() ?? 0),
  }
}

interface ControlGroup {
  readonly version: 1 | 2
  readonly folder: string
}

/**
 * The groups of this process and all those above them: each may set a limit. In a container the path may be the
 * host's, of which only the root is there.
 *
 * Source: cgroups(7), "/proc/pid/cgroup".
 */
function controlGroups(text: string): readonly ControlGroup[] {
  const groups: ControlGroup[] = []
  for (const line of text.split('\n')) {
    const match = /^(\d+):([^:]*):(\/.*)$/.exec(line)
    if (match === null) continue
    const [, , names = '', path = '/'] = match
    const parts = path.split('/').filter((part) => part !== '')
    for (let depth = 0; depth <= parts.length; depth++) {
      const below = parts.slice(0, depth).map((part) => `/${part}`)
      for (const [version, root] of rootsOf(names)) {
        groups.push({ version, folder: [root, ...below].join('') })
      }
    }
  }
  return groups
}

/** Where the groups of these controllers are mounted; version 1 has a place for each controller or set of them. */
function rootsOf(names: string): readonly (readonly [1 | 2, string])[] {
  if (names === '') {
    return [
      [2, '/sys/fs/cgroup'],
      [2, '/sys/fs/cgroup/unified'],
    ]
  }
  const each = names.split(',').filter((name) => name === 'cpu' || name === 'memory')
  if (each.length === 0) return []
  return [...new Set([names, ...each])].map((name) => [1, `/sys/fs/cgroup/${name}`] as const)
}

/** Cores, as a quota of CPU time in a period; none where there is no limit (`max`, −1). */
function quotaOf(folder: string, version: 1 | 2, read: HostReadings['read']): readonly number[] {
  const [quota, period] =
    version === 2
      ? (read(`${folder}/cpu.max`)?.trim().split(/\s+/) ?? [])
      : [read(`${folder}/cpu.cfs_quota_us`)?.trim(), read(`${folder}/cpu.cfs_period_us`)?.trim()]
  const cores = Number(quota) / Number(period)
  return cores > 0 && Number.isFinite(cores) ? [cores] : []
}

function memoryOf(folder: string, version: 1 | 2, read: HostReadings['read']): readonly number[] {
  const file = version === 2 ? 'memory.max' : 'memory.limit_in_bytes'
  const bytes = Number(read(`${folder}/${file}`)?.trim())
  return bytes > 0 && Number.isFinite(bytes) ? [bytes] : []
}
