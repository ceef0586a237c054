/** Bits of binaries: a segment of `<<…>>` may begin and end inside a byte, a whole binary may not. */
import { badarg } from './term/term.ts'

export class BitWriter {
  #bytes = ''
  /** What does not fill a byte yet. */
  #rest = 0n
  #restBits = 0

  integer(value: bigint, bits: number, isLittle: boolean): void {
    const unsigned = BigInt.asUintN(bits, value)
    const number = isLittle && bits % 8 === 0 ? swapped(unsigned, bits) : unsigned
    this.#rest = (this.#rest << BigInt(bits)) | number
    this.#restBits += bits
    while (this.#restBits >= 8) {
      this.#restBits -= 8
      const shift = BigInt(this.#restBits)
      this.#bytes += String.fromCharCode(Number(this.#rest >> shift))
      this.#rest &= (1n << shift) - 1n
    }
  }

  bytes(bytes: string): void {
    if (this.#restBits === 0) {
      this.#bytes += bytes
      return
    }
    for (let at = 0; at < bytes.length; at++) this.integer(BigInt(bytes.charCodeAt(at)), 8, false)
  }

  /** @throws {ErlangError} `badarg` when the last byte is not full */
  end(): string {
    if (this.#restBits > 0) throw badarg()
    return this.#bytes
  }
}

export class BitReader {
  readonly #bytes: string
  /** In bits. */
  #at = 0

  constructor(bytes: string) {
    this.#bytes = bytes
  }

  get leftBits(): number {
    return this.#bytes.length * 8 - this.#at
  }

  /** Null when there are fewer bits. */
  integer(bits: number, isSigned: boolean, isLittle: boolean): bigint | null {
    if (bits > this.leftBits) return null
    const first = this.#at >> 3
    const end = this.#at + bits
    let value = 0n
    for (let byte = first; byte * 8 < end; byte++) {
      value = (value << 8n) | BigInt(this.#bytes.charCodeAt(byte))
    }
    value = BigInt.asUintN(bits, value >> BigInt((8 - (end & 7)) & 7))
    this.#at = end
    if (isLittle && bits % 8 === 0) value = swapped(value, bits)
    return isSigned ? BigInt.asIntN(bits, value) : value
  }

  /** Null when there are fewer bits, or they are no whole bytes. */
  bytes(bits: number): string | null {
    if (bits > this.leftBits || bits % 8 !== 0) return null
    if (this.#at % 8 === 0) {
      const start = this.#at / 8
      this.#at += bits
      return this.#bytes.slice(start, start + bits / 8)
    }
    let bytes = ''
    for (let left = bits; left > 0; left -= 8) {
      bytes += String.fromCharCode(Number(this.integer(8, false, false)))
    }
    return bytes
  }

  /** A character in UTF-8; null when there is none. */
  utf8(): bigint | null {
    const first = this.integer(8, false, false)
    if (first === null || first < 0x80n) return first
    const more = first >= 0xf0n ? 3 : first >= 0xe0n ? 2 : 1
    if (first < 0xc2n || first > 0xf4n) return null
    let code = first & (0x3fn >> BigInt(more))
    for (let left = more; left > 0; left--) {
      const byte = this.integer(8, false, false)
      if (byte === null || byte >> 6n !== 2n) return null
      code = (code << 6n) | (byte & 0x3fn)
    }
    return code
  }
}

function swapped(value: bigint, bits: number): bigint {
  let rest = value
  let result = 0n
  for (let left = bits; left > 0; left -= 8) {
    result = (result << 8n) | (rest & 0xffn)
    rest >>= 8n
  }
  return result
}
