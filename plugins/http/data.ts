import type { Endpoint } from '../api.ts'

/** A request as it travels from controller to launcher. Text is Unicode; `body` is a byte string. */
export interface HttpData {
  readonly method: string
  readonly version: string
  /** As sent: with substitution spaces are replaced; a path, or in proxy mode an absolute URL. */
  readonly url: string
  /** Path and query, for cookies. */
  readonly path: string
  /** Where an absolute URL leads; `home`: to the server that the user began with; null: to its current one. */
  readonly target: Endpoint | 'home' | null
  /** Host header of an absolute URL; null: from the server. */
  readonly host: string | null
  readonly body: string | null
  readonly contentType: string
  readonly ifModifiedSince: string | null
  readonly soapAction: string | null
  readonly basic: { readonly userid: string; readonly passwd: string } | null
  /** In the order in which they are sent. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly cookies: readonly AddedCookie[]
}

/** `<add_cookie>`: sent with this request only. */
export interface AddedCookie {
  readonly key: string
  readonly value: string
  readonly path: string
  readonly domain: string
}

/** What `<option type="ts_http">` elements say. */
export interface HttpOptions {
  readonly useServerAsProxy: boolean
  /** Empty: `tsung`. */
  readonly userAgents: readonly { readonly probability: number; readonly text: string }[]
}
