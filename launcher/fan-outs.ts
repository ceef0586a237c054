/** Messages whose receivers are compared: what this launcher has to tell of its own ones. */
import { FanOut, type WireFanOut } from '../core/deliveries/fan-out.ts'
import type { Recorder } from './recorder.ts'

/** Messages that are kept until they are told of, once every interval. */
const maxMessages = 2000

interface Message extends Pick<WireFanOut, 'metric' | 'user' | 'stream' | 'sequence'> {
  readonly fanOut: FanOut
}

export class FanOuts {
  readonly #recorder: Recorder
  readonly #messages = new Map<string, Message>()
  /** The one that came last: its receivers mostly come one after the other. */
  #last: Message | null = null

  constructor(recorder: Recorder) {
    this.#recorder = recorder
  }

  /** A message came to one of its receivers. @param ms ≥ 0 */
  add(metric: string, user: number, stream: number, sequence: number, ms: number): void {
    const message = this.#message(metric, user, stream, sequence)
    if (message === null) this.#recorder.count('tsts_messages_uncompared')
    else message.fanOut.record(ms)
  }

  /** Everything since the last call. */
  take(): readonly WireFanOut[] {
    const told = [...this.#messages.values()].map((each) => each.fanOut.encode(each))
    this.#messages.clear()
    this.#last = null
    return told
  }

  /** Null: there are too many. */
  #message(metric: string, user: number, stream: number, sequence: number): Message | null {
    const last = this.#last
    if (last !== null && last.sequence === sequence && last.user === user) {
      if (last.stream === stream && last.metric === metric) return last
    }
    const key = `${user} ${stream} ${sequence} ${metric}`
    let message = this.#messages.get(key)
    if (message === undefined) {
      if (this.#messages.size >= maxMessages) return null
      message = { metric, user, stream, sequence, fanOut: new FanOut() }
      this.#messages.set(key, message)
    }
    this.#last = message
    return message
  }
}
