/** Digest authentication with MD5, as Tsung writes it. Source: reference tsung-protocols.md, 3.3; RFC 2617, 3.2.2. */
import { hexDigest } from '../../core/digest.ts'
import type { CompileContext, Template, UserView } from '../api.ts'
import type { Digest } from './data.ts'
import type { HttpUser } from './user.ts'

/** What Tsung sends when the scenario has none: new with each request. */
const ownCnonce = '%%ts_user_server:get_really_unique_id%%'

export class DigestAuthorization {
  readonly #userid: Template
  readonly #passwd: Template
  readonly #realm: Template
  readonly #nonce: Template
  readonly #opaque: Template | null
  readonly #qop: Template | null
  readonly #cnonce: Template
  /** Null: counted. */
  readonly #nc: Template | null

  /** @param text a value of the scenario, in which markers count or not */
  constructor(digest: Digest, text: (value: string) => Template, context: CompileContext) {
    this.#userid = text(digest.userid)
    this.#passwd = text(digest.passwd)
    this.#realm = text(digest.realm)
    this.#nonce = text(digest.nonce)
    this.#opaque = digest.opaque === null ? null : text(digest.opaque)
    this.#qop = digest.qop === null ? null : text(digest.qop)
    this.#cnonce = digest.cnonce === null ? context.template(ownCnonce) : text(digest.cnonce)
    this.#nc = digest.nc === null ? null : text(digest.nc)
  }

  /** @param url as sent */
  header(method: string, url: string, user: HttpUser, view: UserView): string {
    const userid = view.render(this.#userid)
    const realm = view.render(this.#realm)
    const nonce = view.render(this.#nonce)
    const secret = hexDigest('md5', `${userid}:${realm}:${view.render(this.#passwd)}`)
    const asked = hexDigest('md5', `${method}:${url}`)
    const begin = `Authorization: Digest username="${userid}", realm="${realm}", nonce="${nonce}", uri="${url}"`
    const opaque = this.#opaque === null ? '' : `, opaque="${view.render(this.#opaque)}"`
    if (this.#qop === null) {
      const response = hexDigest('md5', `${secret}:${nonce}:${asked}`)
      return `${begin}, response="${response}"${opaque}\r\n`
    }
    const qop = view.render(this.#qop)
    const cnonce = view.render(this.#cnonce)
    const nc = this.#nc === null ? countUse(user, nonce) : view.render(this.#nc)
    const response = hexDigest('md5', `${secret}:${nonce}:${nc}:${cnonce}:${qop}:${asked}`)
    return `${begin}, response="${response}"${opaque}, qop="${qop}", nc=${nc}, cnonce="${cnonce}"\r\n`
  }
}

/** How often this user has used the nonce, this time included: eight hexadecimal digits. */
function countUse(user: HttpUser, nonce: string): string {
  if (user.nonce !== nonce) {
    user.nonce = nonce
    user.nonceUses = 0
  }
  user.nonceUses++
  return user.nonceUses.toString(16).padStart(8, '0')
}
