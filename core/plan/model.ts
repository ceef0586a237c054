/** The plan: who starts how many users when. Plain data, a pure function of scenario, seed and host facts. */
import type { SourceAddress } from '../scenario/model.ts'

export type ArrivalProcess = 'conditioned' | 'exponential' | 'uniform'

/** What was learnt of the hosts before planning. */
export interface HostFacts {
  /** Cores of each client's host, by client index; used for `cpu="auto"`. */
  readonly cores: readonly number[]
}

export interface Plan {
  readonly seed: string
  readonly arrivals: ArrivalProcess
  /** Random and static users together. */
  readonly users: number
  /** Phases in the order they are played, `load/@loop` unrolled, over all launchers. */
  readonly phases: readonly PlannedPhase[]
  readonly launchers: readonly LauncherPlan[]
  /** From start to the last planned arrival or the cut by `load/@duration`; users still play after it. */
  readonly durationMs: number
  readonly cutAfterMs: number | null
}

export interface PlannedPhase {
  /** 1, 2, 3, … in playing order. */
  readonly number: number
  /** The scenario's own number (`arrivalphase/@phase`). */
  readonly phase: number
  readonly startMs: number
  readonly durationMs: number
  readonly users: number
  readonly intensityPerMs: number
  /** So many users are kept: those that end are followed by others, which `users` leaves out; null: they are not. */
  readonly maxActive: number | null
  /** Paced requests per ms over all launchers; null: as before. */
  readonly requestsPerMs: number | null
}

export interface LauncherPlan {
  /** 1, 2, 3, … */
  readonly launcher: number
  /** Index of the client it belongs to. */
  readonly client: number
  readonly host: string
  /** Its part of the whole load, 0..1. */
  readonly share: number
  readonly maxUsers: number
  readonly addresses: readonly SourceAddress[]
  /** The first id of its block; ids of static users come first, then phase by phase. */
  readonly firstUserId: number
  readonly users: number
  readonly staticUsers: readonly { readonly startMs: number; readonly session: number }[]
  readonly phases: readonly LauncherPhase[]
}

/** Where the clock of a plan stands, and how it goes on; see plan-clock.ts. Times in ms. */
export interface PlanClock {
  /** Since the run's start. */
  readonly atMs: number
  /** What the plan's clock shows then. */
  readonly planMs: number
  /** How many times as fast as the run's own it goes from then on; 0: it stands. */
  readonly factor: number
}

/** Phases that were ended before their time. */
export interface PhaseSkip {
  /** All up to this number. */
  readonly phase: number
  /** When, on the plan's clock. */
  readonly planMs: number
}

/** How far a launcher came in its arrivals. Its `planMs` and `phaseStartMs` are on the plan's clock. */
export interface Cursor {
  /** As of when, ms since the run's start. */
  readonly atMs: number
  /** What the plan's clock shows then. */
  readonly planMs: number
  /** Start of the run on this host's own monotonic clock (`process.hrtime`), in ms: the same for all its processes. */
  readonly originMs: number
  /** Static users started so far. */
  readonly staticStarted: number
  /** Index into the launcher's phases. */
  readonly phase: number
  /** Users started in that phase. */
  readonly started: number
  /** When that phase started. */
  readonly phaseStartMs: number
  /** Users started in that phase in place of others that had ended (`maxactive`). */
  readonly restarted: number
  /** Users of that phase which launchers before this one play on, and follow up when they end (`maxactive`). */
  readonly handedOver: number
}

export interface LauncherPhase {
  readonly number: number
  readonly durationMs: number
  /** Users of this launcher in this phase. */
  readonly users: number
  /** Users per ms, this launcher's share. */
  readonly intensityPerMs: number
  /** Arrivals fall into [0, spanMs] from the start of the phase; the same for all launchers. */
  readonly spanMs: number
  readonly waitAllSessionsEnd: boolean
  readonly shares: readonly number[]
  /** Paced requests per ms, this launcher's share, from the start of the phase on; null: as before. */
  readonly requestsPerMs: number | null
  /** Users that end in this phase are followed by others, at most so many here; null: they are not. */
  readonly maxRestarts: number | 'unlimited' | null
}
