/** What an agent tells of its host. */
import { readFileSync } from 'node:fs'
import { availableParallelism, hostname, networkInterfaces, totalmem } from 'node:os'
import { hostLimits } from '../core/host-limits.ts'
import type { AgentFacts } from '../core/wire/messages.ts'

export function agentFacts(): AgentFacts {
  return {
    ...hostLimits({ parallelism: availableParallelism(), memoryBytes: totalmem(), read: readText }),
    host: hostname(),
    pid: process.pid,
    node: process.versions.node,
    addresses: Object.values(networkInterfaces())
      .flatMap((each) => each ?? [])
      .map((each) => each.address),
  }
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null // not on this system
  }
}
