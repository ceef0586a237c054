/** Reading bytes of HTTP where they lie. */
import { ProtocolError } from '../api.ts'

const httpPrefix = [72, 84, 84, 80, 47, 49, 46]

/** @param bytes the beginning of a status line */
export function beginsAsHttp(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length && at < httpPrefix.length; at++) {
    if (bytes[at] !== httpPrefix[at]) return false
  }
  return true
}

export function badStatusLine(bytes: Uint8Array, from: number, to: number): ProtocolError {
  const line = text(bytes, from, Math.min(to, from + 80))
  return new ProtocolError('error_http_bad_status_line', line)
}

export function hexDigit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48
  const lower = byte | 32
  return lower >= 97 && lower <= 102 ? lower - 87 : -1
}

/** Whether the bytes from `from` are `name`, in any case. @param name lower case */
export function matches(bytes: Uint8Array, from: number, name: string): boolean {
  for (let at = 0; at < name.length; at++) {
    const byte = bytes[from + at]!
    const lower = byte >= 65 && byte <= 90 ? byte | 32 : byte
    if (lower !== name.charCodeAt(at)) return false
  }
  return true
}

/** Trailing blanks cut off. */
export function text(bytes: Uint8Array, from: number, to: number): string {
  let result = ''
  for (let at = from; at < to; at++) result += String.fromCharCode(bytes[at]!)
  return result.trimEnd()
}

export function concat(
  first: Uint8Array | null,
  bytes: Uint8Array,
  from: number,
  to: number,
): Uint8Array {
  const before = first?.length ?? 0
  const whole = new Uint8Array(before + to - from)
  if (first !== null) whole.set(first)
  whole.set(bytes.subarray(from, to), before)
  return whole
}
