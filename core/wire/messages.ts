/**
 * Every message between controller, agent and launcher: one JSON object a line, UTF-8. Times are ms on the sender's
 * monotonic clock unless said otherwise. The table with its directions: DESIGN.md section 7.
 */
import type { ClockReading, StampSettings } from '../deliveries/model.ts'
import type { HostLimits } from '../host-limits.ts'
import type { ArrivalProcess, Cursor, LauncherPlan, PhaseSkip, PlanClock } from '../plan/model.ts'
import type { Scenario } from '../scenario/model.ts'
import type { HostHealth, Interval } from '../stats/model.ts'
import type { Answer, Question } from './probe.ts'

/** Changes whenever a message changes its meaning; another version is refused at `hello`. */
export const protocolVersion: number = 4

/** Longest line in bytes; what is longer travels in `chunk`s. */
export const maxLineBytes: number = 1024 * 1024

/** Agent to controller, about itself. */
export type AgentMessage =
  | {
      readonly type: 'hello'
      readonly version: number
      readonly facts: AgentFacts
      /** Of this run on its host, absolute: files that it is sent are kept in `files/` below it, under their hash. */
      readonly folder: string
      /** Those that it started, whether they still run or not. */
      readonly launchers: readonly AgentLauncher[]
    }
  | Ping
  | Pong
  | { readonly type: 'answer'; readonly id: number; readonly answer: Answer }
  /** How the host fares, once every `hostHealthMs` from its first launcher on. */
  | { readonly type: 'health'; readonly health: HostHealth }
  /** Answer to `offer`; null: it cannot be offered. */
  | { readonly type: 'offered'; readonly token: string; readonly offer: FileOffer | null }
  /** Answer to `fetch`; `why`: it was not fetched. */
  | { readonly type: 'fetched'; readonly sha256: string; readonly why: string | null }
  /** A line that is no message came from a launcher (0: from the controller). */
  | { readonly type: 'stray'; readonly launcher: number; readonly text: string }

/** Where another host fetches a file, once. */
export interface FileOffer {
  readonly address: string
  readonly port: number
  readonly token: string
}

/** A launcher as its agent knows it. */
export interface AgentLauncher {
  readonly launcher: number
  readonly pid: number
  /** Null: it runs. Empty: it ended in order. Else: how it ended. */
  readonly ended: string | null
}

export interface AgentFacts extends HostLimits {
  readonly host: string
  readonly pid: number
  readonly node: string
  readonly addresses: readonly string[]
}

/** Controller to agent, for itself. */
export type AgentCommand =
  /** An agent that hears nothing for `graceMs` ends, with all it started. */
  | { readonly type: 'watch'; readonly graceMs: number }
  | { readonly type: 'launch'; readonly launchers: readonly number[] }
  /** They were given up: whatever still runs of them ends at once. */
  | { readonly type: 'kill'; readonly launchers: readonly number[] }
  | FileChunk
  /** A file that it was sent may be fetched by another host, once, with that token. */
  | { readonly type: 'offer'; readonly sha256: string; readonly token: string }
  /** Brings a file from a host that offers it, instead of `file`. */
  | { readonly type: 'fetch'; readonly sha256: string; readonly offer: FileOffer }
  /** Nobody needs its files any more: the listener is closed. */
  | { readonly type: 'unoffer' }
  /** Something to be found out on its host (`tsts doctor`); answered by `answer` with the same `id`, in any order. */
  | { readonly type: 'ask'; readonly id: number; readonly question: Question }
  | Ping
  | Pong
  /** Ends the agent and whatever still runs under it after `graceMs`. */
  | { readonly type: 'stop'; readonly graceMs: number }

/** A file that launchers need, in numbered parts, from 0; kept under its hash. */
export interface FileChunk {
  readonly type: 'file'
  readonly name: string
  readonly sha256: string
  readonly part: number
  readonly parts: number
  readonly base64: string
}

