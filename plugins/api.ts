/**
 * What a protocol is to tsts: published as `tsts/plugin`.
 *
 * A plugin turns an element into plain data (`declaration.player`, in the controller), data into bytes (`encode`) and
 * bytes into outcomes (`decode`), in the launcher. It never sees a socket, a timer or a statistic.
 *
 * Bytes to send are byte strings: one character (0..255) a byte, because Node writes latin1 strings without a copy.
 * Bytes received are lent until `decode` returns: the engine overwrites them with the next read.
 */

import type { Template } from '../core/dynvars/template.ts'
import type { Json } from '../core/json.ts'
import type { CounterDeclaration, PluginDeclaration } from '../core/scenario/declaration.ts'
import type { Endpoint, RequestAction, StreamOptions, Transport } from '../core/scenario/model.ts'

export type { Template } from '../core/dynvars/template.ts'
export type { Json } from '../core/json.ts'
export type * from '../core/scenario/declaration.ts'
export type {
  Ack,
  Endpoint,
  Position,
  Server,
  StreamOptions,
  Transport,
} from '../core/scenario/model.ts'

/** What a plugin may know of the virtual user it plays for. */
export interface UserView {
  /** Unique in the run, from 1. */
  readonly id: number
  /** Where the user's next connection goes. */
  readonly server: Endpoint
  /** Uniform in [0, 1), from the user's own stream. */
  random(): number
  /** Epoch ms, with fractions. */
  nowMs(): number
  /** The text of a template for this user: a byte string. */
  render(template: Template): string
  /**
   * A stamp to begin the payload of a message with, so that whoever receives it measures how long it took: some 40
   * ASCII characters, made at the moment the message is sent. Each one is the next of its stream.
   *
   * @param stream what those who get one message of it get them all of, in the order in which they are sent (a topic, a
   *   queue, a room): tells what is lost, doubled, out of order
   */
  stamp(stream: string): string
}

/** What a request is compiled with. */
export interface CompileContext {
  /** What `parseOptions` made, or null. */
  readonly options: Json
  readonly subst: RequestAction['subst']
  /**
   * A text with `%%…%%` markers, compiled. Without markers its `constant` is the whole text.
   * The caller decides by `subst` whether markers count; where they do not, it uses the text as it is.
   */
  template(text: string): Template
  /**
   * Signs byte strings with a private RSA key (RSASSA-PKCS1-v1_5, SHA-1), for OAuth 1.0a; the signature is a byte string.
   *
   * @param pem the key
   * @throws when the key cannot be read
   */
  rsaSha1Signer(pem: string): (text: string) => string
}

/** What `dumptraffic="protocol"` says of a request that was answered. */
export interface ProtocolDump {
  /** Lower case. */
  readonly method: string
  readonly host: string
  readonly url: string
  /** Empty: there was none. */
  readonly status: string
}

/**
 * `more`: the answer goes on, or none is awaited. `done`: it is complete. `close`: complete, and the connection has to be
 * closed. `failed`: the request has failed, as `DecodeSink.fail` said; the connection stays. `unexpected`: nothing was
 * being waited for, and such bytes are not of this protocol: the user ends unless its session is bidirectional. `upgrade`:
 * the answer that was awaited is complete, and TLS begins on the same connection (STARTTLS); the user goes on when it is
 * there, over TCP only. What goes wrong there ends the user, as `error_connect_REASON`.
 */
export type Progress = 'more' | 'done' | 'close' | 'failed' | 'unexpected' | 'upgrade'

/** What a plugin may say while it encodes. Names of counters and samples are those that the declaration lists. */
export interface EncodeSink {
  /** Adds one to a counter. */
  count(name: string): void
  /** Adds to a sum. @param amount may have fractions */
  add(name: string, amount: number): void
  /** A value of a sample, e.g. ms. */
  sample(name: string, value: number): void
  /**
   * A message has come. When a stamp of this run begins its payload, the time since it was sent is recorded, and whether
   * messages before it were lost. Not to be told of what the peer had kept and says again (a retained message): its
   * time says nothing.
   *
   * @param payload bytes, or a byte string
   * @param metric a sample that the declaration lists, ms; with it come those of messages to many receivers:
   *   `METRIC_first`, `METRIC_median`, `METRIC_last`
   * @returns false: no stamp of this run
   */
  delivered(payload: Uint8Array | string, metric: string): boolean
  /**
   * What is sent to this user begins anew: it subscribes, or is back without what was kept for it. What was sent
   * meanwhile and does not come is not lost.
   */
  joins(): void
  /**
   * Has `Plugin.wake` called for this connection, `ms` from now; the connection has one alarm, the last call holds.
   *
   * @param ms Infinity: not at all
   */
  wakeAfter(ms: number): void
}

