/** Ansible's inventories in INI. Source: Ansible's documentation of the plugin `ansible.builtin.ini`. */
import { Groups, type Variables } from './groups.ts'
import { hostNameAt, InventoryError, type Place } from './model.ts'
import { expandRanges } from './ranges.ts'

const kinds = ['hosts', 'children', 'vars'] as const
type Kind = (typeof kinds)[number]

/** @throws {InventoryError} at the first line that cannot be read */
export function readAnsibleIni(text: string, file: string): Groups {
  const groups = new Groups()
  let section: { readonly name: string; readonly kind: Kind } = { name: 'ungrouped', kind: 'hosts' }
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const at = { file, line: index + 1 }
    const line = raw.trim()
    if (line === '' || line.startsWith('#') || line.startsWith(';')) continue
    if (/^\[[^\]]+\]\s*(?:[#;].*)?$/.test(line) && !/^\[[0-9a-f:]*::[0-9a-f:]*\]/i.test(line)) {
      section = sectionAt(line, at)
      groups.group(section.name, at)
    } else if (section.kind === 'vars') {
      addVariable(groups.group(section.name, at).vars, line, at)
    } else if (section.kind === 'children') {
      const child = line.replace(/\s[#;].*$/, '').trim()
      groups.group(section.name, at).children.add(groups.group(child, at).name)
    } else addHosts(groups, section.name, line, at)
  }
  return groups
}

function sectionAt(line: string, at: Place): { readonly name: string; readonly kind: Kind } {
  const inside = line.slice(1, line.indexOf(']')).trim()
  const [name = '', kindText = 'hosts', ...more] = inside.split(':')
  const kind = kinds.find((each) => each === kindText)
  if (name === '' || kind === undefined || more.length > 0) {
    const hint = 'write [group], [group:children] or [group:vars]'
    throw new InventoryError(at, `the section [${inside}] is none`, hint)
  }
  return { name, kind }
}

/** `name:port key=value …`, the name perhaps with ranges. */
function addHosts(groups: Groups, group: string, line: string, at: Place): void {
  const [pattern = '', ...pairs] = shellWords(line, at)
  const vars: Variables = new Map()
  for (const pair of pairs) {
    const equals = pair.indexOf('=')
    if (equals <= 0) {
      throw new InventoryError(at, `"${pair}" is no variable`, 'write name=value behind the host')
    }
    vars.set(pair.slice(0, equals), { value: pair.slice(equals + 1), at })
  }
  const { name, port } = splitPort(pattern)
  for (const each of expandRanges(name, at)) {
    const isNew = !groups.hosts.has(each)
    const host = groups.host(hostNameAt(each, at), at)
    groups.group(group, at).hosts.add(host.name)
    // Ansible heeds it only where it meets the host first.
    if (port !== null && isNew) host.vars.set('ansible_port', { value: port, at })
    for (const [variable, value] of vars) host.vars.set(variable, value)
  }
}

/** A colon in brackets belongs to a range, or to an IPv6 address. */
export function splitPort(pattern: string): {
  readonly name: string
  readonly port: string | null
} {
  const bracketed = /^\[([0-9a-f:]*::?[0-9a-f:.]*)\](?::(\d+))?$/i.exec(pattern)
  if (bracketed !== null && /:.*:/.test(bracketed[1]!) && !isRange(bracketed[1]!)) {
    return { name: bracketed[1]!, port: bracketed[2] ?? null }
  }
  const match = /^((?:\[[^\]]*\]|[^:[\]])+):(\d+)$/.exec(pattern)
  return match === null ? { name: pattern, port: null } : { name: match[1]!, port: match[2]! }
}

/** `1:9:2` is one, `fe80::1` is an address. */
function isRange(text: string): boolean {
  return /^\d+:\d+(:\d+)?$/.test(text)
}

function addVariable(vars: Variables, line: string, at: Place): void {
  const equals = line.indexOf('=')
  if (equals <= 0) {
    throw new InventoryError(at, `"${line}" is no variable`, 'write name=value')
  }
  const value = line.slice(equals + 1).trim()
  const quoted = /^(["'])(.*)\1\s*(?:#.*)?$/.exec(value)
  vars.set(line.slice(0, equals).trim(), { value: quoted?.[2] ?? value.replace(/\s#.*$/, ''), at })
}

/** Words as a POSIX shell splits them, up to a `#` that begins one. */
export function shellWords(line: string, at: Place): readonly string[] {
  const words: string[] = []
  let word: string | null = null
  let quote = ''
  for (let index = 0; index < line.length; index++) {
    const char = line[index]!
    if (quote !== '') {
      if (char === quote) quote = ''
      else if (char === '\\' && quote === '"' && /["\\]/.test(line[index + 1] ?? '')) {
        word += line[++index]!
      } else word += char
    } else if (/\s/.test(char)) {
      if (word !== null) words.push(word)
      word = null
    } else if (char === '#' && word === null) break
    else if (char === '"' || char === "'") {
      quote = char
      word ??= ''
    } else if (char === '\\' && index + 1 < line.length) word = (word ?? '') + line[++index]!
    else word = (word ?? '') + char
  }
  if (quote !== '') throw new InventoryError(at, `a ${quote} is opened and not closed`)
  return word === null ? words : [...words, word]
}
