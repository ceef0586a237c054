/** What the users of a launcher receive of which stream: what is lost, doubled, out of order. */
import { type Arrival, maxOpenGaps, SeenStream } from '../core/deliveries/seen-stream.ts'
import type { Recorder } from './recorder.ts'
import { maxStreamsPerUser } from './stamper.ts'

/** Streams of all receivers that are followed at a time: messages of others are measured all the same. */
const maxFollowed = 200_000
/** Gaps that are open in all of them, beyond which each may have one only. */
const maxGaps = 500_000
/** A stream of which nothing came for so long gives way to another one of the same receiver. */
const idleMs = 60_000

interface Receiver {
  /** By sender and stream: those that have been there for longest come first. */
  readonly streams: Map<number, SeenStream>
  /** How often it joined anew. */
  joins: number
  /** The stream that came last. */
  lastKey: number
  last: SeenStream | null
}

export class ReceivedStreams {
  readonly #recorder: Recorder
  readonly #maxFollowed: number
  readonly #receivers = new Map<number, Receiver>()
  #followed = 0
  #openGaps = 0

  constructor(recorder: Recorder, max: number = maxFollowed) {
    this.#recorder = recorder
    this.#maxFollowed = max
  }

  /**
   * A message came to a user.
   *
   * @param sequence 0: it is not counted
   * @returns `next` for one that is not followed
   */
  take(user: number, sender: number, stream: number, sequence: number, nowMs: number): Arrival {
    const receiver = this.#receiver(user)
    const key = sender * maxStreamsPerUser + stream
    const isCounted = sequence > 0 && stream < maxStreamsPerUser && Number.isSafeInteger(key)
    const seen = isCounted ? this.#seen(receiver, key, nowMs) : null
    if (seen === null) {
      this.#recorder.count('tsts_messages_unfollowed')
      return 'next'
    }
    const gaps = seen.openGaps
    const isFull = this.#openGaps >= maxGaps
    const arrival = seen.take(sequence, nowMs, receiver.joins, isFull ? 1 : maxOpenGaps)
    this.#openGaps += seen.openGaps - gaps
    this.#tellLost(seen)
    if (arrival === 'late') this.#recorder.count('tsts_messages_late_order')
    else if (arrival === 'again') this.#recorder.count('tsts_messages_duplicated')
    else if (arrival === 'unknown') this.#recorder.count('tsts_messages_too_late')
    return arrival
  }

  joins(user: number): void {
    const receiver = this.#receivers.get(user)
    if (receiver !== undefined) receiver.joins++
  }

  userEnded(user: number): void {
    if (this.#receivers.size === 0) return
    const receiver = this.#receivers.get(user)
    if (receiver === undefined) return
    this.#receivers.delete(user)
    for (const seen of receiver.streams.values()) this.#end(seen)
  }

  #receiver(user: number): Receiver {
    let receiver = this.#receivers.get(user)
    if (receiver === undefined) {
      receiver = { streams: new Map(), joins: 0, lastKey: -1, last: null }
      this.#receivers.set(user, receiver)
    }
    return receiver
  }

  /** Null: there are too many. */
  #seen(receiver: Receiver, key: number, nowMs: number): SeenStream | null {
    if (receiver.lastKey === key) return receiver.last
    let seen = receiver.streams.get(key)
    if (seen === undefined) {
      if (this.#followed >= this.#maxFollowed && !this.#giveWay(receiver, nowMs)) return null
      seen = new SeenStream(receiver.joins)
      this.#followed++
      receiver.streams.set(key, seen)
    }
    receiver.lastKey = key
    receiver.last = seen
    return seen
  }

  /** @returns whether a stream of the receiver has ended */
  #giveWay({ streams }: Receiver, nowMs: number): boolean {
    for (const [key, seen] of streams) {
      streams.delete(key)
      if (seen.lastMs <= nowMs - idleMs) {
        this.#end(seen)
        return true
      }
      // Another one is looked at next time.
      streams.set(key, seen)
      return false
    }
    return false
  }

  #end(seen: SeenStream): void {
    this.#openGaps -= seen.openGaps
    seen.end()
    this.#tellLost(seen)
    this.#followed--
  }

  #tellLost(seen: SeenStream): void {
    if (seen.lost === 0) return
    this.#recorder.add('tsts_messages_lost', seen.lost)
    seen.lost = 0
  }
}
