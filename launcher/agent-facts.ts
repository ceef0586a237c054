/** What an agent tells of its host. */
import { availableParallelism, hostname, networkInterfaces, totalmem } from 'node:os'
import { hostLimits } from '../core/host-limits.ts'
import type { AgentFacts } from '../core/wire/messages.ts'
import { readText } from './read-text.ts'

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
