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

/** How far a launcher came in its arrivals. */
export interface Cursor {
  /** As of when, ms since the run's start. */
  readonly atMs: number
  /** Start of the run on this host's own monotonic clock (`process.hrtime`), in ms: the same for all its processes. */
  readonly originMs: number
  /** Static users started so far. */
  readonly staticStarted: number
  /** Index into the launcher's phases. */
  readonly phase: number
  /** Users started in that phase. */
  readonly started: number
  /** When that phase started, ms since the run's start. */
  readonly phaseStartMs: number
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
}
