/** Requests compiled once, shared by all users. */
import { byteString, utf8ByteString } from '../../core/byte-string.ts'
import { constantTemplate } from '../../core/dynvars/template.ts'
import { type CompiledRegexp, translateRegexp } from '../../core/regexp/translate.ts'
import { type CompileContext, ProtocolError, type Template, type UserView } from '../api.ts'
import type { Expected, SessionNeeds, WebsocketData } from './data.ts'
import { compressed } from './deflate.ts'
import { maskedFrame, maskedMessage } from './encode-frame.ts'
import { closePayload, compressedBit, finBit, Opcode } from './frames.ts'
import type { Dialled, WebsocketUser } from './user.ts'

const expectingCounter = 'error_websocket_expecting'

/** Where the stamp goes, if not to the start. */
const stampMarker = '%%stamp%%'

type DataOf<Type extends WebsocketData['type']> = Extract<WebsocketData, { readonly type: Type }>

export type WebsocketRequest =
  | ConnectRequest
  | MessageRequest
  | ReceiveRequest
  | PingRequest
  | CloseRequest

export function compileRequest(data: WebsocketData, context: CompileContext): WebsocketRequest {
  const text = (written: string): Template =>
    context.subst === 'true' ? context.template(written) : constantTemplate(written)
  switch (data.type) {
    case 'connect':
      return new ConnectRequest(data, text)
    case 'message':
      return new MessageRequest(data, text)
    case 'receive':
      return new ReceiveRequest(data, text)
    case 'ping':
      return new PingRequest(data, text)
    default:
      return new CloseRequest(data, text)
  }
}

/** What is sent once the WebSocket is open. */
export type Sent =
  | {
      readonly type: 'message'
      readonly request: MessageRequest
      readonly payload: string
      readonly stream: string
    }
  | { readonly type: 'control'; readonly opcode: number; readonly payload: string }

type Text = (written: string) => Template

export class ConnectRequest {
  readonly type = 'connect'
  readonly deadlineMs: number
  readonly needs: SessionNeeds
  readonly #data: DataOf<'connect'>
  readonly #path: Template
  readonly #origin: Template
  readonly #subprotocols: Template
  readonly #headers: readonly (readonly [name: string, value: Template])[]
  /** Null: it depends on the user. */
  readonly #fixed: Dialled | null

