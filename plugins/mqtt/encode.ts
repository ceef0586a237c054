/** Requests as the launcher holds them: compiled once, shared by all users, never written. */
import type { CompileContext, EncodeSink, Json, UserView } from '../api.ts'
import type { MqttConnection } from './connection.ts'
import type { MqttData } from './data.ts'
import { ConnectRequest, DisconnectRequest } from './encode-connect.ts'
import { PublishRequest } from './encode-publish.ts'
import { SubscribeRequest, UnsubscribeRequest, WaitRequest } from './encode-subscribe.ts'
import type { MqttUser } from './user.ts'

export interface MqttRequest {
  /** @throws {ProtocolError} when what the variables hold cannot be sent */
  prepare(user: MqttUser, view: UserView): void
  encode(user: MqttUser, connection: MqttConnection, view: UserView, sink: EncodeSink): string
}

export function compile(json: Json, context: CompileContext): MqttRequest {
  const data = json as unknown as MqttData
  switch (data.type) {
    case 'connect':
      return new ConnectRequest(data, context)
    case 'publish':
      return new PublishRequest(data, context)
    case 'subscribe':
      return new SubscribeRequest(data, context)
    case 'unsubscribe':
      return new UnsubscribeRequest(data, context)
    case 'wait':
      return new WaitRequest(data)
    case 'disconnect':
      return new DisconnectRequest(data, context)
  }
}
