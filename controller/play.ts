/** One run of a scenario that can be played: plan, folder, fleet, outputs, verdict, report. */
import { randomInt } from 'node:crypto'
import type { LauncherPlan, Plan } from '../core/plan/model.ts'
import { makePlan } from '../core/plan/plan.ts'
import type { AgentFacts } from '../core/wire/messages.ts'
import { SecretPrompt } from './ask-secret.ts'
import { type Collected, Collector } from './collector.ts'
import { findDataFiles } from './data-files.ts'
import { exitCodes } from './exit-codes.ts'
import { deadlinesFor } from './fleet/deadlines.ts'
import { Fleet } from './fleet/fleet.ts'
import type { Assignment, DataFile } from './fleet/model.ts'
import { headroomWarnings } from './headroom.ts'
import { knownHosts } from './host-needs.ts'
import { type Hosts, hostsOf, newRunName } from './hosts.ts'
import { Interrupts } from './interrupts.ts'
import { type CutDeed, Journal, type JournalGroup, journalVersion } from './journal.ts'
import type { Environment, JudgedThreshold, RunHead } from './model.ts'
import { findNamedFiles } from './named-files.ts'
import type { Playable } from './playable.ts'
import { writeReport } from './report/render-report.ts'
import { RunControl } from './run-control.ts'
import { makeRunFolder } from './run-folder.ts'
import { type Conclusion, RunJudge } from './run-judge.ts'
import type { RunIo, RunOptions } from './run-options.ts'
import { runOutputs } from './run-outputs.ts'
import { startText } from './run-texts.ts'
import { Again, openJournal, type Planned } from './take-over.ts'
import { environment } from './version.ts'
import { Alarm, epochMs } from './wall-clock.ts'

/** How often the collector looks whether a second has waited long enough, in ms. */
const tickMs = 200

/**
 * Plays a scenario and reports on it.
 *
 * @returns the exit code
 * @throws {UsageError} when a data file or the log folder cannot be used; nothing was run then
 */
export async function play(playable: Playable, options: RunOptions, io: RunIo): Promise<number> {
  const { scenario, expandedXml } = playable
  const dataFiles = await findDataFiles(scenario.options.fileServers, playable.folder)
  const copy = { file: scenario.file, text: expandedXml }
  const folder = await makeRunFolder(options.logDir, copy, new Date())
  return new Run({ playable, dataFiles, options, folder, name: newRunName() }, io).play()
}

/**
 * Goes on with a run whose controller has died, and reports on it.
 *
 * @returns the exit code
 * @throws {UsageError} when there is nothing to go on with
 */
export async function takeOver(folder: string, io: RunIo): Promise<number> {
  const { head, planned, groups } = await openJournal(folder)
  // Whoever wants to see it attaches.
  const exports = { ...head.options.exports, json: false }
  const options = { ...head.options, exports, quiet: true }
  return new Run({ ...head, options }, io).takeOver(planned, groups)
}

/** What a run is, whichever process leads it: plain data. */
export interface RunSetup {
  readonly playable: Omit<Playable, 'expandedXml'>
  readonly dataFiles: readonly DataFile[]
  readonly options: RunOptions
  /** Of the run, absolute. */
  readonly folder: string
  /** Its name on its hosts. */
  readonly name: string
}

class Run {
  readonly #setup: RunSetup
  readonly #playable: RunSetup['playable']
  readonly #options: RunOptions
  readonly #io: RunIo
  readonly #folder: string
  readonly #journal: Journal
  readonly #collector: Collector
  readonly #hosts: Hosts
  readonly #fleet: Fleet
  readonly #control: RunControl
  readonly #interrupts: Interrupts
  readonly #hangUps: Interrupts
  readonly #judge: RunJudge
  readonly #cutAlarm = new Alarm()
  /** It ended before its plan did; because somebody wanted it at the terminal that started it. */
  #cut = false
  #interrupted = false
  #closed = false
  /** Epoch ms. */
  #startedAt = 0

