import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type {
  ErrorExample,
  LauncherReport,
  Output,
  RunEvent,
  RunHead,
  RunResult,
  Second,
  Standing,
  Steering,
} from '../../controller/model.ts'
import { judge } from '../../controller/verdict.ts'
import type { LauncherPlan, Plan, PlanClock } from '../../core/plan/model.ts'
import { turned, unsteered } from '../../core/plan/plan-clock.ts'
import { progressAt } from '../../core/plan/progress.ts'
import { type Rng, stream } from '../../core/random.ts'
import { MutableSample } from '../../core/stats/sample.ts'
import { MutableTotals } from '../../core/stats/totals.ts'
import { scenarioOf } from '../support/scenario.ts'
import { unstrained } from '../support/strain.ts'
import { hostReports, hostStandings, hostsOf } from './synthetic-hosts.ts'

/** 2026-11-21 10:00:00 UTC */
export const startedAt = 1_795_255_200_000

export interface RunOptions {
  readonly seconds?: number
  /** Requests of each second. */
  readonly requestsPerSecond?: number
  /** Launcher 2 dies in the middle. */
  readonly loss?: boolean
  /** After 5 s: half again as many arrivals, and nobody may do anything. */
  readonly steered?: boolean
  /** Text that would break a page, put wherever a scenario or a target has a say. */
  readonly hostile?: string
  readonly file?: string
  readonly logName?: string
  readonly dumpTraffic?: 'false' | 'protocol'
  readonly backend?: 'text' | 'json' | 'fullstats'
  /** What the times are drawn from. */
  readonly seed?: string
  /** Times are so many times as long. */
  readonly slowness?: number
  /** Hosts that tell how they fare; default 2. The last is the one that fares worst. */
  readonly hosts?: number
  /** Parts of a connect and of a request, by transaction and by tag; somebody steers at one third. */
  readonly rich?: boolean
}

/** A run's folder in the system's folder for such, removed by `remove`. */
export async function newFolder(): Promise<{
  readonly folder: string
  readonly remove: () => Promise<void>
}> {
  const folder = await mkdtemp(join(tmpdir(), 'tsts-run-'))
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) }
}

export function headOf(folder: string, options: RunOptions = {}): RunHead {
  const durationMs = (options.seconds ?? 30) * 1000
  const file = options.file ?? 'shop.xml'
  const scenario = { ...scenarioOf([{ actions: [] }], { port: 80 }), file }
  return {
    scenario: {
      ...scenario,
      dumpTraffic: options.dumpTraffic ?? 'false',
      backend: options.backend ?? 'text',
    },
    plan: planOf(durationMs),
    folder,
    logName: options.logName ?? 'tsung.log',
    scenarioSha256: '0123456789abcdef'.repeat(4),
    startedAt,
    environment: { tsts: '0.1.0', node: 'v20.20.0', os: 'Linux 6.1', host: 'ctl1', cores: 4 },
  }
}

/** 10 users a second, then 20, over two launchers; two static users at 5 s. */
function planOf(durationMs: number): Plan {
  const half = durationMs / 2
  const phase = (number: number, startMs: number, perSecond: number): Plan['phases'][number] => ({
    number,
    phase: number,
    startMs,
    durationMs: half,
    users: Math.round((perSecond * half) / 1000),
    intensityPerMs: perSecond / 1000,
    maxActive: null,
    requestsPerMs: null,
  })
  const phases = [phase(1, 0, 10), phase(2, half, 20)]
  const random = phases.reduce((sum, { users }) => sum + users, 0)
  const launcher = (number: number): LauncherPlan => ({
    launcher: number,
    client: 0,
    host: number === 1 ? 'localhost' : 'load2.example',
    share: 0.5,
    maxUsers: 800,
    addresses: [],
    firstUserId: 1,
    users: random / 2 + 1,
    staticUsers: [{ startMs: 5000, session: 0 }],
    phases: [],
  })
  return {
    seed: 'k7',
    arrivals: 'conditioned',
    users: random + 2,
    phases,
    launchers: [launcher(1), launcher(2)],
    durationMs,
    cutAfterMs: null,
  }
}

