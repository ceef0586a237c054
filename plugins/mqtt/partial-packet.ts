/** A packet of which more has to come: its bytes are copied, for those that are given are lent. */
import { ProtocolError } from '../api.ts'

/** First byte and remaining length, at most. Source: MQTT 5.0, 2.1.4. */
const maxHeaderBytes = 5

/**
 * Bytes of the whole packet that begins at `at`.
 *
 * @returns 0: its length is not there yet
 * @throws {ProtocolError} when the length has no end
 */
export function packetBytes(bytes: Uint8Array, at: number, end: number): number {
  let remaining = 0
  let factor = 1
  for (let index = at + 1; index < end; index++) {
    const byte = bytes[index]!
    remaining += (byte & 127) * factor
    if (byte < 128) return index + 1 - at + remaining
    if (index - at === maxHeaderBytes - 1) {
      throw new ProtocolError('error_mqtt_bad_packet', 'the length of a packet has no end')
    }
    factor *= 128
  }
  return 0
}

export class PartialPacket {
  bytes: Uint8Array
  length: number
  /** Of the whole packet; 0: not known yet. */
  #whole: number

  constructor() {
    this.bytes = new Uint8Array(64)
    this.length = 0
    this.#whole = 0
  }

  get isWhole(): boolean {
    return this.#whole > 0 && this.length === this.#whole
  }

  /**
   * Copies what belongs to the packet. It grows with what comes, not with what is promised.
   *
   * @returns where the next one begins, or the end
   * @throws {ProtocolError} when the packet is longer than `maxBytes`
   */
  append(from: Uint8Array, at: number, maxBytes: number): number {
    let next = at
    while (this.#whole === 0 && next < from.length) {
      this.bytes[this.length++] = from[next++]!
      this.#whole = packetBytes(this.bytes, 0, this.length)
      checkSize(this.#whole, maxBytes)
    }
    if (this.#whole === 0) return next
    const end = Math.min(from.length, next + this.#whole - this.length)
    this.#makeRoom(this.length + end - next)
    this.bytes.set(from.subarray(next, end), this.length)
    this.length += end - next
    return end
  }

  #makeRoom(bytes: number): void {
    if (bytes <= this.bytes.length) return
    const grown = new Uint8Array(Math.min(this.#whole, Math.max(bytes, 2 * this.bytes.length)))
    grown.set(this.bytes.subarray(0, this.length))
    this.bytes = grown
  }
}

/** @throws {ProtocolError} when a packet is longer than the user takes */
export function checkSize(bytes: number, maxBytes: number): void {
  if (bytes <= maxBytes) return
  const text = `a packet of ${bytes} bytes: at most ${maxBytes} are taken`
  throw new ProtocolError('error_mqtt_packet_too_large', text)
}
