/** Requests of MQTT as they travel, with what is usual. */
import type { Json } from '../../plugins/api.ts'
import type {
  ConnectData,
  DisconnectData,
  MqttData,
  PublishData,
  SubscribeData,
  UnsubscribeData,
} from '../../plugins/mqtt/data.ts'

const ackTimeoutMs = 600_000

export const connectData: ConnectData = {
  type: 'connect',
  version: 3,
  clientId: null,
  cleanStart: true,
  keepalive: 10,
  username: null,
  password: null,
  will: null,
  properties: [],
  maxPacketBytes: 16 * 1024 * 1024,
  ackTimeoutMs,
  keepsMessages: false,
}

export const publishData: PublishData = {
  ...{ type: 'publish', topic: 'a/b', payload: 'text', qos: 0, retain: false, stamped: false },
  ...{ usesAlias: false, properties: [], ackTimeoutMs },
}

export const subscribeData: SubscribeData = {
  ...{ type: 'subscribe', topics: [{ filter: 'a/#', options: 1 }], properties: [], ackTimeoutMs },
}

export const unsubscribeData: UnsubscribeData = {
  ...{ type: 'unsubscribe', filters: ['a/#'], properties: [], ackTimeoutMs },
}

export const disconnectData: DisconnectData = { type: 'disconnect', reason: 0, properties: [] }

export function asJson(data: MqttData): Json {
  return data as unknown as Json
}
