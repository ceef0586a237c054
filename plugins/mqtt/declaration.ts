import type { CounterDeclaration, PluginDeclaration } from '../api.ts'
import { noOptions } from '../no-options.ts'
import { mqttElements } from './elements.ts'
import { newParseState, parseRequest } from './parse.ts'

const count = (name: string, doc: string): CounterDeclaration => {
  return { name, kind: 'count', isError: name.startsWith('error_'), doc }
}

const refused = 'CONNECT was refused'

/** Source: reference tsung-protocols.md, 11. */
export const mqttDeclaration: PluginDeclaration = {
  type: 'ts_mqtt',
  requestElement: 'mqtt',
  doc: 'MQTT 3.1, 3.1.1 and 5',
  elements: mqttElements,
  options: [],
  counters: [
    count('mqtt_connected', 'connections that the server accepted'),
    count('mqtt_disconnected', 'disconnections'),
    count('mqtt_published', 'messages published'),
    count('mqtt_server_pubacked', 'messages that the server acknowledged'),
    count('mqtt_server_published', 'messages that the server published'),
    count('mqtt_pubacked', 'messages acknowledged'),
    {
      name: 'mqtt_forward_latency',
      kind: 'sample',
      isError: false,
      doc: 'ms from publish to subscriber',
    },
    count('mqtt_reconnected', 'sessions that logged in again after a lost connection (ours)'),
    count('error_mqtt_connack_1', `${refused}: unacceptable protocol version (ours)`),
    count('error_mqtt_connack_2', `${refused}: client identifier rejected (ours)`),
    count('error_mqtt_connack_3', `${refused}: server unavailable (ours)`),
    count('error_mqtt_connack_4', `${refused}: bad user name or password (ours)`),
    count('error_mqtt_connack_5', `${refused}: not authorized (ours)`),
    count('error_mqtt_connack_NNN', `${refused} with that reason code of MQTT 5 (ours)`),
    count('error_mqtt_reason_NNN', 'something else was refused with that reason code (ours)'),
    count('error_mqtt_disconnected', 'the server has disconnected, without a fault (ours)'),
    count(
      'error_mqtt_bad_packet',
      'a packet that cannot be read, or not be sent by a server (ours)',
    ),
    count('error_mqtt_packet_too_large', 'a packet longer than max_packet_size (ours)'),
    count(
      'error_mqtt_inflight',
      'too many messages of QoS 2 that the server has not released (ours)',
    ),
    count('error_mqtt_unknown_id', 'an acknowledgement for what nobody waits for (ours)'),
    count('error_mqtt_no_pingresp', 'no answer to a ping before the next one was due (ours)'),
    count('error_mqtt_ack_timeout', 'no acknowledgement within ack_timeout (ours)'),
    count('error_mqtt_wait_timeout', 'fewer messages than were waited for (ours)'),
    count('error_mqtt_bad_value', 'a variable holds what cannot be sent (ours)'),
  ],
  defaults: { persistent: true, bidi: true },
  transports: ['tcp', 'ssl', 'websocket', 'websocket_ssl'],
  player: { newParseState, parseOptions: noOptions('ts_mqtt'), parseRequest },
}