/** Plays a made-up run, second by second, into outputs; they are closed when it resolves. */
export async function playRun(
  outputs: readonly Output[],
  folder: string,
  options: RunOptions = {},
): Promise<{ readonly head: RunHead; readonly result: RunResult; readonly all: MutableTotals }> {
  const head = headOf(folder, options)
  const file = join(folder, head.scenario.file)
  await writeFile(
    file,
    `<?xml version="1.0"?>\n<tsung>\n  <!-- ${options.hostile ?? ''} -->\n</tsung>\n`,
  )
  for (const output of outputs) output.start(head)
  tell(outputs, {
    atMs: -120,
    type: 'launcher-started',
    text: 'launcher 1 on localhost',
    launcher: 1,
  })
  tell(outputs, { atMs: 0, type: 'run-started', text: 'the run has begun' })
  const all = new MutableTotals()
  const random = stream(options.seed ?? 'synthetic')
  let last: Second | null = null
  const seconds = options.seconds ?? 30
  for (let number = 1; number <= seconds; number++) {
    const second: Second = secondOf(number, head, last, random, options)
    all.merge(second.totals as MutableTotals)
    if (second.phase !== (last?.phase ?? 0)) {
      tell(outputs, {
        atMs: number * 1000 - 400,
        type: 'phase',
        text: `phase ${second.phase} has begun`,
      })
    }
    if (options.loss && number === Math.floor(seconds / 2) + 3) {
      tell(outputs, {
        atMs: number * 1000,
        type: 'launcher-lost',
        text: 'launcher 2 was killed',
        launcher: 2,
      })
    }
    if (options.rich && number === Math.floor(seconds / 3)) {
      const from = { arrivalFactor: 1, thinkTimeFactor: 1, requestsPerSecond: null, paused: false }
      tell(outputs, {
        atMs: number * 1000,
        type: 'steered',
        text: 'arrivals 1.5 times as fast, by ops@pts/3',
        steering: { who: 'ops@pts/3', from, to: { ...from, arrivalFactor: 1.5 } },
      })
    }
    if (options.steered && number === 6) tell(outputs, steeredEvent)
    for (const output of outputs) output.second(second)
    for (const output of outputs) output.standing?.(standingOf(second, head, options))
    if (number === 7) for (const output of outputs) output.example?.(exampleOf(options))
    last = second
  }
  const result = resultOf(head, all, last, options)
  tell(outputs, { atMs: result.endedAtMs, type: 'run-ended', text: 'the run has ended' })
  for (const output of outputs) output.end(result)
  await Promise.all(outputs.map((output) => output.close()))
  return { head, result, all }
}

const planned: Steering = {
  arrivalFactor: 1,
  thinkTimeFactor: 1,
  requestsPerSecond: null,
  paused: false,
}
const steeredEvent: RunEvent = {
  atMs: 5200,
  type: 'steered',
  text: 'tsts rate of anna@pts/3: arrivals × 1 to × 1.5, paused',
  steering: {
    who: 'tsts rate of anna@pts/3',
    from: planned,
    to: { ...planned, arrivalFactor: 1.5, paused: true },
  },
}

/** Of the plan: it stands from the event of steering on. */
function clocksOf(atMs: number, { steered = false }: RunOptions): readonly PlanClock[] {
  return steered && atMs >= steeredEvent.atMs
    ? [unsteered, turned(unsteered, steeredEvent.atMs, 0)]
    : [unsteered]
}

function tell(outputs: readonly Output[], event: RunEvent): void {
  for (const output of outputs) output.event(event)
}

function secondOf(
  number: number,
  head: RunHead,
  before: Second | null,
  random: Rng,
  options: RunOptions,
): Second {
  const seconds = head.plan.durationMs / 1000
  const phase = number * 1000 <= head.plan.phases[0]!.durationMs ? 1 : 2
  const arrivals = phase === 1 ? 10 : 20
  const statics = number === 5 ? 2 : 0
  const started = (before?.started ?? 0) + arrivals + statics
  const atEnd = started - (options.loss ? 3 : 0)
  const finished = number === seconds ? atEnd : Math.max(0, started - arrivals * 3)
  const totals = new MutableTotals()
  const requests = options.requestsPerSecond ?? arrivals * 4
  const failed = number % 7 === 0 ? 2 : 0
  const counters: Record<string, number> = {
    users_count: arrivals + statics,
    finish_users_count: finished - (before?.finished ?? 0),
    tsts_issued: requests + failed,
    tsts_acknowledged: requests,
    tsts_failed: failed,
    size_sent: requests * 180,
    size_rcv: requests * 2400,
    '200': requests - 1,
    '404': 1,
  }
  if (failed > 0) counters['error_connect_econnrefused'] = failed
  if (failed > 0 && options.hostile) counters[`error_${options.hostile}`] = 1
  if (number * 1000 === head.plan.phases[0]!.durationMs) counters['newphase'] = 2
  const samples: Record<string, MutableSample> = {}
  const record = (name: string, medianMs: number, spread: number, count: number): void => {
    const sample = new MutableSample(name)
    for (let index = 0; index < count; index++)
      sample.record(medianMs * Math.exp(spread * normal(random)))
    samples[name] = sample
  }
  const slow = (number > seconds * 0.7 ? 2 : 1) * (options.slowness ?? 1)
  record('request', 12 * slow, 0.6, requests)
  record('response', 12.4 * slow, 0.65, requests)
  record('connect', 0.8, 0.3, arrivals)
  record('page', 25 * slow, 0.5, Math.ceil(requests / 2))
  record('session', 3000, 0.2, Math.max(1, finished - (before?.finished ?? 0)))
  record('late', 0.05, 0.8, requests)
  record('ttfb', 10 * slow, 0.6, requests)
  record('tr_login', 40 * slow, 0.4, arrivals)
  record(`tr_${options.hostile ? 'evil' : 'basket'}`, 60 * slow, 0.5, arrivals)
  if (options.rich) {
    record('tcp_connect', 0.3, 0.3, arrivals)
    record('tls', 0.5, 0.3, arrivals)
    for (const name of ['tr_login', 'tag_search']) {
      record(`request.${name}`, 14 * slow, 0.6, Math.ceil(requests / 3))
      record(`response.${name}`, 15 * slow, 0.6, Math.ceil(requests / 3))
    }
    counters['failed.tag_search'] = failed
  }
  totals.add({
    counters,
    samples: Object.fromEntries(
      Object.entries(samples).map(([name, sample]) => [name, sample.encode()]),
    ),
  })
  const users = number === seconds ? 0 : started - finished
  return {
    atMs: number * 1000,
    totals,
    users,
    usersMax: users + 2,
    connected: Math.round(users * 0.8),
    connectedMax: Math.round(users * 0.8) + 1,
    inFlight: number === seconds ? 0 : Math.min(users, 3),
    phase,
    due: started,
    started,
    finished,
    launchers: options.loss && number > seconds / 2 + 3 ? 1 : 2,
    ...hostsOf(number, options.hosts),
  }
}

