/**
 * A byte string: one character (0..255) a byte, as it goes over the wire.
 *
 * As Tsung: ISO-8859-1, whatever the encoding of the scenario; text that has other characters, with which Tsung fails,
 * as UTF-8. Everything that variables hold and that is sent is a byte string.
 */
export function byteString(text: string): string {
  for (let at = 0; at < text.length; at++) {
    if (text.charCodeAt(at) > 255) return utf8ByteString(text)
  }
  return text
}

/** The UTF-8 form of a text, a character per byte. */
export function utf8ByteString(text: string): string {
  return fromBytes(new TextEncoder().encode(text))
}

/** In slices: a call takes a limited number of arguments. */
export function fromBytes(bytes: Uint8Array): string {
  const slice = 32_768
  let text = ''
  for (let at = 0; at < bytes.length; at += slice) {
    text += String.fromCharCode(...bytes.subarray(at, at + slice))
  }
  return text
}

/** The bytes of a byte string. */
export function toBytes(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length)
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at)
  return bytes
}

/** What UTF-8 bytes say; bytes that are no UTF-8 become U+FFFD. */
export function fromUtf8(text: string): string {
  return new TextDecoder().decode(toBytes(text))
}