/** `t1`: the sender's time. */
export interface Ping {
  readonly type: 'ping'
  readonly t1: number
}

/** `t1` as pinged, `t2` the answerer's time, `received` the last numbered message that it took. */
export interface Pong {
  readonly type: 'pong'
  readonly t1: number
  readonly t2: number
  readonly received?: number
}

/** The link was cut and is there again: what came after message `received` has to be said again. */
export interface Rejoin {
  readonly type: 'rejoin'
  readonly received: number
}

/** Launcher to controller. All but `ping`, `pong` and `rejoin` are numbered (outbox.ts). */
export type LauncherMessage =
  | Rejoin
  | { readonly type: 'hello'; readonly version: number; readonly pid: number }
  | { readonly type: 'ready' }
  /** Answer to `start`; `originMs`: when the run starts on the host's monotonic clock, as in `Cursor`. */
  | { readonly type: 'started'; readonly originMs: number }
  /** The launcher, or its agent for it, gives up: it could not set up, or it died. */
  | { readonly type: 'failed'; readonly code: string; readonly text: string }
  | { readonly type: 'interval'; readonly interval: Interval }
  | { readonly type: 'lines'; readonly stream: LineStream; readonly lines: readonly string[] }
  /** For a file: `count` users wait for a line; 0: none does, the next block is asked for ahead of need. */
  | {
      readonly type: 'lease'
      readonly what: LeaseKind
      readonly id: string
      readonly count: number
    }
  /**
   * What is left of the leases of a file: the answer to `recall`, or because nobody here will need them. A lease with
   * `count` 0 says how far the launcher has come on its own round.
   */
  | {
      readonly type: 'unused'
      readonly id: string
      readonly leases: readonly FileLease[]
      readonly recalled: boolean
    }
  /** `count` more users of this launcher wait. */
  | { readonly type: 'waiting'; readonly barrier: string; readonly count: number }
  /** A user met `abort_test` or `<abort type="all"/>`: the whole run ends at once. */
  | { readonly type: 'abort'; readonly reason: string }
  /** `<interaction>`; `atMs` on the clock of the run. A receive is answered by `interaction`. */
  | {
      readonly type: 'interaction'
      readonly action: 'send' | 'receive'
      readonly id: string
      readonly atMs: number
    }
  /** 80 % of maxusers play: a successor should be made ready. */
  | { readonly type: 'nearly-full' }
  /** maxusers play: the successor goes on from here, this launcher only finishes its users. */
  | { readonly type: 'full'; readonly cursor: Cursor }
  /** All users ended, the last interval was sent. */
  | { readonly type: 'done' }
  | Ping
  | Pong

/**
 * `error` lines are JSON: {name, atMs, user, session, request, detail}. `match` lines are those of match.log. `dump`
 * lines are those of tsung.dump, byte strings (`NewClient` and `EndClient` without the `load:` line behind them).
 * `answer` lines are JSON: {user, session, action, bytes}, an answer that `do="dump"` keeps. `sample`
 * lines are JSON: [name, ms, ms, …], with `backend="fullstats"` only.
 */
export type LineStream = 'log' | 'match' | 'dump' | 'answer' | 'error' | 'sample'

export type LeaseKind = 'file' | 'user-ids'

/** Lines `from`, from + 1, … of a data file, `count` of them, counted from 0. */
export interface FileLease {
  /** Of the file server. */
  readonly id: string
  readonly from: number
  /** 0: every line was handed out once; the launcher goes round the whole file alone, beginning at `from`. */
  readonly count: number
}

