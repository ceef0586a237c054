/** What the verdict finds at one host: CPU that its hypervisor keeps, ports and memory that are used up. */
import type { HostReport } from './host-record.ts'
import type { LauncherReport } from './model.ts'
import { bytesText, countText } from './outputs/format.ts'
import { shareOf } from './port-record.ts'
import { type Finding, gravityOf, limitText, percent } from './verdict-launcher.ts'
import type { Limit, Limits } from './verdict-limits.ts'

export interface HostEvidence {
  readonly launchers: readonly LauncherReport[]
  /** Of each host that is known, by the name that its launchers give. */
  readonly memoryBytes?: ReadonlyMap<string, number>
  readonly hosts?: readonly HostReport[]
}

export function exhausted(evidence: HostEvidence, limits: Limits): Finding[] {
  return [
    ...steal(evidence, limits.steal),
    ...ports(evidence, limits.ports),
    ...memory(evidence, limits.memory),
  ]
}

/** Launchers of one host see the same of it: the worst that any of them saw counts. */
function steal({ launchers }: HostEvidence, limit: Limit): Finding[] {
  const byHost = new Map<string, number>()
  for (const { host, strain } of launchers) {
    byHost.set(host, Math.max(byHost.get(host) ?? 0, strain.stealMax))
  }
  return [...byHost].flatMap(([host, share]) => {
    const what = `the hypervisor of ${host} kept ${percent(share)} of its CPU to itself over 10 s`
    const why = 'its CPU credits are used up, or it shares its CPUs'
    return finding('V_STEAL', host, share, limit, (told) => `${what} ${told}: ${why}`)
  })
}

function ports({ hosts = [] }: HostEvidence, limit: Limit): Finding[] {
  return hosts.flatMap(({ host, ports: fullest }) => {
    if (fullest === null) return []
    const { address, open, waiting, available } = fullest
    const whose = address === '' ? host : `${address} on ${host}`
    const kept = waiting === 0 ? '' : `, ${countText(waiting)} of them in TIME_WAIT`
    const what = `${countText(open + waiting)} of the ${countText(available)} ports of ${whose} were in use at once${kept}`
    return finding('V_PORTS', host, shareOf(fullest), limit, (told) => `${what} ${told}`)
  })
}

/** Launchers of one host share its memory; the greatest of each counts, whenever it was. */
function memory({ launchers, memoryBytes }: HostEvidence, limit: Limit): Finding[] {
  return [...(memoryBytes ?? [])].flatMap(([host, bytes]) => {
    const own = launchers.filter((launcher) => launcher.host === host)
    const used = own.reduce((sum, launcher) => sum + launcher.rssBytesMax, 0)
    const share = bytes > 0 ? used / bytes : 0
    const what =
      `the launchers on ${host} used ${bytesText(used)} of the ${bytesText(bytes)} of memory it has ` +
      `(${percent(share)})`
    return finding('V_MEMORY', host, share, limit, () => what)
  })
}

/** @param text is given the limit that was passed, in words */
function finding(
  code: string,
  host: string,
  share: number,
  limit: Limit,
  text: (limit: string) => string,
): Finding[] {
  const gravity = gravityOf(share, limit)
  if (gravity === null) return []
  const told = limitText(limit[gravity], code)
  return [{ grave: gravity === 'invalid', reason: { code, text: text(told), host } }]
}
