/** From a scenario to who starts how many users when. Source: DESIGN.md sections 4 and 5; reference tsung-core.md, 3. */
import type { Client, Phase, Scenario } from '../scenario/model.ts'
import { arrivalOffsets, phaseStream } from './arrivals.ts'
import type {
  ArrivalProcess,
  HostFacts,
  LauncherPhase,
  LauncherPlan,
  Plan,
  PlannedPhase,
} from './model.ts'

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
  const totalWeight = seats.reduce((sum, { weight }) => sum + weight, 0)
  const played = unrollLoop(scenario.load.phases, scenario.load.loop)
  const statics = splitStatic(scenario, seats, totalWeight)
  const shares = played.map((phase) => split(phaseUsers(phase), seats))

  let nextId = 1
  const launchers = seats.map((seat, at): LauncherPlan => {
    const phases = played.map((phase, number) =>
      launcherPhase(phase, number, shares[number]![at]!, seat.weight / totalWeight),
    )
    const drawn = options.arrivals === 'exponential' ? drawCounts(phases, options, at + 1) : phases
    const own = statics[at]!
    const users = own.length + drawn.reduce((sum, phase) => sum + phase.users, 0)
    const firstUserId = nextId
    nextId += users
    return {
      launcher: at + 1,
      client: seat.client,
      host: seat.of.host,
      share: seat.weight / totalWeight,
      maxUsers: Math.max(1, seat.of.maxUsers - own.length),
      addresses: seat.of.addresses,
      firstUserId,
      users,
      staticUsers: own,
      phases: drawn,
    }
  })

  const phases = plannedPhases(played, launchers)
  return {
    seed: options.seed,
    arrivals: options.arrivals,
    users: nextId - 1,
    phases,
    launchers,
    durationMs: durationMs(scenario, phases, launchers),
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

/** min(maxnumber, round(duration·intensity)), half away from zero. */
function phaseUsers(phase: Phase): number {
  const users = Math.floor(phase.durationMs * phase.intensityPerMs + 0.5 + 1e-9)
  return Math.min(phase.maxNumber ?? users, users)
}

/** Whole shares that add up to `users`, by largest remainder; ties go to the lower launcher. */
export function split(users: number, seats: readonly { readonly weight: number }[]): number[] {
  const total = seats.reduce((sum, { weight }) => sum + weight, 0)
  const exact = seats.map(({ weight }) => (users * weight) / total)
  const shares = exact.map((each) => Math.floor(each + 1e-9))
  const byRemainder = exact
    .map((each, at) => ({ at, remainder: each - shares[at]! }))
    .sort((a, b) =>
      Math.abs(b.remainder - a.remainder) < 1e-9 ? a.at - b.at : b.remainder - a.remainder,
    )
  let left = users - shares.reduce((sum, each) => sum + each, 0)
  for (const { at } of byRemainder) {
    if (left <= 0) break
    shares[at]!++
    left--
  }
  return shares
}

function launcherPhase(phase: Phase, number: number, users: number, share: number): LauncherPhase {
  const { durationMs, intensityPerMs, waitAllSessionsEnd, shares } = phase
  return {
    number: number + 1,
    durationMs,
    users,
    intensityPerMs: intensityPerMs * share,
    spanMs: Math.min(durationMs, phaseUsers(phase) / intensityPerMs),
    waitAllSessionsEnd,
    shares,
  }
}

/** Under plain exponential waits, planned is what the drawn sequence makes due. */
function drawCounts(
  phases: readonly LauncherPhase[],
  { seed, arrivals }: PlanOptions,
  launcher: number,
): LauncherPhase[] {
  return phases.map((phase) => {
    let users = 0
    for (const _ of arrivalOffsets(phase, arrivals, phaseStream(seed, launcher, phase.number))) {
      users++
    }
    return { ...phase, users }
  })
}

/**
 * Static users in the order of their starts, cut into contiguous blocks: each launcher but the last gets
 * ceil(remaining·w_i/W) of what remains. Source: reference tsung-core.md, 3.7.
 */
function splitStatic(
  scenario: Scenario,
  seats: readonly Seat[],
  totalWeight: number,
): (typeof scenario.load.users)[] {
  const sorted = [...scenario.load.users].sort((a, b) => a.startMs - b.startMs)
  let from = 0
  return seats.map(({ weight }, at) => {
    const left = sorted.length - from
    const wanted = at === seats.length - 1 ? left : Math.ceil((left * weight) / totalWeight)
    const block = sorted.slice(from, from + wanted)
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
      users: launchers.reduce((sum, { phases }) => sum + phases[at]!.users, 0),
      intensityPerMs: phase.intensityPerMs,
    }
    startMs += phase.durationMs
    return planned
  })
}

/** Start to the last possible arrival, or the cut. */
function durationMs(
  scenario: Scenario,
  phases: readonly PlannedPhase[],
  launchers: readonly LauncherPlan[],
): number {
  const last = phases.at(-1)
  const lastMs = last === undefined ? 0 : last.startMs + (launchers[0]?.phases.at(-1)?.spanMs ?? 0)
  const staticMs = Math.max(0, ...scenario.load.users.map(({ startMs }) => startMs))
  return Math.min(Math.max(lastMs, staticMs), scenario.load.durationMs ?? Number.POSITIVE_INFINITY)
}
