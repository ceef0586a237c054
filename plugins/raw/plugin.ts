import { constantTemplate } from '../../core/dynvars/template.ts'
import {
  type CompileContext,
  type Json,
  type Plugin,
  ProtocolError,
  type Template,
  type UserView,
} from '../api.ts'
import { type RawData, sizeOf } from './data.ts'
import { rawDeclaration } from './declaration.ts'

/** A request compiled once, shared by all users. */
interface RawRequest {
  readonly isSize: boolean
  /** What is sent, or the number of zero bytes. */
  readonly text: Template
  /** What is sent, when it is the same for all users. */
  readonly fixed: string | null
}

interface RawUser {
  /** What the request that is being attempted sends. */
  bytes: string
}

/**
 * Bytes without a form, as Tsung's ts_raw plays them. The engine ends the wait of `ack="local"` at the first bytes: here
 * nothing is ever awaited, and what comes unasked is of no use to anybody.
 */
export const raw: Plugin<RawRequest, RawUser, null> = {
  declaration: rawDeclaration,

  compile(json: Json, context: CompileContext): RawRequest {
    const data = json as unknown as RawData
    const isSize = data.type === 'size'
    const written = data.type === 'size' ? data.size : data.data
    const text = context.subst === 'true' ? context.template(written) : constantTemplate(written)
    const { constant } = text
    const isOpen = constant === null || (isSize && sizeOf(constant) === null)
    return { isSize, text, fixed: isOpen ? null : bytesOf(isSize, constant) }
  },

  newUser: () => ({ bytes: '' }),
  newConnection: () => null,

  prepare(request, user, view: UserView) {
    user.bytes = request.fixed ?? bytesOf(request.isSize, view.render(request.text))
  },

  target: () => null,
  encode: (_request, user) => user.bytes,
  decode: () => 'unexpected',
  end: () => 'more',
}

/** @throws {ProtocolError} when a size is none */
function bytesOf(isSize: boolean, text: string): string {
  if (!isSize) return text
  const size = sizeOf(text)
  if (size === null) throw new ProtocolError('error_raw_datasize', `"${text}" is no size`)
  return '\0'.repeat(size)
}
