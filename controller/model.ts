/** What the parts of the controller tell each other about a run. */
import type { Plan } from '../core/plan/model.ts'
import type { PlanProgress } from '../core/plan/progress.ts'
import type { Scenario } from '../core/scenario/model.ts'
import type { Totals } from '../core/stats/totals.ts'
import type { ThresholdKind } from '../core/thresholds/model.ts'
import type { LineStream } from '../core/wire/messages.ts'
import type { DeliveryReport } from './deliveries.ts'
import type { LauncherClock } from './fleet/model.ts'
import type { HostReport, HostSecond, HostStanding } from './host-record.ts'
import type { LauncherStrain } from './launcher-strain.ts'

/** What is known of a run before its first user starts. */
export interface RunHead {
  readonly scenario: Scenario
  readonly plan: Plan
  /** The run's folder, absolute. */
  readonly folder: string
  /** Name of the statistics file in it (`-m`; default `tsung.log`, `-` is standard output). */
  readonly logName: string
  readonly scenarioSha256: string
  /** Epoch ms at which the launchers start. */
  readonly startedAt: number
  readonly environment: Environment
}

export interface Environment {
  readonly tsts: string
  readonly node: string
  readonly os: string
  readonly host: string
  readonly cores: number
}

/** One closed second of the run, merged over all launchers that reported for it. */
export interface Second {
  /** End of the second, ms since the start. */
  readonly atMs: number
  /** Counters and samples of this second alone. */
  readonly totals: Totals
  readonly users: number
  readonly usersMax: number
  readonly connected: number
  readonly connectedMax: number
  readonly inFlight: number
  /** The highest phase that a launcher plays; 0 before the first. */
  readonly phase: number
  /** Users the plan made due up to now, and users started up to now, over all launchers. */
  readonly due: number
  readonly started: number
  readonly finished: number
  readonly launchers: number
  /** Of the hosts that have told since the last second, by name; left out when none has. */
  readonly hosts?: { readonly [host: string]: HostSecond }
}

/** How a run that goes on is steered; all together, as it is now. */
export interface Steering {
  /** Arrivals come so many times as fast as planned; 0: none come. */
  readonly arrivalFactor: number
  /** Think times last so many times as long. */
  readonly thinkTimeFactor: number
  /** Of the constant rate, over all launchers; null: the scenario's, or it has none. */
  readonly requestsPerSecond: number | null
  /** Nobody starts, and nobody sends. */
  readonly paused: boolean
}

/** What somebody changes; what is not given stays. */
export type SteeringChange = Partial<Steering> & {
  /** The phase that is played ends now. */
  readonly skipPhase?: true
}

/** Something happened: a line of events.ndjson. */
export interface RunEvent {
  /** ms since the start; negative before it. */
  readonly atMs: number
  readonly type:
    | 'run-started'
    | 'launcher-started'
    | 'launcher-handover'
    | 'launcher-respawn'
    | 'launcher-lost'
    | 'launcher-done'
    | 'phase'
    | 'interrupted'
    | 'stopped'
    | 'steered'
    | 'duration-reached'
    | 'aborted'
    | 'warning'
    | 'run-ended'
  readonly text: string
  readonly launcher?: number
  /** Who steered, for people (`tsts rate`, `dashboard 127.0.0.1`), and how it was and is. */
  readonly steering?: { readonly who: string; readonly from: Steering; readonly to: Steering }
}

/** The first few errors of a name, in full. */
export interface ErrorExample {
  readonly name: string
  readonly atMs: number
  readonly user: number
  readonly session: string
  readonly request: string
  readonly detail: string
}

/** How a launcher fares now: of its last interval, save the state. */
export interface LauncherHealth {
  readonly launcher: number
  readonly host: string
  readonly state: 'playing' | LauncherReport['state']
  /** ms since the start of the last interval merged. */
  readonly lastHeardMs: number
  readonly users: number
  /** Of one core, 0..1; more with threads. */
  readonly cpuShare: number
  readonly loopDelayMaxMs: number
  readonly gcShare: number
  readonly rssBytes: number
  readonly connected: number
  readonly descriptors: number
  readonly descriptorLimit: number
}

/** How the run stands after a second, beside its numbers. */
export interface Standing {
  /** Of the second, ms since the start. */
  readonly atMs: number
  /** For the time it ran so far. */
  readonly verdict: Verdict
  /** Where the plan stands, as the run is steered. */
  readonly progress: PlanProgress
  readonly launchers: readonly LauncherHealth[]
  /** Those that have told. */
  readonly hosts: readonly HostStanding[]
}

/** How one launcher fared over the run. */
export interface LauncherReport {
  readonly launcher: number
  readonly host: string
  readonly pid: number
  readonly state: 'done' | 'lost' | 'stopped'
  readonly plannedUsers: number
  readonly startedUsers: number
  readonly finishedUsers: number
  /** Users that the launcher held when it was last heard of, if it was lost. */
  readonly unknownUsers: number
  /**
   * Users that were due between the moment it was last heard of and its loss: it started them or did not, and nobody
   * else does.
   */
  readonly maybeStartedUsers: number
  /** ms since the start of the last interval merged. */
  readonly lastHeardMs: number
  readonly cpuMs: number
  readonly loopDelayMaxMs: number
  readonly rssBytesMax: number
  /** p99 of `late` over the run, ms. */
  readonly lateP99Ms: number
  readonly strain: LauncherStrain
  /** At its end; null: it never told. */
  readonly clock: LauncherClock | null
}

/** Everything an output needs at the end. */
export interface RunResult {
  readonly endedAtMs: number
  /** The whole run, all launchers. */
  readonly totals: Totals
  readonly last: Second | null
  readonly launchers: readonly LauncherReport[]
  readonly hosts: readonly HostReport[]
  readonly errors: ReadonlyMap<string, readonly ErrorExample[]>
  readonly deliveries: DeliveryReport
  readonly verdict: Verdict
  readonly thresholds: readonly JudgedThreshold[]
  readonly exitCode: number
}

/** What became of a threshold: an entry of `thresholds` in summary.json. */
export interface JudgedThreshold {
  readonly expression: string
  readonly kind: ThresholdKind
  /** Times in ms, shares 0..1; null: nothing of the kind was measured. */
  readonly value: number | null
  readonly limit: number
  readonly ok: boolean
  /** For people. */
  readonly text: string
}

export interface Verdict {
  readonly status: 'valid' | 'suspect' | 'invalid'
  readonly reasons: readonly VerdictReason[]
}

export interface VerdictReason {
  /** Listed in docs/errors.md. */
  readonly code: string
  readonly text: string
  readonly launcher?: number
  /** The host whose fault it is: as its agent is reached, or as the scenario names it. */
  readonly host?: string
}

/** Lines of launchers that go to the outputs as they are. */
export type OutputStream = Exclude<LineStream, 'error'>

/** A consumer of the run: a log, a series, the live view. Calls come in order and must not throw for a full disk. */
export interface Output {
  start(head: RunHead): void
  second(second: Second): void
  event(event: RunEvent): void
  /** Lines a launcher sent for match.log and the like. */
  lines?(stream: OutputStream, lines: readonly string[], launcher: number): void
  /** After each second. */
  standing?(standing: Standing): void
  /** One of the first few errors of a name, as soon as it is known. */
  example?(example: ErrorExample): void
  end(result: RunResult): void
  /** Everything is on disk when it resolves. */
  close(): Promise<void>
  /** After everything else of the run: it may still be read elsewhere until this resolves. */
  linger?(): Promise<void>
}
