/**
 * The answer to the opening handshake, and the handshake of a client as a server reads it.
 *
 * Source: RFC 6455, 4.1 and 4.2.2; RFC 7692, 7.1.
 */
import { digest } from '../../core/digest.ts'
import { type Endpoint, ProtocolError } from '../api.ts'
import { beginsAsHttp, concat } from '../http/decode-bytes.ts'
import { handshakeBytes, newKey, type Opening } from './encode-handshake.ts'

export const handshakeCounter = 'error_websocket_handshake'

const maxHeadBytes = 64 * 1024
const LF = 10
const CR = 13

/** What was agreed on. */
export interface Agreement {
  /** Messages may be compressed. */
  readonly isCompressing: boolean
  /** The server compresses a message with what it sent before in mind. */
  readonly keepsContext: boolean
}

/** The opening handshake of one connection, on the client's side. */
export class ClientHandshake {
  /** To send. */
  readonly bytes: string
  readonly #opening: Opening
  readonly #key: string
  readonly #head = new HeadReader()

  /** @param random in [0, 1) */
  constructor(opening: Opening, server: Endpoint, random: () => number) {
    this.#opening = opening
    this.#key = newKey(random)
    this.bytes = handshakeBytes(opening, server, this.#key)
  }

  /**
   * @param bytes lent
   * @returns what was agreed on, by which head, and where frames begin; null: there is more to come
   * @throws {ProtocolError} when the server does not open the WebSocket
   */
  read(bytes: Uint8Array): Opened | null {
    let from = 0
    for (;;) {
      const head = this.#head.read(bytes, from, true)
      if (head === null) return null
      from = head.end
      if (isInterim(head.text)) continue
      return { ...head, agreement: readAgreement(head.text, this.#key, this.#opening) }
    }
  }
}

/** Collects the bytes of a head, cut as they may be. */
class HeadReader {
  #cut: Uint8Array | null = null

  /**
   * @param bytes lent
   * @returns the head, as a byte string, with the place behind it in `bytes`; null: there is more to come
   * @throws {ProtocolError} when it is too long, or no HTTP where an answer is awaited
   */
  read(bytes: Uint8Array, from: number, isAnswer: boolean): Head | null {
    const before = this.#cut?.length ?? 0
    const whole = before === 0 ? bytes.subarray(from) : concat(this.#cut, bytes, from, bytes.length)
    const end = endOfHead(whole, Math.max(0, before - 3))
    if (end > maxHeadBytes || (end < 0 && whole.length > maxHeadBytes)) {
      throw new ProtocolError(handshakeCounter, `a head of more than ${maxHeadBytes} bytes`)
    }
    if (isAnswer && !beginsAsHttp(whole)) {
      throw new ProtocolError(handshakeCounter, `no HTTP: ${lineOf(textOf(whole, 80))}`)
    }
    if (end < 0) {
      this.#cut = before === 0 ? new Uint8Array(whole) : whole
      return null
    }
    this.#cut = null
    return { text: textOf(whole, end), end: from + end - before }
  }
}

interface Opened extends Head {
  readonly agreement: Agreement
}

export interface Head {
  /** Byte string. */
  readonly text: string
  readonly end: number
}

/** Behind the blank line; −1: it has not come. */
function endOfHead(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(LF, from); at >= 0; at = bytes.indexOf(LF, at + 1)) {
    if (bytes[at + 1] === LF) return at + 2
    if (bytes[at + 1] === CR && bytes[at + 2] === LF) return at + 3
  }
  return -1
}

function textOf(bytes: Uint8Array, to: number): string {
  let text = ''
  for (let at = 0; at < to && at < bytes.length; at++) text += String.fromCharCode(bytes[at]!)
  return text
}

function lineOf(head: string): string {
  return head.slice(0, 200).split(/\r?\n/, 1)[0]!
}

/** Whether it says that another answer follows. */
function isInterim(head: string): boolean {
  return /^HTTP\/1\.1 1\d\d/.test(head) && !head.startsWith('HTTP/1.1 101')
}

/** @throws {ProtocolError} when the server does not open the WebSocket that was asked for */
function readAgreement(head: string, key: string, opening: Opening): Agreement {
  if (!/^HTTP\/1\.1 101(\s|$)/.test(head)) refuse(lineOf(head))
  const headers = headersOf(head)
  if (headers.get('upgrade')?.toLowerCase() !== 'websocket') refuse('no Upgrade: websocket')
  if (!tokens(headers.get('connection')).includes('upgrade')) refuse('no Connection: Upgrade')
  if (headers.get('sec-websocket-accept') !== acceptFor(key)) refuse('a wrong Sec-WebSocket-Accept')
  const protocol = headers.get('sec-websocket-protocol')
  if (protocol !== undefined && !opening.subprotocols.split(/\s*,\s*/).includes(protocol)) {
    refuse(`the subprotocol ${protocol}, which was not asked for`)
  }
  return readExtensions(headers.get('sec-websocket-extensions') ?? '', opening)
}

function refuse(text: string): never {
  throw new ProtocolError(handshakeCounter, text)
}

export function acceptFor(key: string): string {
  return btoa(digest('sha1', `${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`))
}

/** Values by name in lower case; those of equal names as a list. */
export function headersOf(head: string): ReadonlyMap<string, string> {
  const headers = new Map<string, string>()
  for (const line of head.split(/\r?\n/).slice(1)) {
    const colon = line.indexOf(':')
    if (colon < 0) continue
    const name = line.slice(0, colon).trim().toLowerCase()
    const value = line.slice(colon + 1).trim()
    const before = headers.get(name)
    headers.set(name, before === undefined ? value : `${before}, ${value}`)
  }
  return headers
}

export function tokens(list: string | undefined): readonly string[] {
  return (list ?? '').toLowerCase().split(/\s*,\s*/)
}

function readExtensions(list: string, { compression }: Opening): Agreement {
  if (list.trim() === '') return { isCompressing: false, keepsContext: false }
  const [name, ...parameters] = list.split(';').map((part) => part.trim())
  if (compression === 'off' || name !== 'permessage-deflate' || list.includes(',')) {
    refuse(`the extension ${list}, which was not asked for`)
  }
  const seen = new Set<string>()
  for (const parameter of parameters) {
    const [what = '', value = null] = parameter.split('=').map((part) => part.trim())
    const isKnown = what === 'server_max_window_bits' ? isWindow(value) : isFlag(what, value)
    if (!isKnown || seen.has(what)) refuse(`the extension ${list}, which cannot be agreed to`)
    seen.add(what)
  }
  return { isCompressing: true, keepsContext: !seen.has('server_no_context_takeover') }
}

function isFlag(name: string, value: string | null): boolean {
  return /^(server|client)_no_context_takeover$/.test(name) && value === null
}

/** Any window is read: ours is the largest. */
function isWindow(value: string | null): boolean {
  return value !== null && /^"?([89]|1[0-5])"?$/.test(value)
}
