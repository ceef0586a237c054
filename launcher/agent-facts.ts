/** What an agent tells of its host. */
import { readFileSync } from 'node:fs'
import { availableParallelism, hostname, networkInterfaces, totalmem } from 'node:os'
import type { AgentFacts } from '../core/wire/messages.ts'
import { readDescriptorLimit } from './health.ts'

export function agentFacts(): AgentFacts {
  return {
    host: hostname(),
    pid: process.pid,
    node: process.versions.node,
    cores: usableCores(),
    addresses: Object.values(networkInterfaces())
      .flatMap((each) => each ?? [])
      .map((each) => each.address),
    descriptorLimit: readDescriptorLimit(),
    portRange: portRange(),
    memoryBytes: totalmem(),
  }
}

/** Cores of this process: affinity and cgroup limits included, which `availableParallelism` leaves out. */
function usableCores(): number {
  const cores = availableParallelism()
  const quotas = cgroupFiles().flatMap((path) => {
    const match = /^(\d+) (\d+)/.exec(readText(path) ?? '')
    return match === null ? [] : [Number(match[1]) / Number(match[2])]
  })
  return Math.min(cores, ...quotas)
}

/** `cpu.max` of this process's control group and of all those above it (cgroup v2). */
function cgroupFiles(): readonly string[] {
  const own = /^0::(\/.*)$/m.exec(readText('/proc/self/cgroup') ?? '')?.[1] ?? '/'
  const parts = own.split('/').filter((part) => part !== '')
  return Array.from(
    { length: parts.length + 1 },
    (_, depth) => `/sys/fs/cgroup/${[...parts.slice(0, depth), 'cpu.max'].join('/')}`,
  )
}

function portRange(): readonly [number, number] {
  const range = /^(\d+)\s+(\d+)/.exec(readText('/proc/sys/net/ipv4/ip_local_port_range') ?? '')
  return range === null ? [32768, 60999] : [Number(range[1]), Number(range[2])]
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null // not on this system
  }
}
