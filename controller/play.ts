/** One run of a scenario that can be played: plan, folder, fleet, outputs, verdict, report. */
import { randomInt } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { LauncherPlan, Plan } from '../core/plan/model.ts'
import { makePlan } from '../core/plan/plan.ts'
import type { Scenario } from '../core/scenario/model.ts'
import { SecretPrompt } from './ask-secret.ts'
import { Collector } from './collector.ts'
import { ControlServer } from './control/control-server.ts'
import { removeRunFile, writeRunFile } from './control/run-file.ts'
import { findDataFiles } from './data-files.ts'
import { exitCodeOf, exitCodes } from './exit-codes.ts'
import { Fleet } from './fleet/fleet.ts'
import type { DataFile } from './fleet/model.ts'
import { fleetDeadlines } from './fleet/model.ts'
import { headroomWarnings } from './headroom.ts'
import { type Hosts, hostsOf } from './hosts.ts'
import { Interrupts } from './interrupts.ts'
import type { RunHead } from './model.ts'
import { findNamedFiles } from './named-files.ts'
import { renderReport } from './report/render-report.ts'
import { makeRunFolder } from './run-folder.ts'
import type { RunIo, RunOptions } from './run-options.ts'
import { runOutputs } from './run-outputs.ts'
import { judge } from './verdict.ts'
import { environment } from './version.ts'

/** What is played, and what is kept of it in the run's folder. */
export interface Playable {
  readonly scenario: Scenario
  /** Its text, entities expanded. */
  readonly expandedXml: string
  readonly sha256: string
  /** Where its files are looked for, absolute. */
  readonly folder: string
}

/** How often the collector looks whether a second has waited long enough, in ms. */
const tickMs = 200
/** How much longer than an agent a launcher of it is waited for, in ms. */
const lostSlackMs = 5000

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
  return new Run(playable, dataFiles, options, io, folder).play()
}

class Run {
  readonly #playable: Playable
  readonly #dataFiles: readonly DataFile[]
  readonly #options: RunOptions
  readonly #io: RunIo
  readonly #folder: string
  readonly #collector: Collector
  readonly #hosts: Hosts
  readonly #fleet: Fleet
  readonly #control: ControlServer
  readonly #interrupts: Interrupts
  readonly #hangUps: Interrupts
  #cutTimer: NodeJS.Timeout | null = null
  /** It ended before its plan did. */
  #cut = false
  #closed = false

  constructor(
    playable: Playable,
    dataFiles: readonly DataFile[],
    options: RunOptions,
    io: RunIo,
    folder: string,
  ) {
    this.#playable = playable
    this.#dataFiles = dataFiles
    this.#options = options
    this.#io = io
    this.#folder = folder
    const outputs = runOutputs(options, io, (text) => this.#onTrouble(text))
    this.#control = new ControlServer({ stop: (graceMs) => this.#onStop(graceMs) }, options.report)
    this.#collector = new Collector([...outputs, this.#control], options.intervalMs, epochMs)
    const { graceMs } = options
    const { ask: askSecret } = io.background ?? new SecretPrompt(io.terminal ?? null, io.stderr)
    this.#hosts = hostsOf(playable.scenario.clients, { ...options, askSecret })
    const deadlines = { ...fleetDeadlines, graceMs, lostMs: graceMs + lostSlackMs }
    const { onLauncherLost } = options
    this.#fleet = new Fleet(this.#hosts.transports, this.#collector, deadlines, onLauncherLost)
    this.#interrupts = new Interrupts(
      io.signals,
      (count, signal) => this.#onInterrupt(count, signal),
      ['SIGINT', 'SIGTERM'],
    )
    this.#hangUps = new Interrupts(io.signals, () => this.#onHangUp(), ['SIGHUP'])
  }

