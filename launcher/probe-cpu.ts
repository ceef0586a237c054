/**
 * What this host's CPU gives: a hypervisor, or CPU credits that are used up, show only while all cores are busy.
 */
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { hostLimits } from '../core/host-limits.ts'
import type { CpuAnswer } from '../core/wire/probe.ts'
import { readText } from './read-text.ts'

/** Before the spin, in ms. */
const idleMs = 500
/** Cores that are kept busy, at most. */
const maxBusy = 128

/** A thread that spins when it is told to. */
const spinner = `
const { parentPort } = require('node:worker_threads')
parentPort.once('message', (ms) => {
  const endMs = performance.now() + ms
  while (performance.now() < endMs);
  parentPort.postMessage('done')
})
parentPort.postMessage('ready')
`

export async function probeCpu(spinMs: number): Promise<CpuAnswer> {
  const before = readCpu()
  await new Promise((resolve) => setTimeout(resolve, idleMs))
  const idle = between(before, readCpu())
  const { cores } = hostLimits({
    parallelism: availableParallelism(),
    memoryBytes: Number.POSITIVE_INFINITY,
    read: readText,
  })
  const busy = Math.min(maxBusy, Math.max(1, Math.floor(cores)))
  const workers = Array.from({ length: busy }, () => new Worker(spinner, { eval: true }))
  try {
    await Promise.all(workers.map(said))
    const start = readCpu()
    const startMs = performance.now()
    const used = process.cpuUsage()
    const done = Promise.all(workers.map(said))
    for (const worker of workers) worker.postMessage(spinMs)
    await done
    const { user, system } = process.cpuUsage(used)
    const askedMs = busy * (performance.now() - startMs)
    return {
      type: 'cpu',
      busy,
      cores,
      stealIdle: idle.steal,
      stealBusy: between(start, readCpu()).steal,
      usedIdle: idle.used,
      granted: Math.min(1, (user + system) / 1000 / askedMs),
    }
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()))
  }
}

function said(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.once('message', () => resolve())
    worker.once('error', reject)
  })
}

/** CPU time of all cores since the system's start, in ticks. */
export interface CpuTime {
  readonly total: number
  readonly idle: number
  readonly steal: number
}

/** Nothing where there is no /proc. Source: proc(5), /proc/stat. */
export function readCpu(): CpuTime {
  const line = (readText('/proc/stat') ?? '').split('\n')[0]!
  const fields = line.trim().split(/\s+/).slice(1, 9).map(Number)
  const total = fields.reduce((sum, each) => sum + each, 0)
  return { total, idle: (fields[3] ?? 0) + (fields[4] ?? 0), steal: fields[7] ?? 0 }
}

/** Shares of the time between two moments, 0..1. */
export function between(
  from: CpuTime,
  to: CpuTime,
): { readonly used: number; readonly steal: number } {
  const total = to.total - from.total
  if (total <= 0) return { used: 0, steal: 0 }
  const steal = (to.steal - from.steal) / total
  // Idle time of a core may be counted late: a share is never beyond its bounds.
  const used = 1 - (to.idle - from.idle) / total - steal
  return { used: Math.min(1, Math.max(0, used)), steal: Math.min(1, Math.max(0, steal)) }
}
