/** How one host fared over a run, from what its agent told. */
import type { HostHealth, PortsTaken } from '../core/stats/model.ts'
import { type PortOwner, PortRecord, type PortRules, type PortsUse } from './port-record.ts'

/** What there is of a host: known before the start. */
export interface KnownHost {
  readonly host: string
  /** Limits of control groups included. */
  readonly cores: number
  readonly memoryBytes: number
  /** Source addresses of its users, as far as they are counted; at least 1. */
  readonly addresses: number
  /** Local ports of all its addresses to all servers. */
  readonly portsAvailable: number
}

/** An entry of `hosts` in summary.json. */
export interface HostReport extends KnownHost {
  /** How often its agent told; 0: never, and what follows says nothing. */
  readonly told: number
  /** Shares of all cores' time, 0..1; the means are over all that was told. */
  readonly cpuMean: number
  readonly cpuMax: number
  readonly stealMean: number
  readonly stealMax: number
  readonly memoryAvailableBytesMin: number
  readonly receivedBytesPerSecondMax: number
  readonly sentBytesPerSecondMax: number
  /** TCP sockets that were open, those in TIME_WAIT, and both together: each has a port. */
  readonly socketsMax: number
  readonly timeWaitMax: number
  readonly portsUsedMax: number
  /** On each address: users are dealt out to them in turn. */
  readonly portsUsedPerAddressMax: number
  /** Of all processes of the host. */
  readonly descriptorsMax: number
  /** The source address that was fullest, when it was, as its launchers told; null: none had a connection. */
  readonly ports: PortsUse | null
}

/** How a host fares, as it was told last. */
export interface HostStanding extends HostHealth {
  readonly host: string
  readonly cores: number
  readonly memoryBytes: number
  /** The second in which it was told: its end, ms since the run's start. */
  readonly toldMs: number
  readonly ports: PortsUse | null
}

/** What a second tells of a host that has told in it. */
export interface HostSecond extends HostHealth {
  /** Of its fullest source address; left out when its launchers have had no connection. */
  readonly ports?: PortsUse
}

const plainRules: PortRules = { targets: 1, isReused: false }

export class HostRecord {
  readonly #known: KnownHost
  readonly #ports: PortRecord
  #toldMs = 0
  #last: HostHealth | null = null
  #isNew = false
  #told = 0
  #cpuSum = 0
  #cpuMax = 0
  #stealSum = 0
  #stealMax = 0
  #memoryMin = Number.POSITIVE_INFINITY
  #receivedMax = 0
  #sentMax = 0
  #socketsMax = 0
  #timeWaitMax = 0
  #portsUsedMax = 0
  #descriptorsMax = 0

  constructor(known: KnownHost, rules: PortRules = plainRules) {
    this.#known = known
    this.#ports = new PortRecord(rules)
  }

  get host(): string {
    return this.#known.host
  }

  add(health: HostHealth): void {
    this.#last = health
    this.#isNew = true
    this.#told++
    this.#cpuSum += health.cpu
    this.#cpuMax = Math.max(this.#cpuMax, health.cpu)
    this.#stealSum += health.steal
    this.#stealMax = Math.max(this.#stealMax, health.steal)
    this.#memoryMin = Math.min(this.#memoryMin, health.memoryAvailableBytes)
    this.#receivedMax = Math.max(this.#receivedMax, health.receivedBytesPerSecond)
    this.#sentMax = Math.max(this.#sentMax, health.sentBytesPerSecond)
    this.#socketsMax = Math.max(this.#socketsMax, health.sockets)
    this.#timeWaitMax = Math.max(this.#timeWaitMax, health.timeWait)
    this.#portsUsedMax = Math.max(this.#portsUsedMax, health.sockets + health.timeWait)
    this.#descriptorsMax = Math.max(this.#descriptorsMax, health.descriptors)
  }

  /** A launcher on it has told. @param atMs end of its interval, since the run's start */
  addPorts(owner: PortOwner, ports: PortsTaken | null, atMs: number): void {
    this.#ports.add(owner, ports, { atMs, timeWait: this.#last?.timeWait ?? null })
  }

  /** @param atMs since the run's start */
  endPorts(owner: PortOwner, atMs: number): void {
    this.#ports.end(owner, { atMs, timeWait: this.#last?.timeWait ?? null })
  }

  /** What was told since the last call; null: nothing. @param atMs end of the second, since the run's start */
  takeNew(atMs: number): HostSecond | null {
    if (!this.#isNew || this.#last === null) return null
    this.#isNew = false
    this.#toldMs = atMs
    const { now } = this.#ports
    return now === null ? this.#last : { ...this.#last, ports: now }
  }

  /** Null: nothing was told yet. */
  standing(): HostStanding | null {
    if (this.#last === null) return null
    const { host, cores, memoryBytes } = this.#known
    return { host, cores, memoryBytes, toldMs: this.#toldMs, ...this.#last, ports: this.#ports.now }
  }

  report(): HostReport {
    const mean = (sum: number): number => (this.#told === 0 ? 0 : rounded(sum / this.#told))
    return {
      ...this.#known,
      told: this.#told,
      cpuMean: mean(this.#cpuSum),
      cpuMax: this.#cpuMax,
      stealMean: mean(this.#stealSum),
      stealMax: this.#stealMax,
      memoryAvailableBytesMin: this.#told === 0 ? 0 : this.#memoryMin,
      receivedBytesPerSecondMax: this.#receivedMax,
      sentBytesPerSecondMax: this.#sentMax,
      socketsMax: this.#socketsMax,
      timeWaitMax: this.#timeWaitMax,
      portsUsedMax: this.#portsUsedMax,
      portsUsedPerAddressMax: Math.ceil(this.#portsUsedMax / this.#known.addresses),
      descriptorsMax: this.#descriptorsMax,
      ports: this.#ports.fullest,
    }
  }
}

function rounded(share: number): number {
  return Math.round(share * 1000) / 1000
}
