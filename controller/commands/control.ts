/** Another terminal's hold on a run that goes on: attach, status, stop. */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { MutableTotals } from '../../core/stats/totals.ts'
import { type Command, isGiven, numberOf, textOf } from '../command.ts'
import { startInBackground } from '../control/background.ts'
import type { ControlClient } from '../control/control-client.ts'
import type { ControlReply, RunStatus, WireSecond } from '../control/messages.ts'
import { claimRun, readRunFile, releaseRun } from '../control/run-file.ts'
import { exitCodes } from '../exit-codes.ts'
import { Interrupts } from '../interrupts.ts'
import { endSummary } from '../live/end-summary.ts'
import { type LiveView, live } from '../live/live.ts'
import type { Second } from '../model.ts'
import { countText, durationText, printable, rateText } from '../outputs/format.ts'
import type { Summary } from '../outputs/summary.ts'
import { takeOver } from '../play.ts'
import type { RunIo } from '../run-options.ts'
import { steeringText } from '../steering.ts'
import { UsageError } from '../usage-error.ts'
import { dashboardFlag } from './run-flags.ts'
import { ask, folderOf, logDirOption, reach, reachOf, runPositional } from './running.ts'
import { tsungOptions } from './tsung-flags.ts'

/** Exit code of `take-over` when it is not needed. */
const anotherLeads = 75
const retryMs = 200

export const attachCommand: Command = {
  name: 'attach',
  usage: 'attach [folder]',
  describe: 'show a run that goes on; take it over when its controller has died',
  positionals: runPositional,
  options: {
    ...logDirOption,
    ...dashboardFlag,
    live: { type: 'boolean', default: true, describe: 'redraw a view (--no-live: plain lines)' },
  },
  run: async (args, io) => {
    const folder = folderOf(args)
    const tty = args['live'] !== false && io.stdout.isTTY === true
    let listen = textOf(args, 'dashboard')
    for (;;) {
      const client = await reachOrTakeOver(folder, io)
      if (typeof client === 'number') return client
      if (listen !== null)
        io.stderr.write(`tsts: the dashboard is at ${await dashboardOf(folder, listen)}\n`)
      listen = null
      const exitCode = await new Attached(client, folder, io, tty).show()
      if (exitCode !== null) return exitCode
    }
  },
}

/** Started by `attach`, in the background. */
export const takeOverCommand: Command = {
  name: 'take-over',
  usage: 'take-over <folder>',
  describe: 'go on with a run whose controller has died',
  positionals: runPositional,
  options: {},
  run: async (args, io) => {
    const folder = folderOf(args)
    if (!claimRun(folder)) return anotherLeads
    try {
      const client = await reach(folder)
      client?.close()
      if (client !== null) return anotherLeads
      return await takeOver(folder, io)
    } finally {
      releaseRun(folder)
    }
  },
}

export const statusCommand: Command = {
  name: 'status',
  usage: 'status [folder]',
  describe: 'how a run that goes on is doing',
  positionals: runPositional,
  options: {
    ...logDirOption,
    ...tsungOptions,
    json: { type: 'boolean', describe: 'for machines' },
  },
  run: async (args, io) => {
    const folder = folderOf(args)
    const reply = await ask(await reachOf(folder), { type: 'status' }, 'status')
    const { status } = reply
    io.stdout.write(isGiven(args, 'json') ? `${JSON.stringify(status)}\n` : statusText(status))
    return exitCodes.ok
  },
}

export const stopCommand: Command = {
  name: 'stop',
  usage: 'stop [folder]',
  describe: 'end a run that goes on, in order: no new users, then its report',
  positionals: runPositional,
  options: {
    ...logDirOption,
    ...tsungOptions,
    drain: {
      type: 'string',
      requiresArg: true,
      describe: 'seconds that users have to end; 0: at once (default: as the run was told)',
    },
  },
  run: async (args, io) => {
    const folder = folderOf(args)
    const given = textOf(args, 'drain') !== null
    const graceMs = given ? numberOf(args, 'drain', 0, 0) * 1000 : null
    const client = await reachOf(folder)
    const reply = await ask(client, { type: 'stop', graceMs }, 'stopping')
    const seconds = reply.graceMs / 1000
    const how = seconds === 0 ? 'all users end at once' : `users have ${seconds} s to end`
    io.stdout.write(`stopping ${folder}: no new users, ${how}\n`)
    return exitCodes.ok
  },
}

/**
 * Its controller, or another one that takes its place.
 *
 * @returns the exit code when the run is over already
 * @throws {UsageError} when it cannot be taken over
 */
async function reachOrTakeOver(folder: string, io: RunIo): Promise<ControlClient | number> {
  for (;;) {
    const client = await reach(folder)
    if (client !== null) return client
    if (readRunFile(folder) === null) return tellEnd(folder, io)
    io.stdout.write(`the controller of ${folder} is gone: another one takes over\n`)
    const started = await startInBackground(['take-over', folder], io)
    if ('exitCode' in started && started.exitCode !== anotherLeads) {
      if (readRunFile(folder) === null) return tellEnd(folder, io)
      throw new UsageError(`the run of ${folder} could not be taken over`)
    }
    await new Promise((resolve) => setTimeout(resolve, retryMs))
  }
}

