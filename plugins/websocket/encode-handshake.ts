/** The opening handshake as a client sends it. Source: RFC 6455, 4.1; RFC 7692, 7.1; reference tsung-protocols.md, 5.2. */
import type { Endpoint } from '../api.ts'
import { hostHeader } from '../http/user.ts'
import type { Compression } from './data.ts'

/** What is asked for; byte strings. */
export interface Opening {
  readonly path: string
  /** Empty: the host of the server, as Tsung sends it. */
  readonly origin: string
  /** Empty: none. */
  readonly subprotocols: string
  /** Header lines with their ends. */
  readonly headers: string
  readonly compression: Compression
}

const offers: { readonly [compression in Compression]: string } = {
  off: '',
  message:
    'Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover; server_no_context_takeover\r\n',
  stream: 'Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover\r\n',
}

/** @param key of `newKey` */
export function handshakeBytes(opening: Opening, server: Endpoint, key: string): string {
  const { path, headers, subprotocols, compression } = opening
  const origin = opening.origin === '' ? server.host : opening.origin
  const protocol = subprotocols === '' ? '' : `Sec-WebSocket-Protocol: ${subprotocols}\r\n`
  return (
    `GET ${path} HTTP/1.1\r\nHost: ${hostHeader(server)}\r\nUpgrade: websocket\r\n` +
    `Connection: Upgrade\r\nOrigin: ${origin}\r\nSec-WebSocket-Key: ${key}\r\n` +
    `Sec-WebSocket-Version: 13\r\n${headers}${protocol}${offers[compression]}\r\n`
  )
}

/** 16 random bytes in base64. @param random in [0, 1) */
export function newKey(random: () => number): string {
  let bytes = ''
  for (let at = 0; at < 4; at++) {
    const word = (random() * 0x1_0000_0000) >>> 0
    bytes += String.fromCharCode(word >>> 24, (word >>> 16) & 255, (word >>> 8) & 255, word & 255)
  }
  return btoa(bytes)
}
