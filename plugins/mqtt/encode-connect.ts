/** CONNECT and DISCONNECT. Source: MQTT 3.1, 3.1; MQTT 3.1.1 and 5.0, 3.1 and 3.14. */
import { byteString } from '../../core/byte-string.ts'
import type { CompileContext, EncodeSink, Template, UserView } from '../api.ts'
import { awaited, type MqttConnection } from './connection.ts'
import type { ConnectData, DisconnectData, Version, Will } from './data.ts'
import { field, head, int16, packetHead } from './encode-fields.ts'
import { type Compile, compileWith, Properties } from './encode-properties.ts'
import type { Login, MqttUser } from './user.ts'

const flag = { clean: 2, will: 4, willRetain: 32, password: 64, username: 128 } as const

/** Letters of a client id that is made up. As Tsung. */
const madeUpLetters = 10

export class ConnectRequest {
  readonly #login: Login
  readonly #ackTimeoutMs: number
  /** From the protocol's name to the keepalive. */
  readonly #begin: string
  readonly #properties: Properties
  /** Null: made up. */
  readonly #clientId: Template | null
  readonly #will: CompiledWill | null
  readonly #username: Template | null
  readonly #password: Template | null

  constructor(data: ConnectData, context: CompileContext) {
    const { version, keepalive, cleanStart: isClean, maxPacketBytes, keepsMessages } = data
    const compile = compileWith(context)
    const optional = (text: string | null): Template | null =>
      text === null ? null : compile(text)
    this.#login = {
      ...{ version, isClean, keepaliveMs: keepalive === 0 ? Infinity : keepalive * 1000 },
      ...{ maxPacketBytes, keepsMessages },
    }
    this.#ackTimeoutMs = data.ackTimeoutMs
    this.#properties = new Properties(data.properties, compile)
    this.#clientId = optional(data.clientId)
    this.#will = data.will === null ? null : new CompiledWill(data.will, version, compile)
    // Before MQTT 5 there is no password without a user name, be it empty.
    const needsName = data.password !== null && version < 5
    this.#username = optional(data.username ?? (needsName ? '' : null))
    this.#password = optional(data.password)
    this.#begin =
      field(version === 3 ? 'MQIsdp' : 'MQTT') +
      String.fromCharCode(version, this.#flags(data)) +
      int16(keepalive)
  }

  #flags({ cleanStart, will }: ConnectData): number {
    return (
      (cleanStart ? flag.clean : 0) |
      (will === null ? 0 : flag.will | (will.qos << 3) | (will.retain ? flag.willRetain : 0)) |
      (this.#password === null ? 0 : flag.password) |
      (this.#username === null ? 0 : flag.username)
    )
  }

  prepare(user: MqttUser, view: UserView): void {
    const isFive = this.#login.version === 5
    const id = this.#clientId === null ? madeUpId(view) : view.render(this.#clientId)
    let body = this.#begin
    if (isFive) body += this.#properties.bytes(view)
    body += field(id)
    if (this.#will !== null) body += this.#will.bytes(view)
    if (this.#username !== null) body += field(view.render(this.#username))
    if (this.#password !== null) body += field(view.render(this.#password))
    user.topic = head(packetHead.connect, body.length) + body
  }

  encode(user: MqttUser, connection: MqttConnection, view: UserView, sink: EncodeSink): string {
    const nowMs = view.nowMs()
    user.begin(this.#login, user.topic)
    user.topic = ''
    connection.greet(this.#login, false, nowMs, sink)
    connection.expect(awaited.connack, 0, 0, this.#ackTimeoutMs, nowMs, sink)
    return user.loginBytes
  }
}

class CompiledWill {
  readonly #topic: Template
  /** A byte string: as Tsung, markers in it count for nothing. */
  readonly #message: string
  readonly #properties: Properties | null

  constructor({ topic, message, properties }: Will, version: Version, compile: Compile) {
    this.#topic = compile(topic)
    this.#message = byteString(message)
    this.#properties = version === 5 ? new Properties(properties, compile) : null
  }

  bytes(view: UserView): string {
    const properties = this.#properties === null ? '' : this.#properties.bytes(view)
    return properties + field(view.render(this.#topic)) + field(this.#message)
  }
}

function madeUpId(view: UserView): string {
  let id = 'tsung-'
  for (let count = 0; count < madeUpLetters; count++) {
    id += String.fromCharCode(0x61 + Math.floor(view.random() * 26))
  }
  return id
}

export class DisconnectRequest {
  readonly #reason: number
  readonly #properties: Properties
  readonly #isBare: boolean

  constructor({ reason, properties }: DisconnectData, context: CompileContext) {
    this.#reason = reason
    this.#properties = new Properties(properties, compileWith(context))
    this.#isBare = reason === 0 && properties.length === 0
  }

  prepare(user: MqttUser, view: UserView): void {
    const isFive = user.version === 5 && !this.#isBare
    const body = isFive ? String.fromCharCode(this.#reason) + this.#properties.bytes(view) : ''
    user.topic = head(packetHead.disconnect, body.length) + body
  }

  /** A connection that has just been opened is greeted all the same: the server ends the session. */
  encode(user: MqttUser, connection: MqttConnection, _view: UserView, sink: EncodeSink): string {
    const login = connection.isGreeted || user.login === null ? '' : user.loginBytes
    const packet = user.topic
    user.topic = ''
    user.login = null
    user.loginBytes = ''
    sink.count('mqtt_disconnected')
    sink.closeAfter()
    return login + packet
  }
}
