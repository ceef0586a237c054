/** Which hosts are meant: `web:!web3:&staging`, `*.example.net`, `~web\d+`. Source: Ansible's guide, "Patterns: targeting hosts and groups". */
import { UsageError } from '../usage-error.ts'

export interface Choice {
  /** All, in order. */
  readonly hosts: readonly string[]
  /** Names of the groups, with their hosts. */
  readonly groups: ReadonlyMap<string, ReadonlySet<string>>
}

/**
 * @returns the hosts that are meant, in the order of the list
 * @throws {UsageError} when a part means nothing
 */
export function chosenHosts(pattern: string, choice: Choice): ReadonlySet<string> {
  const parts = partsOf(pattern)
  const plain = parts.filter((part) => !/^[!&]/.test(part))
  // Exclusions alone are taken from all.
  const sum = new Set(
    (plain.length === 0 ? ['all'] : plain).flatMap((part) => [...meant(part, choice)]),
  )
  let left = sum
  for (const part of parts.filter((each) => each.startsWith('&'))) {
    const also = meant(part.slice(1), choice)
    left = new Set([...left].filter((host) => also.has(host)))
  }
  for (const part of parts.filter((each) => each.startsWith('!'))) {
    const not = meant(part.slice(1), choice)
    left = new Set([...left].filter((host) => !not.has(host)))
  }
  return new Set(choice.hosts.filter((host) => left.has(host)))
}

/** Cut at `,` and at `:`, but not inside brackets (`web[0:2]`) nor in an IPv6 address or a regular expression. */
function partsOf(pattern: string): readonly string[] {
  return pattern
    .split(',')
    .flatMap((part) => {
      const isWhole = /^[!&]?~/.test(part.trim()) || /^[0-9a-f]*:[0-9a-f]*:[0-9a-f:]*$/i.test(part)
      return isWhole ? [part] : (part.match(/(?:\[[^\]]*\]|[^:[\]])+/g) ?? [])
    })
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

function meant(part: string, { hosts, groups }: Choice): ReadonlySet<string> {
  const slice = /^([^~].*)\[(-?\d+)(?:(:)(-?\d*))?\]$/.exec(part)
  if (slice !== null) {
    const [, name = '', first = '0', colon, last = ''] = slice
    const found = [...meant(name, { hosts, groups })]
    const at = (text: string): number => (Number(text) < 0 ? found.length : 0) + Number(text)
    // Ansible counts the last one in.
    const to = colon === undefined ? at(first) : last === '' ? found.length - 1 : at(last)
    return new Set(found.slice(at(first), to + 1))
  }
  if (part === 'all' || part === '*') return new Set(hosts)
  const matches = matcherOf(part)
  const found = new Set(hosts.filter(matches))
  for (const [name, members] of groups)
    if (matches(name)) for (const host of members) found.add(host)
  if (found.size > 0) return found
  const hint = groups.size === 0 ? '' : `; groups: ${[...groups.keys()].join(', ')}`
  throw new UsageError(`--limit: ${part} is no host and no group with hosts${hint}`)
}

function matcherOf(part: string): (name: string) => boolean {
  if (part.startsWith('~')) {
    try {
      const expression = new RegExp(`^(?:${part.slice(1)})`)
      return (name) => expression.test(name)
    } catch (cause) {
      throw new UsageError(`--limit: ${part} is no regular expression`, { cause })
    }
  }
  if (!/[*?]/.test(part)) return (name) => name === part
  const source = part
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  const glob = new RegExp(`^${source}$`)
  return (name) => glob.test(name)
}
