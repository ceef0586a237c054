/** What MQTT keeps of a virtual user: its session outlives a connection. */
import { type EncodeSink, ProtocolError, type UserView } from '../api.ts'
import type { MqttConnection } from './connection.ts'
import type { Version } from './data.ts'
import { head, int16, packetHead } from './encode-fields.ts'

/** What a session has subscribed to, for a connection that has to subscribe again. */
export interface Subscription {
  /** A byte string. */
  readonly filter: string
  /** Filter and options as they are sent. */
  readonly bytes: string
  /** The properties it was asked with, their length before them; empty: not MQTT 5. */
  readonly properties: string
}

/** What a CONNECT says of the session: the same for all users that send it. */
export interface Login {
  readonly version: Version
  readonly isClean: boolean
  readonly keepaliveMs: number
  readonly maxPacketBytes: number
  readonly keepsMessages: boolean
}

/** Payloads of one user that are kept for steps that look at them. */
const maxKeptBytes = 64 * 1024
/** Messages of QoS 2 that the server has sent and not released. */
const maxUnreleased = 4096
/** Of what comes before a user has logged in. */
const defaultMaxPacketBytes = 16 * 1024 * 1024

export class MqttUser {
  readonly view: UserView
  /** Null: it has not connected, or has said that it leaves. */
  login: Login | null
  /** Its packet CONNECT. */
  loginBytes: string
  /** In the order in which they were asked for. */
  subscriptions: readonly Subscription[]
  /** It gets a share of what others get too: what it does not get is not lost. */
  isSharing: boolean
  /** Messages that came and that no step has waited for. */
  unread: number
  /** Of the request that is being attempted, where it has variables: topic or packet, payload, properties. */
  topic: string
  payload: string
  list: string
  /** What the request that is being attempted subscribes to, or no longer. */
  asked: readonly Subscription[]
  #nextId: number
  /** Ids of messages of QoS 2 that are not released; null: there were none. */
  #unreleased: Set<number> | null
  /** Payloads of the first unread messages; null: there were none. */
  #kept: string[] | null
  #keptBytes: number

  constructor(view: UserView) {
    this.view = view
    this.login = null
    this.loginBytes = ''
    this.subscriptions = none
    this.isSharing = false
    this.unread = 0
    this.topic = ''
    this.payload = ''
    this.list = ''
    this.asked = none
    this.#nextId = 1
    this.#unreleased = null
    this.#kept = null
    this.#keptBytes = 0
  }

  get version(): Version {
    return this.login === null ? 3 : this.login.version
  }

  get maxPacketBytes(): number {
    return this.login === null ? defaultMaxPacketBytes : this.login.maxPacketBytes
  }

  /** Of the next packet that is acknowledged: 1 to 65535, then from 1. */
  takeId(): number {
    const id = this.#nextId
    this.#nextId = id === 0xffff ? 1 : id + 1
    return id
  }

  /** CONNECT is sent, because the scenario says so. */
  begin(login: Login, bytes: string): void {
    this.login = login
    this.loginBytes = bytes
    if (login.isClean) this.#subscribeTo(none)
  }

  subscribe(added: readonly Subscription[]): void {
    const { subscriptions } = this
    const others = without(subscriptions, ({ filter }) => has(added, filter))
    this.#subscribeTo(others.length === 0 ? added : [...others, ...added])
  }

  unsubscribe(removed: readonly Subscription[]): void {
    this.#subscribeTo(without(this.subscriptions, ({ filter }) => has(removed, filter)))
  }

  #subscribeTo(subscriptions: readonly Subscription[]): void {
    this.subscriptions = subscriptions
    this.isSharing = subscriptions.some(({ filter }) => filter.startsWith('$share/'))
  }

  /** Packets that ask again for all that the session had subscribed to. */
  resubscribe(connection: MqttConnection): string {
    let packets = ''
    for (const properties of new Set(this.subscriptions.map((each) => each.properties))) {
      const id = this.takeId()
      let body = int16(id) + properties
      for (const each of this.subscriptions) {
        if (each.properties === properties) body += each.bytes
      }
      packets += head(packetHead.subscribe, body.length) + body
      connection.replayed(id)
    }
    return packets
  }

  /**
   * A message of QoS 2 has come.
   *
   * @returns whether it had come before
   * @throws {ProtocolError} when too many wait for their release
   */
  hold(id: number): boolean {
    this.#unreleased ??= new Set()
    if (this.#unreleased.has(id)) return true
    if (this.#unreleased.size >= maxUnreleased) {
      throw new ProtocolError('error_mqtt_inflight', `${maxUnreleased} messages are not released`)
    }
    this.#unreleased.add(id)
    return false
  }

  /** @returns whether it was held */
  release(id: number): boolean {
    return this.#unreleased?.delete(id) === true
  }

  forgetUnreleased(): void {
    this.#unreleased = null
  }

  get keepsMessages(): boolean {
    return this.login?.keepsMessages === true
  }

  /** A message that nobody waits for. @param payload null: it is not kept */
  addUnread(payload: string | null): void {
    const isNext = (this.#kept === null ? 0 : this.#kept.length) === this.unread
    this.unread++
    if (payload === null || !isNext || this.#keptBytes + payload.length > maxKeptBytes) return
    this.#kept ??= []
    this.#kept.push(payload)
    this.#keptBytes += payload.length
  }

  /** So many messages are no longer unread. @returns the payloads of the first of them */
  takeUnread(count: number): readonly string[] {
    this.unread -= count
    if (this.#kept === null) return none
    const taken = this.#kept.splice(0, count)
    for (const payload of taken) this.#keptBytes -= payload.length
    if (this.#kept.length === 0) this.#kept = null
    return taken
  }
}

const none: readonly never[] = []

function has(list: readonly Subscription[], filter: string): boolean {
  return list.some((each) => each.filter === filter)
}

function without(
  list: readonly Subscription[],
  isLeftOut: (each: Subscription) => boolean,
): readonly Subscription[] {
  return list.some(isLeftOut) ? list.filter((each) => !isLeftOut(each)) : list
}

/** What a connection that has just been opened sends before what is asked; empty: nothing. */
export function loginAgain(user: MqttUser, connection: MqttConnection, sink: EncodeSink): string {
  const { login } = user
  if (connection.isGreeted || login === null) return ''
  connection.greet(login, true, user.view.nowMs(), sink)
  return login.isClean ? user.loginBytes + user.resubscribe(connection) : user.loginBytes
}
