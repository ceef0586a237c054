/**
 * What of a host's system has to be set for a plan: nothing that the plan does not need, and nothing that Linux has by
 * itself.
 */
import type { HostNeeds, KnownLimits } from '../host-needs.ts'
import { countText } from '../outputs/format.ts'

/** Every port that an ordinary program may have. */
export const widePorts: readonly [number, number] = [1024, 65_535]
/** Of a login, before pam_limits says otherwise: the hard limit that systemd and Linux give differs by version. */
const leastDescriptors = 1024
/** Linux's own `fs.nr_open`, and what conntrack has room for on small machines. */
const defaultNrOpen = 1_048_576
const defaultConntrack = 65_536
/** Descriptors of everything else on the host. */
const systemDescriptors = 65_536

export const limitsFile = '/etc/security/limits.d/90-tsts.conf'

/** A host as Linux sets it up. */
export const linuxDefaults: KnownLimits = {
  addresses: [],
  descriptorLimit: 0,
  memoryBytes: Number.POSITIVE_INFINITY,
  portRange: [32_768, 60_999],
  tcpTwReuse: 2,
}

export interface Sysctl {
  readonly name: string
  readonly value: string
  /** A number that is not lowered where the host has more. */
  readonly isLeast: boolean
  readonly reason: string
}

export interface Tuning {
  readonly sysctls: readonly Sysctl[]
  /** Open files of one process; null: what every Linux gives is enough. */
  readonly descriptors: { readonly limit: number; readonly reason: string } | null
  /** What no setting gives, in words. */
  readonly notes: readonly string[]
}

/** The next power of two: a limit is rarely set twice. */
export function descriptorsFor(needed: number): number {
  return Math.max(leastDescriptors, 2 ** Math.ceil(Math.log2(needed)))
}

/** For pam_limits: soft and hard at once. Source: limits.conf(5); a wildcard would leave root out. */
export function limitsLine(user: string, limit: number): string {
  return `${user} - nofile ${limit}`
}

/** @param needs of the host as Linux sets it up (`linuxDefaults`) */
export function tuningFor(needs: HostNeeds): Tuning {
  const limit = descriptorsFor(needs.descriptors)
  const perLauncher = `a launcher needs ${countText(needs.descriptors)} descriptors`
  const { sysctls, notes } = portSettings(needs)
  const all = needs.processes * limit + systemDescriptors
  const files: readonly Sysctl[] =
    needs.descriptors <= leastDescriptors
      ? []
      : [
          ...(limit <= defaultNrOpen ? [] : [least('fs.nr_open', limit, perLauncher)]),
          least(
            'fs.file-max',
            all,
            `${needs.processes} launchers may have ${countText(limit)} descriptors each`,
          ),
        ]
  return {
    sysctls: [...sysctls, ...files],
    descriptors: needs.descriptors <= leastDescriptors ? null : { limit, reason: perLauncher },
    notes,
  }
}

function portSettings({ ports, sockets }: HostNeeds): Pick<Tuning, 'sysctls' | 'notes'> {
  const { needed, available, range, isOption } = ports
  if (needed <= available) return { sysctls: [], notes: [] }
  const told = `${countText(needed)} ports are needed at once (TIME_WAIT for 60 s included)`
  const perPort = available / (range[1] - range[0] + 1)
  const wide = isOption ? available : perPort * (widePorts[1] - widePorts[0] + 1)
  const sysctls: Sysctl[] = []
  if (!isOption) {
    sysctls.push({
      name: 'net.ipv4.ip_local_port_range',
      value: widePorts.join(' '),
      isLeast: false,
      reason: `${told}, and Linux's own range has ${countText(available)}`,
    })
  }
  if (needed > wide) {
    sysctls.push({
      name: 'net.ipv4.tcp_tw_reuse',
      value: '1',
      isLeast: false,
      reason: `${told}: those in TIME_WAIT are to be used again`,
    })
  }
  if (needed > defaultConntrack) {
    const reason = `${told}: where conntrack is loaded it has an entry for each`
    sysctls.push(
      least('net.netfilter.nf_conntrack_max', 2 ** Math.ceil(Math.log2(needed * 2)), reason),
    )
  }
  const notes =
    sockets <= wide
      ? []
      : [
          `${countText(sockets)} connections are open at once, and there are ${countText(wide)} ports: ` +
            `give <client> ${countText(Math.ceil(sockets / wide))} times as many addresses (<ip>, <iprange>)` +
            (isOption ? ', or widen the option ports_range' : ''),
        ]
  return { sysctls, notes }
}

function least(name: string, value: number, reason: string): Sysctl {
  return { name, value: String(value), isLeast: true, reason }
}
