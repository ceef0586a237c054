/**
 * The state of one connection: what is awaited, what is half there, when something is due.
 *
 * | awaited      | sent with                     | over with                                   |
 * | ------------ | ----------------------------- | ------------------------------------------- |
 * | connack      | CONNECT                       | CONNACK                                     |
 * | puback       | PUBLISH, QoS 1                | PUBACK of its id                            |
 * | pubrec       | PUBLISH, QoS 2                | PUBREC of its id, then pubcomp              |
 * | pubcomp      | PUBREL                        | PUBCOMP of its id                           |
 * | suback       | SUBSCRIBE                     | SUBACK of its id                            |
 * | unsuback     | UNSUBSCRIBE                   | UNSUBACK of its id                          |
 * | messages     | nothing                       | as many messages as were waited for         |
 *
 * Times are epoch ms. Source: MQTT 3.1.1 and 5.0, 3 and 4.3.
 */
import type { EncodeSink } from '../api.ts'
import type { PartialPacket } from './partial-packet.ts'
import type { Login } from './user.ts'

/** What the request that is being asked waits for: a packet's type, except for messages. */
export const awaited = {
  nothing: 0,
  connack: 2,
  puback: 4,
  pubrec: 5,
  pubcomp: 7,
  suback: 9,
  unsuback: 11,
  messages: 16,
} as const

export class MqttConnection {
  /** CONNECT was sent. */
  isGreeted: boolean
  /** CONNACK is due. */
  isGreeting: boolean
  /** The CONNECT was the session's, not the request's. */
  isReplay: boolean
  /** Of `awaited`. */
  awaits: number
  awaitedId: number
  /** SUBACK and UNSUBACK: topics that were asked for; messages: how many are missing. */
  awaitedCount: number
  /** Messages that came before they were waited for. */
  taken: readonly string[] | null
  /** A message was handed over as content. */
  hasContent: boolean
  /** Ids of subscriptions that were asked for again; null: none. */
  replayedIds: number[] | null
  /** What the server takes; 0: none. */
  aliasMaximum: number
  /** By topic; null: none is in use. */
  aliases: Map<string, number> | null
  /** Acknowledgements that leave together. */
  replies: string
  partial: PartialPacket | null
  keepaliveMs: number
  isPingPending: boolean
  #pingDueMs: number
  #deadlineMs: number
  /** When the alarm that was set goes off. */
  #alarmMs: number

  constructor() {
    this.isGreeted = false
    this.isGreeting = false
    this.isReplay = false
    this.awaits = awaited.nothing
    this.awaitedId = 0
    this.awaitedCount = 0
    this.taken = null
    this.hasContent = false
    this.replayedIds = null
    this.aliasMaximum = 0
    this.aliases = null
    this.replies = ''
    this.partial = null
    this.keepaliveMs = 0
    this.isPingPending = false
    this.#pingDueMs = Infinity
    this.#deadlineMs = Infinity
    this.#alarmMs = Infinity
  }

  /** CONNECT leaves. */
  greet(login: Login, isReplay: boolean, nowMs: number, sink: EncodeSink): void {
    this.isGreeted = true
    this.isGreeting = true
    this.isReplay = isReplay
    this.aliases = null
    this.aliasMaximum = 0
    this.keepaliveMs = login.keepaliveMs
    this.isPingPending = false
    this.pingIn(Infinity, nowMs, sink)
  }

  /** A request leaves. @param what of `awaited` */
  expect(
    what: number,
    id: number,
    count: number,
    inMs: number,
    nowMs: number,
    sink: EncodeSink,
  ): void {
    this.awaits = what
    this.awaitedId = id
    this.awaitedCount = count
    this.taken = null
    this.hasContent = false
    this.#deadlineMs = nowMs + inMs
    this.#setAlarm(nowMs, sink)
  }

  /** What was awaited has come, or will not be waited for. */
  over(): void {
    this.awaits = awaited.nothing
    this.taken = null
    this.#deadlineMs = Infinity
  }

  replayed(id: number): void {
    this.replayedIds ??= []
    this.replayedIds.push(id)
  }

  /** @returns whether the id is that of a subscription that was asked for again */
  takeReplayed(id: number): boolean {
    const at = this.replayedIds === null ? -1 : this.replayedIds.indexOf(id)
    if (at < 0) return false
    this.replayedIds!.splice(at, 1)
    if (this.replayedIds!.length === 0) this.replayedIds = null
    return true
  }

  /** What is awaited is over at once: the alarm tells it. */
  endNow(nowMs: number, sink: EncodeSink): void {
    this.#deadlineMs = nowMs
    this.#setAlarm(nowMs, sink)
  }

  isDeadline(nowMs: number): boolean {
    return nowMs >= this.#deadlineMs
  }

  isPingDue(nowMs: number): boolean {
    return nowMs >= this.#pingDueMs
  }

  /** The next ping, so many ms from now. @param ms Infinity: none */
  pingIn(ms: number, nowMs: number, sink: EncodeSink): void {
    this.#pingDueMs = nowMs + ms
    this.#setAlarm(nowMs, sink)
  }

  /** The next ping, a period after the last one was due. */
  pingAgain(nowMs: number): void {
    this.#pingDueMs += this.keepaliveMs
    if (this.#pingDueMs <= nowMs) this.#pingDueMs = nowMs + this.keepaliveMs
  }

  /** The alarm has gone off, and what was due is done. */
  alarmAgain(nowMs: number, sink: EncodeSink): void {
    this.#alarmMs = Infinity
    this.#setAlarm(nowMs, sink)
  }

  /** An alarm that goes off too early costs less than setting it anew for each request. */
  #setAlarm(nowMs: number, sink: EncodeSink): void {
    const dueMs = Math.min(this.#pingDueMs, this.#deadlineMs)
    if (dueMs >= this.#alarmMs) return
    this.#alarmMs = dueMs
    sink.wakeAfter(Math.max(0, dueMs - nowMs))
  }
}
