/**
 * Source addresses and ports of users (`<ip>`, `<iprange>`, `scan`, option `ports_range`).
 *
 * Binding an address and leaving the port to the kernel makes it search for a free one, at ten times the cost of a
 * connection, so ports are dealt out here, per address, in turn.
 */
import { readFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import type { Rng } from '../core/random.ts'
import type { SourceAddress } from '../core/scenario/model.ts'

export interface Source {
  readonly address: string
  /** 0: the system's choice. */
  readonly port: number
}

export interface PortRange {
  readonly min: number
  readonly max: number
}

export class SourceAddresses {
  /** Fixed addresses, in the order in which they are dealt out. */
  readonly #fixed: readonly string[]
  readonly #range: readonly (readonly [number, number])[] | null
  readonly #ports: PortRange
  readonly #launcher: number
  readonly #anyAddress: boolean
  readonly #nextPort = new Map<string, number>()

  /**
   * @param launcher its number: launchers of one host start at different ports
   * @throws when an interface to scan has no IPv4 address
   */
  constructor(
    addresses: readonly SourceAddress[],
    portsRange: PortRange | null,
    launcher: number,
    scan: (name: string) => readonly string[] = interfaceAddresses,
    systemPorts: () => PortRange = systemPortRange,
  ) {
    // Tsung hands out the last declared address first.
    this.#fixed = addresses.flatMap((each) => fixedAddresses(each, scan)).reverse()
    this.#range = addresses.find((each) => each.type === 'range')?.parts ?? null
    this.#anyAddress = this.#fixed.length === 0 && this.#range === null && portsRange === null
    this.#ports = portsRange ?? (this.#anyAddress ? { min: 0, max: 0 } : systemPorts())
    this.#launcher = launcher
  }

  /** The address of a user, kept for its life; null: the system's choice. */
  addressOf(userId: number, random: Rng): string | null {
    if (this.#range !== null) {
      return this.#range
        .map(([low, high]) => low + Math.floor(random() * (high - low + 1)))
        .join('.')
    }
    if (this.#fixed.length > 0) return this.#fixed[(userId - 1) % this.#fixed.length]!
    return this.#anyAddress ? null : '0.0.0.0'
  }

  /** The next port of an address to try; ports in use are found out by trying. */
  next(address: string): Source {
    const port = this.#nextPort.get(address) ?? this.#firstPort(this.#nextPort.size)
    this.#nextPort.set(address, port >= this.#ports.max ? this.#ports.min : port + 1)
    return { address, port }
  }

  /** Launchers of one host, and the addresses of a launcher, begin at ports of their own. */
  #firstPort(address: number): number {
    const { min, max } = this.#ports
    return min + ((this.#launcher * 4099 + address * 509) % (max - min + 1))
  }
}

function fixedAddresses(
  each: SourceAddress,
  scan: (name: string) => readonly string[],
): readonly string[] {
  if (each.type === 'ip') return [each.value]
  if (each.type === 'range') return []
  const found = scan(each.interface)
  if (found.length === 0) throw new Error(`interface ${each.interface} has no IPv4 address`)
  return found
}

function interfaceAddresses(name: string): readonly string[] {
  return (networkInterfaces()[name] ?? [])
    .filter((each) => each.family === 'IPv4')
    .map((each) => each.address)
}

function systemPortRange(): PortRange {
  try {
    const text = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8')
    const [min, max] = text.trim().split(/\s+/).map(Number)
    if (min !== undefined && max !== undefined && max > min) return { min, max }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  return { min: 32768, max: 60999 }
}
