import type { Endpoint } from '../api.ts'

/** A request as it travels from controller to launcher. Text is Unicode; `body` is a byte string. */
export interface HttpData {
  readonly method: string
  readonly version: string
  /** As sent: a path, or in proxy mode an absolute URL; with `open` as it is written. */
  readonly url: string
  /** Path and query, for cookies. */
  readonly path: string
  /** Where an absolute URL leads; `home`: to the server that the user began with; null: to its current one. */
  readonly target: Endpoint | 'home' | null
  /** Host header of an absolute URL; null: from the server. */
  readonly host: string | null
  /** Of a URL with markers that are replaced: `target` and `host` hold when it turns out to be a path. */
  readonly open: OpenUrl | null
  readonly body: string | null
  readonly contentType: string
  readonly ifModifiedSince: string | null
  readonly soapAction: string | null
  readonly authorization: Authorization | null
  readonly oauth: OAuth | null
  /** In the order in which they are sent. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly cookies: readonly AddedCookie[]
}

export interface OpenUrl {
  readonly isProxied: boolean
  /** The configured server is. */
  readonly isIpv6: boolean
  /** What a path is put behind; empty without a proxy. */
  readonly prefix: string
}

/** `<www_authenticate>`. */
export type Authorization =
  | { readonly type: 'basic'; readonly userid: string; readonly passwd: string }
  | Digest

export interface Digest {
  readonly type: 'digest'
  readonly userid: string
  readonly passwd: string
  readonly realm: string
  readonly nonce: string
  readonly opaque: string | null
  readonly qop: string | null
  /** Null: made up for each request. */
  readonly cnonce: string | null
  /** Null: counted. */
  readonly nc: string | null
}

/** `<oauth>`. */
export interface OAuth {
  readonly method: 'HMAC-SHA1' | 'PLAINTEXT' | 'RSA-SHA1'
  readonly consumerKey: string
  /** With RSA-SHA1 the private key, as PEM. */
  readonly consumerSecret: string
  /** Empty: none. */
  readonly accessToken: string
  readonly accessTokenSecret: string
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
  /** `auto`: HTTP/2 where the server chooses it (ALPN), else 1.1. */
  readonly version: '1.1' | '2' | 'auto'
  /** Users that share a connection of HTTP/2. */
  readonly usersPerConnection: number
}
