import assert from 'node:assert/strict'
import { Collector } from '../../controller/collector.ts'
import type { StartedLauncher } from '../../controller/fleet/model.ts'
import type { Output, RunEvent, RunHead, RunResult, Second } from '../../controller/model.ts'
import { assignmentOf } from '../support/fake-fleet.ts'
import { intervalOf } from '../support/intervals.ts'

const startedAt = 1_000_000

/** Keeps what it is told, in order. */
class Kept implements Output {
  readonly calls: string[] = []
  readonly events: RunEvent[] = []
  readonly seconds: Second[] = []
  start(): void {
    this.calls.push('start')
  }
  second(second: Second): void {
    this.calls.push('second')
    this.seconds.push(second)
  }
  event(event: RunEvent): void {
    this.calls.push('event')
    this.events.push(event)
  }
  lines(stream: string, lines: readonly string[]): void {
    this.calls.push(`${stream}: ${lines.join()}`)
  }
  end(result: RunResult): void {
    this.calls.push(`end ${result.exitCode}`)
  }
  async close(): Promise<void> {
    this.calls.push('close')
  }
}

function collectorOf(users: readonly number[]): {
  collector: Collector
  kept: Kept
  head: RunHead
  at: (ms: number) => void
} {
  const kept = new Kept()
  const clock = { nowMs: startedAt - 500 }
  const { scenario, plan } = assignmentOf(users)
  const environment = { tsts: '0', node: '20', os: 'x', host: 'y', cores: 1 }
  const head: RunHead = {
    scenario,
    plan,
    folder: '/nowhere',
    logName: 'tsung.log',
    scenarioSha256: '',
    startedAt,
    environment,
  }
  return {
    collector: new Collector([kept], 1000, () => clock.nowMs),
    kept,
    head,
    at: (ms) => {
      clock.nowMs = startedAt + ms
    },
  }
}

function launcherOf(head: RunHead, launcher: number, predecessor?: number): StartedLauncher {
  const plan = head.plan.launchers[(predecessor ?? launcher) - 1]!
  return { launcher, host: 'h', pid: 7, plan, predecessor: predecessor ?? null }
}

const counters = (started: number, finished: number): { readonly [name: string]: number } => ({
  users_count: started,
  finish_users_count: finished,
})

