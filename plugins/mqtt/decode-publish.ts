/** PUBLISH and PUBREL of the server. Source: MQTT 3.1.1 and 5.0, 3.3, 3.6 and 4.3. */
import { fromBytes, toBytes } from '../../core/byte-string.ts'
import type { DecodeSink, Progress } from '../api.ts'
import { awaited, type MqttConnection } from './connection.ts'
import { badPacket, idAt, int16At, type Packet, skipProperties } from './decode-fields.ts'
import { ack, int16, packetHead } from './encode-fields.ts'
import type { MqttUser } from './user.ts'

const retainFlag = 1

/** @param first its first byte */
export function publishCame(
  first: number,
  { bytes, at, end }: Packet,
  connection: MqttConnection,
  user: MqttUser,
  sink: DecodeSink,
): Progress {
  const qos = (first >> 1) & 3
  if (qos === 3 || at + 2 > end) badPacket('a PUBLISH that cannot be read')
  let next = at + 2 + int16At(bytes, at)
  const idEnd = qos === 0 ? next : next + 2
  if (idEnd > end) badPacket('a PUBLISH that ends too early')
  const id = qos === 0 ? 0 : int16At(bytes, next)
  if (qos > 0 && id === 0) badPacket('a PUBLISH without its id')
  next = user.version === 5 ? skipProperties(bytes, idEnd, end) : idEnd
  if (qos === 2) {
    connection.replies += ack(packetHead.pubrec, id)
    if (user.hold(id)) return 'more'
  }
  sink.count('mqtt_server_published')
  if (qos === 1) {
    connection.replies += ack(packetHead.puback, id)
    sink.count('mqtt_pubacked')
  }
  sink.goOn()
  const payload = bytes.subarray(next, end)
  // What the server had kept was sent long ago.
  const isKept = (first & retainFlag) !== 0
  if (!isKept) {
    if (user.isSharing) sink.joins()
    sink.delivered(payload, 'mqtt_forward_latency')
  }
  return messageCame(payload, connection, user, sink)
}

function messageCame(
  payload: Uint8Array,
  connection: MqttConnection,
  user: MqttUser,
  sink: DecodeSink,
): Progress {
  const isAwaited = connection.awaits === awaited.messages && connection.awaitedCount > 0
  if (!isAwaited) {
    user.addUnread(user.keepsMessages ? fromBytes(payload) : null)
    return 'more'
  }
  if (sink.wantsContent) {
    handOverTaken(connection, sink)
    if (connection.hasContent) sink.content(lineEnd)
    sink.content(payload)
    connection.hasContent = true
  }
  if (--connection.awaitedCount > 0) return 'more'
  connection.over()
  return 'done'
}

const lineEnd = toBytes('\n')

/** The messages that came before they were waited for, as content: each a line. */
export function handOverTaken(connection: MqttConnection, sink: DecodeSink): void {
  const { taken } = connection
  if (taken === null) return
  connection.taken = null
  if (!sink.wantsContent) return
  sink.content(toBytes(taken.join('\n')))
  connection.hasContent = true
}

/** PUBREL: the server will not send the message again. */
export function releaseCame(
  packet: Packet,
  connection: MqttConnection,
  user: MqttUser,
  sink: DecodeSink,
): Progress {
  const id = idAt(packet)
  const isFive = user.version === 5
  if (packet.end - packet.at > 2 && !isFive) badPacket('a PUBREL that is too long')
  if (user.release(id)) {
    sink.count('mqtt_pubacked')
    connection.replies += ack(packetHead.pubcomp, id)
  } else connection.replies += isFive ? unknownRelease(id) : ack(packetHead.pubcomp, id)
  return 'more'
}

/** PUBCOMP: packet identifier not found. */
function unknownRelease(id: number): string {
  return String.fromCharCode(packetHead.pubcomp, 3) + int16(id) + String.fromCharCode(0x92)
}
