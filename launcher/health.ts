/** How this process fares: CPU, event-loop delay, garbage collection, memory, steal. */
import { readdirSync, readFileSync } from 'node:fs'
import { type IntervalHistogram, monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks'
import type { Health, PortsTaken } from '../core/stats/model.ts'

/** Resolution of the event-loop delay, in ms: what the monitor's own timer is late by design. */
const resolutionMs = 10

export class HealthMonitor {
  readonly #loop: IntervalHistogram
  /** What is measured first is lost to the monitor: it has nothing yet to count from. */
  #first: NodeJS.Timeout | null = null
  #firstDelayMs = 0
  readonly #descriptorLimit: number
  readonly #baseDescriptors: number
  readonly #settle = (): void => this.#startInterval()
  /** Greatest delay told last, and one that was noticed after it was told; as the monitor counts, in ns. */
  #toldMax = 0
  #lateMax = 0
  #gcMs = 0
  #cpu: NodeJS.CpuUsage
  #steal: { readonly steal: number; readonly total: number }
  #memory: NodeJS.MemoryUsage = process.memoryUsage()

  constructor() {
    this.#loop = monitorEventLoopDelay({ resolution: resolutionMs })
    this.#loop.enable()
    const collections = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) this.#gcMs += entry.duration
    })
    collections.observe({ entryTypes: ['gc'] })
    this.#cpu = process.cpuUsage()
    this.#steal = readSteal() ?? { steal: 0, total: 0 }
    this.#descriptorLimit = readDescriptorLimit()
    this.#baseDescriptors = countDescriptors()
  }

  /** @param connections open connections; a walk through the descriptors would cost more than it tells */
  take(connections: number, ports: PortsTaken | null = null): Health {
    const cpu = process.cpuUsage(this.#cpu)
    this.#cpu = process.cpuUsage()
    const steal = readSteal() ?? this.#steal
    const total = steal.total - this.#steal.total
    const stolen = total > 0 ? (steal.steal - this.#steal.steal) / total : 0
    this.#steal = steal
    const memory = this.#readMemory()
    this.#toldMax = this.#loop.max
    const ownMs = Math.max(this.#firstDelayMs, delayMs(this.#lateMax))
    const p99Ms = delayMs(this.#loop.percentile(99))
    const health: Health = {
      cpuMs: (cpu.user + cpu.system) / 1000,
      loopDelayMaxMs: Math.max(ownMs, delayMs(this.#toldMax)),
      // Of fewer than a hundred values the greatest is the 99th percentile.
      loopDelayP99Ms: this.#loop.count < 100 ? Math.max(ownMs, p99Ms) : p99Ms,
      gcMs: this.#gcMs,
      rssBytes: memory.rss,
      heapBytes: memory.heapUsed,
      steal: stolen,
      descriptors: this.#baseDescriptors + connections,
      descriptorLimit: this.#descriptorLimit,
      ports,
    }
    this.#gcMs = 0
    this.#lateMax = 0
    setImmediate(this.#settle)
    return health
  }

  /**
   * A loop that stood still may come to `take` before the monitor, whose timer is due in the same round, and a reset
   * makes the monitor forget when it ran last: it comes behind both, and what was noticed meanwhile counts next time.
   */
  #startInterval(): void {
    const { max } = this.#loop
    this.#lateMax = max > this.#toldMax ? max : 0
    this.#loop.reset()
    this.#measureFirst()
  }

  #measureFirst(): void {
    const startMs = performance.now()
    this.#firstDelayMs = 0
    if (this.#first !== null) clearTimeout(this.#first)
    this.#first = setTimeout(() => {
      this.#firstDelayMs = Math.max(0, performance.now() - startMs - resolutionMs)
    }, resolutionMs)
    this.#first.unref()
  }

  /** Node opens a file for it: when no descriptor is left, the last value stands. */
  #readMemory(): NodeJS.MemoryUsage {
    try {
      this.#memory = process.memoryUsage()
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code !== 'EMFILE' && code !== 'ENFILE') throw error
    }
    return this.#memory
  }
}

function delayMs(nanoseconds: number): number {
  return Math.max(0, nanoseconds / 1e6 - resolutionMs)
}

/** Null where there is no /proc, or no descriptor left to read it. */
function readSteal(): { readonly steal: number; readonly total: number } | null {
  const line = readProc('/proc/stat')?.split('\n')[0]
  if (line === undefined) return null
  const fields = line.trim().split(/\s+/).slice(1, 9).map(Number)
  return { steal: fields[7] ?? 0, total: fields.reduce((sum, each) => sum + each, 0) }
}

/** Soft limit of open files, which Node has raised to the hard one; 0: unknown. */
export function readDescriptorLimit(): number {
  const match = /^Max open files\s+(\d+)/m.exec(readProc('/proc/self/limits') ?? '')
  return match === null ? 0 : Number(match[1])
}

function countDescriptors(): number {
  try {
    return readdirSync('/proc/self/fd').length
  } catch {
    return 0 // no /proc: the count starts at the connections
  }
}

function readProc(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null // no /proc on this system, or no descriptor left
  }
}