/** Box-Muller. */
function normal(random: Rng): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

function exampleOf(options: RunOptions): ErrorExample {
  return {
    name: 'error_connect_econnrefused',
    atMs: 6500,
    user: 61,
    session: `browse ${options.hostile ?? ''}`.trim(),
    request: `GET /${options.hostile ?? 'basket'}`,
    detail: `connect ECONNREFUSED 127.0.0.1:80 ${options.hostile ?? ''}`.trim(),
  }
}

/** Launcher 2 is the busier one. */
function standingOf(
  { atMs, users, launchers }: Second,
  head: RunHead,
  options: RunOptions,
): Standing {
  const lost = launchers < 2
  return {
    atMs,
    progress: progressAt(head.plan, clocksOf(atMs, options), null, atMs),
    hosts: hostStandings(atMs, options.hosts),
    verdict: lost
      ? {
          status: 'invalid',
          reasons: [{ code: 'V_LOST_USERS', text: `launcher 2 was lost ${options.hostile ?? ''}` }],
        }
      : { status: 'valid', reasons: [] },
    launchers: head.plan.launchers.map(({ launcher, host }) => ({
      launcher,
      host,
      state: lost && launcher === 2 ? 'lost' : 'playing',
      lastHeardMs: atMs,
      users: Math.round(users / 2),
      cpuShare: 0.2 * launcher,
      loopDelayMaxMs: 2.1 * launcher,
      gcShare: 0.01,
      rssBytes: 81_234_567,
      connected: Math.round(users * 0.4),
      descriptors: 40,
      descriptorLimit: 1024,
    })),
  }
}

function resultOf(
  head: RunHead,
  totals: MutableTotals,
  last: Second | null,
  options: RunOptions,
): RunResult {
  const endedAtMs = head.plan.durationMs + 250
  const launchers = head.plan.launchers.map(({ launcher, host, users }): LauncherReport => {
    const lost = options.loss === true && launcher === 2
    return {
      launcher,
      host,
      pid: 4000 + launcher,
      state: lost ? 'lost' : 'done',
      plannedUsers: users,
      startedUsers: users,
      finishedUsers: lost ? users - 3 : users,
      unknownUsers: lost ? 3 : 0,
      maybeStartedUsers: lost ? 2 : 0,
      lastHeardMs: lost ? endedAtMs / 2 : endedAtMs,
      cpuMs: 2100,
      loopDelayMaxMs: 4.25,
      rssBytesMax: 81_234_567,
      lateP99Ms: 0.31,
      strain: { ...unstrained, cpuShareMax: 0.03, issued: users * 4, dueUsers: users },
      clock: { offsetMs: 1234.5, errorMs: 0.25, skewMs: -0.5 },
    }
  })
  const example = exampleOf(options)
  return {
    endedAtMs,
    totals,
    last,
    launchers,
    hosts: hostReports(options.hosts),
    errors: new Map([[example.name, [example]]]),
    deliveries: { clockErrorMs: null, receivers: [] },
    verdict: judge({
      plannedUsers: head.plan.users,
      dueUsers: last?.due ?? 0,
      startedUsers: last?.started ?? 0,
      cut: false,
      launchers,
      compared: null,
    }),
    thresholds: [],
    exitCode: options.loss ? 5 : 0,
  }
}
