/** From a scenario to who starts how many users when. Source: DESIGN.md sections 4 and 5; reference tsung-core.md, 3. */
import type { Client, Phase, Scenario, StaticUser } from '../scenario/model.ts'
import { arrivalOffsets, phaseStream } from './arrivals.ts'
import type {
  ArrivalProcess,
  HostFacts,
  LauncherPhase,
  LauncherPlan,
  Plan,
  PlannedPhase,
} from './model.ts'
import { lastArrivalMs } from './progress.ts'

export interface PlanOptions {
  readonly seed: string
  readonly facts: HostFacts
  readonly arrivals: ArrivalProcess
}

/** A launcher before its users are counted. */
interface Seat {
  readonly client: number
  readonly of: Client
  readonly weight: number
}

/** A pure function of its parameters. */
export function makePlan(scenario: Scenario, options: PlanOptions): Plan {
  const seats = seatsOf(scenario.clients, options.facts)
  const totalWeight = sum(seats, ({ weight }) => weight)
  const played = unrollLoop(scenario.load.phases, scenario.load.loop)
  const statics = splitStatic(scenario.load.users, seats, totalWeight)
  const shares = played.map((phase) => split(atMost(phase, options.arrivals), seats))
  const restarts = played.map((phase, at) => splitRestarts(phase, shares[at]!, seats))

  let nextId = 1
  const launchers = seats.map((seat, at): LauncherPlan => {
    const share = seat.weight / totalWeight
    const phases = played.map((phase, number) => {
      const users = shares[number]![at]!
      const part = { users, restarts: restarts[number]![at]!, share, launcher: at + 1 }
      return launcherPhase(phase, number, part, options)
    })
    const staticUsers = statics[at]!
    const users = staticUsers.length + sum(phases, (phase) => phase.users)
    const firstUserId = nextId
    nextId += users
    return {
      launcher: at + 1,
      client: seat.client,
      host: seat.of.host,
      share,
      maxUsers: Math.max(1, seat.of.maxUsers - staticUsers.length),
      addresses: seat.of.addresses,
      firstUserId,
      users,
      staticUsers,
      phases,
    }
  })

  const phases = plannedPhases(played, launchers)
  return {
    seed: options.seed,
    arrivals: options.arrivals,
    users: nextId - 1,
    phases,
    launchers,
    durationMs: Math.min(
      lastArrivalMs({ phases, launchers }),
      scenario.load.durationMs ?? Infinity,
    ),
    cutAfterMs: scenario.load.durationMs,
  }
}

/** A client with `cpu=c` is c launchers of weight w/c. */
function seatsOf(clients: readonly Client[], facts: HostFacts): Seat[] {
  return clients.flatMap((of, client) => {
    const cpu = of.cpu === 'auto' ? Math.max(1, Math.floor(facts.cores[client] ?? 1)) : of.cpu
    return Array.from({ length: cpu }, () => ({ client, of, weight: of.weight / cpu }))
  })
}

/** `loop` plays the whole list again that often. */
function unrollLoop(phases: readonly Phase[], loop: number): Phase[] {
  return Array.from({ length: loop + 1 }, () => phases).flat()
}

/** min(maxnumber, maxactive, round(duration·intensity)), half away from zero. */
function phaseUsers(phase: Phase): number {
  // A product such as 2.4999999999999996 stands for the half that decimal input meant.
  const users = Math.round(phase.durationMs * phase.intensityPerMs * (1 + 4 * Number.EPSILON))
  return Math.min(limit(phase), users)
}

/** Plain exponential waits have no count of their own: only `maxnumber` and `maxactive` bound what they make due. */
function atMost(phase: Phase, arrivals: ArrivalProcess): number {
  return arrivals === 'exponential' ? limit(phase) : phaseUsers(phase)
}

function limit({ maxNumber, maxActive }: Phase): number {
  return Math.min(maxNumber ?? Infinity, maxActive ?? Infinity)
}