  async play(): Promise<number> {
    const { socket } = this.#control
    writeRunFile(this.#folder, { version: 1, pid: process.pid, socket })
    let exitCode: number = exitCodes.defect
    try {
      exitCode = await this.#report(await this.#play())
    } finally {
      this.#hangUps.close()
      removeRunFile(this.#folder)
      await this.#control.over(exitCode)
    }
    return exitCode
  }

  async #play(): Promise<Plan> {
    const ticks = setInterval(() => this.#collector.tick(), tickMs)
    try {
      return await this.#playUsers()
    } finally {
      clearInterval(ticks)
      if (this.#cutTimer !== null) clearTimeout(this.#cutTimer)
      await this.#fleet.close()
      this.#interrupts.close()
    }
  }

  async #playUsers(): Promise<Plan> {
    const { scenario, folder } = this.#playable
    const dataFiles = this.#dataFiles
    const facts = await this.#fleet.connect()
    const { ofClient } = this.#hosts
    const plan = this.#plan(ofClient.map((host) => facts[host]?.cores ?? 1))
    const { arrivals, intervalMs } = this.#options
    for (const text of headroomWarnings(scenario, plan, ofClient, facts)) {
      this.#collector.event('warning', text)
    }
    const namedFiles = this.#namedFiles()
    const assignment = { scenario, plan, arrivals, intervalMs, folder, dataFiles, namedFiles }
    const areThere = facts.every((each) => each !== null)
    const hostOf = ({ client }: LauncherPlan): number => ofClient[client]!
    if (areThere && (await this.#fleet.prepare(assignment, hostOf))) await this.#start(plan)
    else this.#collector.begin(this.#head(plan, Math.round(epochMs())))
    return plan
  }

  /** Files that users name while they play, for hosts that do not see ours. */
  #namedFiles(): readonly string[] {
    if (this.#hosts.transports.every(({ isLocal }) => isLocal)) return []
    const { paths, warnings } = findNamedFiles(this.#playable.scenario, this.#playable.folder)
    for (const text of warnings) this.#collector.event('warning', text)
    return paths
  }

  /** @param cores of each client's host */
  #plan(cores: readonly number[]): Plan {
    const { scenario } = this.#playable
    const { seed, arrivals } = this.#options
    const fromScenario = scenario.options.seed === null ? null : String(scenario.options.seed)
    const chosen = seed ?? fromScenario ?? String(randomInt(2 ** 31))
    return makePlan(scenario, { seed: chosen, facts: { cores }, arrivals })
  }

  #head(plan: Plan, startedAt: number): RunHead {
    return {
      scenario: this.#playable.scenario,
      plan,
      folder: this.#folder,
      logName: this.#options.logName,
      scenarioSha256: this.#playable.sha256,
      startedAt,
      environment: environment(),
    }
  }

  async #start(plan: Plan): Promise<void> {
    const startedAt = Math.round(epochMs() + this.#options.warmUpMs)
    this.#collector.begin(this.#head(plan, startedAt))
    this.#collector.event('run-started', startText(plan, this.#folder))
    this.#fleet.start(Math.max(0, startedAt - epochMs()))
    this.#io.background?.begun(this.#folder)
    if (plan.cutAfterMs !== null) this.#cutAt(startedAt + plan.cutAfterMs)
    await this.#fleet.ended()
  }

  #cutAt(atEpochMs: number): void {
    const leftMs = atEpochMs - epochMs()
    const next = (): void => (leftMs > maxTimerMs ? this.#cutAt(atEpochMs) : this.#onDuration())
    this.#cutTimer = setTimeout(next, Math.min(Math.ceil(leftMs), maxTimerMs))
  }

  #onDuration(): void {
    this.#cut = true
    this.#collector.event('duration-reached', 'the duration of <load> is over: all users end')
    this.#fleet.stop(0)
  }

  /** Somebody at another terminal wants it to end (`tsts stop`). */
  #onStop(wishedMs: number | null): number {
    const graceMs = wishedMs ?? this.#options.drainMs
    this.#cut = true
    const what = graceMs === 0 ? 'all users end at once' : `users have ${graceMs / 1000} s to end`
    this.#collector.event('stopped', `tsts stop: no new users, ${what}`)
    this.#fleet.stop(graceMs)
    return graceMs
  }

  #onHangUp(): void {
    const text = `the terminal is gone, the run goes on: tsts attach ${this.#folder} shows it`
    this.#collector.event('warning', text)
  }

  #onInterrupt(count: number, signal: NodeJS.Signals): void {
    this.#cut = true
    const graceMs = count === 1 ? this.#options.drainMs : 0
    const what =
      count === 1
        ? `no new users; those that play have ${graceMs / 1000} s to end (again: at once)`
        : 'all users end at once'
    this.#collector.event('interrupted', `${signal}: ${what}`)
    this.#fleet.stop(graceMs)
  }

  async #report(plan: Plan): Promise<number> {
    const collected = this.#collector.finish()
    const verdict = judge({
      plannedUsers: plan.users,
      dueUsers: collected.last?.due ?? 0,
      startedUsers: collected.totals.counters.get('users_count') ?? 0,
      cut: this.#cut || this.#fleet.aborted,
      launchers: collected.launchers,
      compared: this.#fleet.compared,
    })
    const exitCode = exitCodeOf({
      lost: this.#fleet.lost,
      interrupted: this.#interrupts.count > 0,
      verdict: verdict.status,
      thresholdsFailed: false,
    })
    this.#collector.event('run-ended', `the run is over: ${verdict.status}, exit code ${exitCode}`)
    this.#collector.end({ ...collected, verdict, exitCode })
    await this.#collector.close()
    this.#closed = true
    if (this.#options.report) await this.#writeReport()
    return exitCode
  }

  async #writeReport(): Promise<void> {
    const path = join(this.#folder, 'report.html')
    try {
      await writeFile(path, await renderReport(this.#folder))
    } catch (error) {
      this.#onTrouble(`cannot write ${path}: ${(error as Error).message}`)
    }
  }

  /** A disk that is full ends no run: it is told. */
  #onTrouble(text: string): void {
    this.#io.stderr.write(`tsts: ${text}\n`)
    if (!this.#closed) this.#collector.event('warning', text)
  }
}

/** Longest timer Node can set. */
const maxTimerMs = 2 ** 31 - 1

/** The wall clock as it was when we started, plus what has passed: it never jumps. */
function epochMs(): number {
  return performance.timeOrigin + performance.now()
}

function startText(plan: Plan, folder: string): string {
  const launchers =
    plan.launchers.length === 1 ? '1 launcher' : `${plan.launchers.length} launchers`
  return `${plan.users} users on ${launchers}, seed ${plan.seed}, log in ${folder}`
}
