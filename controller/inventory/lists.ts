/** Lists of hosts without structure: `known_hosts` and one host a line. */
import { splitTarget } from '../ssh/settings.ts'
import {
  hostNameAt,
  InventoryError,
  type Listed,
  type ListedHost,
  placeText,
  plainHost,
  portAt,
} from './model.ts'
import { expandRanges } from './ranges.ts'

/** Hosts with a key that is kept for them. Source: sshd(8), SSH_KNOWN_HOSTS FILE FORMAT. */
export function readKnownHosts(text: string, file: string): Listed {
  const hosts = new Map<string, ListedHost>()
  const warnings: string[] = []
  let hashed = 0
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const at = { file, line: index + 1 }
    const fields = line.trim().split(/\s+/)
    if (fields[0] === '' || fields[0]!.startsWith('#')) continue
    // Keys that nobody may use, and keys of those who sign keys.
    if (fields[0]!.startsWith('@')) continue
    if (fields.length < 3)
      throw new InventoryError(at, 'a host, a type of key and a key are wanted')
    if (fields[0]!.startsWith('|')) {
      hashed++
      continue
    }
    const names = fields[0]!.split(',').filter((name) => !/[*?!]/.test(name))
    const [name] = names
    if (name === undefined) {
      warnings.push(`${placeText(at)}: ${fields[0]} is a pattern, no host`)
      continue
    }
    const { host, port } = splitTarget(name)
    const entry = {
      ...plainHost(hostNameAt(host, at), at),
      port: port === null ? null : portAt(port, at),
    }
    const key = `${host} ${port}`
    if (!hosts.has(key)) hosts.set(key, entry)
  }
  if (hashed > 0) {
    const lines = hashed === 1 ? '1 line is' : `${hashed} lines are`
    warnings.push(`${file}: ${lines} hashed (HashKnownHosts): their names cannot be known`)
  }
  return { hosts: [...hosts.values()], warnings }
}

/** `[user@]host[:port]`, one a line, perhaps with ranges; `#` begins a comment. */
export function readPlainList(text: string, file: string): Listed {
  const hosts = text.split(/\r?\n/).flatMap((line, index): readonly ListedHost[] => {
    const at = { file, line: index + 1 }
    const words = line
      .replace(/#.*$/, '')
      .trim()
      .split(/[\s,;]+/)
    if (words[0] === '') return []
    return words
      .filter((word) => word !== '')
      .flatMap((word) => {
        return expandRanges(word, at).map((target) => hostOf(target, at))
      })
  })
  return { hosts, warnings: [] }
}

function hostOf(target: string, at: ListedHost['at']): ListedHost {
  let parts: ReturnType<typeof splitTarget>
  try {
    parts = splitTarget(target)
  } catch {
    throw new InventoryError(at, `"${target}" is no host`, 'write [user@]host[:port]')
  }
  const { user, host, port } = parts
  const entry = plainHost(hostNameAt(host, at), at)
  return { ...entry, user, port: port === null ? null : portAt(port, at) }
}
