/** PUBACK, PUBREC, PUBCOMP, SUBACK and UNSUBACK. Source: MQTT 3.1.1 and 5.0, 3.4 to 3.7, 3.9, 3.11. */
import type { DecodeSink, Progress } from '../api.ts'
import { awaited, type MqttConnection } from './connection.ts'
import { badPacket, idAt, type Packet, skipProperties } from './decode-fields.ts'
import { ack, packetHead } from './encode-fields.ts'
import { firstRefusal, reasonCounter, reasonText } from './reason-codes.ts'
import type { MqttUser, Subscription } from './user.ts'

/** @param kind of `awaited`: what the packet acknowledges */
export function ackCame(
  kind: typeof awaited.puback | typeof awaited.pubrec | typeof awaited.pubcomp,
  packet: Packet,
  connection: MqttConnection,
  user: MqttUser,
  sink: DecodeSink,
): Progress {
  const { bytes, from, at, end } = packet
  const id = idAt(packet)
  const hasReason = end - at > 2
  if (hasReason && user.version !== 5) badPacket('an acknowledgement that is too long')
  const reason = hasReason ? bytes[at + 2]! : 0
  if (connection.awaits !== kind || connection.awaitedId !== id) {
    unknownAck(kind, id, reason, connection, sink)
    return 'more'
  }
  if (sink.wantsContent) sink.content(bytes.subarray(from, end))
  if (reason >= firstRefusal) {
    connection.over()
    return sink.fail(reasonCounter(reason), reasonText(reason))
  }
  if (kind === awaited.pubrec) {
    connection.awaits = awaited.pubcomp
    connection.replies += ack(packetHead.pubrel, id)
    return 'more'
  }
  sink.count('mqtt_server_pubacked')
  connection.over()
  return 'done'
}

/** A message that is received has to be released, whoever remembers it. */
function unknownAck(
  kind: number,
  id: number,
  reason: number,
  connection: MqttConnection,
  sink: DecodeSink,
): void {
  const isAgain =
    kind === awaited.pubrec && connection.awaits === awaited.pubcomp && connection.awaitedId === id
  if (!isAgain) sink.count('error_mqtt_unknown_id')
  if (kind === awaited.pubrec && reason < firstRefusal) {
    connection.replies += ack(packetHead.pubrel, id)
  }
}

export function subackCame(
  packet: Packet,
  connection: MqttConnection,
  user: MqttUser,
  sink: DecodeSink,
): Progress {
  const { bytes, from, end } = packet
  const id = idAt(packet)
  const codesAt = reasonsAt(packet, user)
  if (connection.awaits !== awaited.suback || connection.awaitedId !== id) {
    replayedCame(id, bytes, codesAt, end, connection, sink)
    return 'more'
  }
  if (end - codesAt !== connection.awaitedCount) badPacket('a SUBACK for other topics')
  if (sink.wantsContent) sink.content(bytes.subarray(from, end))
  const { asked } = user
  user.asked = []
  sink.joins()
  connection.over()
  const refusedAt = refusalIn(bytes, codesAt, end)
  if (refusedAt < 0) {
    user.subscribe(asked)
    return 'done'
  }
  const granted: Subscription[] = []
  for (let at = 0; at < asked.length; at++) {
    if (bytes[codesAt + at]! < firstRefusal) granted.push(asked[at]!)
  }
  user.subscribe(granted)
  const reason = bytes[refusedAt]!
  return sink.fail(
    reasonCounter(reason),
    `${asked[refusedAt - codesAt]!.filter}: ${reasonText(reason)}`,
  )
}

export function unsubackCame(
  packet: Packet,
  connection: MqttConnection,
  user: MqttUser,
  sink: DecodeSink,
): Progress {
  const { bytes, from, end } = packet
  const id = idAt(packet)
  const codesAt = reasonsAt(packet, user)
  if (connection.awaits !== awaited.unsuback || connection.awaitedId !== id) {
    sink.count('error_mqtt_unknown_id')
    return 'more'
  }
  const count = user.version === 5 ? connection.awaitedCount : 0
  if (end - codesAt !== count) badPacket('an UNSUBACK for other topics')
  if (sink.wantsContent) sink.content(bytes.subarray(from, end))
  user.asked = []
  connection.over()
  const refusedAt = refusalIn(bytes, codesAt, end)
  if (refusedAt < 0) return 'done'
  const reason = bytes[refusedAt]!
  return sink.fail(reasonCounter(reason), reasonText(reason))
}

/** Where its reason codes begin. */
function reasonsAt({ bytes, at, end }: Packet, user: MqttUser): number {
  return user.version === 5 ? skipProperties(bytes, at + 2, end) : at + 2
}

/** @returns where the first refusal stands; -1: nothing was refused */
function refusalIn(bytes: Uint8Array, from: number, end: number): number {
  for (let at = from; at < end; at++) {
    if (bytes[at]! >= firstRefusal) return at
  }
  return -1
}

/** What a new connection had subscribed to again. */
function replayedCame(
  id: number,
  bytes: Uint8Array,
  from: number,
  end: number,
  connection: MqttConnection,
  sink: DecodeSink,
): void {
  if (!connection.takeReplayed(id)) sink.count('error_mqtt_unknown_id')
  else {
    const at = refusalIn(bytes, from, end)
    sink.joins()
    if (at >= 0) sink.count(reasonCounter(bytes[at]!))
  }
}
