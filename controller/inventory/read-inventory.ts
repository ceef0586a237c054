/** Lists of hosts from files: which format each has, and the hosts of all of them, each once. */
import { readFileSync } from 'node:fs'
import { UsageError } from '../usage-error.ts'
import { readAnsibleList, readAnsibleYaml } from './ansible-document.ts'
import { hostsOfGroups } from './ansible-hosts.ts'
import { readAnsibleIni } from './ansible-ini.ts'
import { type DocumentValue, entryOf, readDocument } from './document.ts'
import type { Groups } from './groups.ts'
import { readKnownHosts, readPlainList } from './lists.ts'
import {
  InventoryError,
  type InventoryFormat,
  type Listed,
  type ListedHost,
  placeText,
} from './model.ts'
import { chosenHosts } from './patterns.ts'
import {
  hostsIn,
  readTerraformOutput,
  readTerraformState,
  type TerraformChoice,
} from './terraform.ts'
import { addVarsFolders } from './vars-folders.ts'

export interface InventoryChoice extends TerraformChoice {
  readonly format: InventoryFormat
  /** Pattern of the hosts that are wanted; null: all. */
  readonly limit: string | null
}

/** @param text of standard input, for the file `-` */
export type ReadText = (file: string) => string

/**
 * @param files in the order in which they count: of two hosts of a name the first is taken
 * @throws {UsageError} when a file cannot be read
 * @throws {InventoryError} at the place where one is wrong
 */
export function readInventories(
  files: readonly string[],
  choice: InventoryChoice,
  read: ReadText = readText,
): Listed {
  const hosts = new Map<string, ListedHost>()
  const groups = new Map<string, Set<string>>()
  const warnings: string[] = []
  for (const file of files) {
    const listed = readInventory(read(file), file, choice)
    warnings.push(...listed.warnings)
    for (const host of listed.hosts) {
      const before = hosts.get(host.name)
      if (before === undefined) hosts.set(host.name, host)
      else if (!isSame(before, host)) {
        const at = `${placeText(host.at)} is not taken`
        warnings.push(`${host.name} is in ${placeText(before.at)}, too: ${at}`)
      }
    }
    for (const [name, members] of listed.groups) {
      const known = groups.get(name) ?? new Set()
      for (const member of members) known.add(member)
      groups.set(name, known)
    }
  }
  const all = [...hosts.values()]
  if (choice.limit === null) return { hosts: all, warnings }
  const chosen = chosenHosts(choice.limit, { hosts: [...hosts.keys()], groups })
  return { hosts: all.filter(({ name }) => chosen.has(name)), warnings }
}

interface Grouped extends Listed {
  readonly groups: ReadonlyMap<string, ReadonlySet<string>>
}

function readInventory(text: string, file: string, choice: InventoryChoice): Grouped {
  const format = choice.format === 'auto' ? formatOf(text, file) : choice.format
  const alone = (listed: Listed): Grouped => ({ ...listed, groups: new Map() })
  switch (format) {
    case 'ansible-ini':
      return fromAnsible(readAnsibleIni(text, file), file)
    case 'ansible-yaml':
      return fromAnsible(readAnsibleYaml(readDocument(text, file)), file)
    case 'ansible-json':
      return fromAnsible(readAnsibleList(readDocument(text, file)), null)
    case 'terraform-output':
      return alone(fromOutputs(readDocument(text, file), choice))
    case 'terraform-state':
      return alone(readTerraformState(readDocument(text, file), choice))
    case 'known-hosts':
      return alone(readKnownHosts(text, file))
    default:
      return alone(readPlainList(text, file))
  }
}

/** @param file beside which variables may lie; null: they are in the list already */
function fromAnsible(groups: Groups, file: string | null): Grouped {
  const folders = file === null || file === '-' ? [] : addVarsFolders(groups, file)
  const { hosts, warnings } = hostsOfGroups(groups)
  const members = [...groups.groups.keys()].map((name) => [name, groups.hostsOf(name)] as const)
  return { hosts, warnings: [...folders, ...warnings], groups: new Map(members) }
}

/** All outputs, or the value of one (`terraform output -json NAME`). */
function fromOutputs(document: DocumentValue, choice: InventoryChoice): Listed {
  if (document.entries?.some(({ value }) => entryOf(value, 'value') !== null)) {
    return readTerraformOutput(document, choice)
  }
  const hosts = hostsIn(document, choice)
  if (hosts === null) throw new InventoryError(document.at, 'the value names no hosts')
  return { hosts, warnings: [] }
}

function formatOf(text: string, file: string): Exclude<InventoryFormat, 'auto'> {
  if (text.startsWith('#!')) {
    const hint = `run it: ${file} --list > hosts.json, or ansible-inventory -i ${file} --list`
    throw new InventoryError({ file, line: 1 }, 'a program is no list of hosts', hint)
  }
  if (/^\s*(\{|\[\s*["{[\]])/.test(text)) {
    return jsonFormat(readDocument(text, file))
  }
  const lines = text.split(/\r?\n/).map((line) => line.trim())
  const said = lines.filter((line) => line !== '' && !/^[#;]/.test(line))
  if (said.some((line) => /^(@\S+\s+)?\S+\s+(ssh-|ecdsa-|sk-)\S+\s+AAAA/.test(line))) {
    return 'known-hosts'
  }
  if (/\.ya?ml$/.test(file) || said[0] === '---' || /^[\w.-]+:$/.test(said[0] ?? '')) {
    return 'ansible-yaml'
  }
  const isIni = (line: string): boolean => /^\[[^\]]+\]$/.test(line) || /^\S+\s+\w+=/.test(line)
  return said.some(isIni) ? 'ansible-ini' : 'list'
}

function jsonFormat(document: DocumentValue): Exclude<InventoryFormat, 'auto'> {
  const { entries } = document
  if (entries === null) return 'terraform-output'
  if (entryOf(document, 'resources') !== null && entryOf(document, 'version') !== null) {
    return 'terraform-state'
  }
  const has = (key: string): boolean => entries.some(({ value }) => entryOf(value, key) !== null)
  if (entryOf(document, '_meta') !== null) return 'ansible-json'
  if (has('value')) return 'terraform-output'
  // Inventories of the plugin for YAML may be written as JSON.
  const hosts = entries.map(({ value }) => entryOf(value, 'hosts'))
  if (hosts.some((each) => each?.entries)) return 'ansible-yaml'
  const isList =
    has('hosts') || has('children') || entries.every(({ value }) => value.items !== null)
  return isList ? 'ansible-json' : 'terraform-output'
}

function isSame(a: ListedHost, b: ListedHost): boolean {
  return JSON.stringify({ ...a, at: null }) === JSON.stringify({ ...b, at: null })
}

function readText(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8').replace(/^\uFEFF/, '')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const why = code === 'ENOENT' ? 'there is no such file' : message
    const hint = code === 'EISDIR' ? '; give the files in it' : ''
    throw new UsageError(`the list ${file} cannot be read: ${why}${hint}`, { cause: error })
  }
}
