/** Variables in files beside an inventory: `group_vars/` and `host_vars/`. Source: Ansible's guide, "Organizing host and group variables". */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { addVariables } from './ansible-document.ts'
import { readDocument } from './document.ts'
import type { Groups, Variables } from './groups.ts'
import { placeText } from './model.ts'

/**
 * Adds them to the groups and hosts that the inventory has.
 *
 * @returns what could not be read, a line each
 * @throws {InventoryError} when a file is no YAML
 */
export function addVarsFolders(groups: Groups, file: string): readonly string[] {
  const folder = dirname(file)
  const warnings: string[] = []
  const root = { file, line: 1 }
  for (const { name, path } of varsFiles(join(folder, 'group_vars'))) {
    const group = name === 'all' ? groups.group('all', root) : groups.groups.get(name)
    if (group !== undefined) read(path, group.fileVars, warnings)
  }
  for (const { name, path } of varsFiles(join(folder, 'host_vars'))) {
    const host = groups.hosts.get(name)
    if (host !== undefined) read(path, host.fileVars, warnings)
  }
  return warnings
}

/** `NAME`, `NAME.yml`, or a folder `NAME` of such files. */
function varsFiles(folder: string): readonly { readonly name: string; readonly path: string }[] {
  return entries(folder).flatMap((entry) => {
    const path = join(folder, entry)
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
      return entries(path)
        .filter(isVarsFile)
        .map((each) => ({ name: entry, path: join(path, each) }))
    }
    return isVarsFile(entry) ? [{ name: basename(entry).replace(/\.(ya?ml|json)$/, ''), path }] : []
  })
}

function isVarsFile(name: string): boolean {
  return !name.startsWith('.') && (/\.(ya?ml|json)$/.test(name) || !/\.(\w{1,4}|~)$/.test(name))
}

function read(path: string, vars: Variables, warnings: string[]): void {
  const text = readFileSync(path, 'utf8')
  if (text.startsWith('$ANSIBLE_VAULT')) {
    const at = placeText({ file: path, line: 1 })
    warnings.push(`${at}: encrypted by ansible-vault: what it says of hosts is not known`)
    return
  }
  addVariables(vars, readDocument(text, path))
}

function entries(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort()
  } catch {
    return [] // most inventories have no such folder
  }
}
