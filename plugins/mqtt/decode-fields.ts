/** What packets of a server are read with. Source: MQTT 5.0, 1.5 and 2.2.2. */
import { ProtocolError } from '../api.ts'
import { propertyType } from './property-table.ts'

/** A whole packet in what was lent. */
export interface Packet {
  readonly bytes: Uint8Array
  /** Where its first byte, what stands behind the fixed header, and the next packet begin. */
  readonly from: number
  readonly at: number
  readonly end: number
}

export function badPacket(text: string): never {
  throw new ProtocolError('error_mqtt_bad_packet', text)
}

/** @throws {ProtocolError} when it ends before, or is 0 */
export function idAt({ bytes, at, end }: Packet): number {
  const id = at + 2 > end ? 0 : (bytes[at]! << 8) | bytes[at + 1]!
  return id === 0 ? badPacket('a packet without its id') : id
}

/** Where the properties that begin at `at` end. @throws {ProtocolError} when they end beyond `end` */
export function skipProperties(bytes: Uint8Array, at: number, end: number): number {
  const first = listStart(bytes, at, end)
  const last = first + listLength(bytes, at)
  return last > end ? badPacket('properties that go beyond their packet') : last
}

/**
 * @param at where the properties begin, with their length
 * @returns where the value of the first property of that id begins; -1: there is none
 * @throws {ProtocolError} when a property is not known or goes beyond the list
 */
export function findProperty(bytes: Uint8Array, at: number, end: number, id: number): number {
  const last = skipProperties(bytes, at, end)
  let found = -1
  for (let next = listStart(bytes, at, end); next < last; ) {
    const value = next + 1
    if (bytes[next] === id && found < 0) found = value
    next = valueEnd(bytes, bytes[next]!, value, last)
    if (next > last) badPacket('a property that goes beyond the others')
  }
  return found
}

/** A text with its length before it, for people. */
export function textAt(bytes: Uint8Array, at: number): string {
  return new TextDecoder().decode(bytes.subarray(at + 2, at + 2 + int16At(bytes, at)))
}

export function int16At(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!
}

function listStart(bytes: Uint8Array, at: number, end: number): number {
  for (let next = at; next < Math.min(end, at + 4); next++) {
    if (bytes[next]! < 128) return next + 1
  }
  return badPacket('properties whose length has no end')
}

/** After `listStart` found its end. */
function listLength(bytes: Uint8Array, at: number): number {
  let length = 0
  let next = at
  for (let factor = 1; ; factor *= 128) {
    const byte = bytes[next++]!
    length += (byte & 127) * factor
    if (byte < 128) return length
  }
}

function valueEnd(bytes: Uint8Array, id: number, at: number, last: number): number {
  const type = propertyType(id)
  switch (type) {
    case 'byte':
      return at + 1
    case 'int16':
      return at + 2
    case 'int32':
      return at + 4
    case 'varint':
      return listStart(bytes, at, last)
    case 'string':
    case 'binary':
      return textEnd(bytes, at, last)
    case 'pair':
      return textEnd(bytes, textEnd(bytes, at, last), last)
    case undefined:
      return badPacket(`a property ${id}, which MQTT does not have`)
  }
}

function textEnd(bytes: Uint8Array, at: number, last: number): number {
  return at + 2 > last ? last + 1 : at + 2 + int16At(bytes, at)
}
