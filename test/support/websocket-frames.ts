/** Frames as tests write and read them, by means of their own: what is tested has no part in it. */

export interface Frame {
  readonly isFinal: boolean
  readonly reserved: number
  readonly opcode: number
  /** Byte string. */
  readonly payload: string
  readonly isMasked: boolean
}

/** A server's frame. @param first the first byte */
export function frame(first: number, payload: string | Uint8Array = ''): Buffer {
  const bytes = typeof payload === 'string' ? Buffer.from(payload, 'latin1') : Buffer.from(payload)
  const head = [first]
  if (bytes.length < 126) head.push(bytes.length)
  else if (bytes.length < 65_536) head.push(126, bytes.length >> 8, bytes.length & 255)
  else {
    const length = Buffer.alloc(8)
    length.writeBigUInt64BE(BigInt(bytes.length))
    head.push(127, ...length)
  }
  return Buffer.concat([Buffer.from(head), bytes])
}

export const text = (payload: string): Buffer => frame(0x81, Buffer.from(payload))
export const binary = (payload: string): Buffer => frame(0x82, payload)
export const ping = (payload = ''): Buffer => frame(0x89, payload)
export const pong = (payload = ''): Buffer => frame(0x8a, payload)
export function closing(code: number, reason = ''): Buffer {
  return frame(0x88, Buffer.concat([Buffer.from([code >> 8, code & 255]), Buffer.from(reason)]))
}

/** Takes whole frames off the front of bytes. */
export function framesIn(bytes: Buffer): {
  readonly frames: readonly Frame[]
  readonly rest: Buffer
} {
  const frames: Frame[] = []
  let at = 0
  for (;;) {
    const end = endOf(bytes, at)
    if (end === null) return { frames, rest: bytes.subarray(at) }
    frames.push(frameAt(bytes, at, end))
    at = end
  }
}

function headOf(bytes: Buffer, at: number): { readonly head: number; readonly length: number } {
  const short = bytes[at + 1]! & 127
  if (short < 126) return { head: 2, length: short }
  if (short === 126) return { head: 4, length: bytes.readUInt16BE(at + 2) }
  return { head: 10, length: Number(bytes.readBigUInt64BE(at + 2)) }
}

function endOf(bytes: Buffer, at: number): number | null {
  if (bytes.length < at + 2) return null
  const short = bytes[at + 1]! & 127
  if (bytes.length < at + (short < 126 ? 2 : short === 126 ? 4 : 10)) return null
  const { head, length } = headOf(bytes, at)
  const end = at + head + (bytes[at + 1]! & 128 ? 4 : 0) + length
  return end <= bytes.length ? end : null
}

function frameAt(bytes: Buffer, at: number, end: number): Frame {
  const first = bytes[at]!
  const isMasked = (bytes[at + 1]! & 128) !== 0
  const { head } = headOf(bytes, at)
  const payload = Buffer.from(bytes.subarray(at + head + (isMasked ? 4 : 0), end))
  if (isMasked) {
    const key = bytes.subarray(at + head, at + head + 4)
    for (let index = 0; index < payload.length; index++) payload[index]! ^= key[index % 4]!
  }
  return {
    isFinal: (first & 128) !== 0,
    reserved: (first >> 4) & 7,
    opcode: first & 15,
    payload: payload.toString('latin1'),
    isMasked,
  }
}
