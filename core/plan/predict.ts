/** What a plan will ask of the machines, before it is run: expectations, from which a real run strays by some √users. */
import type { HostLimits } from '../host-limits.ts'
import { unreachable } from '../json.ts'
import type { Scenario, SourceAddress } from '../scenario/model.ts'
import { arrivedBy, playingAt, type Stream, type Streams, streamsOf } from './flow.ts'
import type { LauncherPlan, Plan } from './model.ts'

export interface Prediction {
  /** Evenly spaced from 0 to `endMs`. */
  readonly points: readonly PredictedPoint[]
  /** When the last user is expected to end, or the cut by `load/@duration`. */
  readonly endMs: number
  readonly peakUsers: number
  readonly peakAtMs: number
  readonly requests: number
  /** Sessions that wait for others; the time of that is left out. */
  readonly openEnded: readonly string[]
  /** One a client that has launchers, in the scenario's order. */
  readonly hosts: readonly PredictedHost[]
}

export interface PredictedPoint {
  readonly atMs: number
  /** Users that play. */
  readonly users: number
  /** Users that have started. */
  readonly arrived: number
}

/** All launchers of one client. */
export interface PredictedHost {
  readonly client: number
  readonly host: string
  readonly launchers: number
  /** Processes that launchers hand over to, because maxusers of theirs play; at most `maxSuccessors` each. */
  readonly successors: number
  readonly peakUsers: number
  /** Open connections: one a user, if its session has a request. */
  readonly sockets: number
  /** Local ports: those of open connections, and of one a user that was closed less than a minute ago. */
  readonly ports: number
  /** Ports there are: the range, for each source address and each server. */
  readonly portsAvailable: number
  readonly memoryBytes: number
}

/** Successors of one launcher that are followed. */
export const maxSuccessors = 100

/** How long each answer is taken to last: nobody has asked the target yet. */
export const assumedAnswerMs = 100
/** Linux keeps a port that long after its connection was closed from this side. */
const timeWaitMs = 60_000
/** Linux's default `net.ipv4.ip_local_port_range`, 32768 to 60999: of a host that was not asked. */
const defaultPorts = 28_232
/** Of a launcher without users, and of a connected user: `bench/idle.ts` measures both. */
const launcherBytes = 64 * 1024 * 1024
const userBytes = 8 * 1024
const gridSteps = 600

/** What is known of a client's host. */
export type KnownHost = Pick<HostLimits, 'portRange'> & { readonly addresses: readonly string[] }

/**
 * @param answerMs how long each answer is taken to last
 * @param known by client; null, or nothing: it was not asked
 */
export function predict(
  scenario: Scenario,
  plan: Plan,
  answerMs: number = assumedAnswerMs,
  known: readonly (KnownHost | null)[] = [],
): Prediction {
  const streams = streamsOf(scenario, plan, answerMs)
  const all = [...streams.shared, ...streams.statics]
  const endMs = endOf(all, plan.cutAfterMs)
  const grid = Array.from({ length: gridSteps + 1 }, (_, step) => (endMs * step) / gridSteps)
  const times = [...grid, ...turningPoints(all).filter((atMs) => atMs <= endMs)]
  const users = times.map((atMs) => playingAt(all, atMs))
  const peakUsers = highest(users)
  return {
    points: grid.map((atMs, at) => ({ atMs, users: users[at]!, arrived: arrivedBy(all, atMs) })),
    endMs,
    peakUsers,
    peakAtMs: times[users.indexOf(peakUsers)]!,
    requests: all.reduce((sum, each) => sum + requestsBy(each, endMs), 0),
    openEnded: streams.openEnded,
    hosts: hostsOf(scenario, plan, streams, { times, known }),
  }
}

/** Of users that play when it ends the first counts, and of the others the part that they have played by then. */
function requestsBy(stream: Stream, endMs: number): number {
  const { startMs, spanMs, lengthMs, requests } = stream
  const meanStartMs = (startMs + Math.min(startMs + spanMs, Math.max(startMs, endMs))) / 2
  const played = lengthMs > 0 ? Math.min(1, Math.max(0, endMs - meanStartMs) / lengthMs) : 1
  const each = Math.min(requests, 1) + Math.max(0, requests - 1) * played
  return arrivedBy([stream], endMs) * each
}

function endOf(streams: readonly Stream[], cutAfterMs: number | null): number {
  const lastMs = streams.reduce(
    (last, { startMs, spanMs, lengthMs }) => Math.max(last, startMs + spanMs + lengthMs),
    0,
  )
  return Math.min(lastMs, cutAfterMs ?? Number.POSITIVE_INFINITY)
}

/** Where the number of users may be highest; none when there are too many to look at. */
function turningPoints(streams: readonly Stream[]): number[] {
  const all = new Set<number>()
  for (const { startMs, spanMs, lengthMs } of streams) {
    all.add(startMs + spanMs)
    all.add(startMs + Math.min(spanMs, lengthMs))
    if (all.size > gridSteps) return []
  }
  return [...all]
}

