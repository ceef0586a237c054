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
import type { PluginDeclaration } from '../core/scenario/declaration.ts'
import type { Endpoint, RequestAction } from '../core/scenario/model.ts'

export type { Template } from '../core/dynvars/template.ts'
export type { Json } from '../core/json.ts'
export type * from '../core/scenario/declaration.ts'
export type { Ack, Endpoint, Position, Server, Transport } from '../core/scenario/model.ts'

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
 * being waited for, and such bytes are not of this protocol: the user ends unless its session is bidirectional.
 */
export type Progress = 'more' | 'done' | 'close' | 'failed' | 'unexpected'

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
