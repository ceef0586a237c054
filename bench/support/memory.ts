/** Memory of processes and of the kernel, from /proc. */
import { readFileSync } from 'node:fs'

export interface Memory {
  /** Resident, in bytes: shared pages count whole in each process. */
  readonly rssBytes: number
  /** Proportional, in bytes: shared pages count divided by those who share them, so that sums are right. */
  readonly pssBytes: number
}

/** @returns null when the process is gone */
export function memoryOf(pid: number): Memory | null {
  try {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
    return { rssBytes: bytesIn(text, 'Rss'), pssBytes: bytesIn(text, 'Pss') }
  } catch {
    return null
  }
}

export interface KernelMemory {
  /** All that is allocated by object, sockets' own structures included. */
  readonly slabBytes: number
  /** Buffers of TCP. */
  readonly tcpBytes: number
  /** TCP sockets that are in use, of both ends. */
  readonly tcpSockets: number
  /** What may still be given to programs. */
  readonly availableBytes: number
}

/** Of the whole machine. */
export function kernelMemory(): KernelMemory {
  const memory = readFileSync('/proc/meminfo', 'utf8')
  const tcp = /^TCP: inuse (\d+) .* mem (\d+)/m.exec(readFileSync('/proc/net/sockstat', 'utf8'))!
  return {
    slabBytes: bytesIn(memory, 'Slab'),
    tcpBytes: Number(tcp[2]) * pageBytes,
    tcpSockets: Number(tcp[1]),
    availableBytes: bytesIn(memory, 'MemAvailable'),
  }
}

const pageBytes = 4096

export function mib(bytes: number): string {
  return (bytes / 1024 / 1024).toFixed(1)
}

function bytesIn(text: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0) * 1024
}
