/** Searches for the highest rate at which an objective holds: steps, cool-downs, what is known, its end. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { plural } from '../outputs/format.ts'
import type { Playable } from '../playable.ts'
import type { RunIo, RunOptions } from '../run-options.ts'
import { tstsVersion } from '../version.ts'
import { capacityPage } from './capacity-page.ts'
import { answerText, endText, perSecond, stepLine } from './capacity-text.ts'
import { coolDown, type Probe } from './cool-down.ts'
import {
  type Judgement,
  judgeSteps,
  type MeasuredStep,
  samplesOf,
  wantedSamples,
} from './judge-step.ts'
import { usersLimit } from './judge-turns.ts'
import type {
  AnswerKind,
  CapacityReport,
  Objective,
  Outcome,
  SearchLimits,
  Step,
  StepTimes,
} from './model.ts'
import { StepPlayer } from './play-step.ts'
import { Search } from './search.ts'
import type { StepWatch } from './step-watch.ts'
import { errorsText, isMissedAnyway } from './trust.ts'

export interface CapacitySetup {
  readonly playable: Playable
  /** Of every step, save its folder and seed. */
  readonly options: RunOptions
  readonly objective: Objective
  readonly limits: SearchLimits
  readonly times: StepTimes
  /** Of a user, or of a turn. */
  readonly expectedRequests: number
  readonly budgetMs: number
  /** Of all probes between two steps. */
  readonly coolDownMs: number
  readonly seed: string
  /** The search's own, absolute. */
  readonly folder: string
  readonly notes: readonly string[]
}

/** A step that may decide is made longer for the samples that a percentile needs, up to so many times. */
const stretchMax = 4
/** Starting and ending a run, about, ms. */
const overheadMs = 2000
/** Measured in a probe. */
const probeMs = 3000
/** Users, or turns, in a probe, at least. */
const probeCount = 10

const exitCodeOfKind: { readonly [kind in AnswerKind]: ExitCode } = {
  found: exitCodes.ok,
  to: exitCodes.ok,
  generator: exitCodes.verdict,
  budget: exitCodes.verdict,
  interrupted: exitCodes.interrupted,
  none: exitCodes.threshold,
}

export class Capacity {
  readonly #setup: CapacitySetup
  readonly #search: Search
  readonly #player: StepPlayer
  readonly #say: (line: string) => void
  readonly #steps: Step[] = []
  readonly #measured = new Map<number, MeasuredStep[]>()
  readonly #notes: string[]
  /** Samples of each condition that a user, or a turn, brings. */
  readonly #perCounted: number[]
  readonly #startedAt = new Date()
  readonly #startMs = performance.now()
  #usualMs: number | null = null
  #runs = 0
  #isOver = false

