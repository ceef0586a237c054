/** PUBLISH: of what is the same for all users nothing is made anew. Source: MQTT 3.1.1 and 5.0, 3.3. */
import type { CompileContext, EncodeSink, Template, UserView } from '../api.ts'
import { awaited, type MqttConnection } from './connection.ts'
import type { PublishData } from './data.ts'
import { checkPacketBytes, field, head, int16, packetHead, varint } from './encode-fields.ts'
import { compileWith, Properties } from './encode-properties.ts'
import { propertyId } from './property-table.ts'
import { loginAgain, type MqttUser } from './user.ts'

export class PublishRequest {
  readonly #first: number
  readonly #qos: number
  readonly #usesAlias: boolean
  readonly #isStamped: boolean
  readonly #ackTimeoutMs: number
  readonly #topic: Template
  readonly #payload: Template
  readonly #properties: Properties
  /** The topic with its length, when it is the same for all users. */
  readonly #fixedTopic: string | null
  readonly #isFixed: boolean
  /** Whole packets of QoS 0, before MQTT 5 and in it. */
  readonly #packet: string | null
  readonly #packetFive: string | null

  constructor(data: PublishData, context: CompileContext) {
    const compile = compileWith(context)
    this.#qos = data.qos
    this.#first = packetHead.publish | (data.qos << 1) | (data.retain ? 1 : 0)
    this.#usesAlias = data.usesAlias
    this.#isStamped = data.stamped
    this.#ackTimeoutMs = data.ackTimeoutMs
    this.#topic = compile(data.topic)
    this.#payload = compile(data.payload)
    this.#properties = new Properties(data.properties, compile)
    const topic = this.#topic.constant
    const payload = this.#payload.constant
    this.#fixedTopic = topic === null ? null : field(topic)
    this.#isFixed = topic !== null && payload !== null && this.#properties.fixed !== null
    const isWhole = this.#isFixed && data.qos === 0 && !data.usesAlias && !data.stamped
    this.#packet = isWhole ? this.#join(this.#fixedTopic!, '', payload!) : null
    this.#packetFive = isWhole
      ? this.#join(this.#fixedTopic!, this.#properties.fixed!, payload!)
      : null
  }

  prepare(user: MqttUser, view: UserView): void {
    if (this.#isFixed) return
    if (this.#fixedTopic === null) user.topic = field(view.render(this.#topic))
    const { constant } = this.#payload
    user.payload = constant ?? view.render(this.#payload)
    user.list = this.#properties.list(view)
    checkPacketBytes(user.topic.length + user.payload.length + user.list.length)
  }

  encode(user: MqttUser, connection: MqttConnection, view: UserView, sink: EncodeSink): string {
    const login = loginAgain(user, connection, sink)
    const isFive = user.version === 5
    sink.count('mqtt_published')
    const packet = isFive ? this.#packetFive : this.#packet
    if (packet !== null) return login + packet
    const id = this.#qos === 0 ? '' : this.#takeId(user, connection, view, sink)
    const isFixed = this.#isFixed
    const topic = this.#fixedTopic ?? user.topic
    const text = isFixed ? this.#payload.constant! : user.payload
    const payload = this.#isStamped ? view.stamp(topic) + text : text
    const bytes = isFive
      ? this.#five(
          topic,
          id,
          isFixed ? this.#properties.fixedList! : user.list,
          payload,
          connection,
        )
      : this.#join(topic, id, payload)
    user.topic = ''
    user.payload = ''
    user.list = ''
    return login + bytes
  }

  #takeId(user: MqttUser, connection: MqttConnection, view: UserView, sink: EncodeSink): string {
    const id = user.takeId()
    const what = this.#qos === 1 ? awaited.puback : awaited.pubrec
    connection.expect(what, id, 0, this.#ackTimeoutMs, view.nowMs(), sink)
    return int16(id)
  }

  /** With properties, and under an alias as far as the server has said that it takes some. */
  #five(
    topic: string,
    id: string,
    list: string,
    payload: string,
    connection: MqttConnection,
  ): string {
    const alias = this.#usesAlias ? aliasOf(topic, connection) : 0
    if (alias === 0) return this.#join(topic, id + varint(list.length) + list, payload)
    const isKnown = alias < 0
    const more = String.fromCharCode(propertyId.topicAlias) + int16(Math.abs(alias))
    const properties = varint(list.length + more.length) + more + list
    return this.#join(isKnown ? noTopic : topic, id + properties, payload)
  }

  #join(topic: string, between: string, payload: string): string {
    const remaining = topic.length + between.length + payload.length
    return head(this.#first, remaining) + topic + between + payload
  }
}

const noTopic = '\0\0'

/** @returns 0: none is free; negative: the server knows it already */
function aliasOf(topic: string, connection: MqttConnection): number {
  if (connection.aliasMaximum === 0) return 0
  connection.aliases ??= new Map()
  const { aliases } = connection
  const known = aliases.get(topic)
  if (known !== undefined) return -known
  if (aliases.size >= connection.aliasMaximum) return 0
  aliases.set(topic, aliases.size + 1)
  return aliases.size
}
