/**
 * Hosts that a batch scheduler has given to this job: `<client type="batch">` becomes one client a line of its list.
 *
 * Source: reference tsung-core.md, 1.5.
 */

import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import type { Client, Scenario } from '../core/scenario/model.ts'
import { UsageError } from './usage-error.ts'

type Scheduler = NonNullable<Client['batch']>

/** Where each scheduler says which hosts there are: a file, or the list itself. */
const sources: {
  readonly [Name in Scheduler]: { readonly variable: string; readonly isFile: boolean }
} = {
  torque: { variable: 'PBS_NODEFILE', isFile: true },
  pbs: { variable: 'PBS_NODEFILE', isFile: true },
  oar: { variable: 'OAR_NODEFILE', isFile: true },
  lsf: { variable: 'LSB_HOSTS', isFile: false },
}

/**
 * The scenario with the scheduler's hosts as clients. Others stay as they are.
 *
 * @param environment variables of this process
 * @throws {UsageError} when the scheduler has said nothing
 */
export function withBatchHosts(
  scenario: Scenario,
  environment: { readonly [name: string]: string | undefined },
): Scenario {
  return expanded(scenario, (client, scheduler) =>
    machines(client, batchHosts(scheduler, environment)),
  )
}

/**
 * The same for a plan, which needs no job: where the scheduler has said nothing, the client stays as one host with one
 * launcher.
 *
 * @returns with it, what a run would read and why it could not be read now
 */
export function withKnownBatchHosts(
  scenario: Scenario,
  environment: { readonly [name: string]: string | undefined },
): { readonly scenario: Scenario; readonly notes: readonly string[] } {
  const notes: string[] = []
  const known = expanded(scenario, (client, scheduler) => {
    try {
      return machines(client, batchHosts(scheduler, environment))
    } catch (error) {
      if (!(error instanceof UsageError)) throw error
      const { variable, isFile } = sources[scheduler]
      const what = isFile ? `the file that ${variable} names` : `the list in ${variable}`
      notes.push(
        `The hosts of <client type="batch" batch="${scheduler}"> are not known ` +
          `(${error.message}): a run in a job of ${scheduler} reads ${what}, one launcher for each name; ` +
          'here it counts as one host with one launcher.',
      )
      return [{ ...client, cpu: 1 }]
    }
  })
  return { scenario: known, notes }
}

function expanded(
  scenario: Scenario,
  hostsOf: (client: Client, scheduler: Scheduler) => readonly Client[],
): Scenario {
  if (scenario.clients.every(({ type }) => type !== 'batch')) return scenario
  const clients = scenario.clients.flatMap((client): readonly Client[] =>
    client.batch === null ? [client] : hostsOf(client, client.batch),
  )
  return { ...scenario, clients }
}

function machines(client: Client, hosts: readonly string[]): readonly Client[] {
  return hosts.map((host) => ({ ...client, type: 'machine' as const, batch: null, host, cpu: 1 }))
}

/** One name a launcher; this machine is left out unless it is the only one. */
export function batchHosts(
  scheduler: Scheduler,
  environment: { readonly [name: string]: string | undefined },
  own: string = hostname(),
): readonly string[] {
  const { variable, isFile } = sources[scheduler]
  const value = environment[variable] ?? ''
  if (value === '') {
    throw new UsageError(`${variable} is not set: does ${scheduler} run this job?`)
  }
  const text = isFile ? readList(value, variable) : value
  const names = text
    .split(/\s+/)
    .filter((name) => name !== '')
    .map((name) => name.replace(/\..*$/, ''))
  if (names.length === 0) throw new UsageError(`${scheduler} gave this job no host (${variable})`)
  const others = names.filter((name) => name !== own.replace(/\..*$/, ''))
  return others.length === 0 ? names : others
}

function readList(path: string, variable: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new UsageError(`${variable}: ${(error as Error).message}`, { cause: error })
  }
}
