/** Message digests of byte strings (see byte-string.ts). */
import { hmac } from '@noble/hashes/hmac.js'
import { md5, sha1 } from '@noble/hashes/legacy.js'
import { sha224, sha256, sha384, sha512 } from '@noble/hashes/sha2.js'
import { fromBytes, toBytes } from './byte-string.ts'

export type DigestName = 'md5' | 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512'

type Hash = Parameters<typeof hmac>[0]

const hashes: { readonly [name in DigestName]: Hash } = {
  md5,
  sha1,
  sha224,
  sha256,
  sha384,
  sha512,
}

/** The raw digest, as a byte string. */
export function digest(name: DigestName, text: string): string {
  return fromBytes(hashes[name](toBytes(text)))
}

/** The digest as lower-case hexadecimal digits. */
export function hexDigest(name: DigestName, text: string): string {
  return hex(digest(name, text))
}

/** HMAC (RFC 2104), as a byte string. */
export function hmacDigest(name: DigestName, key: string, text: string): string {
  return fromBytes(hmac(hashes[name], toBytes(key), toBytes(text)))
}

/** Two lower-case hexadecimal digits a byte. */
export function hex(bytes: string): string {
  let digits = ''
  for (let at = 0; at < bytes.length; at++) {
    digits += bytes.charCodeAt(at).toString(16).padStart(2, '0')
  }
  return digits
}
