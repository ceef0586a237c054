/** What a launcher reports every second, in the shape that travels. */
import type { WireDeliveries } from '../deliveries/fan-out.ts'
import type { Cursor } from '../plan/model.ts'

/** One metric over one interval: moments and a histogram; times in ms. */
export interface WireSample {
  readonly count: number
  readonly mean: number
  /** Sum of squared differences from the mean (Welford). */
  readonly m2: number
  readonly min: number
  readonly max: number
  /** Sparse histogram, base64 (histogram.ts). */
  readonly histogram: string
}

export interface Interval extends Measured {
  /** Where its arrivals stood at `toMs`. */
  readonly cursor: Cursor
  /** Of messages from user to user; left out: there is nothing to tell. */
  readonly deliveries?: WireDeliveries
}

/** What its recorder knows of an interval. */
export interface Measured {
  /** 1, 2, 3, … per launcher; a repeated one changes nothing. */
  readonly sequence: number
  /** ms since this run's start, the launcher's clock. */
  readonly fromMs: number
  readonly toMs: number
  /** Differences since the last interval; sums (`size_sent`) are counters too. */
  readonly counters: { readonly [name: string]: number }
  readonly gauges: LauncherGauges
  readonly samples: { readonly [name: string]: WireSample }
  readonly health: Health
}

export interface LauncherGauges {
  /** Users that play now, and the most in this interval. */
  readonly users: number
  readonly usersMax: number
  /** Open connections now. */
  readonly connected: number
  readonly connectedMax: number
  /** Requests that wait for their answer now. */
  readonly inFlight: number
  /** Number of the phase being played (1, 2, …); 0 before the first. */
  readonly phase: number
  /** Users that the plan made due up to `toMs`. */
  readonly due: number
}

/** How the launcher itself fared in the interval. */
export interface Health {
  /** CPU time used, user and system. */
  readonly cpuMs: number
  readonly loopDelayMaxMs: number
  readonly loopDelayP99Ms: number
  readonly gcMs: number
  readonly rssBytes: number
  readonly heapBytes: number
  /** Share of the machine's CPU time stolen by its hypervisor, 0..1. */
  readonly steal: number
  readonly descriptors: number
  readonly descriptorLimit: number
  /** Null: it had no connection yet. */
  readonly ports: PortsTaken | null
}

/** The source address of a launcher that had the most ports taken at once in an interval. */
export interface PortsTaken {
  /** Empty: the system's choice. */
  readonly address: string
  /** Of connections that are open, or being opened. */
  readonly open: number
  /** Of connections that were closed from this side in the last minute: no more than these are in TIME_WAIT. */
  readonly closed: number
  /** Ports that an address has for each target. */
  readonly size: number
}

/** How often an agent tells how its host fares. */
export const hostHealthMs: number = 2000

/** How a host fared since the last time: some 200 bytes, whatever the load. */
export interface HostHealth {
  /** Share of all cores' time that was used, and that the hypervisor kept to itself, 0..1. */
  readonly cpu: number
  readonly steal: number
  readonly memoryAvailableBytes: number
  /** A second, over all interfaces save loopback. */
  readonly receivedBytesPerSecond: number
  readonly sentBytesPerSecond: number
  /** TCP sockets that are open, and those in TIME_WAIT: each has a port. */
  readonly sockets: number
  readonly timeWait: number
  /** Descriptors that all processes of the host have open. */
  readonly descriptors: number
}
