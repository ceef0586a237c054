/** What users stamp: a number for each message within its stream, and which messages have their receivers compared. */
import type { StampSettings } from '../core/deliveries/model.ts'
import { stampPrefix, stampText } from '../core/deliveries/stamp.ts'
import { hostClockOffsetMs } from './clock.ts'
import { ComparedShare } from './compared-share.ts'
import type { Recorder } from './recorder.ts'

/** Streams of one user whose messages are numbered. */
export const maxStreamsPerUser = 64

interface Stream {
  readonly name: string
  readonly prefix: string
  readonly number: number
  /** Of its last message. */
  sequence: number
}

export class Stamper {
  readonly #settings: StampSettings
  readonly #recorder: Recorder
  readonly #share: ComparedShare
  /** By user: the stream that was used last comes first. */
  readonly #streams = new Map<number, Stream[]>()

  constructor(settings: StampSettings, recorder: Recorder) {
    this.#settings = settings
    this.#recorder = recorder
    this.#share = new ComparedShare(settings.comparedPerSecond)
  }

  stamp(user: number, name: string): string {
    const nowMs = performance.now()
    const stream = this.#stream(user, name)
    this.#recorder.count('tsts_messages_stamped')
    if (stream === null) {
      const prefix = stampPrefix(this.#settings.token, this.#settings.host, user, 0)
      return stampText(prefix, 0, false, nowMs + hostClockOffsetMs)
    }
    stream.sequence++
    const isCompared = this.#share.takes(user, stream.number, stream.sequence, nowMs)
    return stampText(stream.prefix, stream.sequence, isCompared, nowMs + hostClockOffsetMs)
  }

  userEnded(user: number): void {
    if (this.#streams.size > 0) this.#streams.delete(user)
  }

  /** Null: the user has too many. */
  #stream(user: number, name: string): Stream | null {
    let streams = this.#streams.get(user)
    if (streams === undefined) {
      streams = []
      this.#streams.set(user, streams)
    }
    const first = streams[0]
    if (first !== undefined && first.name === name) return first
    for (let index = 1; index < streams.length; index++) {
      const stream = streams[index]!
      if (stream.name !== name) continue
      streams[index] = first!
      streams[0] = stream
      return stream
    }
    if (streams.length >= maxStreamsPerUser) return null
    const { token, host } = this.#settings
    const number = streams.length
    const stream = { name, number, sequence: 0, prefix: stampPrefix(token, host, user, number) }
    streams.push(stream)
    return stream
  }
}
