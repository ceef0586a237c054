/** SUBSCRIBE, UNSUBSCRIBE, and waiting for messages. Source: MQTT 3.1.1 and 5.0, 3.8 and 3.10. */
import type { CompileContext, EncodeSink, Template, UserView } from '../api.ts'
import { awaited, type MqttConnection } from './connection.ts'
import type { SubscribeData, UnsubscribeData, WaitData } from './data.ts'
import { field, head, int16, packetHead } from './encode-fields.ts'
import { compileWith, Properties } from './encode-properties.ts'
import { loginAgain, type MqttUser, type Subscription } from './user.ts'

/** QoS, among the options. Source: MQTT 5.0, 3.8.3.1. */
const qosBits = 3

interface CompiledTopic {
  readonly filter: Template
  /** Null: there are none, as in UNSUBSCRIBE. */
  readonly options: number | null
}

/** What is asked for, made for a user. */
class Topics {
  readonly #topics: readonly CompiledTopic[]
  readonly #properties: Properties
  /** When all is the same for all users: before MQTT 5, and in it. */
  readonly #fixed: readonly Subscription[] | null
  readonly #fixedFive: readonly Subscription[] | null

  constructor(topics: readonly CompiledTopic[], properties: Properties) {
    this.#topics = topics
    this.#properties = properties
    const isFixed =
      properties.fixed !== null && topics.every(({ filter }) => filter.constant !== null)
    const text = ({ constant }: Template): string => constant!
    this.#fixed = isFixed ? this.#make(text, '', qosBits) : null
    this.#fixedFive = isFixed ? this.#make(text, properties.fixed!, 0xff) : null
  }

  of(user: MqttUser, view: UserView): readonly Subscription[] {
    const isFive = user.version === 5
    const fixed = isFive ? this.#fixedFive : this.#fixed
    if (fixed !== null) return fixed
    const properties = isFive ? this.#properties.bytes(view) : ''
    return this.#make((template) => view.render(template), properties, isFive ? 0xff : qosBits)
  }

  #make(text: (template: Template) => string, properties: string, mask: number): Subscription[] {
    return this.#topics.map(({ filter: template, options }) => {
      const filter = text(template)
      const last = options === null ? '' : String.fromCharCode(options & mask)
      return { filter, bytes: field(filter) + last, properties }
    })
  }
}

export class SubscribeRequest {
  readonly #topics: Topics
  readonly #ackTimeoutMs: number

  constructor({ topics, properties, ackTimeoutMs }: SubscribeData, context: CompileContext) {
    const compile = compileWith(context)
    const compiled = topics.map(({ filter, options }) => ({ filter: compile(filter), options }))
    this.#topics = new Topics(compiled, new Properties(properties, compile))
    this.#ackTimeoutMs = ackTimeoutMs
  }

  prepare(user: MqttUser, view: UserView): void {
    user.asked = this.#topics.of(user, view)
  }

  encode(user: MqttUser, connection: MqttConnection, view: UserView, sink: EncodeSink): string {
    const login = loginAgain(user, connection, sink)
    return login + ask(packetHead.subscribe, user, connection, this.#ackTimeoutMs, view, sink)
  }
}

export class UnsubscribeRequest {
  readonly #topics: Topics
  readonly #ackTimeoutMs: number

  constructor({ filters, properties, ackTimeoutMs }: UnsubscribeData, context: CompileContext) {
    const compile = compileWith(context)
    const topics = filters.map((filter) => ({ filter: compile(filter), options: null }))
    this.#topics = new Topics(topics, new Properties(properties, compile))
    this.#ackTimeoutMs = ackTimeoutMs
  }

  prepare(user: MqttUser, view: UserView): void {
    user.asked = this.#topics.of(user, view)
  }

  encode(user: MqttUser, connection: MqttConnection, view: UserView, sink: EncodeSink): string {
    const login = loginAgain(user, connection, sink)
    user.unsubscribe(user.asked)
    return login + ask(packetHead.unsubscribe, user, connection, this.#ackTimeoutMs, view, sink)
  }
}

function ask(
  first: typeof packetHead.subscribe | typeof packetHead.unsubscribe,
  user: MqttUser,
  connection: MqttConnection,
  inMs: number,
  view: UserView,
  sink: EncodeSink,
): string {
  const id = user.takeId()
  const { asked } = user
  let body = int16(id) + asked[0]!.properties
  for (const { bytes } of asked) body += bytes
  const what = first === packetHead.subscribe ? awaited.suback : awaited.unsuback
  connection.expect(what, id, asked.length, inMs, view.nowMs(), sink)
  return head(first, body.length) + body
}

/** Sends nothing: done when so many messages have come since the last one of its kind. */
export class WaitRequest {
  readonly #count: number
  readonly #timeoutMs: number

  constructor({ count, timeoutMs }: WaitData) {
    this.#count = count
    this.#timeoutMs = timeoutMs
  }

  prepare(): void {
    // There is nothing in it that variables could change.
  }

  encode(user: MqttUser, connection: MqttConnection, view: UserView, sink: EncodeSink): string {
    const login = loginAgain(user, connection, sink)
    const nowMs = view.nowMs()
    const there = Math.min(user.unread, this.#count)
    const missing = this.#count - there
    connection.expect(awaited.messages, 0, missing, this.#timeoutMs, nowMs, sink)
    if (there > 0) connection.taken = user.takeUnread(there)
    if (missing === 0) connection.endNow(nowMs, sink)
    return login
  }
}