/** What a plugin may say while it decodes, besides its progress. */
export interface DecodeSink extends EncodeSink {
  /** Whether `content` is of use: the request has matches or extractions. */
  readonly wantsContent: boolean
  /**
   * Bytes of the answer as matches and extractions see them (for HTTP: header and decoded body), in order; lent.
   * Pieces that follow each other in the bytes given to `decode` cost nothing to hand over one by one.
   */
  content(bytes: Uint8Array): void
  /** Sends bytes on the same connection at once (pings, acknowledgements). */
  reply(bytes: string): void
  /**
   * What the user waits for without a request that is answered has come: it goes on when it waits in
   * `<thinktime value="wait_bidi"/>` or for `ack="bidi_ack"`, once the call that says so has returned.
   */
  goOn(): void
  /**
   * The request that is awaited has failed.
   *
   * @param counter of an error
   * @param detail for people
   * @returns the progress to return
   */
  fail(counter: string, detail: string): 'failed'
}

/**
 * How connections carry a plugin's bytes: by HTTP/2, while the plugin writes whole requests of HTTP/1.1, each in one call,
 * and reads answers of HTTP/1.1.
 */
export interface Carriage {
  readonly type: 'http2'
  /** With TLS the server chooses (ALPN), without it it is HTTP/1.1; else it is HTTP/2 or nothing. */
  readonly negotiated: boolean
  /** Users of one launcher that share a connection, at most; 1: each has its own. */
  readonly usersPerConnection: number
}

/**
 * @typeParam Request a request compiled once when the scenario is loaded, shared by all users: never written
 * @typeParam User the plugin's state of one user (cookies, login)
 * @typeParam Connection the plugin's state of one connection (decoder, ids); a reconnect makes a new one
 */
export interface Plugin<Request, User, Connection> {
  readonly declaration: PluginDeclaration
  compile(data: Json, context: CompileContext): Request
  /** @param options what `parseOptions` made, or null */
  newUser(view: UserView, options: Json): User
  newConnection(user: User): Connection
  /**
   * How its connections carry its bytes; null, or left out: as they are.
   *
   * @param options what `parseOptions` made, or null
   */
  carriage?(options: Json): Carriage | null
  /**
   * What this attempt needs of the user's variables is worked out here, once for `target` and `encode`, and kept in
   * `User`; left out by plugins whose requests have no markers.
   *
   * @throws {ProtocolError} when what the variables hold cannot be asked: the request fails, the user goes on
   */
  prepare?(request: Request, user: User, view: UserView): void
  /** Where this request has to go; null: to the user's current server. An answer that differs becomes the current one. */
  target(request: Request, user: User, view: UserView): Endpoint | null
  /**
   * The bytes to send; called once per attempt, on the connection it will be sent on: a new one may need a greeting or a
   * login before, which `decode` follows with the request. Empty: the request only waits.
   */
  encode(
    request: Request,
    user: User,
    connection: Connection,
    view: UserView,
    sink: EncodeSink,
  ): string
  /**
   * Every byte that comes goes through it, whether an answer is awaited or not, and it takes all of them: what follows a
   * whole answer came unasked.
   *
   * @throws {ProtocolError} when the peer breaks its protocol
   */
  decode(bytes: Uint8Array, connection: Connection, user: User, sink: DecodeSink): Progress
  /**
   * The peer closed while an answer was awaited.
   *
   * @returns `done` or `close` when that completes the answer, `more` when it cuts it short
   */
  end(connection: Connection, user: User, sink: DecodeSink): Progress
  /**
   * The alarm that was set by `wakeAfter` went off: keepalives, deadlines. As with `decode`, the answer may be awaited or
   * not; a plugin that sets alarms has it.
   *
   * @throws {ProtocolError} when the peer should have done something by now
   */
  wake?(connection: Connection, user: User, sink: DecodeSink): Progress
  /** Of the request that was answered last on the connection; protocols without it are left out of such dumps. */
  protocolDump?(request: Request, user: User, connection: Connection): ProtocolDump
}