  constructor(setup: RunSetup, io: RunIo) {
    const { playable, options, folder, name } = setup
    this.#setup = setup
    this.#playable = playable
    this.#options = options
    this.#io = io
    this.#folder = folder
    this.#journal = new Journal(folder, (text) => this.#onTrouble(text))
    this.#judge = new RunJudge(options.judge, playable.scenario.thresholds)
    const outputs = runOutputs(options, io, {
      trouble: (text) => this.#onTrouble(text),
      lost: (text) => this.#judge.trouble(text),
    })
    this.#control = this.#makeControl()
    const all = [this.#judge, ...outputs, ...this.#control.outputs]
    this.#collector = new Collector(all, options.intervalMs, epochMs, this.#journal)
    const { ask: askSecret } = io.background ?? new SecretPrompt(io.terminal ?? null, io.stderr)
    const warn = (text: string): void => this.#collector.event('warning', text)
    this.#hosts = hostsOf(playable.scenario.clients, { ...options, askSecret }, name, warn)
    this.#fleet = new Fleet(this.#hosts.transports, this.#collector, {
      deadlines: deadlinesFor(options.graceMs),
      policy: options.onLauncherLost,
      spread: options.spread,
      journal: this.#journal,
    })
    this.#collector.judgeBy((soFar, plan) => ({
      verdict: this.#judge.soFar(soFar, this.#fleet.compared),
      progress: this.#fleet.progress(plan, soFar.endedAtMs),
    }))
    this.#interrupts = new Interrupts(
      io.signals,
      (count, signal) => this.#onInterrupt(count, signal),
      ['SIGINT', 'SIGTERM'],
    )
    this.#hangUps = new Interrupts(io.signals, () => this.#onHangUp(), ['SIGHUP'])
  }

  play(): Promise<number> {
    this.#journal.open()
    this.#journal.note({ type: 'head', version: journalVersion, run: this.#setup })
    return this.#lead(() => this.#playUsers())
  }

  /** @param groups what another controller did, from the start of the load on */
  takeOver(planned: Planned, groups: AsyncIterable<JournalGroup>): Promise<number> {
    this.#journal.startReplay()
    return this.#lead(() => this.#goOn(planned, groups))
  }

  /** @param playUsers plays the run to its end */
  async #lead(playUsers: () => Promise<Plan>): Promise<number> {
    await this.#control.open(this.#folder, this.#options.dashboard)
    let exitCode: number = exitCodes.defect
    try {
      await this.#played(playUsers)
      exitCode = await this.#report()
      this.#journal.remove()
    } finally {
      this.#hangUps.close()
      await this.#control.over(exitCode)
    }
    await this.#collector.linger()
    return exitCode
  }

  #makeControl(): RunControl {
    return new RunControl(
      {
        steer: (change) => this.#fleet.steer(change),
        stop: (who, graceMs) => this.#onStop(who, graceMs),
        tell: (event) => this.#collector.tell(event, epochMs()),
        onTrouble: (text) => this.#onTrouble(text),
        say: (text) => void this.#io.stderr.write(`tsts: ${text}\n`),
      },
      this.#options.report,
    )
  }

  async #played(playUsers: () => Promise<Plan>): Promise<Plan> {
    const ticks = setInterval(() => this.#tick(), tickMs)
    try {
      return await playUsers()
    } finally {
      clearInterval(ticks)
      this.#cutAlarm.off()
      await this.#fleet.close()
      this.#interrupts.close()
    }
  }

  #tick(): void {
    this.#collector.tick()
    const { abort } = this.#judge
    if (abort !== null && !this.#cut && !this.#journal.replaying) this.#onThreshold(abort)
  }

  #tellHosts(plan: Plan, facts: readonly (AgentFacts | null)[]): void {
    const { scenario } = this.#playable
    const { transports, ofClient } = this.#hosts
    this.#judge.hosts(scenario.clients, ofClient, facts)
    const names = transports.map(({ host }) => host)
    this.#collector.knowHosts(knownHosts(scenario, plan, { names, ofClient }, facts))
  }

  async #playUsers(): Promise<Plan> {
    const { scenario } = this.#playable
    const facts = await this.#fleet.connect()
    const { ofClient } = this.#hosts
    const cores = ofClient.map((host) => facts[host]?.cores ?? 1)
    const plan = this.#plan(this.#seed(), cores)
    for (const text of headroomWarnings(scenario, plan, ofClient, facts)) {
      this.#collector.event('warning', text)
    }
    this.#tellHosts(plan, facts)
    const areThere = facts.every((each) => each !== null)
    if (areThere) {
      this.#journal.note({ type: 'planned', seed: plan.seed, cores, agents: this.#fleet.known })
    }
    const hostOf = ({ client }: LauncherPlan): number => ofClient[client]!
    const assignment = this.#assignment(plan)
    if (areThere && (await this.#fleet.prepare(assignment, hostOf))) await this.#start(plan)
    else this.#collector.begin(this.#head(plan, Math.round(epochMs())))
    return plan
  }

  async #goOn(planned: Planned, groups: AsyncIterable<JournalGroup>): Promise<Plan> {
    const plan = this.#plan(planned.seed, planned.cores)
    this.#tellHosts(
      plan,
      planned.agents.map(({ facts }) => facts),
    )
    await this.#fleet.takeOver(this.#assignment(plan), planned.agents)
    const again = new Again(this.#journal, this.#fleet, this.#collector, {
      begun: ({ startedAt, environment }) => {
        this.#collector.begin(this.#head(plan, startedAt, environment))
        this.#startedAt = startedAt
      },
      cut: (deed) => this.#onCut(deed),
    })
    this.#journal.endReplay(await again.all(groups))
    const text = `the controller was lost, another one goes on (process ${process.pid})`
    this.#collector.event('warning', text)
    this.#fleet.goOn()
    this.#io.background?.begun(this.#folder)
    return this.#toTheEnd(plan)
  }

  #assignment(plan: Plan): Assignment {
    const { scenario, folder, plugins = [] } = this.#playable
    const { arrivals, intervalMs } = this.#options
    const { dataFiles, name: run } = this.#setup
    const namedFiles = this.#namedFiles()
    const shared = { run, scenario, plan, arrivals, intervalMs, folder }
    return { ...shared, dataFiles, namedFiles, plugins }
  }

  /** Files that users name while they play, for hosts that do not see ours. */
  #namedFiles(): readonly string[] {
    if (this.#hosts.transports.every(({ isLocal }) => isLocal)) return []
    const { paths, warnings } = findNamedFiles(this.#playable.scenario, this.#playable.folder)
    for (const text of warnings) this.#collector.event('warning', text)
    return paths
  }

  #seed(): string {
    const { seed } = this.#playable.scenario.options
    return this.#options.seed ?? (seed === null ? String(randomInt(2 ** 31)) : String(seed))
  }

  /** @param cores of each client's host */
  #plan(seed: string, cores: readonly number[]): Plan {
    const { arrivals } = this.#options
    return makePlan(this.#playable.scenario, { seed, facts: { cores }, arrivals })
  }

  #head(plan: Plan, startedAt: number, where: Environment = environment()): RunHead {
    return {
      scenario: this.#playable.scenario,
      plan,
      folder: this.#folder,
      logName: this.#options.logName,
      scenarioSha256: this.#playable.sha256,
      startedAt,
      environment: where,
    }
  }

  async #start(plan: Plan): Promise<void> {
    const startedAt = Math.round(epochMs() + this.#options.warmUpMs)
    this.#startedAt = startedAt
    this.#journal.note({ type: 'begun', startedAt, environment: environment() })
    this.#collector.begin(this.#head(plan, startedAt))
    this.#collector.event('run-started', startText(plan, this.#folder))
    this.#fleet.start(Math.max(0, startedAt - epochMs()))
    this.#io.background?.begun(this.#folder)
    await this.#toTheEnd(plan)
  }

  async #toTheEnd(plan: Plan): Promise<Plan> {
    if (plan.cutAfterMs !== null) {
      this.#cutAlarm.at(this.#startedAt + plan.cutAfterMs, () => this.#onDuration())
    }
    await this.#fleet.ended()
    return plan
  }

  #onDuration(): void {
    this.#end(false)
    this.#collector.event('duration-reached', 'the duration of <load> is over: all users end')
    this.#fleet.stop(0)
  }

  /** Somebody at another terminal or the dashboard wants it to end. */
  #onStop(who: string, wishedMs: number | null): number {
    const graceMs = wishedMs ?? this.#options.drainMs
    this.#end(false)
    const what = graceMs === 0 ? 'all users end at once' : `users have ${graceMs / 1000} s to end`
    this.#collector.event('stopped', `${who}: no new users, ${what}`)
    this.#fleet.stop(graceMs)
    return graceMs
  }

  /** An `abort-if` held. */
  #onThreshold(threshold: JudgedThreshold): void {
    const graceMs = this.#options.drainMs
    this.#end(false, threshold)
    const what = `no new users; those that play have ${graceMs / 1000} s to end`
    this.#collector.event('aborted', `${threshold.text}: ${what}`)
    this.#fleet.stop(graceMs)
  }

  /** Before its plan does. */
  #end(interrupted: boolean, threshold: JudgedThreshold | null = null): void {
    const deed = { name: 'cut', interrupted, threshold } as const
    this.#journal.cause({ type: 'did', deed }, () => this.#onCut(deed))
  }

  #onCut({ interrupted, threshold }: CutDeed): void {
    this.#cut = true
    this.#interrupted ||= interrupted
    if (threshold !== null) this.#judge.aborted(threshold)
  }

  #onHangUp(): void {
    const text = `the terminal is gone, the run goes on: tsts attach ${this.#folder} shows it`
    this.#collector.event('warning', text)
  }

  #onInterrupt(count: number, signal: NodeJS.Signals): void {
    this.#end(true)
    const graceMs = count === 1 ? this.#options.drainMs : 0
    const what =
      count === 1
        ? `no new users; those that play have ${graceMs / 1000} s to end (again: at once)`
        : 'all users end at once'
    this.#collector.event('interrupted', `${signal}: ${what}`)
    this.#fleet.stop(graceMs)
  }

  async #report(): Promise<number> {
    const collected = this.#collector.finish()
    const { verdict, thresholds, exitCode } = this.#conclusion(collected)
    this.#collector.event('run-ended', `the run is over: ${verdict.status}, exit code ${exitCode}`)
    this.#collector.end({ ...collected, verdict, thresholds, exitCode })
    await this.#collector.close()
    this.#closed = true
    const onTrouble = (text: string): void => this.#onTrouble(text)
    if (this.#options.report) await writeReport(this.#folder, onTrouble)
    const { file } = this.#playable.scenario
    const outcome = { scenario: file, durationMs: collected.endedAtMs, verdict, thresholds }
    await this.#judge.announce(outcome, (line) => this.#io.stderr.write(`${line}\n`), onTrouble)
    const late = this.#conclusion(collected)
    if (late.verdict.reasons.length > verdict.reasons.length) {
      onTrouble(`V_FILES: the run is ${late.verdict.status} after all, exit code ${late.exitCode}`)
    }
    return late.exitCode
  }

  /** As far as it is known now: what cannot be written may come later. */
  #conclusion(collected: Collected): Conclusion {
    const { lost, aborted, skipped, compared } = this.#fleet
    const cut = this.#cut || aborted || skipped
    return this.#judge.conclusion(collected, {
      cut,
      compared,
      lost,
      interrupted: this.#interrupted,
    })
  }

  /** A disk that is full ends no run: it is told. */
  #onTrouble(text: string): void {
    this.#io.stderr.write(`tsts: ${text}\n`)
    if (!this.#closed) this.#collector.event('warning', text)
  }
}
