/** Whether a host can bind its source addresses, reach the targets, and tell the controller what it measured. */
import type { SourceAddress } from '../../core/scenario/model.ts'
import type {
  BoundAddress,
  NetworkInterface,
  ReachedTarget,
  SystemAnswer,
} from '../../core/wire/probe.ts'
import { bytesText, msText } from '../outputs/format.ts'
import { type Finding, fault, ok, warning } from './model.ts'
import { asRoot, onHost, type Place, word } from './remedy.ts'

/** Findings of a kind before the rest is only counted. */
const maxTold = 8

export function judgeAddresses(
  place: Place,
  system: SystemAnswer,
  declared: readonly SourceAddress[],
  bound: readonly BoundAddress[],
): Finding[] {
  if (declared.length === 0) return [ok('addresses', 'the system chooses')]
  const missing = bound.filter(({ error }) => error !== null)
  const there = bound.filter(({ error }) => error === null)
  if (missing.length === 0) {
    const some = there.slice(0, maxTold).map(({ address }) => address)
    const more = there.length > maxTold ? `, and ${there.length - maxTold} more` : ''
    return [ok('addresses', `${some.join(', ')}${more} can be bound`)]
  }
  const ranges = declared.filter((each) => each.type === 'range')
  const told = new Set<SourceAddress>()
  return missing.flatMap(({ address, error }) => {
    const range = ranges.find((each) => isEndOf(each.parts, address))
    if (range !== undefined && told.has(range)) return []
    if (range !== undefined) told.add(range)
    const text = `${address} cannot be bound (${error})`
    const remedy =
      error === 'ENODEV'
        ? onHost(place, 'ip -brief address')
        : asRoot(place, addCommand(system.interfaces, range?.parts ?? partsOf(address)))
    return [fault('addresses', text, remedy)]
  })
}

type Parts = readonly (readonly [number, number])[]

function isEndOf(parts: Parts, address: string): boolean {
  return [0, 1].some((side) => parts.map((part) => part[side]).join('.') === address)
}

function partsOf(address: string): Parts {
  return address.split('.').map((part) => [Number(part), Number(part)])
}

/** Addresses that are there stay as they are, so that it may be done twice. */
function addCommand(interfaces: readonly NetworkInterface[], parts: Parts): string {
  const low = parts.map(([from]) => from).join('.')
  const { name, prefix } = interfaceFor(interfaces, low)
  const varying = parts.flatMap(([from, to], at) => (from === to ? [] : [at]))
  const letters = 'abcd'
  const address = parts
    .map(([from], at) => (varying.includes(at) ? `$${letters[at]}` : String(from)))
    .join('.')
  const add = `ip address replace ${address}/${prefix} dev ${name}`
  if (varying.length === 0) return add
  const loops = varying.map((at) => `for ${letters[at]} in $(seq ${parts[at]!.join(' ')}); do `)
  return `${loops.join('')}${add}${'; done'.repeat(varying.length)}`
}

/** The one whose network has the address; else the first that leads out, with the address alone. */
function interfaceFor(
  interfaces: readonly NetworkInterface[],
  address: string,
): { readonly name: string; readonly prefix: number } {
  const own = interfaces.find((each) => inNetwork(each, address))
  if (own !== undefined) return own
  const name = interfaces.find(({ isLoopback }) => !isLoopback)?.name ?? 'lo'
  return { name, prefix: 32 }
}

function inNetwork({ address: own, prefix }: NetworkInterface, address: string): boolean {
  const shift = 2 ** (32 - prefix)
  return Math.floor(numberOf(own) / shift) === Math.floor(numberOf(address) / shift)
}

function numberOf(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
}

export function judgeTargets(
  place: Place,
  { interfaces }: SystemAnswer,
  targets: readonly ReachedTarget[],
): Finding[] {
  const findings = targets.map((each) => judgeTarget(place, interfaces, each))
  const wrong = findings.filter(({ status }) => status !== 'ok')
  const right = findings.filter(({ status }) => status === 'ok')
  const rest = right.length - maxTold
  const told = right.slice(0, maxTold)
  return [...wrong, ...told, ...(rest > 0 ? [ok('target', `${rest} more are reached`)] : [])]
}

function judgeTarget(
  place: Place,
  interfaces: readonly NetworkInterface[],
  { host, port, address, connectMs, tlsMs, code, text, ...rest }: ReachedTarget,
): Finding {
  const name = `${host}:${port}`
  const at = address === null || address === host ? name : `${name} (${address})`
  if (code === null) {
    if (connectMs === null) return ok('target', `${at} takes datagrams, and is not asked`)
    const tls = tlsMs === null ? '' : `, TLS after ${msText(tlsMs)} ms more`
    return ok('target', `${at} answers after ${msText(connectMs)} ms${tls}`)
  }
  const why = `${at} is not reached: ${text} (${code})`
  if (address === null) return fault('target', why, onHost(place, `getent hosts ${word(host)}`))
  if (connectMs !== null) {
    const show = `openssl s_client -connect ${host}:${port} -brief </dev/null`
    return fault(
      'target',
      `${at} is connected to, TLS fails: ${text} (${code})`,
      onHost(place, show),
    )
  }
  if (code === 'ECONNREFUSED') {
    return fault('target', `${why}: nobody listens there`, `on ${host}: ss -ltn 'sport = :${port}'`)
  }
  const own = rest.from ?? interfaces.find(({ isLoopback }) => !isLoopback)?.address ?? place.host
  const rule = `nft insert rule inet filter input ip saddr ${own} tcp dport ${port} accept`
  return fault('target', `${why}: does a firewall forbid it?`, `on ${host}: ${rule}`)
}

/** Bytes a second that a launcher sends of 30 metrics with 1,000 values a second each: docs/scale.md. */
const launcherBytesPerSecond = 75 * 1024
/** Histograms of longer intervals are bigger, but not in proportion: measured from 1 to 30 s. */
const intervalExponent = -0.2
const longestIntervalMs = 10_000

/** What launchers send at most, in bytes a second. */
export function reportBytesPerSecond(launchers: number, intervalMs: number): number {
  const seconds = Math.max(1, intervalMs / 1000)
  return launchers * launcherBytesPerSecond * seconds ** intervalExponent
}

export interface Link {
  readonly roundTripMs: number
  /** Bytes a second, each way. */
  readonly toHost: number
  readonly fromHost: number
}

export function judgeLink(
  link: Link,
  launchers: number,
  intervalMs: number,
  again: string,
): Finding {
  const needed = reportBytesPerSecond(launchers, intervalMs)
  const text =
    `${rateOf(link.toHost)} to it, ${rateOf(link.fromHost)} from it, round trip ` +
    `${msText(link.roundTripMs)} ms; its launchers send up to ${rateOf(needed)}`
  if (link.fromHost >= needed) return ok('link', text)
  const isEnough = link.fromHost >= reportBytesPerSecond(launchers, longestIntervalMs)
  if (isEnough) return warning('link', text, `${again} --interval ${longestIntervalMs}`)
  return warning('link', text, 'fewer launchers there: a lower cpu in its <client>')
}

function rateOf(bytesPerSecond: number): string {
  return `${bytesText(bytesPerSecond)}/s`
}