/** How many users are started in place of others that end: what `maxnumber` leaves of them, by the same shares. */
function splitRestarts(
  { maxActive, maxNumber }: Phase,
  users: readonly number[],
  seats: readonly Seat[],
): readonly (number | 'unlimited' | null)[] {
  if (maxActive === null) return seats.map(() => null)
  if (maxNumber === null) return seats.map(() => 'unlimited')
  return split(Math.max(0, maxNumber - sum(users, (each) => each)), seats)
}

/** Whole shares that add up to `users`, by largest remainder; ties go to the lower launcher. */
export function split(users: number, seats: readonly { readonly weight: number }[]): number[] {
  if (users === Number.POSITIVE_INFINITY) return seats.map(() => users)
  const total = sum(seats, ({ weight }) => weight)
  const exact = seats.map(({ weight }) => (users * weight) / total)
  const shares = exact.map((each) => Math.floor(each + rounding))
  const byRemainder = exact
    // In whole steps: remainders that differ by rounding alone are ties.
    .map((each, at) => ({ at, remainder: Math.round((each - shares[at]!) / rounding) }))
    .sort((a, b) => b.remainder - a.remainder || a.at - b.at)
  const left = users - sum(shares, (share) => share)
  for (const { at } of byRemainder.slice(0, left)) shares[at]!++
  return shares
}

/** Quotients of weights that are nearer to each other than this are equal. */
const rounding = 1e-6

function launcherPhase(
  phase: Phase,
  at: number,
  part: {
    readonly users: number
    readonly restarts: LauncherPhase['maxRestarts']
    readonly share: number
    readonly launcher: number
  },
  { seed, arrivals }: PlanOptions,
): LauncherPhase {
  const { durationMs, intensityPerMs, waitAllSessionsEnd, shares, requestsPerMs } = phase
  const drawn = arrivals === 'exponential'
  const planned: LauncherPhase = {
    number: at + 1,
    durationMs,
    users: part.users,
    intensityPerMs: intensityPerMs * part.share,
    spanMs: drawn ? durationMs : Math.min(durationMs, phaseUsers(phase) / intensityPerMs),
    waitAllSessionsEnd,
    shares,
    requestsPerMs: requestsPerMs === null ? null : requestsPerMs * part.share,
    maxRestarts: part.restarts,
  }
  return drawn ? { ...planned, users: drawCount(planned, seed, part.launcher) } : planned
}

/** Under plain exponential waits, planned is what the drawn sequence makes due. */
function drawCount(phase: LauncherPhase, seed: string, launcher: number): number {
  const offsets = arrivalOffsets(phase, 'exponential', phaseStream(seed, launcher, phase.number))
  let users = 0
  while (!offsets.next().done) users++
  return users
}

/**
 * Static users in the order of their starts, cut into contiguous blocks: each launcher but the last gets
 * ceil(remaining·w_i/W) of what remains. Source: reference tsung-core.md, 3.7.
 */
function splitStatic(
  users: readonly StaticUser[],
  seats: readonly Seat[],
  totalWeight: number,
): (readonly StaticUser[])[] {
  const sorted = [...users].sort((a, b) => a.startMs - b.startMs)
  let from = 0
  return seats.map(({ weight }, at) => {
    const left = sorted.length - from
    const wanted = Math.ceil((left * weight) / totalWeight - rounding)
    const block = sorted.slice(from, at === seats.length - 1 ? sorted.length : from + wanted)
    from += block.length
    return block
  })
}

function plannedPhases(
  played: readonly Phase[],
  launchers: readonly LauncherPlan[],
): PlannedPhase[] {
  let startMs = 0
  return played.map((phase, at) => {
    const planned: PlannedPhase = {
      number: at + 1,
      phase: phase.phase,
      startMs,
      durationMs: phase.durationMs,
      users: sum(launchers, ({ phases }) => phases[at]!.users),
      intensityPerMs: phase.intensityPerMs,
      maxActive: phase.maxActive,
      requestsPerMs: phase.requestsPerMs,
    }
    startMs += phase.durationMs
    return planned
  })
}

function sum<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((total, item) => total + of(item), 0)
}
