/** Messages from user to user, by the stamps that they carry: how long they took, and whether all of them came. */
import type { WireDeliveries } from '../core/deliveries/fan-out.ts'
import type { ClockReading, StampSettings } from '../core/deliveries/model.ts'
import { StampReader } from '../core/deliveries/stamp.ts'
import { hostClockOffsetMs } from './clock.ts'
import { FanOuts } from './fan-outs.ts'
import { HostClocks } from './host-clocks.ts'
import { ReceivedStreams } from './received-streams.ts'
import type { Recorder } from './recorder.ts'
import { Stamper } from './stamper.ts'

export class Deliveries {
  readonly #recorder: Recorder
  readonly #reader: StampReader
  readonly #clocks: HostClocks
  readonly #stamper: Stamper
  readonly #received: ReceivedStreams
  readonly #fanOuts: FanOuts
  /** See `WireDeliveries`. */
  #clockErrorMs: number | null = null

  constructor(settings: StampSettings, recorder: Recorder) {
    this.#recorder = recorder
    this.#reader = new StampReader(settings.token)
    this.#clocks = new HostClocks(settings.host)
    this.#stamper = new Stamper(settings, recorder)
    this.#received = new ReceivedStreams(recorder)
    this.#fanOuts = new FanOuts(recorder)
  }

  /** How the clocks of hosts stand. */
  learn(readings: readonly ClockReading[]): void {
    this.#clocks.learn(readings, performance.now())
  }

  stamp(user: number, stream: string): string {
    return this.#stamper.stamp(user, stream)
  }

  /**
   * A user got a message. One that was there before is counted only.
   *
   * @param metric what the time since it was stamped is a sample of
   * @returns false: it has no stamp of this run
   */
  delivered(user: number, payload: Uint8Array | string, metric: string): boolean {
    const reader = this.#reader
    const kind = reader.read(payload)
    if (kind === 'none') return false
    if (kind === 'foreign') {
      this.#recorder.count('tsts_messages_foreign')
      return false
    }
    this.#recorder.count('tsts_messages_delivered')
    const nowMs = performance.now()
    const { user: sender, stream, sequence } = reader
    const arrival = this.#received.take(user, sender, stream, sequence, nowMs)
    if (arrival === 'again') return true
    const ms = this.#latencyMs(nowMs)
    if (Number.isNaN(ms)) return true
    this.#recorder.sample(metric).record(ms)
    if (reader.isCompared) this.#fanOuts.add(metric, sender, stream, sequence, ms)
    return true
  }

  /** What a user misses from before now is not lost. */
  joins(user: number): void {
    this.#received.joins(user)
  }

  userEnded(user: number): void {
    this.#stamper.userEnded(user)
    this.#received.userEnded(user)
  }

  /** Everything since the last call that is no counter and no sample. */
  take(): WireDeliveries | undefined {
    const clockErrorMs = this.#clockErrorMs
    const fanOuts = this.#fanOuts.take()
    this.#clockErrorMs = null
    return clockErrorMs === null && fanOuts.length === 0 ? undefined : { clockErrorMs, fanOuts }
  }

  /** NaN: the clock of the sender's host is not known. */
  #latencyMs(nowMs: number): number {
    const { host, hostMs } = this.#reader
    const hereMs = nowMs + hostClockOffsetMs
    if (this.#clocks.isOwn(host)) return Math.max(0, hereMs - hostMs)
    this.#recorder.count('tsts_messages_between_hosts')
    this.#clockErrorMs ??= 0
    const ms = hereMs - this.#clocks.here(host, hostMs, nowMs)
    if (Number.isNaN(ms)) {
      this.#recorder.count('tsts_messages_unclocked')
      return ms
    }
    const { errorMs } = this.#clocks
    if (errorMs > this.#clockErrorMs) this.#clockErrorMs = errorMs
    if (Math.abs(ms) < errorMs) this.#recorder.count('tsts_messages_within_error')
    if (ms >= 0) return ms
    this.#recorder.count('tsts_messages_negative')
    return 0
  }
}
