/** The parts that packets are made of, as byte strings. Source: MQTT 5.0, 1.5 and 2.1; 3.1.1 the same. */
import { ProtocolError } from '../api.ts'

/** First bytes of the packets that a client sends, flags included. */
export const packetHead = {
  connect: 0x10,
  publish: 0x30,
  puback: 0x40,
  pubrec: 0x50,
  pubrel: 0x62,
  pubcomp: 0x70,
  subscribe: 0x82,
  unsubscribe: 0xa2,
  pingreq: 0xc0,
  disconnect: 0xe0,
} as const

const maxFieldBytes = 0xffff
/** Of what stands behind the fixed header. */
const maxRemaining = 0x0fff_ffff

/** Fixed header of a packet. */
export function head(first: number, remaining: number): string {
  if (remaining < 128) return String.fromCharCode(first, remaining)
  return String.fromCharCode(first) + varint(remaining)
}

/** @param value at most 268,435,455 */
export function varint(value: number): string {
  if (value < 128) return String.fromCharCode(value)
  return String.fromCharCode((value & 127) | 128) + varint(value >>> 7)
}

export function int16(value: number): string {
  return String.fromCharCode(value >>> 8, value & 255)
}

export function int32(value: number): string {
  return int16(value >>> 16) + int16(value & 0xffff)
}

/**
 * A text or binary with its length before it.
 *
 * @throws {ProtocolError} when it is longer than a length can say
 */
export function field(text: string): string {
  if (text.length <= maxFieldBytes) return int16(text.length) + text
  throw new ProtocolError('error_mqtt_bad_value', `a text of ${text.length} bytes: 65535 fit`)
}

/** An acknowledgement without a reason. @param first of `packetHead` */
export function ack(first: number, id: number): string {
  return String.fromCharCode(first, 2, id >>> 8, id & 255)
}

/** @throws {ProtocolError} when no packet can hold so much */
export function checkPacketBytes(bytes: number): void {
  if (bytes <= maxRemaining) return
  throw new ProtocolError('error_mqtt_bad_value', `a packet of ${bytes} bytes is too long`)
}
