/** What a run is asked to be. */
import type { Writable } from 'node:stream'
import type { ReadStream } from 'node:tty'
import type { ArrivalProcess } from '../core/plan/model.ts'
import type { Background } from './control/background.ts'
import type { Listen } from './dashboard/listen.ts'
import type { ExportOptions } from './exports/export-options.ts'
import type { LossPolicy } from './fleet/model.ts'
import type { SignalSource } from './interrupts.ts'
import type { LiveStream } from './live/live.ts'
import type { Output } from './model.ts'
import type { JudgeOptions } from './run-judge.ts'

export interface RunOptions {
  /** Path of the scenario; `-`: it comes from standard input. */
  readonly file: string
  /** The folder in which the run's own folder is made. */
  readonly logDir: string
  /** Null: the scenario's, or one is drawn. */
  readonly seed: string | null
  readonly arrivals: ArrivalProcess
  /** After an interruption users that play have so long to end. */
  readonly drainMs: number
  /** From all launchers being ready to the start. */
  readonly warmUpMs: number
  /** Requests with one of these tags are left out. */
  readonly excludeTags: readonly string[]
  /** Paths of plugins, besides those that lie beside the scenario. */
  readonly plugins: readonly string[]
  /** Name of the statistics file; `-`: standard output. */
  readonly logName: string
  /** How often launchers report. */
  readonly intervalMs: number
  readonly report: boolean
  /** Redraw a view on a terminal; else plain lines. */
  readonly live: boolean
  /** Clients on other hosts are played on this machine. */
  readonly local: boolean
  /** The system's ssh and its arguments; null: our own. */
  readonly sshCommand: readonly string[] | null
  /** Path of Node on other hosts; null: it is looked for. */
  readonly remoteNode: string | null
  /** Where a host has no Node that plays, this machine's is sent. */
  readonly sendNode: boolean
  /** Hosts that have Node, the bundle and data files give them to the others. */
  readonly spread: boolean
  /** A file of ssh_config(5) that is read before the user's own; null: none. */
  readonly sshConfig: string | null
  readonly acceptNewHostKeys: boolean
  /** How long agents and launchers go on without a controller, and are waited for. */
  readonly graceMs: number
  /** What is done with the share of a launcher that is lost. */
  readonly onLauncherLost: LossPolicy
  /** Where the dashboard listens; null: there is none, until somebody asks for it. */
  readonly dashboard: Listen | null
  /** Where else the run is told. */
  readonly exports: ExportOptions
  readonly judge: JudgeOptions
  /** Say nothing but errors. */
  readonly quiet: boolean
}

export interface RunIo {
  readonly stdin: AsyncIterable<Uint8Array>
  readonly stdout: LiveStream & { readonly isTTY?: boolean }
  readonly stderr: Writable & { readonly isTTY?: boolean }
  readonly signals: SignalSource
  /** Standard input, when somebody sits there. */
  readonly terminal?: ReadStream
  /** Told of the run as well, besides its files and the terminal. */
  readonly outputs?: readonly Output[]
  /** Who started this process in the background. */
  readonly background?: Background
}

export const defaultDrainMs = 30_000
export const defaultWarmUpMs = 200
export const defaultIntervalMs = 1000
export const defaultGraceMs = 30_000
export const defaultLogName = 'tsung.log'
