/** What a run and those who look at it from other terminals tell each other, over the run's control socket. */
import type { WireSample } from '../../core/stats/model.ts'
import type { Past } from '../live/window.ts'
import type {
  ErrorExample,
  RunEvent,
  RunHead,
  Second,
  Standing,
  Steering,
  SteeringChange,
  Verdict,
} from '../model.ts'

/** Changes whenever a message changes its meaning. */
export const controlVersion = 1

export type ControlRequest =
  /** Everything from now on: `head`, what there was, then each second and event. */
  | { readonly type: 'watch' }
  /** Answered by one `status`. */
  | { readonly type: 'status' }
  /** No new users; those that play have `graceMs` to end, null: as long as the run gives at Ctrl-C. */
  | { readonly type: 'stop'; readonly graceMs: number | null }
  /** Answered by `steered`, or `refused`. `who`: for people. */
  | { readonly type: 'steer'; readonly who: string; readonly change: SteeringChange }
  /** Opens the dashboard unless it is open. Answered by `dashboard`, or `refused`. */
  | { readonly type: 'dashboard'; readonly listen: string | null }

export type ControlReply =
  | {
      readonly type: 'head'
      readonly version: number
      readonly head: RunHead
      readonly hasReport: boolean
      readonly past: Past
    }
  | { readonly type: 'second'; readonly second: WireSecond }
  | { readonly type: 'event'; readonly event: RunEvent }
  | { readonly type: 'standing'; readonly standing: Standing }
  | { readonly type: 'example'; readonly example: ErrorExample }
  | { readonly type: 'status'; readonly status: RunStatus }
  | { readonly type: 'stopping'; readonly graceMs: number }
  | { readonly type: 'steered'; readonly steering: Steering }
  /** With its token, if it has one. */
  | { readonly type: 'dashboard'; readonly url: string }
  | { readonly type: 'refused'; readonly text: string }
  /** Everything is written; the run's process ends. */
  | { readonly type: 'over'; readonly exitCode: number }

/** A second that travels. */
export interface WireSecond extends Omit<Second, 'totals'> {
  readonly counters: { readonly [name: string]: number }
  readonly samples: { readonly [name: string]: WireSample }
}

/** Times in ms, rates per second over the last ten. */
export interface RunStatus {
  readonly version: number
  readonly state: 'starting' | 'running'
  readonly pid: number
  /** The run's, absolute. */
  readonly folder: string
  readonly scenario: string
  readonly seed: string
  /** Since the start of the load; 0 before it. */
  readonly elapsedMs: number
  readonly plannedMs: number
  /** When everybody will have arrived, as the run is steered; null: the plan stands. */
  readonly endMs: number | null
  readonly phase: number
  readonly phases: number
  readonly load: {
    readonly plannedUsers: number
    readonly dueUsers: number
    readonly startedUsers: number
    readonly finishedUsers: number
    readonly users: number
  }
  readonly connected: number
  readonly requestsPerSecond: number
  readonly errors: { readonly [name: string]: number }
  readonly launchers: number
  readonly steering: Steering
  /** So far; null before the first second. */
  readonly verdict: Verdict | null
  readonly lastEvents: readonly RunEvent[]
}
