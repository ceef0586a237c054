import type { Json, Plugin, UserView } from '../api.ts'
import { MqttConnection } from './connection.ts'
import { mqttDeclaration } from './declaration.ts'
import { decode, wake } from './decode.ts'
import { compile, type MqttRequest } from './encode.ts'
import { MqttUser } from './user.ts'

/** MQTT 3.1, 3.1.1 and 5, as Tsung's ts_mqtt plays 3.1. */
export const mqtt: Plugin<MqttRequest, MqttUser, MqttConnection> = {
  declaration: mqttDeclaration,
  compile,
  newUser: (view: UserView, _options: Json) => new MqttUser(view),
  newConnection: () => new MqttConnection(),
  prepare: (request, user, view) => request.prepare(user, view),
  target: () => null,
  encode: (request, user, connection, view, sink) => request.encode(user, connection, view, sink),
  decode,
  /** Whatever is awaited, a server that closes does not answer. */
  end: () => 'more',
  wake,
}
