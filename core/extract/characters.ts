/**
 * Byte strings for libraries that speak Unicode.
 *
 * The bytes of an answer come out of them as they went in, whatever its encoding; characters that the libraries add, as for
 * `&eacute;`, come out as UTF-8.
 */
import { utf8ByteString } from '../byte-string.ts'

/** From here on stand the bytes 128..255: characters for private use. */
const base = 0xe000

/** Bytes above 127 become characters that nothing else has. */
export function raise(bytes: string): string {
  return bytes.replace(/[\x80-\xff]/g, raised)
}

/** @returns a byte string */
export function lower(text: string): string {
  return text.replace(/\P{ASCII}/gu, lowered)
}

/** Characters that a library added become the raised bytes of their UTF-8. */
export function settle(text: string): string {
  return /\P{ASCII}/u.test(text) ? raise(lower(text)) : text
}

function raised(byte: string): string {
  return String.fromCharCode(base + byte.charCodeAt(0))
}

function lowered(character: string): string {
  const byte = character.codePointAt(0)! - base
  return byte >= 128 && byte <= 255 ? String.fromCharCode(byte) : utf8ByteString(character)
}
