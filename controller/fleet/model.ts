/** What the parts of the fleet, and those who use it, tell each other. */
import type { ArrivalProcess, LauncherPlan, Plan } from '../../core/plan/model.ts'
import type { CounterDeclaration } from '../../core/scenario/declaration.ts'
import type { Scenario } from '../../core/scenario/model.ts'
import type { HostHealth, Interval } from '../../core/stats/model.ts'
import type { LineStream } from '../../core/wire/messages.ts'
import type { RunEvent } from '../model.ts'

/** Who is told what the fleet hears. */
export interface FleetListener {
  /** A launcher plays users from now on. */
  launcherStarted(launcher: StartedLauncher): void
  interval(launcher: number, interval: Interval): void
  lines(launcher: number, stream: LineStream, lines: readonly string[]): void
  /** How the clock of a launcher stands beside ours; told before it ends. */
  launcherClock(launcher: number, clock: LauncherClock): void
  /**
   * A launcher that was started plays no more. `why`: in words, when it was lost. `maybeStartedUsers`: those that were
   * due between the moment it was last heard of and its loss, each of which was started or was not.
   */
  launcherEnded(
    launcher: number,
    state: 'done' | 'stopped' | 'lost',
    why: string,
    maybeStartedUsers?: number,
  ): void
  /** How a host fares, as its agent tells it every `hostHealthMs`; never heard again after a cut. */
  hostHealth?(host: string, health: HostHealth): void
  event(type: RunEvent['type'], text: string, launcher?: number): void
}

/** ms. */
export interface LauncherClock {
  /** Its host's monotonic clock minus that of ours. */
  readonly offsetMs: number
  /** Bound of the error of both others: half of the best round trip. */
  readonly errorMs: number
  /** How far its clock of the run is ahead of ours. */
  readonly skewMs: number
}

/** What is done with the rest of the share of a launcher that was lost (`--on-launcher-lost`). */
export type LossPolicy = 'continue' | 'respawn' | 'abort'
export const lossPolicies: readonly LossPolicy[] = ['continue', 'respawn', 'abort']

export interface StartedLauncher {
  readonly launcher: number
  readonly host: string
  readonly pid: number
  readonly plan: LauncherPlan
  /** Number of the launcher whose users it goes on with, or null. */
  readonly predecessor: number | null
}

/** What the launchers have to know. */
export interface Assignment {
  /** Name of the run on its hosts. */
  readonly run: string
  readonly scenario: Scenario
  readonly plan: Plan
  readonly arrivals: ArrivalProcess
  readonly intervalMs: number
  /** Folder of the scenario, absolute. */
  readonly folder: string
  readonly dataFiles: readonly DataFile[]
  /** Absolute paths on this machine, of files in `folder` that users may name while they play. */
  readonly namedFiles?: readonly string[]
  readonly plugins?: readonly PluginFile[]
}

/** A file that hosts need. */
export interface SentFile {
  /** On this machine, absolute. */
  readonly path: string
  /** Known beforehand: every agent keeps a copy of its own, this machine's too. */
  readonly sha256?: string
}

/** A plugin that is not ours, as its pack. */
export interface PluginFile extends SentFile {
  /** Of the sessions that it plays. */
  readonly type: string
  readonly sha256: string
  readonly counters: readonly CounterDeclaration[]
}

/** A file of `file_server` or `local_file_server`. */
export interface DataFile {
  /** Of the file server. */
  readonly id: string
  /** On this machine, absolute. */
  readonly path: string
  readonly lines: number
  /** `local_file_server`: read at random only, so that no lines of it are dealt out. */
  readonly isLocal: boolean
}

/** All in ms. */
export interface FleetDeadlines {
  /** For an agent to say hello; from the last hello of another, if there are several. */
  readonly helloMs: number
  /** For all launchers to be ready. */
  readonly readyMs: number
  /** Between two pings. */
  readonly pingMs: number
  /** Silence after which an event says so. */
  readonly silentMs: number
  /** An agent, and its launchers, go on for so long without a controller; so long they are waited for. */
  readonly graceMs: number
  /** Silence after which a launcher is given up. */
  readonly lostMs: number
  /** What a launcher may take to end beyond the grace it was given. */
  readonly stopSlackMs: number
  /** From `abort_test` to the end of all users. Source: reference tsung-core.md, 6. */
  readonly abortMs: number
}

export const fleetDeadlines: FleetDeadlines = {
  helloMs: 30_000,
  readyMs: 60_000,
  pingMs: 1000,
  silentMs: 5000,
  graceMs: 30_000,
  lostMs: 60_000,
  stopSlackMs: 5000,
  abortMs: 500,
}