/**
 * All that a stream adapter reaches: the connection below it and the plugin above it.
 *
 * Whatever is handed up may lead to the next request or to the end of the user before the call returns, and so to `write`
 * or `close` of the adapter that made it: after such a call it looks at `isOver`, and does nothing more when it is true.
 */
export interface StreamIo {
  /** The connection is closed or given up; what is sent or handed up now goes nowhere. */
  readonly isOver: boolean
  /**
   * To the peer.
   *
   * @param bytes byte string
   * @returns whether more may be written at once; when not, the plugin's side is told as soon as it may
   */
  send(bytes: string): boolean
  /** Bytes for the plugin, after `opened`; lent until it returns. */
  deliver(bytes: Uint8Array): void
  /** The handshake is over: the plugin may write. The first `write` may come before it returns. */
  opened(): void
  /**
   * The handshake has failed: counted as `error_connect_REASON`, and tried again as any connect is.
   *
   * @param reason lower case, e.g. `websocket`
   * @param detail for people
   */
  refused(reason: string, detail: string): void
  /** The peer has ended the stream in its own way (a close frame): the same as a close of the connection. */
  closed(): void
  /** Adds one to a counter that the declaration lists. */
  count(name: string): void
  /** Uniform in [0, 1); from no user's stream: for masks and keys. */
  random(): number
}

/**
 * Stands between a plugin and its connection: a protocol that carries the bytes of another in messages of its own, such as
 * WebSocket. One object for each connection of each user; like a plugin it sees no socket, no timer and no statistic.
 *
 * ```
 * begin -> receive… -> io.opened -> (write | receive -> io.deliver)… -> close | end | io.closed
 *             '-> io.refused
 * ```
 * `connect_timeout` covers the handshake; the sample `connect` ends where it begins, as in Tsung; the request that waits
 * for the connection includes it. `size_sent` and `size_rcv` are what passes the connection below, TLS not counted.
 */
export interface StreamAdapter {
  /** The connection is open, TLS included: the handshake begins. Before everything else, once. */
  begin(): void
  /**
   * Every byte that comes from the peer, handshake included.
   *
   * @param bytes lent until it returns: they may be delivered, or parts of them, as they are
   * @throws {ProtocolError} when the peer breaks the protocol: the connection is closed; once it was open, `code` is
   *   counted, a request that is awaited fails and the user goes on; before, it is a refusal under the reason `protocol`
   */
  receive(bytes: Uint8Array): void
  /**
   * What the plugin sends, after `opened`: one request, or one reply, a call.
   *
   * @param bytes byte string, not empty
   * @returns what `io.send` said
   */
  write(bytes: string): boolean
  /** The peer closed the connection below: what is still to be delivered is delivered now. The plugin is told after it. */
  end(): void
  /**
   * The user closes an open stream: a farewell may be sent. The connection below is closed when it returns, once it is
   * written; nothing that comes after it is read.
   */
  close(): void
}

/** A kind of stream adapter: for `<server type>` and `<change_type server_type>`. */
export interface StreamKind {
  /** The types of servers that it plays, and what each runs over. */
  readonly transports: { readonly [transport in Transport]?: 'tcp' | 'ssl' }
  /** What its adapters count or throw, besides `error_connect_REASON`. */
  readonly counters: readonly CounterDeclaration[]
  /** @param endpoint as the scenario names it */
  adapt(io: StreamIo, endpoint: Endpoint, options: StreamOptions): StreamAdapter
}

/** A plugin of whatever types: what the engine holds. */
export type AnyPlugin = Plugin<unknown, unknown, unknown>

/** The peer broke its protocol: `code` is the counter, the user closes the connection and goes on. */
export class ProtocolError extends Error {
  readonly code: string
  constructor(code: string, text: string) {
    super(text)
    this.code = code
  }
}
