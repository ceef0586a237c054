/** Which clients of a scenario are this machine. */
import { hostname, networkInterfaces } from 'node:os'
import type { Client } from '../core/scenario/model.ts'

/** Whether `client` is played here: `use_controller_vm`, a loopback address, a name or address of this machine. */
export function isLocalClient(client: Client): boolean {
  return client.type === 'machine' && (client.useControllerVm || isLocalHost(client.host))
}

/** This machine, under whatever name a scenario calls it. */
export const localName = 'localhost'

/** The hosts of a scenario, each once, and the index of each client's. @param local all are played on this machine */
export function clientHosts(
  clients: readonly Client[],
  local: boolean,
): { readonly names: readonly string[]; readonly ofClient: readonly number[] } {
  const names: string[] = []
  const ofClient = clients.map((client) => {
    const name = local || isLocalClient(client) ? localName : hostName(client.host)
    const known = names.indexOf(name)
    return known >= 0 ? known : names.push(name) - 1
  })
  return { names, ofClient }
}

/** Names of hosts have no case, those of users have: `[user@]host[:port]`. */
function hostName(target: string): string {
  const at = target.lastIndexOf('@') + 1
  return target.slice(0, at) + target.slice(at).toLowerCase()
}

export function isLocalHost(host: string): boolean {
  const name = host.toLowerCase()
  const own = hostname().toLowerCase()
  if (name === 'localhost' || name === '::1' || /^127(\.\d{1,3}){3}$/.test(name)) return true
  if (name === own || name === own.split('.')[0]) return true
  return Object.values(networkInterfaces()).some((addresses) =>
    addresses?.some(({ address }) => address.toLowerCase() === name),
  )
}