/** Controller to launcher. All but `ping`, `pong`, `rejoin`, `received` and `clocks` are numbered (outbox.ts). */
export type LauncherCommand =
  | Rejoin
  | { readonly type: 'setup'; readonly setup: Setup }
  /** The run began, or begins, `delayMs` after reception; negative: it began before. With a cursor: go on at once. */
  | {
      readonly type: 'start'
      readonly delayMs: number
      /** Where the predecessor stopped, or was last heard of. */
      readonly cursor: Cursor | null
      /**
       * Null: the cursor's `originMs` holds here, and `delayMs` says nothing. Else users of the plan that were due after
       * the cursor and before this are not started: ms since the run's start, and on the plan's clock.
       */
      readonly skipBefore: Pick<Cursor, 'atMs' | 'planMs'> | null
      /** The first lines it may use. */
      readonly leases: readonly FileLease[]
    }
  /** Every message up to this number was dealt with. */
  | { readonly type: 'received'; readonly upTo: number }
  /** For a file: see `FileLease`. */
  | ({ readonly type: 'lease'; readonly what: LeaseKind } & FileLease)
  /** Somebody else needs a line and none is left: the answer is `unused`, with everything that is not used yet. */
  | { readonly type: 'recall'; readonly id: string }
  /** The `count` users of this launcher that wait longest go on. */
  | { readonly type: 'release'; readonly barrier: string; readonly count: number }
  /** `ms` since the last send under that id, by any user: a sample of `tr_ID` for the launcher that asked. */
  | { readonly type: 'interaction'; readonly id: string; readonly ms: number }
  /** All of it at once, so that the last one holds; before `start`, if somebody has steered by then. */
  | { readonly type: 'steer'; readonly steering: LauncherSteering }
  /** How the clocks of hosts stand; hosts of which nothing is said stand as they did. */
  | { readonly type: 'clocks'; readonly clocks: readonly ClockReading[] }
  /** No new users; those that play have `graceMs` to end. */
  | { readonly type: 'stop'; readonly graceMs: number }
  | Ping
  | Pong

/** How a run is steered. */
export interface LauncherSteering {
  /** When this was decided, ms since the run's start. */
  readonly atMs: number
  /** What its arrivals go by; it stands while the run is paused. */
  readonly clock: PlanClock
  readonly skip: PhaseSkip | null
  /** Nobody sends. */
  readonly paused: boolean
  /** Think times that begin from now on last so many times as long. */
  readonly thinkTimeFactor: number
  /** Paced requests over all launchers; null: the plan's. */
  readonly requestsPerSecond: number | null
  /** Of its share of the constant rate, 0..1: others that play the same share have the rest. */
  readonly part: number
}

export interface Setup {
  readonly scenario: Scenario
  /** A launcher that hears nothing from its controller ends after so long, in ms. */
  readonly graceMs: number
  /** Folder of the scenario on the launcher's host: paths in it begin here. */
  readonly folder: string
  /** Where the data files lie on the launcher's host, by id of their file server. */
  readonly dataFiles: { readonly [id: string]: string }
  /** Where files of `folder` lie on the launcher's host instead, by absolute path. */
  readonly files?: { readonly [path: string]: string }
  /** Of session types that are not ours. */
  readonly plugins?: readonly SentPlugin[]
  readonly plan: LauncherPlan
  readonly arrivals: ArrivalProcess
  readonly seed: string
  readonly intervalMs: number
  readonly stamps: StampSettings
}

/** A plugin that is not ours: a pack of its files (core/plugin-pack.ts), compressed by gzip. */
export interface SentPlugin {
  /** Of the sessions that it plays. */
  readonly type: string
  /** Of the pack on the launcher's host. */
  readonly path: string
  /** Of the pack. */
  readonly sha256: string
}

/** A message to or from launcher `launcher`, relayed by its agent. */
export interface Relayed<Message> {
  readonly launcher: number
  readonly message: Message
}

export type ToAgent = AgentCommand | Relayed<LauncherCommand>
export type FromAgent = AgentMessage | Relayed<LauncherMessage>

/** Part `part` of `parts` of the text of a message that is longer than a line may be. */
export interface MessageChunk {
  readonly type: 'chunk'
  readonly id: number
  readonly part: number
  readonly parts: number
  readonly text: string
}
