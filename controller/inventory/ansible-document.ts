/** Ansible's inventories in YAML, and what `ansible-inventory --list` prints. */

import { splitPort } from './ansible-ini.ts'
import { type DocumentValue, entryOf } from './document.ts'
import { type Group, Groups, type Variables } from './groups.ts'
import { hostNameAt, InventoryError } from './model.ts'
import { expandRanges } from './ranges.ts'

/**
 * Groups at the top, usually `all` alone. Source: the plugin `ansible.builtin.yaml`.
 *
 * @throws {InventoryError} where the document is none
 */
export function readAnsibleYaml(document: DocumentValue): Groups {
  const groups = new Groups()
  if (document.entries === null) throw new InventoryError(document.at, 'there are no groups')
  for (const { key, value } of document.entries) addGroup(groups, key, value)
  return groups
}

function addGroup(groups: Groups, name: string, value: DocumentValue): Group {
  const group = groups.group(name, value.at)
  if (value.value === null) return group
  if (value.entries === null) {
    throw new InventoryError(
      value.at,
      `the group ${name} is no mapping`,
      'hosts:, children:, vars:',
    )
  }
  for (const part of value.entries) {
    switch (part.key) {
      case 'hosts':
        for (const [pattern, own] of mappingOf(part.value, `hosts of ${name}`)) {
          addHosts(groups, group, pattern, own)
        }
        break
      case 'children':
        for (const [child, own] of mappingOf(part.value, `children of ${name}`)) {
          group.children.add(addGroup(groups, child, own).name)
        }
        break
      case 'vars':
        addVariables(group.vars, part.value)
        break
      default: {
        const hint = 'a group has hosts, children and vars'
        throw new InventoryError(part.keyAt, `the group ${name} has the key ${part.key}`, hint)
      }
    }
  }
  return group
}

/** Ansible takes a single name for a mapping with one key, and lists of names in old inventories. */
function mappingOf(
  value: DocumentValue,
  what: string,
): readonly (readonly [name: string, value: DocumentValue])[] {
  if (value.value === null) return []
  const nothing = { at: value.at, value: null, entries: null, items: null }
  if (typeof value.value === 'string') return [[value.value, nothing]]
  if (value.entries === null) {
    throw new InventoryError(value.at, `${what} are no mapping`, 'write each as name:')
  }
  return value.entries.map(({ key, keyAt, value: own }) => [
    key,
    own.value === null ? { ...nothing, at: keyAt } : own,
  ])
}

function addHosts(groups: Groups, group: Group, pattern: string, own: DocumentValue): void {
  const { name, port } = splitPort(pattern)
  for (const each of expandRanges(name, own.at)) {
    const isNew = !groups.hosts.has(each)
    const host = groups.host(hostNameAt(each, own.at), own.at)
    group.hosts.add(host.name)
    if (port !== null && isNew) host.vars.set('ansible_port', { value: port, at: own.at })
    addVariables(host.vars, own)
  }
}

export function addVariables(vars: Variables, value: DocumentValue): void {
  if (value.value === null) return
  if (value.entries === null) {
    throw new InventoryError(value.at, 'the variables are no mapping', 'write name: value')
  }
  for (const { key, keyAt, value: own } of value.entries)
    vars.set(key, { value: own.value, at: keyAt })
}

/**
 * What an inventory script or `ansible-inventory --list` prints: groups with `hosts`, `children` and `vars`, and
 * `_meta.hostvars`. Source: Ansible's developer guide, "Developing dynamic inventory".
 */
export function readAnsibleList(document: DocumentValue): Groups {
  const groups = new Groups()
  for (const { key, value } of document.entries ?? []) {
    if (key === '_meta') continue
    const group = groups.group(key, value.at)
    // A group may be nothing but a list of hosts.
    const hosts = value.items ?? entryOf(value, 'hosts')?.items ?? []
    for (const each of hosts)
      group.hosts.add(groups.host(hostNameAt(each.value, each.at), each.at).name)
    for (const each of entryOf(value, 'children')?.items ?? []) {
      group.children.add(groups.group(String(each.value), each.at).name)
    }
    const vars = entryOf(value, 'vars')
    if (vars !== null) addVariables(group.vars, vars)
  }
  const meta = entryOf(document, '_meta')
  for (const { key, value } of (meta === null ? null : entryOf(meta, 'hostvars'))?.entries ?? []) {
    addVariables(groups.host(hostNameAt(key, value.at), value.at).vars, value)
  }
  return groups
}
