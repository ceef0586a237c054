/** What this machine has, as an agent on it would tell. */
import { readFileSync } from 'node:fs'
import { availableParallelism, networkInterfaces, totalmem } from 'node:os'
import { type HostLimits, hostLimits } from '../core/host-limits.ts'
import type { KnownLimits } from './host-needs.ts'

export function ownHost(): KnownLimits & HostLimits {
  const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? [])
  const readings = { parallelism: availableParallelism(), memoryBytes: totalmem(), read: readText }
  return { ...hostLimits(readings), addresses: addresses.map(({ address }) => address) }
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null // not on this system
  }
}