/** The run's own: the same for everybody who asks. */
async function dashboardOf(folder: string, listen: string): Promise<string> {
  const request = { type: 'dashboard', listen: listen === '' ? null : listen } as const
  return (await ask(await reachOf(folder), request, 'dashboard')).url
}

/** Of a run that was over before it could be shown. @returns its exit code */
async function tellEnd(folder: string, io: RunIo): Promise<number> {
  const summary = await summaryOf(folder)
  io.stdout.write(endSummary(summary, folder, existsSync(join(folder, 'report.html'))))
  return summary.exitCode
}

/** @throws {UsageError} when a run has left none */
async function summaryOf(folder: string): Promise<Summary> {
  try {
    return JSON.parse(await readFile(join(folder, 'summary.json'), 'utf8')) as Summary
  } catch (error) {
    throw new UsageError(`the run left no summary: ${(error as Error).message}`, { cause: error })
  }
}

/** Shows a run of another process until it is over, or nobody wants to look any more. */
class Attached {
  readonly #client: ControlClient
  readonly #folder: string
  readonly #io: RunIo
  readonly #tty: boolean
  #view: LiveView | null = null
  #left = false

  constructor(client: ControlClient, folder: string, io: RunIo, tty: boolean) {
    this.#client = client
    this.#folder = folder
    this.#io = io
    this.#tty = tty
  }

  /** @returns the exit code of the run; 0 when it goes on and is left; null when its controller is lost */
  async show(): Promise<number | null> {
    const interrupts = new Interrupts(this.#io.signals, () => {
      this.#left = true
      this.#client.close()
    })
    this.#client.send({ type: 'watch' })
    try {
      for (;;) {
        const reply = await this.#client.next()
        if (reply === null) return this.#gone()
        if (reply.type === 'over') return await this.#over(reply.exitCode)
        this.#take(reply)
      }
    } finally {
      interrupts.close()
      this.#client.close()
    }
  }

  #take(reply: ControlReply): void {
    switch (reply.type) {
      case 'head':
        this.#view = live(this.#io.stdout, { tty: this.#tty, report: reply.hasReport })
        this.#view.start(reply.head)
        this.#view.past(reply.past)
        return
      case 'second':
        this.#view?.second(decoded(reply.second))
        return
      case 'event':
        this.#view?.event(reply.event)
        return
      case 'standing':
        this.#view?.standing?.(reply.standing)
        return
      case 'example':
        this.#view?.example?.(reply.example)
        return
      default:
        return
    }
  }

  #gone(): number | null {
    this.#view?.leave()
    if (!this.#left) return null
    this.#io.stdout.write(
      `the run goes on; tsts attach ${this.#folder} shows it again, tsts stop ${this.#folder} ends it\n`,
    )
    return exitCodes.ok
  }

  async #over(exitCode: number): Promise<number> {
    try {
      this.#view?.over(await summaryOf(this.#folder))
    } catch (error) {
      this.#view?.leave()
      throw error
    }
    return exitCode
  }
}

function decoded({ counters, samples, ...gauges }: WireSecond): Second {
  const totals = new MutableTotals()
  totals.add({ counters, samples })
  return { ...gauges, totals }
}

function timeText({ state, elapsedMs, plannedMs, endMs }: RunStatus): string {
  const text = `${durationText(elapsedMs)} of ${durationText(plannedMs)} planned`
  if (state === 'starting') return text
  if (endMs === null) return `${text}, the plan stands`
  return `${text}, ${durationText(Math.max(0, endMs - elapsedMs))} left`
}

function statusText(status: RunStatus): string {
  const { load, errors } = status
  const steered = steeringText(status.steering)
  const errorCount = Object.values(errors).reduce((sum, count) => sum + count, 0)
  const lines = [
    ['run', status.folder],
    ['scenario', `${printable(status.scenario)}, seed ${printable(status.seed)}`],
    ['state', `${status.state}, controller ${status.pid}, launchers ${status.launchers}`],
    ['time', timeText(status)],
    ['phase', `${status.phase} of ${status.phases}`],
    [
      'users',
      `${countText(load.users)} play, ${countText(load.startedUsers)} of ${countText(load.plannedUsers)} ` +
        `started (due ${countText(load.dueUsers)}), ${countText(load.finishedUsers)} finished`,
    ],
    ['requests', `${rateText(status.requestsPerSecond)} a second`],
    ['errors', countText(errorCount)],
    ...(steered === '' ? [] : [['steered', steered] as const]),
    ...(status.verdict === null ? [] : [['verdict', `${status.verdict.status} so far`] as const]),
    ...status.lastEvents.map(
      ({ atMs, text }) => [durationText(Math.max(0, atMs)), printable(text)] as const,
    ),
  ] as const
  return lines.map(([name, text]) => `${name.padEnd(10)}${text}\n`).join('')
}
