/** CONNACK and DISCONNECT. Source: MQTT 3.1.1, 3.2; MQTT 5.0, 3.2 and 3.14. */
import { type DecodeSink, type Progress, ProtocolError } from '../api.ts'
import { awaited, type MqttConnection } from './connection.ts'
import { badPacket, findProperty, int16At, type Packet, textAt } from './decode-fields.ts'
import { propertyId } from './property-table.ts'
import { connackText, firstRefusal, reasonCounter, reasonText } from './reason-codes.ts'
import type { MqttUser } from './user.ts'

/** The return codes before MQTT 5 go so far. */
const lastReturnCode = 5

/** @throws {ProtocolError} when it refuses, by its code: the connection is of no use any longer */
export function connackCame(
  packet: Packet,
  connection: MqttConnection,
  user: MqttUser,
  sink: DecodeSink,
): Progress {
  const { bytes, from, at, end } = packet
  const isFive = user.version === 5
  if (!connection.isGreeting || user.login === null) badPacket('a CONNACK that nobody asked for')
  const isLong = end - at > 2
  if (end - at < 2 || (isLong && !isFive)) badPacket('a CONNACK of another length')
  const code = bytes[at + 1]!
  connection.isGreeting = false
  if (code !== 0) refused(code, isLong ? packet : null)
  if (isLong) heedProperties(packet, connection)
  const isSessionPresent = (bytes[at]! & 1) === 1
  accepted(isSessionPresent, connection, user, sink)
  if (connection.awaits !== awaited.connack) return 'more'
  if (sink.wantsContent) sink.content(bytes.subarray(from, end))
  connection.over()
  return 'done'
}

/** @param packet null: it has no properties */
function refused(code: number, packet: Packet | null): never {
  const isKnown = code <= lastReturnCode || code >= firstRefusal
  if (!isKnown) badPacket(`a CONNACK with code ${code}`)
  throw new ProtocolError(`error_mqtt_connack_${code}`, connackText(code) + whyOf(packet, 2))
}

/** What the server says of it, for people. @param skipped bytes before the properties */
function whyOf(packet: Packet | null, skipped: number): string {
  if (packet === null) return ''
  const { bytes, at, end } = packet
  const found = findProperty(bytes, at + skipped, end, propertyId.reasonString)
  return found < 0 ? '' : `: ${textAt(bytes, found)}`
}

function heedProperties({ bytes, at, end }: Packet, connection: MqttConnection): void {
  const aliases = findProperty(bytes, at + 2, end, propertyId.topicAliasMaximum)
  if (aliases >= 0) connection.aliasMaximum = int16At(bytes, aliases)
  const keepalive = findProperty(bytes, at + 2, end, propertyId.serverKeepAlive)
  if (keepalive < 0) return
  const seconds = int16At(bytes, keepalive)
  connection.keepaliveMs = seconds === 0 ? Infinity : seconds * 1000
}

function accepted(
  isSessionPresent: boolean,
  connection: MqttConnection,
  user: MqttUser,
  sink: DecodeSink,
): void {
  const { isClean, version } = user.login!
  sink.count('mqtt_connected')
  if (connection.isReplay) sink.count('mqtt_reconnected')
  connection.pingIn(connection.keepaliveMs, user.view.nowMs(), sink)
  // MQTT 3.1 does not say whether the server remembers the session.
  const isForgotten = version > 3 && !isSessionPresent
  if (isClean || isForgotten) user.forgetUnreleased()
  if (connection.isReplay && !isClean && isForgotten) {
    connection.replies += user.resubscribe(connection)
  }
}

/** @throws {ProtocolError} always: whatever is awaited will not come */
export function disconnectCame(packet: Packet, user: MqttUser): never {
  const { bytes, at, end } = packet
  if (user.version !== 5) badPacket('a DISCONNECT, which a server may send since MQTT 5')
  const reason = end > at ? bytes[at]! : 0
  const text = `the server disconnects: ${reasonText(reason)}${whyOf(end - at > 1 ? packet : null, 1)}`
  const counter = reason < firstRefusal ? 'error_mqtt_disconnected' : reasonCounter(reason)
  throw new ProtocolError(counter, text)
}
