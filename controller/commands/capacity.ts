/** `tsts capacity`: the highest rate at which what was asked of the target holds. */
import { randomInt } from 'node:crypto'
import type { Scenario } from '../../core/scenario/model.ts'
import { withBatchHosts } from '../batch-hosts.ts'
import { bringUpOf, hasTurns, highestTurnRate } from '../capacity/bring-up.ts'
import { Capacity, type CapacitySetup, capacityEnd } from '../capacity/capacity.ts'
import { countedWords, type Objective, type Searched, searched } from '../capacity/model.ts'
import { checkObjective, parseObjective } from '../capacity/objective.ts'
import { durationMsOf, partOf, rateOf } from '../capacity/quantities.ts'
import { busiestPhase, type ExpectedSession, expectedSession } from '../capacity/step-scenario.ts'
import { type Args, type Command, isGiven, textOf } from '../command.ts'
import { exitCodes } from '../exit-codes.ts'
import { noExports } from '../exports/export-options.ts'
import { Interrupts } from '../interrupts.ts'
import { loadPlayable } from '../load-playable.ts'
import { durationText } from '../outputs/format.ts'
import type { Playable } from '../playable.ts'
import { makeRunFolder } from '../run-folder.ts'
import type { RunIo, RunOptions } from '../run-options.ts'
import { UsageError } from '../usage-error.ts'
import { fileOf } from './plain.ts'
import { reachFlags, runFlags, runOptionsOf } from './run-flags.ts'

/** Of `run`, what makes sense for each step, beside how hosts are reached. */
const stepFlags = [
  'log-dir',
  'seed',
  'exclude-tag',
  'plugin',
  'arrivals',
  'local',
  'grace',
  'report',
  'verdict',
] as const

/** Sessions that last longer than this are not waited for. */
const settleMaxMs = 120_000
const settleMinMs = 5000
/** It takes longer than what is measured. */
const longBringUpMs = 60_000

export const capacityCommand: Command = {
  name: 'capacity',
  usage: 'capacity <file>',
  describe: 'find the highest arrival rate, or constant rate, at which an objective holds',
  positionals: { file: { type: 'string', describe: 'the scenario; - is standard input' } },
  options: {
    slo: {
      type: 'string',
      requiresArg: true,
      demandOption: true,
      describe: 'what has to hold: "p99(request) < 250ms, error_rate < 0.1%"',
    },
    of: {
      choices: searched,
      requiresArg: true,
      describe:
        'which rate: users that arrive, or turns of connected users at <pace/> (default: rate where the scenario has <rate> and <pace/>)',
    },
    from: {
      type: 'string',
      requiresArg: true,
      describe: 'first rate, users/s or turns/s (default: a quarter of the scenario’s highest)',
    },
    to: { type: 'string', requiresArg: true, describe: 'highest rate that is tried' },
    step: {
      type: 'string',
      requiresArg: true,
      default: '30s',
      describe: 'how long a rate is measured; more when a percentile needs more samples',
    },
    settle: {
      type: 'string',
      requiresArg: true,
      describe:
        'left out at the start of each step (default: as long as a session, 5s to 2m; of a constant rate 5s)',
    },
    precision: {
      type: 'string',
      requiresArg: true,
      default: '5%',
      describe: 'how near the rate that holds and the rate that does not must come',
    },
    budget: {
      type: 'string',
      requiresArg: true,
      default: '10m',
      describe: 'time for the whole search; then what is known is told',
    },
    'cool-down': {
      type: 'string',
      requiresArg: true,
      default: '1m',
      describe: 'how long the target may take to recover after a rate that was too high',
    },
    json: { type: 'boolean', describe: 'write the result to standard output as JSON' },
    ...Object.fromEntries(stepFlags.map((name) => [name, runFlags[name]!])),
    ...reachFlags,
    quiet: { alias: 'q', type: 'boolean', describe: 'tell the answer only' },
  },
  run: capacity,
}

async function capacity(args: Args, io: RunIo): Promise<number> {
  const objective = parseObjective(textOf(args, 'slo') ?? '')
  const asked = quantities(args)
  // Its --json is the answer's, not that of each run.
  const options = { ...runOptionsOf(args, fileOf(args)), exports: noExports }
  const playable = await loadPlayable(options.file, options, io)
  if (playable === null) return exitCodes.unusable
  checkObjective(objective, playable.scenario, playable.plugins)
  const setup = await setUp(playable, options, objective, asked)
  const isJson = isGiven(args, 'json')
  const say = (text: string): void => {
    if (!options.quiet) (isJson ? io.stderr : io.stdout).write(`${text}\n`)
  }
  say(headText(setup))
  const search = new Capacity(setup, io, say)
  const interrupts = new Interrupts(io.signals, () => search.interrupt())
  try {
    const { report, exitCode } = await search.run()
    if (exitCode === exitCodes.lost) {
      io.stderr.write(`tsts: no launcher could be started; ${setup.folder}/steps tells why\n`)
    } else if (isJson) io.stdout.write(`${JSON.stringify(report, null, 2)}\n`)
    else io.stdout.write(capacityEnd(report, setup.folder))
    return exitCode
  } finally {
    interrupts.close()
  }
}

interface Quantities {
  /** Null: as the scenario is. */
  readonly of: Searched | null
  readonly from: number | null
  readonly to: number | null
  readonly precision: number
  readonly measureMs: number
  /** Null: as long as a session. */
  readonly settleMs: number | null
  readonly budgetMs: number
  readonly coolDownMs: number
}

