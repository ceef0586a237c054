/** Digests: of the module that has them in Erlang, of `erlang` and of Tsung's `ts_digest`. */
import { type DigestName, digest, hex, hmacDigest } from '../../digest.ts'
import { atomName, deepBytes } from '../term/coerce.ts'
import { Binary, badarg, type Library, type Machine, stringTerm, type Term } from '../term/term.ts'

export const digests: Library = {
  'crypto:hash/2': ([name, data], machine) => hashed(digestName(name), data, machine),
  'crypto:md5/1': ([data], machine) => hashed('md5', data, machine),
  'crypto:sha/1': ([data], machine) => hashed('sha1', data, machine),
  'crypto:hmac/3': ([name, key, data], machine) => mac(digestName(name), key, data, machine),
  'crypto:mac/4': ([kind, name, key, data], machine) => {
    if (atomName(kind) !== 'hmac') throw badarg()
    return mac(digestName(name), key, data, machine)
  },
  'crypto:md5_mac/2': ([key, data], machine) => mac('md5', key, data, machine),
  'crypto:sha_mac/2': ([key, data], machine) => mac('sha1', key, data, machine),
  'erlang:md5/1': ([data], machine) => hashed('md5', data, machine),
  'erlang:crc32/1': ([data], machine) => crc32(paid(data, machine)),
  'ts_digest:md5hex/1': ([data], machine) => stringTerm(hex(digest('md5', paid(data, machine)))),
  'ts_digest:shahex/1': ([data], machine) => stringTerm(hex(digest('sha1', paid(data, machine)))),
  'ts_digest:tohex/1': ([data], machine) => stringTerm(hex(deepBytes(data, machine))),
}

const names: { readonly [name: string]: DigestName } = {
  md5: 'md5',
  sha: 'sha1',
  sha224: 'sha224',
  sha256: 'sha256',
  sha384: 'sha384',
  sha512: 'sha512',
}

function digestName(name: Term): DigestName {
  const found = names[atomName(name)]
  if (found === undefined) throw badarg()
  return found
}

function paid(data: Term, machine: Machine): string {
  const bytes = deepBytes(data, machine)
  machine.spend(bytes.length / 8)
  return bytes
}

function hashed(name: DigestName, data: Term, machine: Machine): Binary {
  return new Binary(digest(name, paid(data, machine)))
}

function mac(name: DigestName, key: Term, data: Term, machine: Machine): Binary {
  return new Binary(hmacDigest(name, deepBytes(key, machine), paid(data, machine)))
}

function crc32(bytes: string): bigint {
  let crc = 0xffffffff
  for (let at = 0; at < bytes.length; at++) {
    crc ^= bytes.charCodeAt(at)
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  return BigInt((crc ^ 0xffffffff) >>> 0)
}