  constructor(data: DataOf<'connect'>, text: Text) {
    this.#data = data
    this.deadlineMs = data.deadlineMs
    this.needs = data.needs
    this.#path = text(data.path)
    this.#origin = text(data.origin)
    this.#subprotocols = text(data.subprotocols)
    this.#headers = data.headers.map(([name, value]) => [byteString(name), text(value)])
    const templates = [this.#path, this.#origin, this.#subprotocols]
    for (const [, value] of this.#headers) templates.push(value)
    const isFixed = templates.every(({ constant }) => constant !== null)
    this.#fixed = isFixed ? this.#dialled(({ constant }) => constant!) : null
  }

  prepare(user: WebsocketUser, view: UserView): void {
    user.dialled = this.#fixed ?? this.#dialled((template) => view.render(template))
  }

  #dialled(render: (template: Template) => string): Dialled {
    const { compression, keepaliveMs, needs } = this.#data
    let headers = ''
    for (const [name, value] of this.#headers) headers += `${name}: ${render(value)}\r\n`
    return {
      path: render(this.#path),
      origin: render(this.#origin),
      subprotocols: render(this.#subprotocols),
      headers,
      compression,
      keepaliveMs,
      needs,
    }
  }
}

/** Which messages end a request. */
export class Expectation {
  readonly count: number
  readonly deadlineMs: number
  readonly isFiltered: boolean
  readonly #filter: Template
  /** Null: it depends on the user, or there is none. */
  readonly #fixed: CompiledRegexp | null

  constructor({ count, filter, deadlineMs }: Expected, text: Text) {
    this.count = count
    this.deadlineMs = deadlineMs
    this.#filter = text(filter)
    this.isFiltered = filter !== ''
    const { constant } = this.#filter
    this.#fixed = this.isFiltered && constant !== null ? filterOf(constant) : null
  }

  /** @throws {ProtocolError} when the expression is none once its variables are replaced */
  prepare(user: WebsocketUser, view: UserView): void {
    if (!this.isFiltered || this.#fixed !== null) {
      user.filter = this.#fixed
      user.filterText = null
      return
    }
    const text = view.render(this.#filter)
    if (user.filterText === text) return
    user.filter = filterOf(text)
    user.filterText = text
  }
}

function filterOf(text: string): CompiledRegexp {
  const regexp = translateRegexp(text, 'test')
  if ('type' in regexp) throw new ProtocolError(expectingCounter, regexp.text)
  return regexp
}

export class MessageRequest {
  readonly type = 'message'
  readonly #opcode: number
  readonly #fragmentBytes: number
  readonly expectation: Expectation | null
  readonly #text: Template
  /** Null: it has no stamp. */
  readonly #stream: Template | null
  /** What is sent where it is compressed, when it is the same for all; null: not made yet. */
  #compressed: string | null = null

  constructor(data: DataOf<'message'>, text: Text) {
    this.#opcode = data.isText ? Opcode.text : Opcode.binary
    this.#fragmentBytes = data.fragmentBytes
    this.expectation = data.expected === null ? null : new Expectation(data.expected, text)
    this.#text = text(data.isText ? utf8ByteString(data.text) : data.text)
    this.#stream = data.stream === null ? null : text(data.stream)
  }

  prepare(user: WebsocketUser, view: UserView): void {
    user.payload = this.#text.constant ?? view.render(this.#text)
    if (this.#stream !== null) user.stream = view.render(this.#stream)
    this.expectation?.prepare(user, view)
  }

  /** As it is sent now. @param payload of the attempt; @param stream its stamp's */
  frames(payload: string, stream: string, compresses: boolean, view: UserView): string {
    const text = this.#stream === null ? payload : stamped(payload, view.stamp(stream))
    const first = compresses ? this.#opcode | compressedBit : this.#opcode
    const bytes = compresses ? this.#compressedText(text) : text
    if (this.#fragmentBytes === 0) return maskedFrame(finBit | first, bytes, view.random())
    return maskedMessage(first, bytes, this.#fragmentBytes, () => view.random())
  }

  #compressedText(text: string): string {
    if (this.#text.constant === null || this.#stream !== null) return compressed(text)
    this.#compressed ??= compressed(text)
    return this.#compressed
  }
}

function stamped(payload: string, stamp: string): string {
  return payload.includes(stampMarker) ? payload.replace(stampMarker, stamp) : stamp + payload
}

export class ReceiveRequest {
  readonly type = 'receive'
  readonly expectation: Expectation

  constructor(data: DataOf<'receive'>, text: Text) {
    this.expectation = new Expectation(data.expected, text)
  }

  prepare(user: WebsocketUser, view: UserView): void {
    user.payload = ''
    this.expectation.prepare(user, view)
  }
}

export class PingRequest {
  readonly type = 'ping'
  readonly isAwaited: boolean
  readonly deadlineMs: number
  readonly #text: Template

  constructor({ text: written, isAwaited, deadlineMs }: DataOf<'ping'>, text: Text) {
    this.isAwaited = isAwaited
    this.deadlineMs = deadlineMs
    this.#text = text(written)
  }

  prepare(user: WebsocketUser, view: UserView): void {
    user.payload = view.render(this.#text).slice(0, 125)
  }
}

export class CloseRequest {
  readonly type = 'close'
  readonly deadlineMs: number
  readonly #code: number
  readonly #reason: Template

  constructor({ code, reason, deadlineMs }: DataOf<'close'>, text: Text) {
    this.#code = code
    this.deadlineMs = deadlineMs
    this.#reason = text(utf8ByteString(reason))
  }

  prepare(user: WebsocketUser, view: UserView): void {
    user.payload = closePayload(this.#code, view.render(this.#reason))
  }
}