function hostsOf(
  scenario: Scenario,
  plan: Plan,
  { shared, statics }: Streams,
  {
    times,
    known,
  }: { readonly times: readonly number[]; readonly known: readonly (KnownHost | null)[] },
): PredictedHost[] {
  const atTimes = (streams: readonly Stream[], afterMs: number): number[] =>
    times.map((atMs) => playingAt(streams, atMs, afterMs))
  const connected = (streams: readonly Stream[]): Stream[] =>
    streams.filter(({ requests }) => requests > 0)
  const everyone = atTimes(shared, 0)
  const sockets = atTimes(connected(shared), 0)
  const ports = atTimes(connected(shared), timeWaitMs)

  return scenario.clients.flatMap(({ host }, client) => {
    const launchers = plan.launchers.filter((each) => each.client === client)
    if (launchers.length === 0) return []
    const share = launchers.reduce((sum, each) => sum + each.share, 0)
    const numbers = new Set(launchers.map(({ launcher }) => launcher))
    const own = statics.filter(({ launcher }) => numbers.has(launcher))
    const peak = (ofAll: readonly number[], ofOwn: readonly number[]): number =>
      highest(ofAll.map((value, at) => value * share + ofOwn[at]!))
    const peakUsers = peak(everyone, atTimes(own, 0))
    const successors = launchers.map(successorCounter(shared, times))
    return [
      {
        client,
        host,
        launchers: launchers.length,
        successors: successors.reduce((sum, each) => sum + each, 0),
        peakUsers,
        sockets: peak(sockets, atTimes(connected(own), 0)),
        ports: peak(ports, atTimes(connected(own), timeWaitMs)),
        portsAvailable: portsOf(scenario, client, known[client] ?? null),
        memoryBytes: memoryOf(launchers, successors, peakUsers),
      },
    ]
  })
}

/** Counts how often a launcher hands over; launchers that are alike are looked at once. */
function successorCounter(
  shared: readonly Stream[],
  times: readonly number[],
): (launcher: LauncherPlan) => number {
  const sorted = [...times].sort((a, b) => a - b)
  const known = new Map<string, number>()
  return ({ share, maxUsers }) => {
    const key = `${share} ${maxUsers}`
    const count = known.get(key) ?? successorsOf(shared, sorted, maxUsers / share)
    known.set(key, count)
    return count
  }
}

/** @param full users of all launchers at which each of this kind is full */
function successorsOf(shared: readonly Stream[], times: readonly number[], full: number): number {
  let successors = 0
  let fromMs = 0
  let beforeMs = 0
  for (const atMs of times) {
    while (playingAt(shared, atMs, 0, fromMs) > full) {
      if (++successors === maxSuccessors) return successors
      fromMs = whenFull(shared, Math.max(beforeMs, fromMs), atMs, { fromMs, full })
    }
    beforeMs = atMs
  }
  return successors
}

/** When between two moments more than `full` users play that started after `fromMs`, to a millionth. */
function whenFull(
  shared: readonly Stream[],
  lowMs: number,
  highMs: number,
  { fromMs, full }: { readonly fromMs: number; readonly full: number },
): number {
  let [below, above] = [lowMs, highMs]
  for (let halving = 0; halving < 20; halving++) {
    const middle = (below + above) / 2
    if (playingAt(shared, middle, 0, fromMs) > full) above = middle
    else below = middle
  }
  return above
}

function portsOf(
  { clients, servers, options }: Scenario,
  client: number,
  known: KnownHost | null,
): number {
  const { portsRange } = options
  const [min, max] = known?.portRange ?? [1, defaultPorts]
  const range = portsRange === null ? max - min + 1 : portsRange.max - portsRange.min + 1
  const targets = new Set(servers.map(({ host, port }) => `${host}:${port}`))
  const addresses = clients[client]!.addresses.reduce(
    (sum, address) => sum + countAddresses(address, known),
    0,
  )
  return range * Math.max(1, addresses) * Math.max(1, targets.size)
}

/** Of an interface to scan it is only known how many IPv4 addresses its host has in all. */
export function countAddresses(
  address: SourceAddress,
  known: Pick<KnownHost, 'addresses'> | null,
): number {
  switch (address.type) {
    case 'ip':
      return 1
    case 'range':
      return address.parts.reduce((product, [low, high]) => product * (high - low + 1), 1)
    case 'scan':
      return Math.max(1, known?.addresses.filter(isScanned).length ?? 1)
    default:
      return unreachable(address)
  }
}

function isScanned(address: string): boolean {
  return !address.includes(':') && !address.startsWith('127.')
}

/** A launcher that has handed over lives on until its last user ends. */
function memoryOf(
  launchers: readonly LauncherPlan[],
  successors: readonly number[],
  peakUsers: number,
): number {
  const each = peakUsers / launchers.length
  const processes = launchers.reduce(
    (sum, { maxUsers }, at) => sum + 1 + Math.min(successors[at]!, Math.ceil(each / maxUsers)),
    0,
  )
  return processes * launcherBytes + peakUsers * userBytes
}

function highest(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), 0)
}