describe('collector', () => {
  it('events from before the start wait for it and have negative times', () => {
    const { collector, kept, head } = collectorOf([1])
    collector.event('warning', 'early')
    assert.deepEqual(kept.calls, [])
    collector.begin(head)
    assert.deepEqual(kept.calls, ['start', 'event'])
    assert.deepEqual(kept.events, [{ atMs: -500, type: 'warning', text: 'early' }])
  })

  it('merges launchers to seconds, and seconds to the whole run', () => {
    const { collector, kept, head } = collectorOf([3, 4])
    collector.begin(head)
    for (const launcher of [1, 2]) collector.launcherStarted(launcherOf(head, launcher))
    collector.interval(1, intervalOf(1, 0, 1000, { counters: counters(3, 0), request: [1, 2] }))
    collector.interval(2, intervalOf(1, 0, 1000, { counters: counters(4, 1), request: [3] }))
    collector.interval(1, intervalOf(2, 1000, 1200, { counters: counters(0, 3), request: [4] }))
    collector.launcherEnded(1, 'done', '')
    collector.interval(2, intervalOf(2, 1000, 1100, { counters: counters(0, 3) }))
    collector.launcherEnded(2, 'done', '')
    const { totals, last, launchers } = collector.finish()
    assert.deepEqual(
      kept.seconds.map(({ atMs, totals: { samples } }) => [atMs, samples.get('request')?.count]),
      [
        [1000, 3],
        [2000, 1],
      ],
    )
    assert.equal(totals.counters.get('users_count'), 7)
    assert.equal(totals.samples.get('request')?.count, 4)
    assert.equal(totals.samples.get('request')?.mean, 2.5)
    assert.deepEqual([last?.started, last?.finished], [7, 7])
    assert.deepEqual(
      launchers.map((each) => [each.state, each.startedUsers, each.finishedUsers, each.cpuMs]),
      [
        ['done', 3, 3, 200],
        ['done', 4, 4, 200],
      ],
    )
  })

  it('an interval that is repeated changes nothing', () => {
    const { collector, head } = collectorOf([3])
    collector.begin(head)
    collector.launcherStarted(launcherOf(head, 1))
    const interval = intervalOf(1, 0, 1000, { counters: counters(3, 0), request: [1] })
    collector.interval(1, interval)
    collector.interval(1, interval)
    const { totals, launchers } = collector.finish()
    assert.equal(totals.counters.get('users_count'), 3)
    assert.equal(totals.samples.get('request')?.count, 1)
    assert.equal(launchers[0]?.startedUsers, 3)
  })

  it('what a lost launcher held is unknown, and said with its time', () => {
    const { collector, kept, head } = collectorOf([9])
    collector.begin(head)
    collector.launcherStarted(launcherOf(head, 1))
    const gauges = { users: 5, inFlight: 2 }
    collector.interval(1, intervalOf(1, 0, 1000, { counters: counters(6, 1), gauges }))
    collector.launcherEnded(1, 'lost', 'launcher 1 on h was killed')
    const { launchers } = collector.finish()
    const { state, unknownUsers, startedUsers, lastHeardMs } = launchers[0]!
    assert.deepEqual([state, unknownUsers, startedUsers, lastHeardMs], ['lost', 5, 6, 1000])
    const event = kept.events.find(({ type }) => type === 'launcher-lost')
    assert.match(event!.text, /was killed; .*after 1\.0 s, when 5 users .* 2 requests/)
    assert.equal(event!.launcher, 1)
  })

  it('what became due before a loss was told is bounded, and no affair of the successor', () => {
    const { collector, kept, head } = collectorOf([10])
    collector.begin(head)
    collector.launcherStarted(launcherOf(head, 1))
    collector.interval(1, intervalOf(1, 0, 1000, { counters: counters(4, 4) }))
    collector.launcherClock(1, { offsetMs: 9, errorMs: 1, skewMs: 2 })
    collector.launcherEnded(1, 'lost', 'launcher 1 on h was given up', 3)
    // It is heard of once more: one of them was started.
    collector.interval(1, intervalOf(2, 1000, 1200, { counters: counters(1, 0) }))
    collector.launcherStarted({ ...launcherOf(head, 1), launcher: 2, predecessor: 1 })
    collector.interval(2, intervalOf(1, 0, 2500, { counters: counters(3, 3) }))
    const { launchers } = collector.finish()
    assert.deepEqual(
      launchers.map((each) => [each.plannedUsers, each.startedUsers, each.maybeStartedUsers]),
      [
        [7, 5, 2],
        [3, 3, 0],
      ],
    )
    assert.deepEqual(launchers[0]!.clock, { offsetMs: 9, errorMs: 1, skewMs: 2 })
    const event = kept.events.find(({ type }) => type === 'launcher-lost')
    assert.match(event!.text, /up to 3 users that became due since were perhaps started/)
  })

  it('a successor is planned for what its predecessors left', () => {
    const { collector, head } = collectorOf([10])
    collector.begin(head)
    collector.launcherStarted(launcherOf(head, 1))
    collector.interval(1, intervalOf(1, 0, 1000, { counters: counters(6, 0) }))
    collector.launcherStarted({ ...launcherOf(head, 1), launcher: 2, predecessor: 1 })
    collector.interval(2, intervalOf(1, 0, 1500, { counters: counters(3, 0) }))
    const { launchers } = collector.finish()
    assert.deepEqual(
      launchers.map(({ plannedUsers, startedUsers }) => [plannedUsers, startedUsers]),
      [
        [6, 6],
        [4, 3],
      ],
    )
  })

  it('p99 of late is told for each launcher', () => {
    const { collector, head } = collectorOf([1, 1])
    collector.begin(head)
    for (const launcher of [1, 2]) collector.launcherStarted(launcherOf(head, launcher))
    collector.interval(1, intervalOf(1, 0, 1000, { late: [40, 40, 40] }))
    collector.interval(2, intervalOf(1, 0, 1000))
    const { launchers } = collector.finish()
    assert.ok(Math.abs(launchers[0]!.lateP99Ms - 40) < 0.1)
    assert.equal(launchers[1]!.lateP99Ms, 0)
  })

  it('warns once, by host, of an error that is a limit of the generator', () => {
    const { collector, kept, head } = collectorOf([1])
    collector.begin(head)
    collector.launcherStarted(launcherOf(head, 1))
    for (const name of ['error_connect_eaddrnotavail', 'error_connect_econnrefused']) {
      const example = { name, atMs: 1, user: 1, session: 's', request: '/', detail: 'no free port' }
      for (let time = 0; time < 2; time++) collector.lines(1, 'error', [JSON.stringify(example)])
    }
    const warnings = kept.events.filter(({ type }) => type === 'warning')
    assert.deepEqual(
      warnings.map(({ text, launcher }) => [text, launcher]),
      [['a limit of localhost was reached (error_connect_eaddrnotavail): no free port', 1]],
    )
  })

  it('keeps the first five examples of each error', () => {
    const { collector, kept, head } = collectorOf([1])
    collector.begin(head)
    const line = (user: number): string =>
      JSON.stringify({ name: 'error_x', atMs: 1, user, session: 's', request: 'r', detail: 'd' })
    collector.lines(1, 'error', [1, 2, 3].map(line))
    collector.lines(2, 'error', [4, 5, 6, 7].map(line))
    collector.lines(2, 'error', ['no JSON'])
    const { errors } = collector.finish()
    assert.deepEqual(
      errors.get('error_x')?.map(({ user }) => user),
      [1, 2, 3, 4, 5],
    )
    assert.match(kept.events.at(-1)!.text, /no JSON/)
  })

  it('match, dump and log lines go to the outputs as they are', () => {
    const { collector, kept, head } = collectorOf([1])
    collector.begin(head)
    for (const stream of ['match', 'dump', 'log'] as const) collector.lines(1, stream, ['a', 'b'])
    assert.deepEqual(kept.calls, ['start', 'match: a,b', 'dump: a,b', 'log: a,b'])
  })

  it('a phase is told once, when the plan says that it begins', () => {
    const { collector, kept, head, at } = collectorOf([1])
    const [phase] = head.plan.phases
    const phases = [phase!, { ...phase!, number: 2, phase: 2, startMs: 1300 }]
    collector.begin({ ...head, plan: { ...head.plan, phases } })
    collector.launcherStarted(launcherOf(head, 1))
    at(3000)
    for (const [sequence, number] of [1, 2, 2].entries()) {
      const gauges = { phase: number }
      const toMs = (sequence + 1) * 1000
      collector.interval(1, intervalOf(sequence + 1, toMs - 1000, toMs, { gauges }))
    }
    const told = kept.events.filter(({ type }) => type === 'phase')
    assert.deepEqual(
      told.map(({ atMs, text }) => [atMs, text]),
      [
        [0, 'phase 1 has begun'],
        [1300, 'phase 2 has begun'],
      ],
    )
  })
})
