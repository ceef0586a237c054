/** Bytes to packets. Source: MQTT 3.1.1 and 5.0, 2.1. */
import { type DecodeSink, type Progress, ProtocolError } from '../api.ts'
import { awaited, type MqttConnection } from './connection.ts'
import { ackCame, subackCame, unsubackCame } from './decode-acks.ts'
import { connackCame, disconnectCame } from './decode-connection.ts'
import type { Packet } from './decode-fields.ts'
import { handOverTaken, publishCame, releaseCame } from './decode-publish.ts'
import { head, packetHead } from './encode-fields.ts'
import { checkSize, PartialPacket, packetBytes } from './partial-packet.ts'
import type { MqttUser } from './user.ts'

/** Types of the packets that a server sends. */
const packetType = {
  connack: 2,
  publish: 3,
  puback: 4,
  pubrec: 5,
  pubrel: 6,
  pubcomp: 7,
  suback: 9,
  unsuback: 11,
  pingresp: 13,
  disconnect: 14,
} as const

const ping = head(packetHead.pingreq, 0)

export function decode(
  bytes: Uint8Array,
  connection: MqttConnection,
  user: MqttUser,
  sink: DecodeSink,
): Progress {
  let progress: Progress = 'more'
  let at = 0
  if (connection.partial !== null) {
    const { partial } = connection
    at = partial.append(bytes, 0, user.maxPacketBytes)
    if (!partial.isWhole) return 'more'
    connection.partial = null
    progress = packetCame(partial.bytes, 0, partial.length, connection, user, sink)
  }
  while (at < bytes.length) {
    const length = packetBytes(bytes, at, bytes.length)
    checkSize(length, user.maxPacketBytes)
    if (length === 0 || at + length > bytes.length) {
      connection.partial = new PartialPacket()
      connection.partial.append(bytes, at, user.maxPacketBytes)
      break
    }
    const came = packetCame(bytes, at, at + length, connection, user, sink)
    if (came !== 'more') progress = came
    at += length
  }
  sendReplies(connection, sink)
  return progress
}

function sendReplies(connection: MqttConnection, sink: DecodeSink): void {
  const { replies } = connection
  if (replies === '') return
  connection.replies = ''
  sink.reply(replies)
}

/** @throws {ProtocolError} when a server may not send it */
function packetCame(
  bytes: Uint8Array,
  from: number,
  end: number,
  connection: MqttConnection,
  user: MqttUser,
  sink: DecodeSink,
): Progress {
  const first = bytes[from]!
  let at = from + 1
  while (bytes[at++]! > 127);
  const packet: Packet = { bytes, from, at, end }
  switch (first >> 4) {
    case packetType.publish:
      return publishCame(first, packet, connection, user, sink)
    case packetType.puback:
      return ackCame(awaited.puback, packet, connection, user, sink)
    case packetType.pubrec:
      return ackCame(awaited.pubrec, packet, connection, user, sink)
    case packetType.pubcomp:
      return ackCame(awaited.pubcomp, packet, connection, user, sink)
    case packetType.pubrel:
      return releaseCame(packet, connection, user, sink)
    case packetType.suback:
      return subackCame(packet, connection, user, sink)
    case packetType.unsuback:
      return unsubackCame(packet, connection, user, sink)
    case packetType.connack:
      return connackCame(packet, connection, user, sink)
    case packetType.pingresp:
      connection.isPingPending = false
      return 'more'
    case packetType.disconnect:
      return disconnectCame(packet, user)
    default:
      throw new ProtocolError('error_mqtt_bad_packet', `a packet of type ${first >> 4}`)
  }
}

/** Something is due: a ping, the end of a wait. */
export function wake(connection: MqttConnection, user: MqttUser, sink: DecodeSink): Progress {
  const nowMs = user.view.nowMs()
  if (connection.isPingDue(nowMs)) {
    if (connection.isPingPending) {
      const text = `no PINGRESP within ${connection.keepaliveMs / 1000} s`
      throw new ProtocolError('error_mqtt_no_pingresp', text)
    }
    connection.isPingPending = true
    connection.pingAgain(nowMs)
    sink.reply(ping)
  }
  const progress = connection.isDeadline(nowMs) ? deadline(connection, sink) : 'more'
  connection.alarmAgain(nowMs, sink)
  return progress
}

function deadline(connection: MqttConnection, sink: DecodeSink): Progress {
  const { awaits, awaitedCount: missing } = connection
  if (awaits !== awaited.messages) {
    connection.over()
    return sink.fail('error_mqtt_ack_timeout', 'the acknowledgement did not come in time')
  }
  if (missing > 0) {
    connection.over()
    return sink.fail('error_mqtt_wait_timeout', `${missing} messages did not come in time`)
  }
  handOverTaken(connection, sink)
  connection.over()
  return 'done'
}
