/** Everything the launchers report, merged, and told to the outputs in order. */
import type { Plan } from '../core/plan/model.ts'
import type { HostHealth, Interval } from '../core/stats/model.ts'
import { MutableTotals, type Totals } from '../core/stats/totals.ts'
import type { LineStream } from '../core/wire/messages.ts'
import { checkDeliveries, Deliveries, type DeliveryReport } from './deliveries.ts'
import type { FleetListener, LauncherClock, StartedLauncher } from './fleet/model.ts'
import type { Recorded } from './host-needs.ts'
import { HostRecord, type HostReport, type HostSecond } from './host-record.ts'
import { Journal } from './journal.ts'
import { LauncherRecord } from './launcher-record.ts'
import type {
  ErrorExample,
  LauncherReport,
  Output,
  RunEvent,
  RunHead,
  RunResult,
  Second,
  Standing,
} from './model.ts'
import { ownLimitText } from './own-limits.ts'
import { Seconds, secondMs } from './seconds.ts'

/** Examples kept of each error, and errors that have any. */
const examplesPerError = 5
const maxErrorNames = 500

/** What came together over the whole run. */
export interface Collected {
  readonly endedAtMs: number
  readonly totals: Totals
  readonly last: Second | null
  readonly launchers: readonly LauncherReport[]
  readonly hosts: readonly HostReport[]
  readonly errors: ReadonlyMap<string, readonly ErrorExample[]>
  readonly deliveries: DeliveryReport
}

/** What is made of it while the run goes on, `endedAtMs` after its start. */
export type Judge = (soFar: Collected, plan: Plan) => Pick<Standing, 'verdict' | 'progress'>

export class Collector implements FleetListener {
  readonly #outputs: readonly Output[]
  readonly #nowMs: () => number
  readonly #journal: Journal
  readonly #totals = new MutableTotals()
  readonly #seconds: Seconds
  readonly #launchers = new Map<number, LauncherRecord>()
  readonly #hosts = new Map<string, HostRecord>()
  readonly #deliveries = new Deliveries()
  /** By index of the client. */
  readonly #hostOf = new Map<number, HostRecord>()
  readonly #errors = new Map<string, ErrorExample[]>()
  #judge: Judge | null = null
  /** Told before the start: they wait until it is known what they are relative to. */
  #early: { readonly event: Omit<RunEvent, 'atMs'>; readonly epochMs: number }[] | null = []
  #startedAt = 0
  #plan: Plan | null = null
  #phase = 0

  /**
   * @param intervalMs how often launchers report
   * @param nowMs the wall clock, epoch ms
   */
  constructor(
    outputs: readonly Output[],
    intervalMs: number,
    nowMs: () => number,
    journal: Journal = new Journal(null, () => undefined),
  ) {
    this.#journal = journal
    this.#outputs = outputs
    this.#nowMs = nowMs
    this.#seconds = new Seconds(intervalMs, (second, totals) => this.#onSecond(second, totals))
  }

  /** From now on outputs are told after each second how the run stands. */
  judgeBy(judge: Judge): void {
    this.#judge = judge
  }

  /** What there is of the hosts; to be told before they play. */
  knowHosts(hosts: readonly Recorded[]): void {
    for (const { known, rules, clients } of hosts) {
      const record = new HostRecord(known, rules)
      this.#hosts.set(known.host, record)
      for (const client of clients) this.#hostOf.set(client, record)
    }
  }

