/** Messages from user to user: how long they took, by the stamps that they carry. */
import type { ClockReading, StampSettings } from '../core/deliveries/model.ts'
import { StampReader } from '../core/deliveries/stamp.ts'
import { hostClockOffsetMs } from './clock.ts'
import { HostClocks } from './host-clocks.ts'
import type { Recorder } from './recorder.ts'
import { Stamper } from './stamper.ts'

export class Deliveries {
  readonly #recorder: Recorder
  readonly #reader: StampReader
  readonly #clocks: HostClocks
  readonly #stamper: Stamper

  constructor(settings: StampSettings, recorder: Recorder) {
    this.#recorder = recorder
    this.#reader = new StampReader(settings.token)
    this.#clocks = new HostClocks(settings.host)
    this.#stamper = new Stamper(settings, recorder)
  }

  /** How the clocks of hosts stand. */
  learn(readings: readonly ClockReading[]): void {
    this.#clocks.learn(readings, performance.now())
  }

  stamp(user: number, stream: string): string {
    return this.#stamper.stamp(user, stream)
  }

  /**
   * A user got a message.
   *
   * @param metric what the time since it was stamped is a sample of
   * @returns false: it has no stamp of this run
   */
  delivered(_user: number, payload: Uint8Array | string, metric: string): boolean {
    const kind = this.#reader.read(payload)
    if (kind === 'none') return false
    if (kind === 'foreign') {
      this.#recorder.count('tsts_messages_foreign')
      return false
    }
    this.#recorder.count('tsts_messages_delivered')
    const ms = this.#latencyMs()
    if (Number.isNaN(ms)) this.#recorder.count('tsts_messages_unclocked')
    else this.#recorder.sample(metric).record(ms)
    return true
  }

  /** What a user misses from before now is not lost. */
  joins(_user: number): void {
    // Nothing is missed yet.
  }

  userEnded(user: number): void {
    this.#stamper.userEnded(user)
  }

  /** NaN: the clock of the sender's host is not known. */
  #latencyMs(): number {
    const { host, hostMs } = this.#reader
    const nowMs = performance.now()
    const hereMs = nowMs + hostClockOffsetMs
    if (this.#clocks.isOwn(host)) return Math.max(0, hereMs - hostMs)
    const ms = hereMs - this.#clocks.here(host, hostMs, nowMs)
    if (Number.isNaN(ms)) return ms
    this.#recorder.count('tsts_messages_between_hosts')
    if (Math.abs(ms) < this.#clocks.errorMs) this.#recorder.count('tsts_messages_within_error')
    if (ms >= 0) return ms
    this.#recorder.count('tsts_messages_negative')
    return 0
  }
}