/** @throws {UsageError} */
function quantities(args: Args): Quantities {
  const from = rateOf('--from', textOf(args, 'from'))
  const to = rateOf('--to', textOf(args, 'to'))
  if (from !== null && to !== null && from > to) {
    throw new UsageError(`--from ${from} is more than --to ${to}`)
  }
  const settle = textOf(args, 'settle')
  return {
    of: searched.find((each) => each === textOf(args, 'of')) ?? null,
    from,
    to,
    precision: partOf('--precision', textOf(args, 'precision') ?? '5%', 0.005, 1),
    measureMs: durationMsOf('--step', textOf(args, 'step') ?? '30s', 4000),
    settleMs: settle === null ? null : durationMsOf('--settle', settle, 0),
    budgetMs: durationMsOf('--budget', textOf(args, 'budget') ?? '10m', 1000),
    coolDownMs: durationMsOf('--cool-down', textOf(args, 'cool-down') ?? '1m', 0),
  }
}

async function setUp(
  playable: Playable,
  options: RunOptions,
  objective: Objective,
  asked: Quantities,
): Promise<CapacitySetup> {
  const scenario = options.local
    ? playable.scenario
    : withBatchHosts(playable.scenario, process.env)
  const sought = asked.of ?? (hasTurns(scenario) ? 'rate' : 'arrivals')
  const { ownRate, bringUpMs, requests, settleMs, notes } =
    sought === 'rate' ? ofTurns(scenario, asked) : ofArrivals(scenario, asked)
  const from = asked.from ?? Math.min(ownRate / 4, asked.to ?? Number.POSITIVE_INFINITY)
  const copy = { file: scenario.file, text: playable.expandedXml }
  return {
    playable: { ...playable, scenario },
    options,
    objective,
    limits: { of: sought, from, to: asked.to, precision: asked.precision },
    times: { bringUpMs, settleMs, measureMs: asked.measureMs },
    expectedRequests: requests,
    budgetMs: asked.budgetMs,
    coolDownMs: asked.coolDownMs,
    seed: options.seed ?? String(scenario.options.seed ?? randomInt(2 ** 31)),
    folder: await makeRunFolder(options.logDir, copy, new Date()),
    notes,
  }
}

/** What a scenario means for the search. */
interface Sought {
  /** The scenario's highest, per second. */
  readonly ownRate: number
  readonly bringUpMs: number
  /** Of a user, or of a turn. */
  readonly requests: number
  readonly settleMs: number
  readonly notes: readonly string[]
}

function ofArrivals(scenario: Scenario, asked: Quantities): Sought {
  const busiest = busiestPhase(scenario)
  if (busiest === null) {
    throw new UsageError(
      `${scenario.file}: a search needs an <arrivalphase> to know who arrives, and there is none`,
    )
  }
  const expected = expectedSession(scenario)
  const settleMs = asked.settleMs ?? settledMs(expected)
  return {
    ownRate: busiest.intensityPerMs * 1000,
    bringUpMs: 0,
    requests: expected.requests,
    settleMs,
    notes: notesOf(scenario, expected, settleMs),
  }
}

function ofTurns(scenario: Scenario, asked: Quantities): Sought {
  const ratePerMs = highestTurnRate(scenario)
  const { users, ms } = bringUpOf(scenario)
  if (ratePerMs === null || users === 0 || !hasTurns(scenario)) {
    throw new UsageError(
      `${scenario.file}: --of rate needs users, a <rate> in an <arrivalphase>, and <pace/> where they wait for their turns`,
    )
  }
  const long = `users come for ${durationText(ms)} before each step, as its phases say: a higher arrivalrate saves time`
  return {
    ownRate: ratePerMs * 1000,
    bringUpMs: ms,
    requests: 1,
    settleMs: asked.settleMs ?? settleMinMs,
    notes: ms > longBringUpMs ? [long] : [],
  }
}

/** Whole seconds: those are what is measured. */
function settledMs({ lengthMs }: ExpectedSession): number {
  return 1000 * Math.ceil(Math.min(settleMaxMs, Math.max(settleMinMs, lengthMs)) / 1000)
}

function notesOf(scenario: Scenario, expected: ExpectedSession, settleMs: number): string[] {
  const { users } = scenario.load
  const phases = scenario.load.phases.filter(({ maxNumber }) => maxNumber !== 0)
  const notes: string[] = []
  const shares = new Set(phases.map((phase) => phase.shares.join()))
  if (shares.size > 1) {
    const { phase } = busiestPhase(scenario)!
    notes.push(`phases differ in their sessions: those of phase ${phase} were played`)
  }
  if (users.length > 0) notes.push(`static users (${users.length}) started in every step as well`)
  if (expected.lengthMs > settleMs + 1000) {
    const length = durationText(expected.lengthMs)
    notes.push(
      `a session lasts up to ${length}, and ${durationText(settleMs)} were left out: the load still grew while it was measured (--settle)`,
    )
  }
  if (expected.openEnded.length > 0) {
    notes.push(`how long users wait for each other is unknown (${expected.openEnded.join(', ')})`)
  }
  return notes
}

function headText({ objective, limits, times, folder, budgetMs }: CapacitySetup): string {
  const what = objective.map(({ expression }) => expression).join(', ')
  const { of } = limits
  const come = times.bringUpMs === 0 ? '' : `users come for ${durationText(times.bringUpMs)}, then `
  const step = `${come}${durationText(times.measureMs)} a step after ${durationText(times.settleMs)}`
  return `${what}: how many ${countedWords[of]} a second?\n${step}, at most ${durationText(budgetMs)} in all; steps in ${folder}\n`
}
