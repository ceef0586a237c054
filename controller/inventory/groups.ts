/**
 * Hosts, groups and their variables, as Ansible joins them. Source: Ansible's guide, "How to build your inventory" and
 * "Using variables: understanding variable precedence".
 */
import type { Place } from './model.ts'

export interface Variable {
  readonly value: unknown
  readonly at: Place
}

export type Variables = Map<string, Variable>

export interface Group {
  readonly name: string
  readonly hosts: Set<string>
  readonly children: Set<string>
  readonly vars: Variables
  /** From a file beside the inventory (`group_vars/`), which goes before what the inventory says of a group. */
  readonly fileVars: Variables
  readonly at: Place
}

export interface GroupedHost {
  readonly name: string
  readonly vars: Variables
  readonly fileVars: Variables
  readonly at: Place
}

export class Groups {
  readonly groups: Map<string, Group> = new Map()
  /** In the order in which they are met. */
  readonly hosts: Map<string, GroupedHost> = new Map()
  /** Made once everything is read. */
  #members: ReadonlyMap<string, ReadonlySet<string>> | null = null
  #depth: ReadonlyMap<string, number> | null = null

  group(name: string, at: Place): Group {
    const known = this.groups.get(name)
    if (known !== undefined) return known
    const made: Group = {
      name,
      hosts: new Set(),
      children: new Set(),
      vars: new Map(),
      fileVars: new Map(),
      at,
    }
    this.groups.set(name, made)
    return made
  }

  host(name: string, at: Place): GroupedHost {
    const known = this.hosts.get(name)
    if (known !== undefined) return known
    const made: GroupedHost = { name, vars: new Map(), fileVars: new Map(), at }
    this.hosts.set(name, made)
    return made
  }

  /** Hosts of a group and of the groups in it, in the order in which hosts were met. */
  hostsOf(name: string): ReadonlySet<string> {
    if (name === 'all') return new Set(this.hosts.keys())
    if (name === 'ungrouped') return this.#ungrouped()
    const found = new Set<string>()
    const seen = new Set<string>()
    const walk = (group: string): void => {
      if (seen.has(group)) return
      seen.add(group)
      const { hosts, children } = this.groups.get(group) ?? { hosts: [], children: [] }
      for (const host of hosts) found.add(host)
      for (const child of children) walk(child)
    }
    walk(name)
    return new Set([...this.hosts.keys()].filter((host) => found.has(host)))
  }

  /**
   * Once everything is read. What holds for a host: the inventory's groups, files of groups, the host, files of the host;
   * the later wins.
   */
  varsOf(host: string): ReadonlyMap<string, Variable> {
    const own = this.hosts.get(host)
    const groups = this.#groupsAbove(host)
    const layers = [
      ...groups.map(({ vars }) => vars),
      ...groups.map(({ fileVars }) => fileVars),
      own?.vars ?? [],
      own?.fileVars ?? [],
    ]
    return new Map(layers.flatMap((layer) => [...layer]))
  }

  /** From `all` down; of equal depth by name. */
  #groupsAbove(host: string): readonly Group[] {
    this.#depth ??= this.#depths()
    this.#members ??= new Map([...this.groups.keys()].map((name) => [name, this.hostsOf(name)]))
    const depths = this.#depth
    const members = this.#members
    return [...this.groups.values()]
      .filter(({ name }) => members.get(name)?.has(host))
      .sort((a, b) => {
        const below = (depths.get(a.name) ?? 0) - (depths.get(b.name) ?? 0)
        const byPriority = priorityOf(a) - priorityOf(b)
        return below || byPriority || (a.name < b.name ? -1 : 1)
      })
  }

  #depths(): ReadonlyMap<string, number> {
    const depths = new Map<string, number>()
    const walk = (name: string, depth: number, way: readonly string[]): void => {
      if (way.includes(name) || (depths.get(name) ?? -1) >= depth) return
      depths.set(name, depth)
      for (const child of this.groups.get(name)?.children ?? [])
        walk(child, depth + 1, [...way, name])
    }
    for (const name of this.groups.keys()) walk(name, name === 'all' ? 0 : 1, [])
    return depths
  }

  #ungrouped(): ReadonlySet<string> {
    const grouped = new Set<string>()
    for (const { name, hosts } of this.groups.values()) {
      if (name !== 'all' && name !== 'ungrouped') for (const host of hosts) grouped.add(host)
    }
    return new Set([...this.hosts.keys()].filter((host) => !grouped.has(host)))
  }
}

function priorityOf({ vars, fileVars }: Group): number {
  const { value } = fileVars.get('ansible_group_priority') ??
    vars.get('ansible_group_priority') ?? { value: 1 }
  const priority = Number(value)
  return Number.isFinite(priority) ? priority : 1
}
