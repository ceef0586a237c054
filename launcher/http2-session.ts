/** node:http2's session and streams, bound to a trunk and its users by one set of listeners. */
import type {
  ClientHttp2Session,
  ClientHttp2Stream,
  IncomingHttpHeaders,
  Settings,
} from 'node:http2'
import type { Http2Connection } from './connection-http2.ts'
import type { Http2Request } from './http2-request.ts'
import type { Http2Trunk } from './http2-trunk.ts'
import type { Http2Wire } from './http2-wire.ts'

const trunkKey: unique symbol = Symbol('trunk')
const userKey: unique symbol = Symbol('user')
const heldKey: unique symbol = Symbol('held')

type OwnedSession = ClientHttp2Session & { [trunkKey]: Http2Trunk }
type OwnedStream = ClientHttp2Stream & {
  [trunkKey]: Http2Trunk
  [userKey]: Http2Connection
  /** It counts as one of the streams that the server takes at a time. */
  [heldKey]: boolean
}

/** What one stream may hold that its user has not read yet, and what one connection may. */
const streamWindowBytes = 1024 * 1024
const connectionWindowBytes = 16 * 1024 * 1024
/** As long as headers of HTTP/1.1 may be, in pairs of the shortest. */
const maxHeaderPairs = 4096
/** Of one session, in units of Node's: what its streams hold is bounded by their windows. */
const maxSessionMegabytes = 4096

export function openSession(wire: Http2Wire, trunk: Http2Trunk): ClientHttp2Session {
  // Loaded when it is used: most runs never do.
  const { connect } = process.getBuiltinModule('node:http2')
  // Requests say where they go themselves.
  const session = connect('http://localhost', {
    createConnection: () => wire,
    settings: { enablePush: false, initialWindowSize: streamWindowBytes },
    maxHeaderListPairs: maxHeaderPairs,
    maxSessionMemory: maxSessionMegabytes,
  }) as OwnedSession
  session[trunkKey] = trunk
  session.setLocalWindowSize(connectionWindowBytes)
  session.on('remoteSettings', onSettings)
  session.on('goaway', onGoaway)
  session.on('error', onSessionError)
  session.on('close', onSessionClose)
  return session
}

/** @throws when the session takes no more requests, or the headers are none */
export function openStream(
  session: ClientHttp2Session,
  { headers, body }: Http2Request,
  trunk: Http2Trunk,
  user: Http2Connection,
): ClientHttp2Stream {
  const stream = session.request(headers, { endStream: body === '' }) as OwnedStream
  stream[trunkKey] = trunk
  stream[userKey] = user
  stream[heldKey] = true
  stream.on('response', onResponse)
  stream.on('trailers', onTrailers)
  stream.on('end', onEnd)
  stream.on('error', onStreamError)
  stream.on('close', onStreamClose)
  if (body !== '') stream.end(body, 'latin1')
  return stream
}

function onSettings(this: ClientHttp2Session, settings: Settings): void {
  ;(this as OwnedSession)[trunkKey].settings(settings)
}

function onGoaway(this: ClientHttp2Session, code: number, lastStreamId: number): void {
  ;(this as OwnedSession)[trunkKey].goingAway(code, lastStreamId)
}

function onSessionError(this: ClientHttp2Session, error: Error): void {
  ;(this as OwnedSession)[trunkKey].sessionFailed(error.message)
}

function onSessionClose(this: ClientHttp2Session): void {
  ;(this as OwnedSession)[trunkKey].sessionClosed()
}

function onResponse(
  this: ClientHttp2Stream,
  headers: IncomingHttpHeaders,
  flags: number,
  ...rest: readonly unknown[]
): void {
  ;(this as OwnedStream)[userKey].responded(this, headers, flags, rest[0])
  // Node would tell of the body first.
  this.on('data', onData)
}

function onData(this: ClientHttp2Stream, bytes: Buffer): void {
  ;(this as OwnedStream)[userKey].data(this, bytes)
}

function onTrailers(
  this: ClientHttp2Stream,
  headers: IncomingHttpHeaders,
  _flags: number,
  ...rest: readonly unknown[]
): void {
  ;(this as OwnedStream)[userKey].trailers(this, headers, rest[0])
}

function onEnd(this: ClientHttp2Stream): void {
  const stream = this as OwnedStream
  // Both sides are done: the server may be asked again before Node has cleared the stream away.
  if (stream.rstCode === 0 && stream.writableFinished) free(stream)
  stream[userKey].ended(stream)
}

/** A stream that was reset is told by `close`; the others fall with their session. */
function onStreamError(this: ClientHttp2Stream, { code, message }: NodeJS.ErrnoException): void {
  if (code !== 'ERR_HTTP2_STREAM_ERROR') (this as OwnedStream)[trunkKey].sessionFailed(message)
}

function onStreamClose(this: ClientHttp2Stream): void {
  const stream = this as OwnedStream
  free(stream)
  stream[userKey].closed(stream)
}

function free(stream: OwnedStream): void {
  if (!stream[heldKey]) return
  stream[heldKey] = false
  stream[trunkKey].freed()
}
