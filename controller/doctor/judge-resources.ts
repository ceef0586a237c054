/** Whether a host has what the plan asks of it: descriptors, ports, cores, memory. */
import type { AgentFacts } from '../../core/wire/messages.ts'
import type { PortsAnswer, SystemAnswer } from '../../core/wire/probe.ts'
import { type HostNeeds, ownDescriptors, type PortNeeds } from '../host-needs.ts'
import { bytesText, countText, plural } from '../outputs/format.ts'
import { descriptorsFor, limitsFile, limitsLine, widePorts } from '../tune/settings.ts'
import { type Finding, fault, ok, warning } from './model.ts'
import { asRoot, onHost, type Place, rootFile } from './remedy.ts'

export interface Host {
  readonly place: Place
  readonly facts: AgentFacts
  readonly system: SystemAnswer
  readonly needs: HostNeeds
}

export function judgeDescriptors({ place, system, needs }: Host): Finding {
  const { softDescriptors: soft, hardDescriptors: hard, nrOpen, user } = system
  if (hard === 0) return ok('descriptors', 'the limit is not known on this system')
  const has = `${countText(hard)} of one process (soft limit ${countText(soft)}, raised by Node)`
  const asked = `a launcher needs ${countText(needs.descriptors)}`
  if (needs.descriptors <= hard) return ok('descriptors', `${asked}, may have ${has}`)
  const wanted = descriptorsFor(needs.descriptors)
  const limit = rootFile(place, limitsFile, limitsLine(user, wanted))
  const remedy =
    nrOpen > 0 && nrOpen < wanted
      ? `${asRoot(place, `sysctl -w fs.nr_open=${wanted}`)} && ${limit}`
      : limit
  const most = countText(Math.max(1, hard - ownDescriptors))
  return fault('descriptors', `${asked}, may have ${has}: maxusers="${most}" would fit`, remedy)
}

/** @param taken ports of the range that others have; null: not known */
export function judgePorts({ place, needs }: Host, taken: PortsAnswer | null): Finding {
  const { ports } = needs
  const { needed, available, range, isReused } = ports
  const used = taken?.taken ?? 0
  const waiting = isReused ? '' : ', those in TIME_WAIT for 60 s included'
  const text =
    `${countText(needed)} needed at once${waiting}; ${countText(available)} there ` +
    `(${range.join('-')} for each source address and server)`
  if (needed <= available) return ok('ports', text)
  return fault('ports', `${text}, ${countText(used)} of them taken`, portsRemedy(place, needs))
}

function portsRemedy(place: Place, { ports, sockets, addresses }: HostNeeds): string {
  const { needed, isOption, isReused } = ports
  if (isOption) return '<option name="ports_range" min="1024" max="65535"/>'
  const wide = availableWhenWide(ports)
  const widen = `sysctl -w net.ipv4.ip_local_port_range="${widePorts.join(' ')}"`
  const reuse = 'sysctl -w net.ipv4.tcp_tw_reuse=1'
  if (needed <= wide) return asRoot(place, widen)
  if (!isReused && sockets <= ports.available) return asRoot(place, reuse)
  if (!isReused && sockets <= wide) return asRoot(place, `${widen} ${reuse.split(' ').at(-1)}`)
  const each = wide / Math.max(1, addresses.length)
  const more = Math.ceil(sockets / each) - Math.max(1, addresses.length)
  return `${plural(Math.max(1, more), 'more <ip value="…"/>', 'more <ip value="…"/>')} in <client host="${place.host}">`
}

/** The same addresses and servers with the widest range. */
export function availableWhenWide({ available, range }: PortNeeds): number {
  const [min, max] = range
  return (available / (max - min + 1)) * (widePorts[1] - widePorts[0] + 1)
}

/** Ports of the range that somebody has already. */
export function judgeTaken({ place, needs }: Host, answer: PortsAnswer): Finding {
  const { needed, available, range } = needs.ports
  const { taken, listening } = answer
  const open = listening.length === 0 ? '' : `, ${listening.slice(0, 5).join(', ')} listened on`
  const text = `${countText(taken)} ports of ${range.join('-')} are taken${open}`
  if (needed > available || needed + taken <= available) return ok('taken', text)
  const show = `ss -Htan "( sport >= :${range[0]} and sport <= :${range[1]} )"`
  const many = `${text}, and ${countText(needed)} of ${countText(available)} are needed`
  return warning('taken', many, asRoot(place, show))
}

export function judgeCores({ place, facts, needs }: Host): Finding {
  const { cores } = facts
  const whole = Math.max(1, Math.floor(cores))
  const has = `${countText(needs.launchers)} ${needs.launchers === 1 ? 'launcher' : 'launchers'} on ${coresText(cores)}`
  if (needs.launchers <= whole) return ok('cores', has)
  return warning('cores', `${has}: they will be late`, `<client host="${place.host}" cpu="auto"/>`)
}

/** Limits of control groups may leave a part of a core. */
export function coresText(cores: number): string {
  const count = Number.isInteger(cores) ? countText(cores) : cores.toFixed(1)
  return `${count} ${cores === 1 ? 'core' : 'cores'}`
}

export function judgeMemory({ place, facts, system, needs }: Host): Finding {
  const free = Math.min(facts.memoryBytes, system.memoryAvailableBytes || facts.memoryBytes)
  const asked = `${bytesText(needs.memoryBytes)} needed for ${plural(needs.processes, 'launcher')} and ${plural(Math.round(needs.peakUsers), 'user')} at once`
  const text = `${asked}; ${bytesText(free)} free of ${bytesText(facts.memoryBytes)}`
  if (needs.memoryBytes <= free) return ok('memory', text)
  if (needs.memoryBytes <= facts.memoryBytes) {
    return fault('memory', text, onHost(place, 'ps -eo pid,rss,comm --sort=-rss | head'))
  }
  const share = Math.max(1, Math.floor((100 * free) / needs.memoryBytes))
  const remedy = `one more <client>, or a lower weight in <client host="${place.host}">`
  return fault('memory', `${text}: it bears ${share} % of its share`, remedy)
}

/** What the plan depends on, as it is. */
export function judgeSettings({ facts, system }: Host): Finding {
  const { portRange, tcpTwReuse } = facts
  return ok(
    'settings',
    `net.ipv4.ip_local_port_range=${portRange.join('-')} net.ipv4.tcp_tw_reuse=${tcpTwReuse} ` +
      `net.core.somaxconn=${system.somaxconn} (of use to a target alone)`,
  )
}
