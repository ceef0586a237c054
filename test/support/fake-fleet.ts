/** A fleet whose agent is `fake-agent.ts`, and a listener that keeps what it is told. */
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { Fleet } from '../../controller/fleet/fleet.ts'
import {
  type Assignment,
  type FleetDeadlines,
  type FleetListener,
  fleetDeadlines,
  type LauncherClock,
  type LossPolicy,
} from '../../controller/fleet/model.ts'
import type { Journal } from '../../controller/journal.ts'
import { AgentTransport } from '../../controller/transports/agent-transport.ts'
import { localWay } from '../../controller/transports/local.ts'
import { linkDeadlines, type Transport } from '../../controller/transports/transport.ts'
import type { LauncherPlan, Plan } from '../../core/plan/model.ts'
import type { AgentFacts } from '../../core/wire/messages.ts'
import { ask } from './line-plugin.ts'
import { scenarioOf } from './scenario.ts'

/** `finish`: starts and ends its users at once. `crash`: starts a third of them and dies. `half`: is full half-way. `nearly`: asks for a successor in vain. */
export type FakeLauncherScript =
  | 'finish'
  | 'hold'
  | 'deaf'
  | 'frozen'
  | 'die'
  | 'exit-agent'
  | 'crash'
  | 'nearly-crash'
  | 'half'
  | 'nearly'
  | 'wait'
  | 'lease'
  | 'abort'
  | 'interact'
  | 'die-with-lines'
  | 'fail-setup'
  | 'mute'

export interface FakeAgentScript {
  readonly version?: number
  readonly launcherVersion?: number
  /** Never says hello. */
  readonly mute?: boolean
  /** Answers no ping once a launcher was started. */
  readonly silent?: boolean
  /** Launchers log how they are started, and with what plan. */
  readonly tellsStart?: boolean
  /** Lines sent before hello. */
  readonly noise?: readonly string[]
  readonly launchers?: { readonly [launcher: number]: FakeLauncherScript }
  /** What it tells of its host; the rest is made up. */
  readonly facts?: Partial<AgentFacts>
}

/** How the fake agent is started. */
export function fakeAgent(script: FakeAgentScript): readonly string[] {
  const file = fileURLToPath(new URL('fake-agent.ts', import.meta.url))
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
  return [process.execPath, '--import', tsx, file, JSON.stringify(script)]
}

/** The way to an agent that is started by that program. */
export function localTransport(program: readonly string[]): Transport {
  const host = { host: 'localhost', isLocal: true }
  return new AgentTransport(host, () => localWay(program, '/nowhere'), linkDeadlines)
}

/** What a listener was told, a line each: `started 1`, `ended 1 done`, `users 5`, `event launcher-lost: …`. */
export class Recording implements FleetListener {
  readonly told: string[] = []
  readonly clocks: Map<number, LauncherClock> = new Map()
  users = 0
  maybeStarted = 0

  launcherStarted({
    launcher,
    predecessor,
  }: {
    launcher: number
    predecessor: number | null
  }): void {
    this.told.push(`started ${launcher}${predecessor === null ? '' : ` after ${predecessor}`}`)
  }

  interval(_launcher: number, { counters }: { counters: { [name: string]: number } }): void {
    this.users += counters['users_count'] ?? 0
  }

  lines(launcher: number, stream: string, lines: readonly string[]): void {
    for (const line of lines) this.told.push(`${stream} ${launcher}: ${line}`)
  }

  launcherClock(launcher: number, clock: LauncherClock): void {
    this.clocks.set(launcher, clock)
  }

  launcherEnded(launcher: number, state: string, why: string, maybeStarted: number): void {
    this.told.push(`ended ${launcher} ${state}${why === '' ? '' : `: ${why}`}`)
    this.maybeStarted += maybeStarted
  }

  event(type: string, text: string): void {
    this.told.push(`${type}: ${text}`)
  }

  /** The first line that `pattern` matches, or undefined. */
  find(pattern: RegExp): string | undefined {
    return this.told.find((line) => pattern.test(line))
  }
}

/** A plan of launchers with so many users each, for a scenario with a barrier of `globalNumber`. */
export function assignmentOf(users: readonly number[], globalNumber: number = 100): Assignment {
  const phase = {
    number: 1,
    durationMs: 1000,
    intensityPerMs: 1,
    spanMs: 1000,
    waitAllSessionsEnd: false,
    shares: [1],
    requestsPerMs: null,
    maxRestarts: null,
  }
  const launchers = users.map(
    (count, index): LauncherPlan => ({
      launcher: index + 1,
      client: 0,
      host: 'localhost',
      share: 1 / users.length,
      maxUsers: 800,
      addresses: [],
      firstUserId: 1 + users.slice(0, index).reduce((sum, each) => sum + each, 0),
      users: count,
      staticUsers: [],
      phases: [{ ...phase, users: count }],
    }),
  )
  const sum = users.reduce((total, each) => total + each, 0)
  const plan: Plan = {
    seed: '1',
    arrivals: 'conditioned',
    users: sum,
    phases: [
      {
        number: 1,
        phase: 1,
        startMs: 0,
        durationMs: 1000,
        users: sum,
        intensityPerMs: 1,
        maxActive: null,
        requestsPerMs: null,
      },
    ],
    launchers,
    durationMs: 1000,
    cutAfterMs: null,
  }
  const scenario = scenarioOf([{ actions: [ask('hi')] }], { port: 1 }, { globalNumber })
  const rest = { arrivals: 'conditioned', intervalMs: 1000, folder: '/', dataFiles: [] } as const
  return { run: 'fake', scenario, plan, ...rest }
}

export interface Played {
  readonly listener: Recording
  readonly ready: boolean
  readonly lost: boolean
}

/** Plays a whole run; `meanwhile` is called once it was started. */
export async function play(
  script: FakeAgentScript,
  assignment: Assignment,
  options: {
    readonly deadlines?: Partial<FleetDeadlines>
    readonly policy?: LossPolicy
    readonly journal?: Journal
    readonly meanwhile?: (fleet: Fleet, listener: Recording) => void
  } = {},
): Promise<Played> {
  const listener = new Recording()
  const transport = localTransport(fakeAgent(script))
  const deadlines = { ...fleetDeadlines, ...options.deadlines }
  const fleet = new Fleet([transport], listener, { ...options, deadlines })
  try {
    await fleet.connect()
    const ready = await fleet.prepare(assignment)
    if (ready) {
      fleet.start(0)
      options.meanwhile?.(fleet, listener)
      await fleet.ended()
    }
    return { listener, ready, lost: fleet.lost }
  } finally {
    await fleet.close()
  }
}
