/** How this host fares while its launchers play. What is read costs the same, however many connections there are. */
import { freemem } from 'node:os'
import type { HostHealth } from '../core/stats/model.ts'
import { between, type CpuTime, readCpu } from './probe-cpu.ts'
import { readText } from './read-text.ts'

interface Traffic {
  readonly atMs: number
  readonly received: number
  readonly sent: number
}

export class HostMonitor {
  #cpu: CpuTime = readCpu()
  #traffic: Traffic = readTraffic()

  /** Since the last call, or since it was made. */
  take(): HostHealth {
    const cpu = readCpu()
    const traffic = readTraffic()
    const { used, steal } = between(this.#cpu, cpu)
    const seconds = Math.max(0.001, (traffic.atMs - this.#traffic.atMs) / 1000)
    const health: HostHealth = {
      cpu: rounded(used),
      steal: rounded(steal),
      memoryAvailableBytes: memoryAvailable(),
      receivedBytesPerSecond: Math.round((traffic.received - this.#traffic.received) / seconds),
      sentBytesPerSecond: Math.round((traffic.sent - this.#traffic.sent) / seconds),
      ...readSockets(),
      descriptors: Number(/^\d+/.exec(readText('/proc/sys/fs/file-nr') ?? '')?.[0] ?? 0),
    }
    this.#cpu = cpu
    this.#traffic = traffic
    return health
  }
}

/** Source: proc(5), /proc/net/dev: bytes are the first field of both halves. */
function readTraffic(): Traffic {
  let received = 0
  let sent = 0
  for (const line of (readText('/proc/net/dev') ?? '').split('\n')) {
    const [name, counters] = line.split(':')
    if (counters === undefined || name!.trim() === 'lo') continue
    const fields = counters.trim().split(/\s+/).map(Number)
    received += fields[0] ?? 0
    sent += fields[8] ?? 0
  }
  return { atMs: performance.now(), received, sent }
}

/** Source: proc(5), /proc/net/sockstat; TIME_WAIT is not among those in use. */
function readSockets(): { readonly sockets: number; readonly timeWait: number } {
  const text = `${readText('/proc/net/sockstat') ?? ''}\n${readText('/proc/net/sockstat6') ?? ''}`
  const v4 = /^TCP: inuse (\d+) orphan \d+ tw (\d+)/m.exec(text)
  const v6 = /^TCP6: inuse (\d+)/m.exec(text)
  return { sockets: Number(v4?.[1] ?? 0) + Number(v6?.[1] ?? 0), timeWait: Number(v4?.[2] ?? 0) }
}

function memoryAvailable(): number {
  const match = /^MemAvailable:\s+(\d+) kB/m.exec(readText('/proc/meminfo') ?? '')
  return match === null ? freemem() : Number(match[1]) * 1024
}

/** To a thousandth: more digits say nothing and are sent. */
function rounded(share: number): number {
  return Math.round(share * 1000) / 1000
}
