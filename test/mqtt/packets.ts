/** Packets of a server, made by a codec that is not ours. */
import { generate, type Packet, parser } from 'mqtt-packet'

/** @returns a byte string */
export function packet(packet: Packet, version: 3 | 4 | 5 = 4): string {
  return generate(packet, { protocolVersion: version }).toString('latin1')
}

/** What a client sent. @throws {Error} when that codec cannot read it */
export function parsed(bytes: string, version: 3 | 4 | 5 = 4): readonly Packet[] {
  const packets: Packet[] = []
  const reader = parser({ protocolVersion: version })
  reader.on('packet', (each) => packets.push(each))
  reader.on('error', (error) => {
    throw error
  })
  const left = reader.parse(Buffer.from(bytes, 'latin1'))
  if (left > 0) throw new Error(`${left} bytes are no packet`)
  return packets
}

export const connack = (code = 0, version: 3 | 4 | 5 = 4, rest: object = {}): string =>
  packet(
    {
      ...{ cmd: 'connack', sessionPresent: false, ...rest },
      ...(version === 5 ? { reasonCode: code } : { returnCode: code }),
    } as Packet,
    version,
  )

export const ack = (
  cmd: 'puback' | 'pubrec' | 'pubcomp' | 'pubrel',
  messageId: number,
  version: 3 | 4 | 5 = 4,
  reasonCode = 0,
): string => packet({ cmd, messageId, reasonCode }, version)

export const suback = (
  messageId: number,
  granted: readonly number[] = [0],
  version: 3 | 4 | 5 = 4,
): string => packet({ cmd: 'suback', messageId, granted: [...granted] }, version)

export const unsuback = (messageId: number, version: 3 | 4 | 5 = 4): string =>
  packet({ cmd: 'unsuback', messageId, granted: [0] } as Packet, version)

export const message = (
  payload: string,
  qos: 0 | 1 | 2 = 0,
  messageId = 7,
  version: 3 | 4 | 5 = 4,
  rest: object = {},
): string =>
  packet(
    {
      ...{ cmd: 'publish', topic: 'a/b', payload: Buffer.from(payload, 'latin1'), qos },
      ...{ dup: false, retain: false, ...rest },
      ...(qos === 0 ? {} : { messageId }),
    } as Packet,
    version,
  )

export const pingresp: string = packet({ cmd: 'pingresp' })