  /** @param say told of each step */
  constructor(setup: CapacitySetup, io: RunIo, say: (line: string) => void) {
    this.#setup = setup
    this.#search = new Search(setup.limits)
    this.#player = new StepPlayer(io)
    this.#say = say
    this.#notes = [...setup.notes]
    this.#perCounted = setup.objective.map(({ value }) =>
      'name' in value && /^(session|page|tr_)/.test(value.name) ? 1 : setup.expectedRequests,
    )
  }

  /** What is known so far is the answer. */
  interrupt(): void {
    this.#isOver = true
    this.#player.interrupt()
  }

  /** @throws {UsageError} when a file of the scenario or the folder cannot be used */
  async run(): Promise<{ readonly report: CapacityReport; readonly exitCode: ExitCode }> {
    const ended = await this.#playSteps()
    if (ended === 'lost') return { report: this.#report('interrupted'), exitCode: exitCodes.lost }
    const report = this.#report(ended)
    await this.#write(report)
    return { report, exitCode: exitCodeOfKind[report.answer.kind] }
  }

  /** @returns null: the search has its answer; `lost`: no launcher could be started */
  async #playSteps(): Promise<'budget' | 'interrupted' | 'lost' | null> {
    let coolFrom: number | null = null
    for (let rate = this.#search.next(); rate !== null; rate = this.#search.next()) {
      const times = this.#timesFor(rate)
      const { bringUpMs, settleMs, measureMs } = times
      if (this.#leftMs < bringUpMs + settleMs + measureMs + overheadMs) return 'budget'
      if (coolFrom !== null) await this.#coolDown(coolFrom)
      const { watch, exitCode } = await this.#play(rate, times, 'steps')
      if (this.#isOver) return 'interrupted'
      if (exitCode === exitCodes.lost && watch.started === 0) return 'lost'
      const step = this.#take(rate, times, watch)
      this.#say(stepLine(step))
      coolFrom = step.outcome === 'held' ? null : rate
      await this.#write(this.#report('interrupted'))
    }
    return null
  }

  get #leftMs(): number {
    return this.#setup.budgetMs - (performance.now() - this.#startMs)
  }

  /** Long enough for the samples that the conditions need, if it can be had. */
  #timesFor(rate: number): StepTimes {
    const { objective, times } = this.#setup
    let measureMs = times.measureMs
    objective.forEach((condition, at) => {
      const perSecondOfRate = Math.max(1e-9, rate * this.#perCounted[at]!)
      measureMs = Math.max(measureMs, (1000 * wantedSamples(condition)) / perSecondOfRate)
    })
    const stretch = this.#search.isNarrowing ? stretchMax : 1
    const bounded = Math.min(measureMs, stretch * times.measureMs)
    return { ...times, measureMs: 1000 * Math.ceil(bounded / 1000) }
  }

  #play(
    ratePerSecond: number,
    times: StepTimes,
    kind: 'steps' | 'probes',
  ): Promise<{ readonly watch: StepWatch; readonly exitCode: number }> {
    const { playable, objective, limits, options, seed, folder } = this.#setup
    const run = ++this.#runs
    const own = { ...options, logDir: join(folder, kind), seed: `${seed}-${run}` }
    const report = options.report && kind === 'steps'
    return this.#player.play({
      playable,
      objective,
      of: limits.of,
      ratePerSecond,
      times,
      options: { ...own, report },
    })
  }

  async #coolDown(rate: number): Promise<void> {
    const { objective, coolDownMs, limits, times } = this.#setup
    const probeTimes: StepTimes = { ...times, settleMs: 0, measureMs: probeMs }
    const lowest = Math.min(rate / 10, ...this.#heldRates)
    const wanted = (1000 * probeCount) / probeMs
    const probeRate = Math.min(rate / 2, Math.max(lowest, wanted))
    const untilMs = performance.now() + Math.min(coolDownMs, this.#leftMs)
    const probe = async (): Promise<Probe> => {
      const { watch } = await this.#play(probeRate, probeTimes, 'probes')
      const { held } = judgeSteps(objective, [watch.seconds], limits.precision)
      return { medianMs: watch.medianMs, held }
    }
    const goesOn = (): boolean => !this.#isOver && performance.now() < untilMs
    const { recovered } = await coolDown(this.#usualMs, probe, goesOn)
    if (recovered || this.#isOver) return
    const waited = plural(Math.round(coolDownMs / 1000), 'second')
    this.#note(
      `after the step at ${perSecond(rate, limits.of)} the target was not as before for ${waited}`,
    )
  }

  get #heldRates(): readonly number[] {
    return this.#steps
      .filter(({ outcome }) => outcome === 'held')
      .map(({ ratePerSecond }) => ratePerSecond)
  }

  #take(rate: number, times: StepTimes, watch: StepWatch): Step {
    const { objective, limits, folder } = this.#setup
    const { result, endedEarly } = watch
    const isValid = result?.verdict.status === 'valid'
    const before = this.#measured.get(rate) ?? []
    const judged = isValid ? [...before, watch.seconds] : [watch.seconds]
    const judgement = judgeSteps(objective, judged, limits.precision)
    const isAllHeld = judgement.findings.every(({ held }) => held)
    // Where a condition is missed it does not matter why turns are.
    const mayBeUsers = limits.of === 'rate' && isValid && isAllHeld && !endedEarly
    const tooFew = mayBeUsers ? usersLimit(watch.seconds, rate) : null
    const isTrusted = isValid && tooFew === null
    if (isTrusted) this.#measured.set(rate, judged)
    const isMissed =
      result !== null && !isValid && isMissedAnyway(result, objective, judgement.findings)
    const outcome = outcomeOf(isTrusted, isMissed, judgement, endedEarly)
    const isClose = judgement.close && !endedEarly && isTrusted
    this.#search.told(rate, outcome, isClose, tooFew !== null)
    if (isTrusted) this.#learn(watch, outcome)
    const doubts = (result?.verdict.reasons ?? []).map(({ code, text }) => `${code}: ${text}`)
    const step: Step = {
      number: this.#steps.length + 1,
      ratePerSecond: rate,
      outcome,
      findings: judgement.findings,
      reasons: [
        ...(isTrusted ? judgement.reasons : doubts),
        ...(tooFew === null ? [] : [tooFew]),
        ...(outcome !== 'held' && result !== null && isValid ? errorsText(result) : []),
      ],
      close: isClose,
      startedUsers: watch.started,
      requests: watch.seconds.reduce((sum, { ended }) => sum + ended, 0),
      settleMs: times.settleMs,
      measuredMs: watch.seconds.reduce((sum, { lengthMs }) => sum + lengthMs, 0),
      endedEarly,
      folder: relative(folder, watch.head?.folder ?? folder),
    }
    this.#steps.push(step)
    return step
  }

  /** What a user or a turn brings, and how fast the target is when it is not asked too much. */
  #learn({ seconds, medianMs, endedEarly }: StepWatch, outcome: Outcome): void {
    if (outcome === 'held' && medianMs !== null) {
      this.#usualMs = Math.min(medianMs, this.#usualMs ?? Number.POSITIVE_INFINITY)
    }
    this.#setup.objective.forEach((condition, at) => {
      const told = seconds.map((second) => second.told[at]!)
      const counted = seconds.reduce(
        (sum, { turns }, second) => sum + (turns?.taken ?? told[second]!.started),
        0,
      )
      const samples = samplesOf(condition, told)
      if (counted > 0 && samples > 0) this.#perCounted[at] = samples / counted
      const wanted = wantedSamples(condition)
      if (endedEarly || samples === 0 || samples >= 0.8 * wanted) return
      if (!this.#search.isNarrowing) return
      const few = plural(Math.round(samples), 'sample')
      this.#note(
        `${condition.expression}: steps with less than ${Math.ceil(wanted)} samples (${few} at first): a longer --step says more`,
        condition.expression,
      )
    })
  }

  /** @param about what is told once only */
  #note(text: string, about: string = text): void {
    if (!this.#notes.some((each) => each.startsWith(about))) this.#notes.push(text)
  }

  #report(ended: 'budget' | 'interrupted' | null): CapacityReport {
    const { playable, objective, limits, times, seed } = this.#setup
    const answer = this.#search.answer(ended)
    return {
      version: 1,
      scenario: playable.scenario.file,
      objective: objective.map(({ expression, limit }) => ({
        expression,
        limit: limit.number,
        of: limit.of,
      })),
      answer,
      text: answerText(answer, limits),
      limits,
      times,
      steps: this.#steps,
      notes: this.#notes,
      seed,
      startedAt: this.#startedAt.toISOString(),
      durationMs: Math.round(performance.now() - this.#startMs),
      tsts: tstsVersion(),
    }
  }

  async #write(report: CapacityReport): Promise<void> {
    const { folder } = this.#setup
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, 'capacity.json'), `${JSON.stringify(report, null, 2)}\n`)
    await writeFile(join(folder, 'capacity.html'), capacityPage(report))
  }
}

function outcomeOf(
  isTrusted: boolean,
  isMissed: boolean,
  { held }: Judgement,
  endedEarly: boolean,
): Outcome {
  if (!isTrusted) return isMissed ? 'missed' : 'untrusted'
  return held && !endedEarly ? 'held' : 'missed'
}

export function capacityEnd(report: CapacityReport, folder: string): string {
  return endText(report, join(folder, 'capacity.html'))
}