  begin(head: RunHead): void {
    this.#startedAt = head.startedAt
    this.#plan = head.plan
    for (const output of this.#outputs) output.start(head)
    const early = this.#early ?? []
    this.#early = null
    for (const { event, epochMs } of early) this.#tell(event, epochMs)
  }

  /** To be called a few times a second: closes seconds that have waited long enough. */
  tick(): void {
    if (this.#early !== null || this.#journal.replaying) return
    this.#seconds.tick(this.#nowMs() - this.#startedAt)
  }

  event(type: RunEvent['type'], text: string, launcher?: number): void {
    // It stands in the journal itself.
    if (this.#journal.replaying) return
    const event = launcher === undefined ? { type, text } : { type, text, launcher }
    this.tell(event, this.#nowMs())
  }

  /** @param epochMs when it was */
  tell(event: Omit<RunEvent, 'atMs'>, epochMs: number): void {
    this.#journal.note({ type: 'event', event, epochMs })
    if (this.#early === null) this.#tell(event, epochMs)
    else this.#early.push({ event, epochMs })
  }

  launcherStarted(started: StartedLauncher): void {
    const { launcher, host, pid, plan } = started
    this.#launchers.set(launcher, new LauncherRecord(started))
    this.#seconds.join(launcher)
    const what =
      started.predecessor === null
        ? `plays ${plan.users} users`
        : `goes on with the users of launcher ${started.predecessor}`
    this.event('launcher-started', `launcher ${launcher} on ${host} (pid ${pid}) ${what}`, launcher)
  }

  interval(launcher: number, interval: Interval): void {
    const record = this.#launchers.get(launcher)
    const { toMs, deliveries, health } = interval
    try {
      if (deliveries !== undefined) checkDeliveries(deliveries)
      if (record?.add(interval) !== true) return
      if (deliveries !== undefined) this.#deliveries.add(toMs, deliveries)
      const { client } = record.started.plan
      this.#hostOf.get(client)?.addPorts({ launcher, client }, health.ports, toMs)
      this.#seconds.add(launcher, interval)
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      const text = `launcher ${launcher} sent numbers that cannot be, left out: ${error.message}`
      this.event('warning', text, launcher)
    }
  }

  lines(launcher: number, stream: LineStream, lines: readonly string[]): void {
    if (stream === 'error') {
      for (const line of lines) this.#keepExample(launcher, line)
    } else for (const output of this.#outputs) output.lines?.(stream, lines, launcher)
  }

  launcherClock(launcher: number, clock: LauncherClock): void {
    this.#launchers.get(launcher)?.setClock(clock)
  }

  hostHealth(host: string, health: HostHealth): void {
    this.#hosts.get(host)?.add(health)
  }

  launcherEnded(
    launcher: number,
    state: 'done' | 'stopped' | 'lost',
    why: string,
    maybeStartedUsers = 0,
  ): void {
    const record = this.#launchers.get(launcher)
    record?.end(state, maybeStartedUsers)
    this.#portsGiven(launcher, record)
    this.#seconds.leave(launcher, state === 'lost')
    if (state === 'lost') {
      const { users, requests } = record?.held ?? { users: 0, requests: 0 }
      const heard = ((record?.lastHeardMs ?? 0) / 1000).toFixed(1)
      const unknown =
        `unknown is what it did after ${heard} s, when ${counted(users, 'user')} played on it ` +
        `and ${counted(requests, 'request')} waited for an answer` +
        (maybeStartedUsers === 0
          ? ''
          : `; up to ${counted(maybeStartedUsers, 'user')} that became due since were perhaps started`)
      this.event('launcher-lost', `${why}; ${unknown}`, launcher)
    } else {
      const started = record?.startedUsers ?? 0
      const how = state === 'done' ? 'is done' : 'was stopped'
      const text = `launcher ${launcher} ${how}: it started ${counted(started, 'user')}`
      this.event('launcher-done', text, launcher)
    }
  }

  #portsGiven(launcher: number, record: LauncherRecord | undefined): void {
    if (record === undefined) return
    const { client } = record.started.plan
    this.#hostOf.get(client)?.endPorts({ launcher, client }, record.lastHeardMs)
  }

  /** Closes what is open; nothing may be reported after it. */
  finish(): Collected {
    if (!this.#deliveries.isEmpty) this.#deliveries.settleAll(this.#seconds.lastTotals())
    this.#seconds.finish()
    return this.#collected()
  }

  #collected(): Collected {
    return {
      endedAtMs: Math.max(0, Math.round(this.#nowMs() - this.#startedAt)),
      totals: this.#totals,
      last: this.#seconds.last,
      launchers: this.#reports(),
      hosts: [...this.#hosts.values()].map((host) => host.report()),
      errors: this.#errors,
      deliveries: this.#deliveries.report(),
    }
  }

  end(result: RunResult): void {
    for (const output of this.#outputs) output.end(result)
  }

  /** Everything is on disk when it resolves. */
  async close(): Promise<void> {
    await Promise.all(this.#outputs.map((output) => output.close()))
  }

  /** Nobody reads any more when it resolves. */
  async linger(): Promise<void> {
    await Promise.all(this.#outputs.map((output) => output.linger?.()))
  }

  #tell(event: Omit<RunEvent, 'atMs'>, epochMs: number): void {
    this.#tellAt(event, epochMs - this.#startedAt)
  }

  #tellAt(event: Omit<RunEvent, 'atMs'>, atMs: number): void {
    for (const output of this.#outputs) output.event({ atMs: Math.round(atMs), ...event })
  }

  /** When the plan says, as far as the second in which it was seen allows. */
  #tellPhase({ phase, atMs }: Second): void {
    const planned = this.#plan?.phases[phase - 1]?.startMs ?? atMs
    const text = `phase ${phase} has begun`
    this.#tellAt({ type: 'phase', text }, Math.min(atMs, Math.max(planned, atMs - secondMs)))
  }

  #onSecond(second: Second, totals: MutableTotals): void {
    this.#deliveries.settle(second.atMs, totals)
    this.#totals.merge(totals)
    if (second.phase > this.#phase) {
      this.#phase = second.phase
      this.#tellPhase(second)
    }
    const hosts = this.#toldHosts(second.atMs)
    const told = hosts === null ? second : { ...second, hosts }
    for (const output of this.#outputs) output.second(told)
    this.#tellStanding(told)
  }

  #tellStanding({ atMs }: Second): void {
    if (this.#judge === null || this.#plan === null || this.#journal.replaying) return
    const judgement = this.#judge({ ...this.#collected(), endedAtMs: atMs }, this.#plan)
    const launchers = [...this.#launchers.values()].flatMap((record) => record.health() ?? [])
    const hosts = [...this.#hosts.values()].flatMap((record) => record.standing() ?? [])
    const standing = { atMs, ...judgement, launchers, hosts }
    for (const output of this.#outputs) output.standing?.(standing)
  }

  #toldHosts(atMs: number): { readonly [host: string]: HostSecond } | null {
    const told: Record<string, HostSecond> = {}
    let any = false
    for (const host of this.#hosts.values()) {
      const health = host.takeNew(atMs)
      if (health === null) continue
      told[host.host] = health
      any = true
    }
    return any ? told : null
  }

  #keepExample(launcher: number, line: string): void {
    const example = parseExample(line)
    if (example === null) {
      this.event('warning', `launcher ${launcher} told of an error in vain: ${line}`, launcher)
      return
    }
    const kept = this.#errors.get(example.name)
    if (kept === undefined) {
      if (this.#errors.size >= maxErrorNames) return
      this.#errors.set(example.name, [example])
      this.#tellOwnLimit(launcher, example)
    } else if (kept.length < examplesPerError) kept.push(example)
    else return
    for (const output of this.#outputs) output.example?.(example)
  }

  #tellOwnLimit(launcher: number, example: ErrorExample): void {
    const host = this.#launchers.get(launcher)?.started.plan.host ?? `launcher ${launcher}`
    const text = ownLimitText(example, host)
    if (text !== null) this.event('warning', text, launcher)
  }

  /** A launcher that handed over is planned for what it started, its successor for the rest. */
  #reports(): readonly LauncherReport[] {
    const records = [...this.#launchers.values()]
    const successors = new Set(records.map(({ started }) => started.predecessor))
    return records.map((record) => {
      const { launcher, plan } = record.started
      if (successors.has(launcher)) return record.report(record.coveredUsers)
      return record.report(Math.max(0, plan.users - this.#startedBefore(record)))
    })
  }

  #startedBefore({ started }: LauncherRecord): number {
    let sum = 0
    let before = started.predecessor
    while (before !== null) {
      const record = this.#launchers.get(before)
      sum += record?.coveredUsers ?? 0
      before = record?.started.predecessor ?? null
    }
    return sum
  }
}

function counted(count: number, noun: string): string {
  return count === 1 ? `1 ${noun}` : `${count} ${noun}s`
}

/** Null when a launcher sends what is no example. */
function parseExample(line: string): ErrorExample | null {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return null
  }
  if (typeof value !== 'object' || value === null || !('name' in value)) return null
  const { name, atMs, user, session, request, detail } = value as Partial<ErrorExample>
  return {
    name: String(name),
    atMs: Number(atMs ?? 0),
    user: Number(user ?? 0),
    session: String(session ?? ''),
    request: String(request ?? ''),
    detail: String(detail ?? ''),
  }
}
