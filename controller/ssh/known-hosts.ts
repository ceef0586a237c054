/** Keys of hosts, as OpenSSH keeps them. Source: sshd(8), SSH_KNOWN_HOSTS FILE FORMAT. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

/**
 * `known`: the key is the one that is kept. `changed`: another key of the same type is kept. `unknown`: no key of this
 * type is kept. `revoked`: the key is marked as one that nobody may use any more.
 */
export type HostKeyState =
  | { readonly type: 'known' }
  | { readonly type: 'unknown' }
  /** Where the key stands that contradicts. */
  | { readonly type: 'changed' | 'revoked'; readonly file: string; readonly line: number }

export interface KnownHostsFile {
  readonly path: string
  readonly text: string
}

interface Entry {
  readonly marker: string | null
  readonly hosts: string
  readonly keyType: string
  readonly key: string
  readonly file: string
  readonly line: number
}

/**
 * @param name the host as it is looked up, see `lookupName`
 * @param key the key as the server sent it (RFC 4253, 6.6)
 */
export function hostKeyState(
  files: readonly KnownHostsFile[],
  name: string,
  key: Buffer,
): HostKeyState {
  const encoded = key.toString('base64')
  const keyType = keyTypeOf(key)
  const entries = files.flatMap(entriesOf).filter(({ hosts }) => matchesHost(hosts, name))
  const revoked = entries.find((each) => each.marker === '@revoked' && each.key === encoded)
  if (revoked !== undefined) return { type: 'revoked', file: revoked.file, line: revoked.line }
  const plain = entries.filter(({ marker }) => marker === null)
  if (plain.some((each) => each.key === encoded)) return { type: 'known' }
  const other = plain.find((each) => each.keyType === keyType)
  return other === undefined
    ? { type: 'unknown' }
    : { type: 'changed', file: other.file, line: other.line }
}

/** Types of key that are kept for the host, so that the server can be asked for one of these. */
export function knownKeyTypes(files: readonly KnownHostsFile[], name: string): readonly string[] {
  const entries = files.flatMap(entriesOf).filter(({ hosts }) => matchesHost(hosts, name))
  const types = entries.filter(({ marker }) => marker === null).map(({ keyType }) => keyType)
  return [...new Set(types)]
}

/** How a host is called in the file: with its port in brackets unless that is 22. */
export function lookupName(host: string, port: number): string {
  return port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`
}

/** The line, with its line feed, that keeps a key. */
export function knownHostLine(name: string, key: Buffer): string {
  return `${name} ${keyTypeOf(key)} ${key.toString('base64')}\n`
}

/** As OpenSSH prints it: `SHA256:…`. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`
}

/** The name of the algorithm, which a key begins with. */
export function keyTypeOf(key: Buffer): string {
  return key.length < 4 ? '' : key.subarray(4, 4 + key.readUInt32BE(0)).toString('latin1')
}

function entriesOf({ path, text }: KnownHostsFile): readonly Entry[] {
  return text.split('\n').flatMap((raw, at): readonly Entry[] => {
    const fields = raw.trim().split(/\s+/)
    if (fields[0] === '' || fields[0]!.startsWith('#')) return []
    const marker = fields[0]!.startsWith('@') ? fields.shift()! : null
    const [hosts, keyType, key] = fields
    if (hosts === undefined || keyType === undefined || key === undefined) return []
    return [{ marker, hosts, keyType, key, file: path, line: at + 1 }]
  })
}

function matchesHost(hosts: string, name: string): boolean {
  if (hosts.startsWith('|1|')) return matchesHash(hosts, name)
  let matches = false
  for (const pattern of hosts.toLowerCase().split(',')) {
    const isNegated = pattern.startsWith('!')
    if (!matchesPattern(isNegated ? pattern.slice(1) : pattern, name)) continue
    if (isNegated) return false
    matches = true
  }
  return matches
}

/** `|1|salt|hash`: HMAC-SHA1 of the name. */
function matchesHash(field: string, name: string): boolean {
  const [, , salt = '', hash = ''] = field.split('|')
  const want = Buffer.from(hash, 'base64')
  const got = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest()
  return want.length === got.length && timingSafeEqual(want, got)
}

function matchesPattern(pattern: string, name: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${source}$`).test(name)
}
