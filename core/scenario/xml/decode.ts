/** From a file's bytes to text. Source: XML 1.0, 2.11, 4.3.3 and appendix F. */
import { positionIn, type Source } from './source.ts'
import { XmlError } from './xml-error.ts'

/**
 * Decodes a document entity or an external entity: byte order mark first, then what the XML declaration names, else
 * UTF-8. Line ends become LF.
 *
 * @throws {XmlError} an unknown encoding, bytes that are none of it, or a character that XML forbids
 */
export function decode(file: string, bytes: Uint8Array): Source {
  const { encoding, declared } = encodingOf(bytes)
  const decoder = decoderOf(file, encoding, declared)
  let raw: string
  try {
    raw = decoder.decode(bytes)
  } catch (cause) {
    throw badBytes(file, bytes, encoding, declared, cause)
  }
  const text = withWindows1252(raw, decoder.encoding).replace(/\r\n?/g, '\n')
  const source = { file, text }
  const forbidden = firstForbidden(text)
  if (forbidden !== null) {
    const character = hexOf(text.codePointAt(forbidden) ?? 0)
    const message = `XML does not allow the character ${character}`
    throw new XmlError('E_XML', message, positionIn(source, forbidden))
  }
  return source
}

/** Some versions of Node decode windows-1252 as ISO-8859-1: 0x80 to 0x9f are put right. */
function withWindows1252(text: string, encoding: string): string {
  if (encoding !== 'windows-1252') return text
  return text.replace(/[\u0080-\u009f]/g, (control) => windows1252[control.charCodeAt(0) - 0x80]!)
}

const windows1252: readonly string[] = [
  ...'€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ',
]

/** U+0009 in the way people write it. */
export function hexOf(codePoint: number): string {
  return `U+${codePoint.toString(16).toUpperCase().padStart(4, '0')}`
}

/** Whether XML 1.0 allows the character (production Char). */
export function isXmlCharacter(codePoint: number): boolean {
  return (
    codePoint === 9 ||
    codePoint === 10 ||
    codePoint === 13 ||
    (codePoint >= 0x20 && codePoint <= 0xd7ff) ||
    (codePoint >= 0xe000 && codePoint <= 0xfffd) ||
    (codePoint >= 0x10000 && codePoint <= 0x10ffff)
  )
}

function firstForbidden(text: string): number | null {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  const at = text.search(/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|\p{Surrogate}/u)
  return at < 0 ? null : at
}

function encodingOf(bytes: Uint8Array): { readonly encoding: string; readonly declared: boolean } {
  const [a, b, c] = bytes
  if (a === 0xef && b === 0xbb && c === 0xbf) return { encoding: 'utf-8', declared: false }
  if ((a === 0xfe && b === 0xff) || (a === 0 && b === 0x3c)) {
    return { encoding: 'utf-16be', declared: false }
  }
  if ((a === 0xff && b === 0xfe) || (a === 0x3c && b === 0)) {
    return { encoding: 'utf-16le', declared: false }
  }
  // Beginning with single bytes, it is no UTF-16, whatever it says of itself.
  const head = String.fromCharCode(...bytes.subarray(0, 200))
  const match = /^<\?xml\s[^>]*?encoding\s*=\s*(["'])([^"']*)\1/.exec(head)
  if (match === null) return { encoding: 'utf-8', declared: false }
  return { encoding: match[2]!, declared: true }
}

function decoderOf(
  file: string,
  encoding: string,
  declared: boolean,
): InstanceType<typeof TextDecoder> {
  if (declared && /^(utf-?16|ucs-?2|iso-10646-ucs-2)/i.test(encoding)) {
    const position = { file, line: 1, column: 1 }
    const hint = 'take encoding= out of the XML declaration if the file is UTF-8'
    const text = `the XML declaration says ${encoding}, but the file is not`
    throw new XmlError('E_ENCODING', text, position, hint)
  }
  try {
    return new TextDecoder(encoding, { fatal: true })
  } catch {
    const position = { file, line: 1, column: 1 }
    const hint = 'save the file as UTF-8'
    throw new XmlError('E_ENCODING', `the encoding "${encoding}" is not known`, position, hint)
  }
}

function badBytes(
  file: string,
  bytes: Uint8Array,
  encoding: string,
  declared: boolean,
  cause: unknown,
): XmlError {
  const position = positionIn(...beforeBadByte(file, bytes, encoding))
  const message = declared
    ? `the file is not ${encoding}, as its XML declaration says`
    : `the file is not ${encoding.toUpperCase()}`
  const hint = 'name its encoding: <?xml version="1.0" encoding="ISO-8859-1"?>'
  const error = new XmlError('E_ENCODING', message, position, hint)
  error.cause = cause
  return error
}

/** The text up to the first bytes that cannot be decoded, found by halving. */
function beforeBadByte(file: string, bytes: Uint8Array, encoding: string): [Source, number] {
  let good = 0
  let bad = bytes.length
  while (bad - good > 1) {
    const middle = (good + bad) >> 1
    const decoder = new TextDecoder(encoding, { fatal: true })
    try {
      decoder.decode(bytes.subarray(0, middle), { stream: true })
      good = middle
    } catch {
      bad = middle
    }
  }
  const decoder = new TextDecoder(encoding)
  const text = decoder.decode(bytes.subarray(0, good), { stream: true }).replace(/\r\n?/g, '\n')
  return [{ file, text }, text.length]
}
