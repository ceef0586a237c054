/** `tsts hosts clean`: removes everything that tsts has put on the hosts, and what it keeps for them here. */

import { execFileSync } from 'node:child_process'
import type { Client } from '../../core/scenario/model.ts'
import { exitCodes } from '../exit-codes.ts'
import { localRunFolder, type ReachOptions, remoteHosts } from '../hosts.ts'
import type { RunIo } from '../run-options.ts'
import { type Cleaned, cleanedFrom, cleanHost, cleanScript } from '../ssh/clean-host.ts'
import { ownCache } from '../ssh/own-node.ts'
import { shellWord } from '../ssh/shell.ts'
import { bytesText, reasonOf } from './hosts-text.ts'

/** @returns the exit code: 5 when a host could not be cleaned */
export async function cleanHosts(
  clients: readonly Client[],
  options: ReachOptions,
  { stdout }: Pick<RunIo, 'stdout'>,
): Promise<number> {
  const cleaned = await Promise.all(
    remoteHosts(clients, options).map(async ({ host, open }) => {
      try {
        const shell = await open()
        try {
          return tell(host, await cleanHost(shell), stdout)
        } finally {
          shell.close()
        }
      } catch (error) {
        stdout.write(`${host}: not cleaned: ${reasonOf(error)}\n`)
        return false
      }
    }),
  )
  const here = tell('this machine', cleanHere(), stdout)
  return here && cleaned.every((each) => each) ? exitCodes.ok : exitCodes.lost
}

/** @returns whether nothing is left but what runs */
function tell(host: string, cleaned: Cleaned, stdout: RunIo['stdout']): boolean {
  const { bundles, nodes, runs, others, bytes, living, stuck } = cleaned
  const parts = [
    counted(bundles, 'bundle'),
    counted(nodes, 'Node', 'Nodes'),
    counted(runs, 'folder of a dead run', 'folders of dead runs'),
    counted(others, 'other file'),
  ].filter((part) => part !== '')
  const removed =
    parts.length === 0 ? 'nothing to remove' : `removed ${parts.join(', ')}: ${bytesText(bytes)}`
  const runsOn = living.length === 0 ? '' : `; left, because it runs: ${living.join(', ')}`
  const left = stuck.length === 0 ? '' : `; could not be removed: ${stuck.join(', ')}`
  stdout.write(`${host}: ${removed}${runsOn}${left}\n`)
  return stuck.length === 0
}

/** What is kept for hosts, and folders of runs on this machine whose agent is gone. */
function cleanHere(): Cleaned {
  const runs = shellWord(localRunFolder('')).replace(/$/, '*-????????????')
  const script = cleanScript(shellWord(ownCache()), runs)
  return cleanedFrom(execFileSync('sh', { input: script, encoding: 'utf8' }))
}

function counted(count: number, one: string, many = `${one}s`): string {
  return count === 0 ? '' : `${count} ${count === 1 ? one : many}`
}
