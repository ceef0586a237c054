/** Escapes of URLs, Base64. */
import { fromUtf8, utf8ByteString } from '../../byte-string.ts'
import { deepBytes, deepText } from '../term/coerce.ts'
import { shortFloat } from '../term/print.ts'
import {
  Atom,
  Binary,
  badarg,
  type Library,
  type Machine,
  stringTerm,
  type Term,
} from '../term/term.ts'

/** What `http_uri:encode` escapes. */
const reservedInUri = /[;:@&=+,/?#[\]<>"{}|\\'^% ]/g
const unreserved = /[A-Za-z0-9\-._~]/
const nameToken = /[A-Za-z0-9\-._]/

export const web: Library = {
  'base64:encode/1': ([data], machine) => new Binary(encodeBase64(deepBytes(data, machine))),
  'base64:encode_to_string/1': ([data], machine) =>
    stringTerm(encodeBase64(deepBytes(data, machine))),
  'base64:decode/1': ([data], machine) => new Binary(decoded(deepBytes(data, machine))),
  'base64:decode_to_string/1': ([data], machine) => stringTerm(decoded(deepBytes(data, machine))),
  'base64:mime_decode/1': ([data], machine) =>
    new Binary(decoded(deepBytes(data, machine).replace(/[^A-Za-z0-9+/=]/g, ''))),
  'http_uri:encode/1': ([text], machine) =>
    like(text, deepText(text, machine).replace(reservedInUri, percent)),
  'http_uri:decode/1': ([text], machine) => like(text, unescaped(deepText(text, machine))),
  'uri_string:quote/1': ([text], machine) => like(text, escaped(utf8(text, machine), unreserved)),
  'uri_string:unquote/1': ([text], machine) => unquote(text, machine),
  'uri_string:percent_decode/1': ([text], machine) => unquote(text, machine),
  // In lower case, and characters up to U+FFFF.
  'edoc_lib:escape_uri/1': ([text], machine) =>
    stringTerm(
      escaped(utf8(text, machine), nameToken).replace(/%../g, (code) => code.toLowerCase()),
    ),
  'mochiweb_util:quote_plus/1': ([text], machine) =>
    stringTerm(escaped(plain(text, machine), unreserved).replaceAll('%20', '+')),
  'mochiweb_util:unquote/1': ([text], machine) =>
    stringTerm(unescaped(deepText(text, machine).replaceAll('+', ' '))),
}

/** The result is a binary when the argument was one. */
function like(text: Term, result: string): Term {
  return text instanceof Binary ? new Binary(result) : stringTerm(result)
}

/** As bytes; those of a binary are UTF-8 already. */
function utf8(text: Term, machine: Machine): string {
  return text instanceof Binary ? text.bytes : utf8ByteString(deepText(text, machine))
}

function plain(term: Term, machine: Machine): string {
  if (term instanceof Atom) return term.name
  if (typeof term === 'bigint') return String(term)
  if (typeof term === 'number') return shortFloat(term)
  return deepText(term, machine)
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
}

function escaped(bytes: string, kept: RegExp): string {
  let text = ''
  for (const byte of bytes) text += kept.test(byte) ? byte : percent(byte)
  return text
}

function unescaped(text: string): string {
  return text.replace(/%([0-9a-fA-F]{2})/g, (_, code: string) => {
    return String.fromCharCode(Number.parseInt(code, 16))
  })
}

function unquote(text: Term, machine: Machine): Term {
  if (text instanceof Binary) return new Binary(unescaped(text.bytes))
  return stringTerm(fromUtf8(unescaped(utf8(text, machine))))
}

function decoded(text: string): string {
  const bytes = decodeBase64(text)
  if (bytes === null) throw badarg()
  return bytes
}

export function encodeBase64(bytes: string): string {
  return btoa(bytes)
}

/** Blanks between the characters are left out; null when it is no Base64. */
export function decodeBase64(text: string): string | null {
  const compact = text.replace(/[\t\n\r ]/g, '')
  const isBase64 = compact.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(compact)
  return isBase64 ? atob(compact) : null
}
