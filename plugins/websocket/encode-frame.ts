/** Frames as a client sends them: masked. Source: RFC 6455, 5.2 to 5.4. */
import { finBit, maskBit, Opcode } from './frames.ts'

/** Where payloads begin in the buffer: behind the longest head, on the border of a word. */
const payloadAt = 16
const keyWord = payloadAt / 4 - 1
const keptBytes = 64 * 1024

/** One for all frames of the process: nothing waits in it. */
let buffer = Buffer.allocUnsafeSlow(keptBytes)
let words = new Uint32Array(buffer.buffer)

/**
 * @param first the first byte: opcode and flags
 * @param payload byte string
 * @param random in [0, 1): of which the masking key is made
 */
export function maskedFrame(first: number, payload: string, random: number): string {
  const { length } = payload
  const needed = payloadAt + length + 4
  if (needed > buffer.length) return longFrame(first, payload, random, needed)
  return writeFrame(first, payload, random)
}

/** The buffer is made larger for the moment. */
function longFrame(first: number, payload: string, random: number, needed: number): string {
  const kept = buffer
  const keptWords = words
  buffer = Buffer.allocUnsafeSlow((needed + 3) & ~3)
  words = new Uint32Array(buffer.buffer)
  const frame = writeFrame(first, payload, random)
  buffer = kept
  words = keptWords
  return frame
}

function writeFrame(first: number, payload: string, random: number): string {
  const { length } = payload
  const key = (random * 0x1_0000_0000) >>> 0
  buffer[payloadAt - 4] = key >>> 24
  buffer[payloadAt - 3] = key >>> 16
  buffer[payloadAt - 2] = key >>> 8
  buffer[payloadAt - 1] = key
  buffer.write(payload, payloadAt, 'latin1')
  // The key lies before the payload as it goes over the wire: as a word it fits whatever the order of bytes here.
  const mask = words[keyWord]!
  const end = (payloadAt + length + 3) >> 2
  for (let at = payloadAt >> 2; at < end; at++) words[at]! ^= mask
  return buffer.toString('latin1', writeHead(first, length), payloadAt + length)
}

/** Writes what stands before the key. @returns where it begins */
function writeHead(first: number, length: number): number {
  if (length < 126) {
    buffer[payloadAt - 6] = first
    buffer[payloadAt - 5] = maskBit | length
    return payloadAt - 6
  }
  if (length < 65_536) {
    buffer[payloadAt - 8] = first
    buffer[payloadAt - 7] = maskBit | 126
    buffer[payloadAt - 6] = length >> 8
    buffer[payloadAt - 5] = length
    return payloadAt - 8
  }
  buffer[payloadAt - 14] = first
  buffer[payloadAt - 13] = maskBit | 127
  let left = length
  for (let at = payloadAt - 5; at > payloadAt - 13; at--) {
    buffer[at] = left
    left = Math.floor(left / 256)
  }
  return payloadAt - 14
}

/**
 * A message in frames of at most `fragmentBytes`.
 *
 * @param first opcode, and the bit of compression where it holds
 * @param fragmentBytes above 0
 */
export function maskedMessage(
  first: number,
  payload: string,
  fragmentBytes: number,
  random: () => number,
): string {
  if (payload.length <= fragmentBytes) return maskedFrame(finBit | first, payload, random())
  let frames = ''
  for (let from = 0; from < payload.length; from += fragmentBytes) {
    const opcode = from === 0 ? first : Opcode.continuation
    const isLast = from + fragmentBytes >= payload.length
    const part = payload.slice(from, from + fragmentBytes)
    frames += maskedFrame(isLast ? finBit | opcode : opcode, part, random())
  }
  return frames
}
