/**
 * Source addresses and ports of users (`<ip>`, `<iprange>`, `scan`, option `ports_range`).
 *
 * Binding an address and leaving the port to the kernel makes it search for a free one, at ten times the cost of a
 * connection, so ports are dealt out here, per address. Who else holds a port (another launcher on the address, a
 * predecessor, TIME_WAIT) is found out by trying. Each process walks the ports in an order of its own, so that those
 * which others hold lie scattered on its way, and never behind one another.
 */
import { readFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import type { Rng } from '../core/random.ts'
import type { SourceAddress } from '../core/scenario/model.ts'
import type { PortsTaken } from '../core/stats/model.ts'
import { PortUse } from './port-use.ts'

export interface Source {
  /** Empty: the system's choice. */
  readonly address: string
  /** 0: the system's choice. */
  readonly port: number
}

export interface PortRange {
  readonly min: number
  readonly max: number
}

/** What is known of one address. */
interface AddressPorts {
  /** Its next port, counted from the lowest. */
  next: number
  /** Those dealt out and not given back. */
  readonly held: Set<number>
  readonly use: PortUse
}

/** Address and port are the system's choice. */
export const anySource: Source = { address: '', port: 0 }

/** Addresses without connections are forgotten beyond so many: a range may have millions. */
const maxIdleAddresses = 10_000

export class SourceAddresses {
  /** Fixed addresses, in the order in which they are dealt out. */
  readonly #fixed: readonly string[]
  readonly #range: readonly (readonly [number, number])[] | null
  readonly #ports: PortRange
  readonly #size: number
  readonly #isOption: boolean
  readonly #stride: number
  readonly #anyAddress: boolean
  readonly #known = new Map<string, AddressPorts>()
  #begin: number
  /** The address that had the most ports taken since the last `takeFullest`, and how many then. */
  #fullest: AddressPorts | null = null
  #fullestAddress = ''
  #fullestOpen = 0
  #fullestClosed = 0

  /**
   * @param process its id: no two of a host that run at the same time have the same
   * @throws when an interface to scan has no IPv4 address
   */
  constructor(
    addresses: readonly SourceAddress[],
    portsRange: PortRange | null,
    process: number,
    scan: (name: string) => readonly string[] = interfaceAddresses,
    systemPorts: () => PortRange = systemPortRange,
  ) {
    // Tsung hands out the last declared address first.
    this.#fixed = addresses.flatMap((each) => fixedAddresses(each, scan)).reverse()
    this.#range = addresses.find((each) => each.type === 'range')?.parts ?? null
    this.#anyAddress = this.#fixed.length === 0 && this.#range === null && portsRange === null
    this.#ports = portsRange ?? systemPorts()
    this.#isOption = portsRange !== null
    this.#size = this.#ports.max - this.#ports.min + 1
    this.#begin = scattered(process)
    this.#stride = coprime(1 + (scattered(process + 0.5) % this.#size), this.#size)
  }

  /** Ports of one address. */
  get portsPerAddress(): number {
    return this.#size
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

  /**
   * The next port of an address to try, to be given back when it is not used any more. Those held here are left out
   * as long as there are others: after that, one may still lead to another target.
   *
   * @param address null: the system's choice, and so is the port
   */
  next(address: string | null): Source {
    const known = this.#known.get(address ?? '') ?? this.#firstOf(address ?? '')
    known.use.open++
    this.#notice(address ?? '', known)
    if (address === null) return anySource
    const { held } = known
    if (held.size < this.#size) while (held.has(known.next)) this.#step(known)
    const port = known.next
    held.add(port)
    this.#step(known)
    return { address, port: this.#ports.min + port }
  }

  /** @param isKept the system keeps the port for a while: its connection was closed from this side */
  giveBack({ address, port }: Source, isKept: boolean): void {
    const known = this.#known.get(address)
    if (known === undefined) return
    known.use.open--
    if (isKept) known.use.close(performance.now())
    if (address === '') return
    known.held.delete(port - this.#ports.min)
    if (known.use.open === 0 && this.#known.size > maxIdleAddresses) this.#known.delete(address)
  }

  /** The address that had the most ports taken at once since the last call; null: none ever had. */
  takeFullest(): PortsTaken | null {
    const fullest = this.#fullest
    if (fullest === null) return null
    const told: PortsTaken = {
      address: this.#fullestAddress,
      open: this.#fullestOpen,
      closed: this.#fullestClosed,
      size: this.#size,
    }
    this.#fullestOpen = fullest.use.open
    this.#fullestClosed = fullest.use.closed(performance.now())
    return told
  }

  #notice(address: string, known: AddressPorts): void {
    const { open } = known.use
    const closed = known.use.closed(performance.now())
    if (this.#fullest !== null && open + closed <= this.#fullestOpen + this.#fullestClosed) return
    this.#fullest = known
    this.#fullestAddress = address
    this.#fullestOpen = open
    this.#fullestClosed = closed
  }

  /** That no port is free, in words: where, how many there are, and what helps. @param address null: any */
  usedUp(address: string | null, target: string, tried: number): string {
    const { min, max } = this.#ports
    const held = address === null ? 0 : (this.#known.get(address)?.held.size ?? 0)
    const where = address === null ? 'this host' : address
    const attempts = address === null ? '' : `${tried} were tried, ${held} are held here, `
    const widen = this.#isOption
      ? 'widen the option ports_range'
      : 'widen net.ipv4.ip_local_port_range or give the option ports_range'
    return (
      `no free port on ${where} to reach ${target}: of its ${this.#size} (${min}-${max}) ${attempts}` +
      `the rest is others' or in TIME_WAIT; give <client> more <ip> or an <iprange>, ${widen}, ` +
      'or set net.ipv4.tcp_tw_reuse=1'
    )
  }

  #firstOf(address: string): AddressPorts {
    const known = { next: this.#begin % this.#size, held: new Set<number>(), use: new PortUse() }
    this.#begin = scattered(this.#begin)
    this.#known.set(address, known)
    return known
  }

  #step(known: AddressPorts): void {
    known.next = (known.next + this.#stride) % this.#size
  }
}

/** A whole number below 2³² that looks like chance, the same for the same one. */
function scattered(from: number): number {
  let mixed = Math.imul(from * 2, 0x9e3779b1)
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
  return (mixed ^ (mixed >>> 13)) >>> 0
}

/** The first number from `least` on that has no divisor in common with `size`: its multiples reach every port. */
function coprime(least: number, size: number): number {
  let stride = least
  while (greatestDivisor(stride, size) !== 1) stride++
  return stride
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b)
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
