/** `tsts hosts import`: lists of machines become `<clients>`. */
import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { exitCodes } from '../exit-codes.ts'
import {
  type ClientAttributes,
  clientsText,
  sshConfigText,
  targetOf,
} from '../inventory/client-lines.ts'
import type { ListedHost } from '../inventory/model.ts'
import { type InventoryChoice, readInventories } from '../inventory/read-inventory.ts'
import { rewriteScenario } from '../inventory/rewrite-scenario.ts'
import type { RunIo } from '../run-options.ts'
import { ownConfig } from '../ssh/own-config.ts'
import { ownSurroundings } from '../ssh/settings.ts'
import { UsageError } from '../usage-error.ts'

export interface ImportOptions extends InventoryChoice {
  /** The scenario whose clients are replaced; null: they are printed. */
  readonly into: string | null
  /** Where the fragment of ssh_config goes; null: names say what they can. */
  readonly sshConfig: string | null
  readonly attributes: ClientAttributes
}

/**
 * @param files lists; `-`: standard input
 * @returns the exit code
 * @throws {UsageError} when a list, the scenario or the fragment cannot be read or written
 */
export async function importHosts(
  files: readonly string[],
  options: ImportOptions,
  io: Pick<RunIo, 'stdout' | 'stderr'>,
): Promise<number> {
  const { hosts, warnings } = readInventories(files, options)
  for (const text of warnings) io.stderr.write(`tsts: warning: ${text}\n`)
  if (hosts.length === 0)
    throw new UsageError(`no host is in ${files.join(', ').replace(/^-$/, 'standard input')}`)
  const targets =
    options.sshConfig === null ? byTarget(hosts, io) : byConfig(hosts, options.sshConfig, io)
  if (options.into === null) io.stdout.write(`${clientsText(targets, options.attributes)}\n`)
  else {
    await rewriteScenario(options.into, targets, options.attributes)
    const count = targets.length === 1 ? '1 client' : `${targets.length} clients`
    io.stdout.write(`${options.into} has ${count} now\n`)
  }
  return exitCodes.ok
}

function byTarget(
  hosts: readonly ListedHost[],
  { stderr }: Pick<RunIo, 'stderr'>,
): readonly string[] {
  const surroundings = ownSurroundings(ownConfig(null))
  const targets = new Set<string>()
  const missing = new Map<string, string[]>()
  for (const host of hosts) {
    const found = targetOf(host, surroundings)
    targets.add(found.target)
    if (found.missing === null) continue
    missing.set(found.missing, [...(missing.get(found.missing) ?? []), host.name])
  }
  for (const [what, names] of missing) {
    const who = names.length === 1 ? names[0]! : `${names[0]} and ${names.length - 1} more`
    stderr.write(
      `tsts: warning: ${who}: "${what}" cannot be said in a scenario: give --ssh-config FILE\n`,
    )
  }
  return [...targets]
}

function byConfig(
  hosts: readonly ListedHost[],
  file: string,
  { stderr }: Pick<RunIo, 'stderr'>,
): readonly string[] {
  // What stands in the file now is replaced: it counts for nothing.
  const text = sshConfigText(hosts, ownSurroundings(ownConfig(null)))
  const first =
    '# Written by tsts hosts import; what it says of these hosts goes before ~/.ssh/config.\n'
  if (!mayReplace(file, first)) {
    const why = 'it is there and was not written by tsts hosts import'
    throw new UsageError(`${file} is not overwritten: ${why}`)
  }
  try {
    writeFileSync(file, first + text, { mode: 0o600 })
  } catch (error) {
    throw new UsageError(`${file} cannot be written: ${(error as Error).message}`, { cause: error })
  }
  // A relative path there would be one of ~/.ssh.
  const use = `tsts run --ssh-config ${file} SCENARIO, or Include ${resolve(file)} in ~/.ssh/config`
  stderr.write(`tsts: ${file} says how the hosts are reached: ${use}\n`)
  return [...new Set(hosts.map(({ name }) => name.toLowerCase()))]
}

function mayReplace(file: string, firstLine: string): boolean {
  try {
    const text = readFileSync(file, 'utf8')
    return text === '' || text.startsWith(firstLine)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT'
  }
}
