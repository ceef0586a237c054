/** Requests as they travel from controller to launcher. Text is as written in the scenario. */

/** The protocol's number for 3.1, 3.1.1 and 5. */
export type Version = 3 | 4 | 5

export interface Property {
  /** Its identifier. Source: MQTT 5.0, 2.2.2.2. */
  readonly id: number
  /** Of a user property; else empty. */
  readonly name: string
  readonly value: string
}

export interface Will {
  readonly topic: string
  readonly message: string
  readonly qos: number
  readonly retain: boolean
  readonly properties: readonly Property[]
}

export interface ConnectData {
  readonly type: 'connect'
  readonly version: Version
  /** Null: made up for each user. */
  readonly clientId: string | null
  readonly cleanStart: boolean
  /** s; 0: none. */
  readonly keepalive: number
  readonly username: string | null
  readonly password: string | null
  readonly will: Will | null
  readonly properties: readonly Property[]
  readonly maxPacketBytes: number
  readonly ackTimeoutMs: number
  /** A later step of the session looks at the messages that came. */
  readonly keepsMessages: boolean
}

export interface PublishData {
  readonly type: 'publish'
  readonly topic: string
  readonly payload: string
  readonly qos: number
  readonly retain: boolean
  readonly stamped: boolean
  readonly usesAlias: boolean
  readonly properties: readonly Property[]
  readonly ackTimeoutMs: number
}

export interface Topic {
  readonly filter: string
  /** QoS and, with MQTT 5, the other options. Source: MQTT 5.0, 3.8.3.1. */
  readonly options: number
}

export interface SubscribeData {
  readonly type: 'subscribe'
  readonly topics: readonly Topic[]
  readonly properties: readonly Property[]
  readonly ackTimeoutMs: number
}

export interface UnsubscribeData {
  readonly type: 'unsubscribe'
  readonly filters: readonly string[]
  readonly properties: readonly Property[]
  readonly ackTimeoutMs: number
}

export interface WaitData {
  readonly type: 'wait'
  readonly count: number
  readonly timeoutMs: number
}

export interface DisconnectData {
  readonly type: 'disconnect'
  readonly reason: number
  readonly properties: readonly Property[]
}

export type MqttData =
  | (ConnectData | PublishData | SubscribeData)
  | (UnsubscribeData | WaitData | DisconnectData)
