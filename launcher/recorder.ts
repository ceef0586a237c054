/**
 * What a launcher measures: counters and samples since the last interval, gauges as they stand.
 *
 * The counters that change with every request are fields; the others, and samples by name, live in maps whose size is
 * bounded by the name registry.
 */
import type { Health, LauncherGauges, Measured, WireSample } from '../core/stats/model.ts'
import { NameRegistry } from '../core/stats/names.ts'
import type { MutableSample } from '../core/stats/sample.ts'
import { type Dimension, Dimensions } from './dimensions.ts'
import { RawSamples, sampleFor } from './raw-samples.ts'

export class Recorder {
  /** Requests whose first attempt began. */
  issued = 0
  acknowledged = 0
  failed = 0
  notAcknowledged = 0
  sizeSent = 0
  sizeReceived = 0
  usersStarted = 0
  usersFinished = 0

  users = 0
  usersMax = 0
  connected = 0
  connectedMax = 0
  inFlight = 0

  readonly request: MutableSample
  readonly response: MutableSample
  readonly late: MutableSample
  readonly ttfb: MutableSample
  readonly connect: MutableSample
  readonly tcpConnect: MutableSample
  readonly tls: MutableSample
  readonly page: MutableSample
  readonly session: MutableSample

  /** With `backend="fullstats"` only. */
  readonly raw: RawSamples | null
  readonly #names = new NameRegistry()
  readonly #samples = new Map<string, MutableSample>()
  readonly #counters = new Map<string, number>()
  readonly #dimensions: Dimensions
  #sequence = 0
  #fromMs = 0

  /** @param keepsRaw every single value is told besides */
  constructor(keepsRaw: boolean = false) {
    this.raw = keepsRaw ? new RawSamples() : null
    this.request = this.sample('request')
    this.response = this.sample('response')
    this.late = this.sample('late')
    this.ttfb = this.sample('ttfb')
    this.connect = this.sample('connect')
    this.tcpConnect = this.sample('tcp_connect')
    this.tls = this.sample('tls')
    this.page = this.sample('page')
    this.session = this.sample('session')
    this.#dimensions = new Dimensions(this)
  }

  /** Of the requests of a transaction. @param transaction `tr_NAME` */
  dimension(transaction: string): Dimension {
    return this.#dimensions.ofTransaction(transaction)
  }

  /** Of the requests with that tag. */
  taggedWith(tag: string): Dimension {
    return this.#dimensions.ofTag(tag)
  }

  count(name: string): void {
    this.add(name, 1)
  }

  /** Adds to the counter of that name, made on first use. @param amount may have fractions */
  add(name: string, amount: number): void {
    const known = this.#counters.get(name)
    if (known !== undefined) this.#counters.set(name, known + amount)
    else {
      const kept = this.#names.register(name)
      this.#counters.set(kept, (this.#counters.get(kept) ?? 0) + amount)
    }
  }

  /** The sample of that name, made on first use. */
  sample(name: string): MutableSample {
    let sample = this.#samples.get(name)
    if (sample === undefined) {
      const kept = this.#names.register(name)
      sample = this.#samples.get(kept) ?? sampleFor(kept, this.raw)
      this.#samples.set(kept, sample)
    }
    return sample
  }

  userStarted(): void {
    this.usersStarted++
    this.users++
    if (this.users > this.usersMax) this.usersMax = this.users
  }

  userFinished(): void {
    this.usersFinished++
    this.users--
  }

  connectionOpened(): void {
    this.connected++
    if (this.connected > this.connectedMax) this.connectedMax = this.connected
  }

  /** Of a connection that was opened. @param tcpMs when TCP was there; @param readyMs when TLS was */
  connectTimes(openedMs: number, tcpMs: number, readyMs: number, isTls: boolean): void {
    this.connect.record(readyMs - openedMs)
    this.tcpConnect.record(tcpMs - openedMs)
    if (isTls) this.tls.record(readyMs - tcpMs)
  }

  connectionClosed(): void {
    this.connected--
  }

  /**
   * Everything since the last call, and starts the next interval.
   *
   * @param toMs ms since the run's start
   */
  take(toMs: number, rest: Pick<LauncherGauges, 'phase' | 'due'>, health: Health): Measured {
    const interval: Measured = {
      sequence: ++this.#sequence,
      fromMs: this.#fromMs,
      toMs,
      counters: this.takeCounters(),
      gauges: {
        users: this.users,
        usersMax: this.usersMax,
        connected: this.connected,
        connectedMax: this.connectedMax,
        inFlight: this.inFlight,
        ...rest,
      },
      samples: this.#takeSamples(),
      health,
    }
    this.#fromMs = toMs
    this.usersMax = this.users
    this.connectedMax = this.connected
    return interval
  }

  /** Counters since the last call, those that are 0 left out. */
  takeCounters(): Record<string, number> {
    const counters: Record<string, number> = {}
    const put = (name: string, value: number): void => {
      if (value !== 0) counters[name] = value
    }
    put('tsts_issued', this.issued)
    put('tsts_acknowledged', this.acknowledged)
    put('tsts_failed', this.failed)
    put('request_noack', this.notAcknowledged)
    put('size_sent', this.sizeSent)
    put('size_rcv', this.sizeReceived)
    put('users_count', this.usersStarted)
    put('finish_users_count', this.usersFinished)
    put('tsts_other_names', this.#names.takeRefused())
    put('tsts_values_lost', this.raw?.takeLost() ?? 0)
    for (const [name, value] of this.#counters) put(name, value)
    this.issued = this.acknowledged = this.failed = this.notAcknowledged = 0
    this.sizeSent = this.sizeReceived = this.usersStarted = this.usersFinished = 0
    for (const name of this.#counters.keys()) this.#counters.set(name, 0)
    return counters
  }

  #takeSamples(): Record<string, WireSample> {
    const samples: Record<string, WireSample> = {}
    for (const [name, sample] of this.#samples) {
      if (sample.count === 0) continue
      samples[name] = sample.encode()
      sample.reset()
    }
    return samples
  }
}
