/** Which settings each host of a scenario needs, hosts that need the same together. */
import type { Plan } from '../../core/plan/model.ts'
import type { Scenario } from '../../core/scenario/model.ts'
import { hostNeeds } from '../host-needs.ts'
import { clientHosts, localName } from '../local-hosts.ts'
import type { TunedHosts } from './script.ts'
import { linuxDefaults, tuningFor } from './settings.ts'

/** @param local all clients are played on this machine */
export function tunedHosts(scenario: Scenario, plan: Plan, local: boolean): readonly TunedHosts[] {
  const { names, ofClient } = clientHosts(scenario.clients, local)
  const known = names.map(() => linuxDefaults)
  const groups = new Map<string, { hosts: string[]; group: Omit<TunedHosts, 'hosts'> }>()
  for (const [at, needs] of hostNeeds(scenario, plan, ofClient, known).entries()) {
    if (needs === null) continue
    const isLocal = names[at] === localName
    const tuning = tuningFor(needs)
    const key = JSON.stringify([isLocal, tuning])
    const same = groups.get(key)
    if (same === undefined) groups.set(key, { hosts: [names[at]!], group: { isLocal, tuning } })
    else same.hosts.push(names[at]!)
  }
  return [...groups.values()].map(({ hosts, group }) => ({ ...group, hosts }))
}
